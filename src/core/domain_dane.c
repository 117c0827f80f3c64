#include "core/domain_dane.h"

static enum ww_domain_mx mx_state(const struct ww_dane_survey *survey)
{
    if (survey->never_validated)
        return WW_DOMAIN_MX_NO_DNSSEC;
    if (survey->mx_dnssec == WW_DNSSEC_BOGUS)
        return WW_DOMAIN_MX_BOGUS;
    if (!survey->validating || survey->outcome == WW_MX_FAILED || survey->mx_dnssec == WW_DNSSEC_UNKNOWN)
        return WW_DOMAIN_MX_FAILED;
    if (survey->outcome == WW_MX_NULL || survey->outcome == WW_MX_NO_DOMAIN)
        return WW_DOMAIN_MX_NULL;
    return survey->mx_dnssec == WW_DNSSEC_SECURE ? WW_DOMAIN_MX_SECURE : WW_DOMAIN_MX_INSECURE;
}

struct ww_domain_dane ww_domain_dane_read(const struct ww_dane_survey *survey, int64_t at,
                                          struct ww_domain_host room[WW_DANE_HOSTS_MAX])
{
    struct ww_domain_dane dane = {
        .mx = mx_state(survey), .hosts = room, .more = survey->more, .until = at + survey->lifetime};
    for (size_t i = 0; i < survey->count; i++) {
        const struct ww_dane_host *host = &survey->hosts[i];
        if (host->settled && host->no_address)
            continue;
        room[dane.count++] =
            (struct ww_domain_host){host->name, host->settled ? host->state : WW_DANE_LOOKUP_FAILED};
    }
    return dane;
}

static bool asks_for_no_more_than_tls(enum ww_dane_state state)
{
    return state == WW_DANE_NONE || state == WW_DANE_INSECURE || state == WW_DANE_SECURE_UNUSABLE;
}

bool ww_domain_dane_next_left(const struct ww_domain_dane *dane, size_t *pos, struct ww_slice *host)
{
    while (*pos < dane->count) {
        const struct ww_domain_host *h = &dane->hosts[(*pos)++];
        *host = ww_slice_str(h->name);
        if (asks_for_no_more_than_tls(h->dane))
            return true;
    }
    return false;
}

const char *ww_domain_mx_name(enum ww_domain_mx mx)
{
    static const char *const names[WW_DOMAIN_MX_STATES] = {
        [WW_DOMAIN_MX_SECURE] = "secure", [WW_DOMAIN_MX_INSECURE] = "insecure",
        [WW_DOMAIN_MX_BOGUS] = "bogus",   [WW_DOMAIN_MX_FAILED] = "failed",
        [WW_DOMAIN_MX_NULL] = "null",     [WW_DOMAIN_MX_NO_DNSSEC] = "no-dnssec",
    };
    return names[mx];
}
