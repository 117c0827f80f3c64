/* A conversation in netstrings with a daemon, blocking, with deadlines (ww_clock_ms). */
#ifndef WW_CLI_DIAL_H
#define WW_CLI_DIAL_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct ww_dial {
    int fd;
    char *room;
    size_t longest; /* netstring that is taken */
    size_t at;      /* what was not given out yet begins here, */
    size_t end;     /* and ends here */
};

/* address is one that ww_listen_at_parse takes. False: errno says why, and there is nothing to close. */
bool ww_dial_open(struct ww_dial *dial, const char *address, size_t longest, int64_t deadline);
void ww_dial_close(struct ww_dial *dial);

/* Sends one netstring. False with errno set. */
bool ww_dial_send(struct ww_dial *dial, struct ww_slice payload, int64_t deadline);

/* Receives the next one; borrowed until the next call. False with errno set. */
bool ww_dial_receive(struct ww_dial *dial, struct ww_slice *payload, int64_t deadline);

/*
 * For what speaks no netstrings: sends the request as it is, and receives all that comes until the other side
 * closes, or the longest there may be; borrowed until the next call. False with errno set.
 */
bool ww_dial_ask(struct ww_dial *dial, struct ww_slice request, struct ww_slice *reply, int64_t deadline);

#endif
