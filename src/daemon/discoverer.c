#include "daemon/discoverer.h"

void ww_discoverer_dns_options(const struct ww_config *c, const struct ww_trust *trust,
                               struct ww_dns_options *out)
{
    *out = (struct ww_dns_options){
        .forward = c->dns_forward,
        .forward_count = c->dns_forward_count,
        .root_hints = c->dns_root_hints,
        .anchors = (const char *const *)trust->lines,
        .anchor_count = trust->count,
        .sources = c->dns_sources,
        .source_count = c->dns_source_count,
        .timeout_ms = c->dns_timeout_ms,
    };
}

static struct ww_dns *open_dns(struct event_base *base, const struct ww_config *c,
                               const struct ww_trust *trust, const char **detail)
{
    struct ww_dns_options options;
    ww_discoverer_dns_options(c, trust, &options);
    return ww_dns_new(base, &options, detail);
}

static struct ww_https *open_https(struct event_base *base, const struct ww_config *c, const char **detail)
{
    const struct ww_https_options options = {
        .ca_file = c->fetch_ca_file,
        .sources = c->fetch_sources,
        .source_count = c->fetch_source_count,
        .deadline_ms = c->fetch_deadline_ms,
        .body_max = WW_POLICY_BODY_MAX,
    };
    return ww_https_new(base, &options, detail);
}

bool ww_discoverer_open(struct ww_discoverer *d, struct event_base *base, const struct ww_config *config,
                        const struct ww_trust *trust, const char **detail)
{
    memset(d, 0, sizeof *d);
    d->allow = config->fetch_allow;
    d->allow_count = config->fetch_allow_count;
    d->dns = open_dns(base, config, trust, detail);
    if (d->dns != NULL)
        d->https = open_https(base, config, detail);
    if (d->https != NULL)
        return true;
    ww_discoverer_close(d);
    return false;
}

void ww_discoverer_close(struct ww_discoverer *d)
{
    if (d->https != NULL)
        ww_https_free(d->https);
    if (d->dns != NULL)
        ww_dns_free(d->dns);
    memset(d, 0, sizeof *d);
}
