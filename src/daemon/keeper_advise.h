/* The keeper's answer to whether a domain may enforce its policy: what the store knows of it, put together.
 */
#ifndef WW_DAEMON_KEEPER_ADVISE_H
#define WW_DAEMON_KEEPER_ADVISE_H

#include "daemon/asked.h"
#include "daemon/keeper_store.h"

/* Answers a WW_ASK_ADVISE. */
void ww_keeper_advise_asked(struct ww_keeper_store *store, struct ww_asked *asked,
                            const struct ww_msg_ask *ask, struct ww_question_ref ref);

#endif
