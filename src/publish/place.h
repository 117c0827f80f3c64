/* Files below publish.folder. */
#ifndef WW_PUBLISH_PLACE_H
#define WW_PUBLISH_PLACE_H

#include "base/slice.h"

#include <limits.h>

/* FOLDER, a slash and what the format says. False: it is too long, errno is set. */
bool ww_place(char path[PATH_MAX], const char *folder, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A folder of this mode, which may be there already. False with errno set. */
bool ww_place_folder(const char *path, unsigned mode);

/* A file of this content and mode, which is there whole or not at all. False with errno set. */
bool ww_place_file(const char *path, unsigned mode, struct ww_slice content);

#endif
