/*
 * The history: each version of a domain's policy that was ever seen, when, and where it came from.
 *
 * A version is an id with a body. One that comes back after another is the same version, at its latest turn.
 * Bounded, as a domain may publish another one every few minutes: versions a domain, age, and the size of a
 * body that is kept.
 */
#ifndef WW_STORE_HISTORY_H
#define WW_STORE_HISTORY_H

#include "core/policy_version.h"
#include "store/store.h"

/* More versions of a domain are never kept. */
#define WW_HISTORY_VERSIONS_MAX 100

/*
 * libcrypto reads a file when it is first used: call this before the process gives up its rights.
 */
void ww_history_prepare(void);

/*
 * Takes down the policy that was just fetched, with its origin if that is known, after ww_store_put_policy in
 * the same batch. Of the domain's versions the newest `versions` stay, this one always among them.
 */
WW_MUST_CHECK enum ww_err ww_history_put(struct ww_store *store, const struct ww_stored_policy *policy,
                                         unsigned versions);

/*
 * The record still has the id of the present version. Written once an hour at most, as policies in use are
 * confirmed every few minutes; ww_history_list knows the present version's time better, from the policy.
 */
WW_MUST_CHECK enum ww_err ww_history_confirm(struct ww_store *store, const char *domain, const char *id,
                                             int64_t seen);

/*
 * Calls cb for up to max versions of a domain, newest first, from the one below the turn `before` on
 * (INT64_MAX: from the newest). The version is borrowed during the call.
 */
typedef void ww_version_cb(void *ctx, const struct ww_version *version);
WW_MUST_CHECK enum ww_err ww_history_list(struct ww_store *store, const char *domain, int64_t before,
                                          size_t max, ww_version_cb *cb, void *ctx);

/*
 * Looks at some rows after *place (a domain; "" is the start, and again the place after the last rows), and
 * deletes the versions there that were last seen more than keep seconds before now, but none in force.
 * Deletes nothing until a policy was put since the store was opened, and reckons from that one's fetch if it
 * is earlier than now: the clock may run years ahead.
 */
WW_MUST_CHECK enum ww_err ww_history_purge(struct ww_store *store, int64_t now, int64_t keep, size_t rows,
                                           char place[WW_DNAME_SIZE]);

#endif
