/* The image of a preload list in memory that another process has handed over. */
#ifndef WW_DAEMON_PRELOAD_IMAGE_H
#define WW_DAEMON_PRELOAD_IMAGE_H

#include "core/preload.h"

struct ww_preload_image {
    int fd; /* -1: there is none */
    void *p;
    size_t n;
    struct ww_preload list; /* ww_preload_none() without one */
};

#define WW_PRELOAD_NO_IMAGE                 \
    (struct ww_preload_image)               \
    {                                       \
        .fd = -1, .list = ww_preload_none() \
    }

/*
 * Takes the file, which it owns, in place of what was there, once it has checked all of it: that it is sealed
 * against every change, and what it holds. False: the image is as it was, and the file is closed.
 */
bool ww_preload_image_take(struct ww_preload_image *image, int fd, enum ww_err *why);
/* There is none any more. */
void ww_preload_image_drop(struct ww_preload_image *image);

#endif
