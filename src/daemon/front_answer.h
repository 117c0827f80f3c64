/* What a socketmap request asks, and its answer from what is known of the domain: no state, no waiting. */
#ifndef WW_DAEMON_FRONT_ANSWER_H
#define WW_DAEMON_FRONT_ANSWER_H

#include "base/buf.h"
#include "core/socketmap.h"
#include "engine/life.h"

/* Room that an answer may need, framing included. */
#define WW_ANSWER_ROOM (WW_SOCKETMAP_REPLY_MAX + sizeof "100000:,")

struct ww_question {
    enum ww_socketmap_map map;
    const char *fixed;          /* the whole answer when it depends on no policy (static); else NULL */
    uint64_t hash;              /* of the domain, once it is known; 0 before */
    char domain[WW_DNAME_SIZE]; /* canonical; only set when fixed is NULL */
};

void ww_question_read(struct ww_slice payload, struct ww_question *out);

/* What is known of the domain; life is NULL when that is nothing. All borrowed. */
struct ww_known {
    const struct ww_life *life;
    struct ww_slice body;
    const char *detail;
    bool live; /* a flight has ended for this very look-up */
};

/* Appends the answer as a netstring; b has room for WW_ANSWER_ROOM. */
void ww_answer_put(struct ww_buf *b, const struct ww_question *question, const struct ww_known *known,
                   bool testing_may, int64_t now);

#endif
