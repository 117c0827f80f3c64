/*
 * Events of the line protocol (docs/results.md) as sessions. Two events of the same session (same name and
 * domain, within WW_LINE_SESSION_SECONDS) are one: a failure counts before a success. What was counted before
 * is taken back then, by an item with negative counts; of several failures the first counts. An event that
 * names no session is one of its own.
 *
 * The same events in the same order make the same items, whoever is started anew between them: events that
 * were counted before are shown to the new one with `counted`, and make none.
 */
#ifndef WW_ENGINE_LINE_SESSIONS_H
#define WW_ENGINE_LINE_SESSIONS_H

#include "core/sessions.h"
#include "core/tls_result.h"
#include "engine/tally.h"

#define WW_LINE_SESSION_SECONDS 60
/* So many are remembered; then the one that began first is forgotten. */
#define WW_LINE_SESSIONS_MAX 20000

/*
 * An event alone, whose time is known, as sessions: one, with *detail when it has failed. Both borrow the
 * event's texts.
 *
 * `by_us`: seen by mta=waxwing. The policy is what the MTA went by; failed fetches of a policy belong to an
 * MTA-STS policy of which nothing is known, failures that DANE alone can have to DANE, mode none to no
 * policy. A success is `unverified` where nobody has looked whether the policy was held: of an MTA-STS policy
 * in mode testing, or one that `tls` says was not, and when the policy is not known; but not with
 * tls=verified.
 */
void ww_line_sessions_of(const struct ww_tls_result *event, struct ww_sessions *out,
                         struct ww_sessions_detail *detail);

struct ww_line_sessions;

struct ww_line_sessions *ww_line_sessions_new(void);
void ww_line_sessions_free(struct ww_line_sessions *sessions);

/* event->time is known. cb is called up to twice; a false return means memory is short and nothing was done.
 */
WW_MUST_CHECK bool ww_line_sessions_take(struct ww_line_sessions *sessions, const struct ww_tls_result *event,
                                         bool counted, ww_tally_cb *cb, void *ctx);

#endif
