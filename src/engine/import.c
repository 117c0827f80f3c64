#include "engine/import.h"

#include "base/ascii.h"

static bool is_id(const char *id)
{
    size_t n = 0;
    while (ww_is_alnum(id[n]) && n <= WW_STS_ID_MAX)
        n++;
    return n > 0 && n <= WW_STS_ID_MAX && id[n] == '\0';
}

enum ww_err ww_import_names(const char *domain, const char *id)
{
    char canonical[WW_DNAME_SIZE];
    enum ww_err err = ww_dname_canon(domain, strlen(domain), canonical);
    if (err == WW_OK && strcmp(canonical, domain) != 0)
        err = WW_E_IMPORT_DOMAIN;
    return err == WW_OK && !is_id(id) ? WW_E_STS_ID : err;
}

static enum ww_err check_times(const struct ww_stored_policy *policy, uint32_t max_age, int64_t now)
{
    if (policy->fetched <= 0 || policy->expires < policy->fetched || policy->checked < 0)
        return WW_E_IMPORT_TIMES;
    if (policy->expires - policy->fetched > (int64_t)max_age)
        return WW_E_IMPORT_LIFETIME;
    if (policy->fetched - now > WW_IMPORT_SKEW_SECONDS)
        return WW_E_IMPORT_FUTURE;
    return policy->expires <= now ? WW_E_IMPORT_EXPIRED : WW_OK;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

enum ww_err ww_import_policy(const struct ww_stored_policy *policy, const struct ww_life *known, int64_t now,
                             const struct ww_life_rules *rules, struct ww_life *life)
{
    struct ww_policy parsed;
    size_t offset;
    enum ww_err err = ww_import_names(policy->domain, policy->id);
    if (err == WW_OK)
        err = ww_policy_parse(policy->body.p, policy->body.n, &parsed, &offset);
    if (err == WW_OK)
        err = check_times(policy, parsed.max_age, now);
    if (err != WW_OK)
        return err;
    memset(life, 0, sizeof *life);
    memcpy(life->id, policy->id, strlen(policy->id) + 1);
    life->mode = parsed.mode;
    life->fetched = smaller(policy->fetched, now);
    life->expires = smaller(policy->expires, life->fetched + parsed.max_age);
    life->checked = smaller(policy->checked, now);
    if (known != NULL && ww_life_has_policy(known, now) && known->fetched >= life->fetched)
        return WW_E_IMPORT_OLDER;
    return ww_life_restore(life, now, rules) ? WW_OK : WW_E_IMPORT_EXPIRED;
}
