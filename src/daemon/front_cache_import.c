#include "daemon/front_cache_private.h"
#include "engine/import.h"

#include <time.h>

static enum ww_err take_policy(struct ww_cache_asked *a, const struct ww_stored_policy *policy, bool check)
{
    int64_t now = (int64_t)time(NULL);
    struct ww_front_name name = ww_front_name(a->parts.key, policy->domain);
    const struct ww_cache_entry *known = ww_cache_find(a->parts.cache, &name);
    struct ww_life life;
    enum ww_err err =
        ww_import_policy(policy, known != NULL ? &known->life : NULL, now, &a->parts.config->life, &life);
    if (err != WW_OK || check)
        return err;
    struct ww_cache_entry *made = ww_cache_put(a->parts.cache, &name, &life, policy->body, "", now);
    if (made == NULL)
        return WW_E_CACHE_FULL;
    ww_front_keeper_put(a->parts.keeper, made, WW_KEEP_POLICY, NULL);
    return WW_OK;
}

void ww_cache_asked_import(struct ww_cache_asked *a, struct ww_slice payload, struct ww_question_ref ref)
{
    struct ww_msg_cache_import m;
    struct ww_msg_policy policy;
    struct ww_slice part;
    struct ww_buf b = ww_buf(a->message, sizeof a->message);
    enum ww_err err = ww_msg_get_cache_import(payload, &m);
    struct ww_cursor c = ww_cursor(m.policies.p, m.policies.n);
    while (err == WW_OK && ww_msg_next_part(&c, &part)) {
        err = ww_msg_get_policy(part, &policy);
        if (err == WW_OK)
            ww_msg_put_verdict(&b, take_policy(a, &policy.policy, m.check));
    }
    if (err != WW_OK || c.failed || b.failed)
        ww_asked_fail(a->asked, ref, WW_E_MSG_MALFORMED);
    else
        ww_asked_tell(a->asked, ref, ww_slice(b.p, b.n), false);
}
