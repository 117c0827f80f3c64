/*
 * Fetches a preload list and its signature by HTTPS, by the rules that hold for policy hosts: public
 * addresses alone, no redirects, a valid certificate, bounded in size and time. Blocking, and gives up the
 * rights of its process: run as a job (job.h).
 */
#ifndef WW_DAEMON_PRELOAD_FETCH_H
#define WW_DAEMON_PRELOAD_FETCH_H

#include "daemon/config.h"
#include "proc/msg_preload.h"

/* Of each of the two. */
#define WW_PRELOAD_GET_MS 60000u
/* Of all of it: DNS comes before, and its test. */
#define WW_PRELOAD_FETCH_MS (2 * WW_PRELOAD_GET_MS + 30000u)

struct ww_preload_fetch {
    const struct ww_config *config;
    const char *urls[2]; /* list and signature; NULL: that one is not fetched */
    int fds[2];          /* empty files that take them */
    size_t most[2];      /* octets */
};

struct ww_preload_fetched {
    enum ww_err err; /* WW_OK: both are there */
    char detail[WW_PRELOAD_DETAIL_SIZE];
};

/* *out is zero. */
void ww_preload_fetch(const struct ww_preload_fetch *what, struct ww_preload_fetched *out);

#endif
