#include "core/in_force.h"

static bool has_record(const struct ww_discovered *d)
{
    return d->record == WW_RECORD_SAME || d->record == WW_RECORD_NEW;
}

static enum ww_result_type failure(enum ww_seen_fetch fetch)
{
    switch (fetch) {
    case WW_FETCH_FAILED:
        return WW_RESULT_STS_POLICY_FETCH_ERROR;
    case WW_FETCH_WEBPKI:
        return WW_RESULT_STS_WEBPKI_INVALID;
    case WW_FETCH_INVALID:
        return WW_RESULT_STS_POLICY_INVALID;
    case WW_FETCH_OK:
    case WW_FETCH_NOT_ATTEMPTED:
        break;
    }
    return WW_RESULT_NONE;
}

static enum ww_rule why_none(const struct ww_discovered *d)
{
    if (d->cached != NULL)
        return WW_RULE_CACHE_EXPIRED;
    if (d->record == WW_RECORD_MULTIPLE)
        return WW_RULE_SEVERAL_RECORDS;
    return has_record(d) ? WW_RULE_NO_POLICY : WW_RULE_NO_RECORD;
}

struct ww_in_force ww_in_force(const struct ww_discovered *d)
{
    struct ww_in_force f = {.policy = NULL};
    const struct ww_policy *cached = d->cached;
    if (cached != NULL && d->cached_age >= cached->max_age)
        cached = NULL;
    if (has_record(d) || (cached != NULL && cached->mode != WW_MODE_NONE))
        f.result = failure(d->fetch);
    if (has_record(d) && d->fetch == WW_FETCH_OK)
        f.policy = d->fetched;
    if (f.policy == NULL && cached != NULL) {
        f.policy = cached;
        f.cached = true;
    }
    if (f.policy == NULL) {
        f.without = why_none(d);
    } else if (f.policy->mode == WW_MODE_NONE) {
        f.policy = NULL;
        f.without = WW_RULE_MODE_NONE;
    }
    return f;
}
