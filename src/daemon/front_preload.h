/*
 * The preload list as the front has it: the image that the role of its name has handed over. It stays when
 * that role dies, until it expires.
 */
#ifndef WW_DAEMON_FRONT_PRELOAD_H
#define WW_DAEMON_FRONT_PRELOAD_H

#include "core/preload.h"

#include <stdbool.h>

struct event_base;
struct ww_front_preload;

/* What it says of a domain. */
struct ww_listed {
    bool found;    /* it names the domain; else nothing below has a meaning */
    int64_t until; /* when it expires */
    struct ww_preload_entry entry;
};

/*
 * told is called whenever the role has told which list counts, be it that there is none. NULL when memory is
 * short.
 */
struct ww_front_preload *ww_front_preload_new(struct event_base *base, void (*told)(void *ctx), void *ctx);
void ww_front_preload_free(struct ww_front_preload *preload);

/* A (new) channel to the role. Owns fd. */
void ww_front_preload_peer(struct ww_front_preload *preload, int fd);

/* There is no list any more: none is configured. */
void ww_front_preload_drop(struct ww_front_preload *preload);

/* What the list says of a canonical domain, if it has not expired. Borrowed until the next message. */
struct ww_listed ww_front_preload_find(const struct ww_front_preload *preload, const char *domain,
                                       int64_t now);

/* How many domains it names, 0 once it has expired; and when it does, 0 without one. */
uint32_t ww_front_preload_count(const struct ww_front_preload *preload, int64_t now);
int64_t ww_front_preload_expires(const struct ww_front_preload *preload);

#endif
