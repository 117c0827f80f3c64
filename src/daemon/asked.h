/*
 * The end of a role at which control asks (WW_MSG_ASK): what it asks is handed on, and answered at once or
 * later. Answers to a control that has been replaced go nowhere.
 */
#ifndef WW_DAEMON_ASKED_H
#define WW_DAEMON_ASKED_H

#include "proc/msg.h"

struct event_base;
struct ww_asked;

/* Names one question for as long as it takes. */
struct ww_question_ref {
    unsigned generation;
    uint32_t number;
};

/* Answers now, or notes the reference and answers later: once for all, or with `more` several times. */
typedef void ww_asked_cb(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref);

/* NULL when memory is short. */
struct ww_asked *ww_asked_new(struct event_base *base, ww_asked_cb *cb, void *ctx);
void ww_asked_free(struct ww_asked *asked);

/* A (new) channel to control. Owns fd. */
void ww_asked_peer(struct ww_asked *asked, int fd);

/* payload is at most WW_ASKED_MAX octets. An error ends the answer. */
#define WW_ASKED_MAX ((size_t)64 * 1024 + 4096)
void ww_asked_tell(struct ww_asked *asked, struct ww_question_ref ref, struct ww_slice payload, bool more);
void ww_asked_fail(struct ww_asked *asked, struct ww_question_ref ref, enum ww_err err);

#endif
