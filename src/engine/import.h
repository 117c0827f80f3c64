/*
 * A policy that an operator brings from another cache, as a pure rule: it has to be what a fetch at that time
 * could have left behind, and gets no longer a life than that.
 */
#ifndef WW_ENGINE_IMPORT_H
#define WW_ENGINE_IMPORT_H

#include "core/stored_policy.h"
#include "engine/life.h"

/* The clocks of two hosts may differ by so much: what seems to come from the future by less, comes from now.
 */
#define WW_IMPORT_SKEW_SECONDS 300

/* Whether the domain is canonical and the id one that a record can have. Strings of any length. */
WW_MUST_CHECK enum ww_err ww_import_names(const char *domain, const char *id);

/*
 * Checks a policy and makes *life of it. known is what the cache knows of the domain, or NULL. Its domain and
 * id are checked as well; its mode is not looked at, the body has one.
 *
 * Errors: WW_E_IMPORT_EXPIRED and WW_E_IMPORT_OLDER say that it is of no use, any other that it is wrong.
 */
WW_MUST_CHECK enum ww_err ww_import_policy(const struct ww_stored_policy *policy, const struct ww_life *known,
                                           int64_t now, const struct ww_life_rules *rules,
                                           struct ww_life *life);

#endif
