/*
 * The overrides in force: those of the configuration and those set at run time, which go first at the same
 * key. Found in the time of one hash a label, and of nothing while there are none. Their use is counted and
 * logged.
 */
#ifndef WW_DAEMON_FRONT_OVERRIDES_H
#define WW_DAEMON_FRONT_OVERRIDES_H

#include "base/hash.h"
#include "core/override.h"

struct ww_overrides;

/* Use of an override is logged at first, and then once in so long. */
#define WW_OVERRIDE_LOG_SECONDS 3600

/* key is borrowed. NULL when memory is short. */
struct ww_overrides *ww_overrides_new(const struct ww_hash_key *key);
void ww_overrides_free(struct ww_overrides *overrides);

/* Those of the configuration from now on. False: memory is short, and some may be missing. */
bool ww_overrides_configure(struct ww_overrides *overrides, const struct ww_override *list, size_t count,
                            int64_t now);

/* Puts or replaces one that was set at run time. False: memory is short, and what was there counts still. */
bool ww_overrides_put(struct ww_overrides *overrides, const struct ww_override *override);
/* Removes one that was set at run time, if there is one. */
void ww_overrides_remove(struct ww_overrides *overrides, const char *key);

/* Between the two, ww_overrides_put is called for all that were set at run time; the others are dropped. */
void ww_overrides_begin_all(struct ww_overrides *overrides);
void ww_overrides_end_all(struct ww_overrides *overrides);

bool ww_overrides_is_empty(const struct ww_overrides *overrides);

/* The one that counts for a canonical domain, or NULL. Valid until they are changed. */
const struct ww_override *ww_overrides_find(const struct ww_overrides *overrides, struct ww_slice domain,
                                            int64_t now);

/* A look-up of the domain was answered by it; it was found just now. */
void ww_overrides_use(struct ww_overrides *overrides, const struct ww_override *override, const char *domain,
                      int64_t now);

/* Logs that some of the configuration have ended. Cheap when none has. */
void ww_overrides_tick(struct ww_overrides *overrides, int64_t now);

/* Since the start. */
struct ww_overrides_counts {
    uint64_t used[WW_OVERRIDE_LEVELS]; /* answers that were given by them */
    size_t configured;                 /* how many there are, ended ones included */
    size_t set;                        /* the same of those set at run time */
};
struct ww_overrides_counts ww_overrides_counts(const struct ww_overrides *overrides);

/* Shows each with the number of answers that were given by it. The overrides must not be changed meanwhile.
 */
typedef void ww_overrides_cb(void *ctx, const struct ww_override *override, uint64_t used);
void ww_overrides_each(const struct ww_overrides *overrides, ww_overrides_cb *cb, void *ctx);

#endif
