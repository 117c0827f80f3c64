/* The keeper's answer to control about a domain's history. */
#ifndef WW_DAEMON_KEEPER_HISTORY_H
#define WW_DAEMON_KEEPER_HISTORY_H

#include "daemon/asked.h"
#include "store/history.h"

/*
 * Answers a WW_ASK_HISTORY from the store, which is NULL when it cannot be read. An error is what a call of
 * the store gave, for the keeper to deal with.
 */
WW_MUST_CHECK enum ww_err ww_keeper_tell_history(struct ww_store *store, struct ww_asked *asked,
                                                 const struct ww_msg_ask *ask, struct ww_question_ref ref);

#endif
