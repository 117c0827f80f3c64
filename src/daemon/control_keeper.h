/* What the commands do alike whose questions the keeper answers. */
#ifndef WW_DAEMON_CONTROL_KEEPER_H
#define WW_DAEMON_CONTROL_KEEPER_H

#include "daemon/control.h"

/* A question of a request. Zero but for the request; once cleared, it is done with. */
struct ww_keeper_asking {
    struct ww_request *request;
    struct ww_asking *asking; /* or NULL */
    char *joined;             /* of an answer that comes in pieces, so far */
    size_t joined_n;
};

/* Hears no more of it. */
void ww_keeper_asking_clear(struct ww_keeper_asking *k);

/* Room for the longest question; to be given to ww_keeper_asking_send, which frees it. */
struct ww_buf ww_keeper_asking_room(void);
/* Asks what was written there. Where that cannot be, the request ends. */
void ww_keeper_asking_send(struct ww_keeper_asking *k, enum ww_ask what, struct ww_buf *question,
                           unsigned deadline_ms, ww_told_cb *cb, void *ctx);

/*
 * For an answer that is one JSON value, cut into pieces. True: that was the last, and *whole is the value, a
 * new reference; NULL: it is none. False: more is to come, or it failed or is longer than
 * WW_CONTROL_MESSAGE_MAX, and the request has ended.
 */
bool ww_keeper_asking_join(struct ww_keeper_asking *k, const struct ww_msg_told *told, json_t **whole);

/*
 * For an answer of rows: passes one on to the client. False: it was one. True: that was the end of the rows,
 * told->err says whether they are all, and *last, a new reference or NULL, is what the keeper says behind
 * them.
 */
bool ww_keeper_asking_row(struct ww_keeper_asking *k, const struct ww_msg_told *told, json_t **last);

/* Where the next page of names begins: sets `after` to that of *last. False: there is none, or it leads back.
 */
bool ww_keeper_asking_after(const json_t *last, char *after, size_t size);

#endif
