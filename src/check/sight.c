#include "check/sight.h"

#include "check/looks.h"

#include <stdio.h>
#include <stdlib.h>

struct ww_sight *ww_sight_new(const char *domain, int64_t at)
{
    struct ww_sight *sight = calloc(1, sizeof *sight);
    if (sight == NULL)
        return NULL;
    (void)snprintf(sight->domain, sizeof sight->domain, "%s", domain);
    sight->at = at;
    sight->own = sight;
    return sight;
}

void ww_sight_free(struct ww_sight *sight)
{
    if (sight == NULL)
        return;
    ww_names_sight_clear(&sight->names);
    ww_host_sight_clear(&sight->host);
    ww_rua_sight_clear(&sight->rua);
    for (size_t i = 0; i < WW_DANE_HOSTS_MAX; i++)
        ww_mx_sight_drop(sight->mx[i]);
    free(sight->past);
    free(sight);
}

void ww_sight_read_policy(struct ww_sight *sight)
{
    size_t offset;
    struct ww_slice body = sight->host.body;
    sight->has_policy = body.p != NULL && ww_policy_parse(body.p, body.n, &sight->policy, &offset) == WW_OK;
}

bool ww_sight_is_enforced(const struct ww_sight *sight)
{
    bool announced = sight->offline || (sight->names.looked && sight->names.record == WW_TXT_PRESENT);
    return sight->has_policy && sight->policy.mode == WW_MODE_ENFORCE && announced;
}

int64_t ww_sight_policy_host_end(const struct ww_sight *sight)
{
    int64_t first = 0;
    for (size_t i = 0; i < sight->host.count; i++) {
        const struct ww_host_address_sight *a = &sight->host.addresses[i];
        if (a->tested && a->leaf.shown && (first == 0 || a->leaf.cert.not_after < first))
            first = a->leaf.cert.not_after;
    }
    return first;
}
