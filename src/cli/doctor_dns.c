#include "cli/doctor.h"

#include "cli/doctor_anchors.h"
#include "cli/doctor_net.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

struct path {
    struct event_base *base;
    struct ww_dns *dns;
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

/* False: p->detail says what failed; close_path is due all the same. */
static bool open_path(struct path *p, const struct ww_config *c, const struct ww_trust *trust, bool tcp)
{
    struct ww_dns_options options;
    const char *why = "out of memory";
    ww_discoverer_dns_options(c, trust, &options);
    options.tcp_only = tcp;
    if (options.timeout_ms > WW_DOCTOR_DNS_MS)
        options.timeout_ms = WW_DOCTOR_DNS_MS;
    p->health = WW_DNS_UNREACHABLE;
    p->base = event_base_new();
    if (p->base != NULL)
        p->dns = ww_dns_new(p->base, &options, &why);
    if (p->dns == NULL)
        (void)snprintf(p->detail, sizeof p->detail, "%s", why);
    return p->dns != NULL;
}

static void close_path(struct path *p)
{
    if (p->dns != NULL)
        ww_dns_free(p->dns);
    if (p->base != NULL)
        event_base_free(p->base);
}

/* Tests the chain of trust as the daemon does at its start. */
static void test_path(struct path *p)
{
    ww_dns_self_test(p->dns, on_health, p);
    (void)event_base_dispatch(p->base);
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

static void test(struct ww_doctor *d, const struct ww_trust *trust, struct path *any, struct path *tcp)
{
    test_path(any);
    test_path(tcp);
    bool tcp_works = tcp->health != WW_DNS_UNREACHABLE;
    tell_validation(d, any, trust, tcp_works);
    ww_doctor_tell(d, WW_CHECK_DNS_TCP, tcp_works ? WW_FINDING_OK : WW_FINDING_WARN, NULL,
                   tcp_works ? "answers come over TCP too%s" : "no answer comes over TCP: %s",
                   tcp_works ? "" : tcp->detail);
    if (!tcp_works)
        ww_doctor_advise(d, "Open port 53 for TCP as well: long answers, such as signed ones, need it.");
}

/* What needs files is opened first, then rights are given up, and only then strangers are asked. */
static void look(struct ww_doctor *d, const struct ww_trust *trust)
{
    struct path any = {.base = NULL}, tcp = {.base = NULL};
    const char *kept;
    if (!open_path(&any, d->config, trust, false) || !open_path(&tcp, d->config, trust, true)) {
        ww_doctor_tell(d, WW_CHECK_DNS, WW_FINDING_FAIL, NULL, "DNS cannot be set up: %s",
                       any.dns == NULL ? any.detail : tcp.detail);
        ww_doctor_advise(d, "Look at the settings of the section dns in %s.", d->config_name);
    } else if (!ww_outside_give_up(d->config, &kept)) {
        ww_doctor_tell(d, WW_CHECK_DNS, WW_FINDING_FAIL, NULL, "rights cannot be given up: %s", kept);
        ww_doctor_advise(d,
                         "Nothing is asked with rights that are not needed. Look at user and confine in %s.",
                         d->config_name);
    } else {
        test(d, trust, &any, &tcp);
    }
    close_path(&any);
    close_path(&tcp);
}

void ww_doctor_dns(struct ww_doctor *d)
{
    struct ww_trust trust;
    if (!ww_doctor_anchors(d, &trust))
        return;
    look(d, &trust);
    ww_trust_clear(&trust);
}
