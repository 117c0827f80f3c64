#include "core/domain_dane.h"

#include "core/mx_match.h"

static bool asks_for_no_more_than_tls(enum ww_dane_state state)
{
    return state == WW_DANE_NONE || state == WW_DANE_INSECURE || state == WW_DANE_SECURE_UNUSABLE;
}

bool ww_domain_dane_next_sts(const struct ww_domain_dane *dane, const struct ww_policy *policy, size_t *pos,
                             struct ww_slice *host)
{
    while (*pos < dane->count) {
        const struct ww_domain_host *h = &dane->hosts[(*pos)++];
        *host = ww_slice_str(h->name);
        if (asks_for_no_more_than_tls(h->dane) && ww_mx_match_policy(policy, *host))
            return true;
    }
    return false;
}

const char *ww_domain_mx_name(enum ww_domain_mx mx)
{
    static const char *const names[WW_DOMAIN_MX_STATES] = {
        [WW_DOMAIN_MX_SECURE] = "secure", [WW_DOMAIN_MX_INSECURE] = "insecure",
        [WW_DOMAIN_MX_BOGUS] = "bogus",   [WW_DOMAIN_MX_FAILED] = "failed",
        [WW_DOMAIN_MX_NULL] = "null",
    };
    return names[mx];
}
