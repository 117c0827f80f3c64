#include "core/dname.h"
#include "core/domain_decision.h"
#include "lib/lib.h"

#include <stdlib.h>

struct room {
    char domain[WW_DNAME_SIZE];
    struct ww_domain_dane dane;
    struct ww_domain_host hosts[WW_DANE_HOSTS_MAX];
    char names[WW_DANE_HOSTS_MAX][WW_DNAME_SIZE];
    char text[WW_DECISION_TEXT_MAX];
};

static enum ww_domain_mx mx_state(enum waxwing_mx_security security)
{
    switch (security) {
    case WAXWING_MX_SECURE:
        return WW_DOMAIN_MX_SECURE;
    case WAXWING_MX_INSECURE:
        return WW_DOMAIN_MX_INSECURE;
    case WAXWING_MX_BOGUS:
        return WW_DOMAIN_MX_BOGUS;
    case WAXWING_MX_NO_MAIL:
        return WW_DOMAIN_MX_NULL;
    case WAXWING_MX_NO_DNSSEC:
        return WW_DOMAIN_MX_NO_DNSSEC;
    case WAXWING_MX_UNKNOWN:
        break;
    }
    return WW_DOMAIN_MX_FAILED;
}

static enum ww_err take_hosts(const struct waxwing_domain *about, struct room *room)
{
    struct ww_domain_dane *dane = &room->dane;
    *dane = (struct ww_domain_dane){
        .mx = mx_state(about->mx_security), .hosts = room->hosts, .until = about->mx_until};
    if (dane->mx != WW_DOMAIN_MX_SECURE)
        return WW_OK;
    dane->more = about->host_count > WW_DANE_HOSTS_MAX;
    dane->count = dane->more ? WW_DANE_HOSTS_MAX : about->host_count;
    for (size_t i = 0; i < dane->count; i++) {
        const char *host = about->hosts[i];
        enum ww_err err = ww_dname_canon(host, strlen(host), room->names[i]);
        if (err != WW_OK)
            return err;
        room->hosts[i] = (struct ww_domain_host){room->names[i], ww_lib_dane(about->dane[i])};
    }
    return WW_OK;
}

static enum ww_dane_use dane_use(enum waxwing_dane_use use)
{
    if (use == WAXWING_DANE_USE_OFF)
        return WW_DANE_OFF;
    return use == WAXWING_DANE_USE_BLIND ? WW_DANE_BLIND : WW_DANE_ON;
}

static enum ww_err decide(const struct waxwing_domain *about, struct room *room,
                          struct waxwing_decision **decision)
{
    enum ww_err err = ww_dname_canon(about->name, strlen(about->name), room->domain);
    if (err == WW_OK)
        err = take_hosts(about, room);
    if (err != WW_OK)
        return err;
    const struct ww_domain_case c = {
        .domain = room->domain,
        .policy = ww_lib_policy(about->policy),
        .policy_until = about->policy_until,
        .dane = &room->dane,
        .settings = {dane_use(about->dane_use), about->dane_suffices != 0},
    };
    const struct ww_decision_told told = {.about = &c, .id = "", .source = WW_SOURCE_LIVE};
    struct ww_buf b = ww_buf(room->text, sizeof room->text);
    (void)ww_decision_text_put(&b, &told);
    /* What the daemon would have told, so that it is read as that is. */
    *decision = ww_lib_decision_read(ww_slice(b.p, b.n), &err);
    if (*decision != NULL)
        (*decision)->source = WAXWING_SOURCE_CALLER;
    return err;
}

const struct waxwing_error *waxwing_decide(const struct waxwing_domain *domain,
                                           struct waxwing_decision **decision)
{
    struct waxwing_domain about;
    *decision = NULL;
    if (!ww_lib_take(&about, sizeof about, domain) || about.name == NULL ||
        (about.host_count > 0 && (about.hosts == NULL || about.dane == NULL)))
        return ww_lib_error(WW_E_ARGUMENT);
    struct room *room = malloc(sizeof *room);
    enum ww_err err = room != NULL ? decide(&about, room, decision) : WW_E_NO_MEMORY;
    free(room);
    return ww_lib_error(err);
}
