/* What control asks the keeper of a domain's history, and what it is told. */
#ifndef WW_PROC_MSG_HISTORY_H
#define WW_PROC_MSG_HISTORY_H

#include "core/policy_version.h"
#include "proc/msg.h"

/* So many versions are told at a time, newest first: with their bodies they fit a message. */
#define WW_MSG_HISTORY_PAGE 8

/* The payload of WW_ASK_HISTORY. Its answer: parts (ww_msg_put_part), each a version; none: there are no
 * more. */
struct ww_msg_history {
    char domain[WW_DNAME_SIZE];
    int64_t before; /* versions below this turn; INT64_MAX: from the newest */
};

void ww_msg_put_history(struct ww_buf *b, const struct ww_msg_history *m);
WW_MUST_CHECK enum ww_err ww_msg_get_history(struct ww_slice payload, struct ww_msg_history *m);

/* The decoded body is borrowed from the payload. */
void ww_msg_put_version(struct ww_buf *b, const struct ww_version *m);
WW_MUST_CHECK enum ww_err ww_msg_get_version(struct ww_slice payload, struct ww_version *m);

#endif
