/*
 * Adds up sessions in memory: what has the same domain, day and policy is one item, failure details that are
 * the same in all fields are one. Bounded in octets; given out and emptied often, so that it is small.
 */
#ifndef WW_ENGINE_TALLY_H
#define WW_ENGINE_TALLY_H

#include "base/err.h"
#include "core/sessions.h"

struct ww_tally;

/* Holds any item with 128 failures at least. */
#define WW_TALLY_OCTETS_MIN ((size_t)512 * 1024)

/* Less than WW_TALLY_OCTETS_MIN counts as that. NULL when memory is short. */
struct ww_tally *ww_tally_new(size_t max_octets);
void ww_tally_free(struct ww_tally *tally);

/*
 * Copies what it needs; texts have the limits of sessions.h, failures may be more than one item's. Of records
 * the last that is not empty stays. WW_E_TOO_LONG: it is full, take what is there and add again; nothing was
 * added.
 */
WW_MUST_CHECK enum ww_err ww_tally_add(struct ww_tally *tally, const struct ww_sessions *sessions);

/*
 * Gives out each item, in no order, and empties it. One with more than WW_SESSIONS_DETAILS_MAX failures comes
 * as several, of which the first counts the sessions and has the record; what has come to nothing comes not
 * at all. Items are borrowed during the call.
 *
 * All of them together are no more than the tally's octets: their texts, and 100 octets for each item and for
 * each failure.
 */
typedef void ww_tally_cb(void *ctx, const struct ww_sessions *sessions);
void ww_tally_take(struct ww_tally *tally, ww_tally_cb *cb, void *ctx);

#endif
