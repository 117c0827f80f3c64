#include "check/mx_common.h"

#include "check/lists.h"

#include <stdlib.h>
#include <string.h>

struct ww_mx_common *ww_mx_common_new(const struct ww_check_env *env)
{
    struct ww_mx_common *common = calloc(1, sizeof *common);
    const struct ww_mx_probe_options options = {
        .ca_file = env->ca_file,
        .store = env->store,
        .helo = env->helo,
        .deadline_ms = env->smtp_ms,
    };
    const char *detail;
    if (common == NULL)
        return NULL;
    LIST_INIT(&common->deep);
    common->prober = ww_mx_prober_new(env->base, &options, &detail);
    common->lists = ww_lists_new(env);
    if (common->prober != NULL && common->lists != NULL)
        return common;
    ww_mx_common_free(common);
    return NULL;
}

void ww_mx_common_free(struct ww_mx_common *common)
{
    if (common == NULL)
        return;
    ww_mx_prober_free(common->prober);
    ww_lists_free(common->lists);
    free(common);
}

static bool is_same(const struct ww_addr *a, const struct ww_addr *b)
{
    return a->length == b->length && memcmp(a->octets, b->octets, a->length) == 0;
}

bool ww_mx_deep_enter(struct ww_mx_common *common, struct ww_mx_deep *place, const struct ww_addr *addr)
{
    unsigned there = 0;
    const struct ww_mx_deep *other;
    LIST_FOREACH(other, &common->deep, entry)
    there += is_same(other->addr, addr);
    if (there >= WW_MX_DEEP_AT_ADDRESS)
        return false;
    place->addr = addr;
    LIST_INSERT_HEAD(&common->deep, place, entry);
    return true;
}

void ww_mx_deep_leave(struct ww_mx_deep *place)
{
    if (place->addr != NULL)
        LIST_REMOVE(place, entry);
    place->addr = NULL;
}

bool ww_mx_was_reached(const struct ww_mx_common *common, int family, int64_t now)
{
    int64_t at = common->reached_at[family];
    return at != 0 && now - at <= (int64_t)WW_MX_REACHED_MS * 1000;
}
