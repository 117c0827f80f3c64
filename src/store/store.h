/*
 * What Waxwing keeps on disk. Blocking: only the keeper (and tools) use it.
 * The schema has a version; opening an older one migrates it, a newer one is refused.
 */
#ifndef WW_STORE_STORE_H
#define WW_STORE_STORE_H

#include "base/err.h"
#include "base/slice.h"
#include "core/policy.h"

struct ww_stored_policy {
    const char *domain;       /* canonical */
    const char *id;
    struct ww_slice body;
    enum ww_policy_mode mode; /* for the order of loading; the body decides */
    int64_t fetched;          /* Unix seconds */
    int64_t expires;
    int64_t checked;
};

struct ww_store;

/*
 * Opens or makes the store at path (its directory exists). NULL on failure: *err, and text for the operator in detail.
 */
struct ww_store *ww_store_open(const char *path, enum ww_err *err, char *detail, size_t detail_size);
void ww_store_close(struct ww_store *store);

/* Puts or replaces the policy of a domain. Durable when it (or the batch around it) returns WW_OK. */
WW_MUST_CHECK enum ww_err ww_store_put_policy(struct ww_store *store, const struct ww_stored_policy *policy);

/* Writes the times of a confirmed policy. No such domain: nothing happens. */
WW_MUST_CHECK enum ww_err ww_store_confirm_policy(struct ww_store *store, const char *domain, int64_t fetched,
                                                  int64_t expires, int64_t checked);
WW_MUST_CHECK enum ww_err ww_store_remove_policy(struct ww_store *store, const char *domain);

/* Deletes what expired before now. */
WW_MUST_CHECK enum ww_err ww_store_expire(struct ww_store *store, int64_t now);

/* One transaction around several writes. */
WW_MUST_CHECK enum ww_err ww_store_begin(struct ww_store *store);
WW_MUST_CHECK enum ww_err ww_store_commit(struct ww_store *store);

/*
 * Calls cb for each policy that is unexpired at now, enforced ones first; the policy is borrowed during the call.
 * Stops early when cb returns false.
 */
typedef bool ww_store_policy_cb(void *ctx, const struct ww_stored_policy *policy);
WW_MUST_CHECK enum ww_err ww_store_each_policy(struct ww_store *store, int64_t now, ww_store_policy_cb *cb,
                                               void *ctx);

/* Words on the last failure; borrowed until the next call. */
const char *ww_store_detail(const struct ww_store *store);

#endif
