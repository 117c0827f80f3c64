/* What can be asked of a decision. */
#include "lib/lib.h"

const char *waxwing_level_name(enum waxwing_level level)
{
    return (unsigned)level > WAXWING_LEVEL_DANE_ONLY ? "unknown" : ww_level_name((enum ww_level)level);
}

const char *waxwing_source_name(enum waxwing_source source)
{
    switch (source) {
    case WAXWING_SOURCE_CACHE:
        return ww_decision_source_name(WW_SOURCE_CACHE);
    case WAXWING_SOURCE_LIVE:
        return ww_decision_source_name(WW_SOURCE_LIVE);
    case WAXWING_SOURCE_PRELOAD:
        return ww_decision_source_name(WW_SOURCE_PRELOAD);
    case WAXWING_SOURCE_OVERRIDE:
        return ww_decision_source_name(WW_SOURCE_OVERRIDE);
    case WAXWING_SOURCE_REMEMBERED:
        return "remembered";
    case WAXWING_SOURCE_FALLBACK:
        return "fallback";
    case WAXWING_SOURCE_CALLER:
        return "caller";
    }
    return "unknown";
}

const char *waxwing_decision_domain(const struct waxwing_decision *decision)
{
    return decision->domain;
}

enum waxwing_level waxwing_decision_level(const struct waxwing_decision *decision)
{
    return (enum waxwing_level)decision->read.level;
}

enum waxwing_source waxwing_decision_source(const struct waxwing_decision *decision)
{
    return decision->source;
}

const char *waxwing_decision_why(const struct waxwing_decision *decision)
{
    return decision->why;
}

const char *waxwing_decision_section(const struct waxwing_decision *decision)
{
    return decision->section;
}

int64_t waxwing_decision_until(const struct waxwing_decision *decision)
{
    return decision->read.until;
}

int waxwing_decision_mode(const struct waxwing_decision *decision, enum waxwing_mode *mode)
{
    if (mode != NULL)
        *mode = (enum waxwing_mode)decision->read.mode;
    return decision->read.has_policy;
}

const char *waxwing_decision_policy_id(const struct waxwing_decision *decision)
{
    return decision->id;
}

int64_t waxwing_decision_policy_expires(const struct waxwing_decision *decision)
{
    return decision->read.expires;
}

size_t waxwing_decision_mx_count(const struct waxwing_decision *decision)
{
    return decision->read.mx_count;
}

const char *waxwing_decision_mx(const struct waxwing_decision *decision, size_t i)
{
    return i < decision->read.mx_count ? decision->mx[i] : NULL;
}

int waxwing_decision_mx_enforced(const struct waxwing_decision *decision)
{
    return decision->read.mx_count > 0 && !decision->read.mx_testing;
}

enum waxwing_mx_security waxwing_decision_mx_security(const struct waxwing_decision *decision)
{
    static const enum waxwing_mx_security published[WW_DOMAIN_MX_STATES] = {
        [WW_DOMAIN_MX_SECURE] = WAXWING_MX_SECURE, [WW_DOMAIN_MX_INSECURE] = WAXWING_MX_INSECURE,
        [WW_DOMAIN_MX_BOGUS] = WAXWING_MX_BOGUS,   [WW_DOMAIN_MX_FAILED] = WAXWING_MX_UNKNOWN,
        [WW_DOMAIN_MX_NULL] = WAXWING_MX_NO_MAIL,  [WW_DOMAIN_MX_NO_DNSSEC] = WAXWING_MX_NO_DNSSEC,
    };
    return decision->read.has_dane ? published[decision->read.dane] : WAXWING_MX_UNKNOWN;
}

size_t waxwing_decision_host_count(const struct waxwing_decision *decision)
{
    return decision->read.host_count;
}

const char *waxwing_decision_host(const struct waxwing_decision *decision, size_t i, enum waxwing_dane *dane)
{
    if (i >= decision->read.host_count)
        return NULL;
    if (dane != NULL)
        *dane = ww_lib_dane_back(decision->hosts[i].dane);
    return decision->hosts[i].name;
}

int waxwing_decision_dry_run(const struct waxwing_decision *decision, enum waxwing_level *withheld)
{
    if (withheld != NULL)
        *withheld = (enum waxwing_level)decision->read.withheld;
    return decision->read.dry_run;
}
