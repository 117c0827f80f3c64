/* The policy hosts that were slowest of late: a short list that a resolver keeps, and tells of. */
#ifndef WW_PROC_SLOW_HOSTS_H
#define WW_PROC_SLOW_HOSTS_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

#define WW_SLOW_HOSTS_MAX 10
/* Older ones are forgotten. */
#define WW_SLOW_HOST_SECONDS 3600

/* Room for "mta-sts." and any domain. */
#define WW_SLOW_HOST_SIZE 272

struct ww_slow_host {
    char host[WW_SLOW_HOST_SIZE];
    uint32_t ms;     /* that its last fetch took */
    enum ww_err err; /* how that ended */
    int64_t at;      /* Unix seconds */
};

struct ww_slow_hosts {
    unsigned count;
    struct ww_slow_host hosts[WW_SLOW_HOSTS_MAX]; /* the slowest first */
};

/* Takes note of a fetch. A host stands in the list once, with its last fetch; the fastest makes room. */
void ww_slow_hosts_note(struct ww_slow_hosts *s, const struct ww_slow_host *host);

/* Forgets what is too old. */
void ww_slow_hosts_forget(struct ww_slow_hosts *s, int64_t now);

/* Takes over all of another list. */
void ww_slow_hosts_merge(struct ww_slow_hosts *s, const struct ww_slow_hosts *other);

/* As a part of a message; the decoder fails with WW_E_MSG_MALFORMED. */
void ww_slow_hosts_put(struct ww_buf *b, const struct ww_slow_hosts *s);
WW_MUST_CHECK enum ww_err ww_slow_hosts_get(struct ww_cursor *c, struct ww_slow_hosts *s);

#endif
