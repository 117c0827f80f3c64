#include "cli/outside.h"

#include "daemon/role.h"
#include "proc/confine.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct ww_outside *o = ctx;
    o->health = health;
    (void)snprintf(o->health_detail, sizeof o->health_detail, "%s", detail != NULL ? detail : "");
    ww_outside_end(o);
}

bool ww_outside_open(struct ww_outside *o, const struct ww_config *config, const char **detail)
{
    static char untrusted[512];
    *detail = "out of memory";
    *o = (struct ww_outside){.config = *config, .base = event_base_new(), .health = WW_DNS_UNREACHABLE};
    bool trusted = ww_trust_load(&o->trust, config, ww_anchor_system_files, untrusted, sizeof untrusted);
    if (!trusted)
        *detail = untrusted;
    if (trusted && o->base != NULL && ww_discoverer_open(&o->with, o->base, &o->config, &o->trust, detail))
        return true;
    ww_outside_close(o);
    return false;
}

void ww_outside_close(struct ww_outside *o)
{
    ww_discoverer_close(&o->with);
    ww_trust_clear(&o->trust);
    if (o->base != NULL)
        event_base_free(o->base);
    o->base = NULL;
}

bool ww_outside_give_up(const struct ww_config *config, const char **detail)
{
    static char words[256];
    char user[WW_USER_SIZE];
    bool partial;
    /* Who only looks needs no daemon to be installed; any user without rights will do. */
    if (!ww_role_user(config, WW_ROLE_RESOLVER, user))
        (void)snprintf(user, sizeof user, "nobody");
    const struct ww_confine how = {.rights = WW_MAY_CONNECT, .user = user};
    *detail = words;
    return !config->confine || ww_confine(&how, &partial, words, sizeof words) == WW_OK;
}

bool ww_outside_confine(struct ww_outside *o, const char **detail)
{
    if (!ww_outside_give_up(&o->config, detail))
        return false;
    ww_outside_begin(o);
    ww_dns_self_test(o->with.dns, on_health, o);
    ww_outside_run(o);
    return true;
}

void ww_outside_begin(struct ww_outside *o)
{
    o->pending++;
}

void ww_outside_end(struct ww_outside *o)
{
    if (--o->pending == 0)
        (void)event_base_loopbreak(o->base);
}

void ww_outside_run(struct ww_outside *o)
{
    while (o->pending > 0 && event_base_dispatch(o->base) == 0 && !event_base_got_break(o->base))
        continue;
}

struct ww_addresses *ww_outside_find(struct ww_outside *o, const char *host, ww_addresses_cb *cb, void *ctx,
                                     enum ww_err *err)
{
    const struct ww_addresses_options options = {
        .dns = o->with.dns,
        .allow = o->with.allow,
        .allow_count = o->with.allow_count,
    };
    return ww_addresses_find(&options, host, cb, ctx, err);
}
