#include "cli/doctor.h"

#include "cli/doctor_anchors.h"
#include "cli/doctor_net.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

struct path {
    struct event_base *base;
    enum ww_dns_health health;
    char detail[256];
};

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct path *p = ctx;
    p->health = health;
    (void)snprintf(p->detail, sizeof p->detail, "%s", detail != NULL ? detail : "");
    (void)event_base_loopbreak(p->base);
}

/* Tests the chain of trust as the daemon does at its start. False: p->detail says what failed. */
static bool test_path(struct path *p, const struct ww_config *c, const struct ww_trust *trust, bool tcp)
{
    struct ww_dns_options options;
    const char *why = "out of memory";
    ww_discoverer_dns_options(c, trust, &options);
    options.tcp_only = tcp;
    if (options.timeout_ms > WW_DOCTOR_DNS_MS)
        options.timeout_ms = WW_DOCTOR_DNS_MS;
    p->base = event_base_new();
    struct ww_dns *dns = p->base != NULL ? ww_dns_new(p->base, &options, &why) : NULL;
    if (dns != NULL) {
        ww_dns_self_test(dns, on_health, p);
        (void)event_base_dispatch(p->base);
        ww_dns_free(dns);
    } else {
        (void)snprintf(p->detail, sizeof p->detail, "%s", why);
    }
    if (p->base != NULL)
        event_base_free(p->base);
    return dns != NULL;
}

static void advise_on_stripped(struct ww_doctor *d)
{
    if (d->config->dns_forward_count > 0)
        ww_doctor_advise(d, "Let dns.forward name resolvers that pass DNSSEC on, or remove it. Test one; an "
                            "RRSIG must be in the answer:");
    else
        ww_doctor_advise(d, "Something on the way changes DNS. Name a resolver that does not as dns.forward. "
                            "Test one; an RRSIG must be in the answer:");
    ww_doctor_command(d, "dig +dnssec @RESOLVER . SOA");
    ww_doctor_advise(d, "A clock that is wrong by days does the same: see clock-offset.");
}

static void advise_on_unreachable(struct ww_doctor *d)
{
    if (d->config->dns_forward_count > 0) {
        ww_doctor_advise(d, "Do the resolvers of dns.forward answer?");
        ww_doctor_command(d, "dig @RESOLVER . SOA");
    } else
        ww_doctor_advise(
            d, "Open port 53, UDP and TCP, outwards, or name your provider's resolver as dns.forward.");
}

static const char *way(const struct ww_config *c)
{
    return c->dns_forward_count > 0 ? "through dns.forward" : "from the root on";
}

static void tell_validation(struct ww_doctor *d, const struct path *p, const struct ww_trust *trust,
                            bool tcp_works)
{
    switch (p->health) {
    case WW_DNS_VALIDATING:
        ww_doctor_tell(d, WW_CHECK_DNS, WW_FINDING_OK, NULL, "answers come %s, and DNSSEC validates them",
                       way(d->config));
        return;
    case WW_DNS_STRIPPED:
        ww_doctor_tell(d, WW_CHECK_DNS, WW_FINDING_WARN, NULL,
                       "DNSSEC does not get through to here, so answers are not validated: %s", p->detail);
        advise_on_stripped(d);
        return;
    case WW_DNS_ANCHOR:
        ww_doctor_anchors_misfit(d, trust, p->detail);
        return;
    case WW_DNS_UNREACHABLE:
    case WW_DNS_HEALTHS:
        break;
    }
    ww_doctor_tell(d, WW_CHECK_DNS, WW_FINDING_FAIL, NULL, "no answer comes %s%s: %s", way(d->config),
                   tcp_works ? " over UDP, but over TCP one does" : "", p->detail);
    advise_on_unreachable(d);
}

static void look(struct ww_doctor *d, const struct ww_trust *trust)
{
    struct path any = {.health = WW_DNS_UNREACHABLE};
    struct path tcp = {.health = WW_DNS_UNREACHABLE};
    if (!test_path(&any, d->config, trust, false)) {
        ww_doctor_tell(d, WW_CHECK_DNS, WW_FINDING_FAIL, NULL, "DNS cannot be set up: %s", any.detail);
        ww_doctor_advise(d, "Look at the settings of the section dns in %s.", d->config_name);
        return;
    }
    (void)test_path(&tcp, d->config, trust, true);
    bool tcp_works = tcp.health != WW_DNS_UNREACHABLE;
    tell_validation(d, &any, trust, tcp_works);
    ww_doctor_tell(d, WW_CHECK_DNS_TCP, tcp_works ? WW_FINDING_OK : WW_FINDING_WARN, NULL,
                   tcp_works ? "answers come over TCP too%s" : "no answer comes over TCP: %s",
                   tcp_works ? "" : tcp.detail);
    if (!tcp_works)
        ww_doctor_advise(d, "Open port 53 for TCP as well: long answers, such as signed ones, need it.");
}

void ww_doctor_dns(struct ww_doctor *d)
{
    struct ww_trust trust;
    if (!ww_doctor_anchors(d, &trust))
        return;
    look(d, &trust);
    ww_trust_clear(&trust);
}
