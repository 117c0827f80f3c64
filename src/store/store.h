/*
 * What Waxwing keeps on disk. Blocking: only the keeper (and tools) use it.
 * The schema has a version; opening an older one migrates it, a newer one is refused.
 */
#ifndef WW_STORE_STORE_H
#define WW_STORE_STORE_H

#include "base/err.h"
#include "base/slice.h"
#include "core/dname.h"
#include "core/stored_policy.h"

struct ww_store;

/*
 * Opens or makes the store at path; its directory exists. A new file is for its owner alone (mode 0600). NULL
 * on failure: *err, and text for the operator in detail. Nothing is done to a file that cannot be opened:
 * WW_E_STORE_CORRUPT says that it was ours once (aside.h), WW_E_STORE_FOREIGN that it was not.
 */
struct ww_store *ww_store_open(const char *path, enum ww_err *err, char *detail, size_t detail_size);

/*
 * The same, to read what is there alone: where nothing can be written, on a disk that is full or read-only.
 * As a last resort without what is still in the write-ahead log.
 */
struct ww_store *ww_store_open_to_read(const char *path, enum ww_err *err, char *detail, size_t detail_size);

void ww_store_close(struct ww_store *store);

/* True when opening has made it: it began with nothing. */
bool ww_store_is_new(const struct ww_store *store);

/* Puts or replaces the policy of a domain. Durable when it (or the batch around it) returns WW_OK. */
WW_MUST_CHECK enum ww_err ww_store_put_policy(struct ww_store *store, const struct ww_stored_policy *policy);

/* The domain's record still has the policy's id. Another policy, or none, is stored: nothing happens. */
WW_MUST_CHECK enum ww_err ww_store_confirm_policy(struct ww_store *store, const char *domain, const char *id,
                                                  int64_t checked);

/* Deletes the policy of a domain, or all there are. None: nothing happens. */
WW_MUST_CHECK enum ww_err ww_store_forget_policy(struct ww_store *store, const char *domain);
WW_MUST_CHECK enum ww_err ww_store_forget_policies(struct ww_store *store);

/*
 * Deletes what expired before now, but nothing that had not when the last policy was fetched: that had a
 * certificate of the time, and now may come from a clock that runs years ahead.
 */
WW_MUST_CHECK enum ww_err ww_store_expire(struct ww_store *store, int64_t now);

/*
 * One transaction around several writes. When one of them, or the commit, fails, roll back: none of them has
 * happened. WW_E_STORE_MOVED: the file is not at its path any more; open it anew.
 */
WW_MUST_CHECK enum ww_err ww_store_begin(struct ww_store *store);
WW_MUST_CHECK enum ww_err ww_store_commit(struct ww_store *store);
void ww_store_rollback(struct ww_store *store);

/* Whether it can be written: writes what changes nothing. */
WW_MUST_CHECK enum ww_err ww_store_try(struct ww_store *store);

/*
 * Looks for damage, for so long at the most: WW_E_STORE_CORRUPT when some was found, WW_OK when none was
 * found in that time. A store that cannot be read in it, at WW_STORE_CHECK_OCTETS a millisecond, is not begun
 * with: while it walks a tree SQLite 3.40 never asks whether the time is up.
 */
#define WW_STORE_CHECK_OCTETS 262144
WW_MUST_CHECK enum ww_err ww_store_check(struct ww_store *store, unsigned max_ms);

/* Where a walk over all policies stands; all zero is its start. */
enum ww_store_phase {
    WW_STORE_ENFORCED,
    WW_STORE_OTHERS,
    WW_STORE_END,
};

struct ww_store_place {
    enum ww_store_phase phase;
    char after[WW_DNAME_SIZE];
};

/*
 * Calls cb for up to max policies from the place on that are unexpired at now, and moves the place. A call
 * stays in one phase: enforced policies come first. The policy is borrowed during the call. Writes between
 * two calls do no harm. On failure the place has not moved.
 */
typedef void ww_store_policy_cb(void *ctx, const struct ww_stored_policy *policy);
WW_MUST_CHECK enum ww_err ww_store_walk(struct ww_store *store, int64_t now, struct ww_store_place *place,
                                        size_t max, ww_store_policy_cb *cb, void *ctx);

/* Calls cb with the policy of a domain, be it expired, if there is one; borrowed during the call. */
WW_MUST_CHECK enum ww_err ww_store_get_policy(struct ww_store *store, const char *domain,
                                              ww_store_policy_cb *cb, void *ctx);

/* Words on the last failure; borrowed until the next call. */
const char *ww_store_detail(const struct ww_store *store);

#endif
