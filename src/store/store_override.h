/* The overrides that were set at run time, as the store keeps them. */
#ifndef WW_STORE_STORE_OVERRIDE_H
#define WW_STORE_STORE_OVERRIDE_H

#include "core/override.h"
#include "store/store.h"

/* The override is borrowed during the call. */
typedef void ww_store_override_cb(void *ctx, const struct ww_override *override);

/* Puts or replaces the override of a key. Durable when it (or the batch around it) returns WW_OK. */
WW_MUST_CHECK enum ww_err ww_store_put_override(struct ww_store *store, const struct ww_override *override);

/* The same, but what the store has for the key stays. */
WW_MUST_CHECK enum ww_err ww_store_add_override(struct ww_store *store, const struct ww_override *override);

/* Deletes the override of a key; *found says whether there was one. */
WW_MUST_CHECK enum ww_err ww_store_remove_override(struct ww_store *store, const char *key, bool *found);

/* Calls cb for each, by key; it does not use the store. */
WW_MUST_CHECK enum ww_err ww_store_each_override(struct ww_store *store, ww_store_override_cb *cb, void *ctx);

/* How many there are, that of `except` left out. */
WW_MUST_CHECK enum ww_err ww_store_count_overrides(struct ww_store *store, const char *except, size_t *count);

/* Deletes those that have ended at now, and calls cb for each of them; it does not use the store. */
WW_MUST_CHECK enum ww_err ww_store_expire_overrides(struct ww_store *store, int64_t now,
                                                    ww_store_override_cb *cb, void *ctx);

/* When the next one ends; 0: none will. */
WW_MUST_CHECK enum ww_err ww_store_next_override_end(struct ww_store *store, int64_t *until);

#endif
