/* The keeper's answer to whether a domain may enforce its policy: what the store knows of it, put together.
 */
#ifndef WW_DAEMON_KEEPER_ADVISE_H
#define WW_DAEMON_KEEPER_ADVISE_H

#include "advise/advise.h"
#include "daemon/asked.h"
#include "daemon/keeper_evidence.h"
#include "daemon/keeper_store.h"

/* Answers a WW_ASK_ADVISE. */
void ww_keeper_advise_asked(struct ww_keeper_store *store, struct ww_asked *asked,
                            const struct ww_msg_ask *ask, struct ww_question_ref ref);

/*
 * The answer (waxwing-advise(1)):
 *
 *   domain, at, days       what was asked, when, how far it looks back
 *   recommendation         ww_advice_name; words and next say it in sentences; until: not before, or null
 *   policy                 {"mode", "id", "since", "max_age", "mx"}, or null
 *   inspected              {"at", "by": "asker" or "watch", "outlook"}, or null
 *   reasons                [{"id", "severity", "words", "sessions", "senders", "days", "until"}]
 *   breaks                 [{"id", "source": "inspection" or "reports", "where", "words", "sessions",
 *                          "senders", "last", "since"}]; breaks_left_out
 *   evidence               {"days": {"with_reports", "of", "recent", "recent_of"}, "success", "failure",
 *                          "senders", "causes", "silent", "not_counted", "left_out"}
 */
json_t *ww_keeper_advise_json(const struct ww_keeper_evidence *k, const struct ww_advice *advice);

#endif
