/*
 * Adds up sessions in memory: what has the same domain, day and policy is one item, failure details that are
 * the same in all fields are one. Bounded in octets; given out and emptied often, so that it is small.
 */
#ifndef WW_ENGINE_TALLY_H
#define WW_ENGINE_TALLY_H

#include "base/err.h"
#include "core/sessions.h"
#include "core/tls_result.h"

struct ww_tally;

/* NULL when memory is short. */
struct ww_tally *ww_tally_new(size_t max_octets);
void ww_tally_free(struct ww_tally *tally);

/* Copies what it needs. WW_E_TOO_LONG: it is full, take what is there and add again; nothing was added. */
WW_MUST_CHECK enum ww_err ww_tally_add(struct ww_tally *tally, const struct ww_sessions *sessions);

/* True when nothing is in it. */
bool ww_tally_is_empty(const struct ww_tally *tally);

/* Gives out each item, in no order, and empties it. Items are borrowed during the call. */
typedef void ww_tally_cb(void *ctx, const struct ww_sessions *sessions);
void ww_tally_take(struct ww_tally *tally, ww_tally_cb *cb, void *ctx);

/*
 * Events of the line protocol (docs/results.md) as sessions. Two events of the same session (same name and
 * domain, within WW_LINE_SESSION_SECONDS) are one: a failure counts before a success. What was counted before
 * is taken back then, by an item with negative counts.
 *
 * The same events in the same order make the same items, whoever is started anew between them: events that
 * were counted before are shown to the new one with `counted`, and make none.
 */
#define WW_LINE_SESSION_SECONDS 60
#define WW_LINE_SESSIONS_MAX 20000

struct ww_line_sessions;

struct ww_line_sessions *ww_line_sessions_new(void);
void ww_line_sessions_free(struct ww_line_sessions *sessions);

/* event->time is known. cb is called up to twice; a false return means memory is short and nothing was done.
 */
WW_MUST_CHECK bool ww_line_sessions_take(struct ww_line_sessions *sessions, const struct ww_tls_result *event,
                                         bool counted, ww_tally_cb *cb, void *ctx);

#endif
