#include "cli/doctor_clock.h"
#include "cli/doctor_net.h"

#include "core/policy.h"
#include "net/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SITES_MAX 8

struct site;

/* A GET over one family. */
struct get {
    struct site *site;
    enum ww_family family;
};

/* A policy host. */
struct site {
    struct look *look;
    const char *domain;
    char host[WW_DNAME_SIZE + sizeof "mta-sts."];
    struct get gets[WW_FAMILIES];
};

struct look {
    struct ww_outside net;
    struct site sites[SITES_MAX];
    size_t site_count;
    struct ww_doctor_tally tallies[WW_FAMILIES];
    bool intercepted; /* a certificate of an authority that nobody trusts, or one that was signed by itself */
    int64_t differences[SITES_MAX * WW_FAMILIES]; /* of their clocks, less ours */
    size_t difference_count;
    char no_address[320]; /* why there is none of some domain, or "" */
};

static void add(struct get *g, enum ww_reach reach, const char *words)
{
    ww_doctor_tally_add(&g->site->look->tallies[g->family], reach, g->site->domain, words);
}

/* What came over the connection when the error is one of those after connecting. */
static bool was_connected(enum ww_err err)
{
    return err != WW_E_HTTPS_CONNECT && err != WW_E_HTTPS_TIMEOUT;
}

static void on_reply(void *ctx, const struct ww_https_reply *reply)
{
    struct get *g = ctx;
    struct look *l = g->site->look;
    char words[256];
    if (reply->date > 0 && l->difference_count < SITES_MAX * WW_FAMILIES)
        l->differences[l->difference_count++] = reply->date - time(NULL);
    l->intercepted = l->intercepted || reply->err == WW_E_HTTPS_CERT_UNTRUSTED ||
                     reply->err == WW_E_HTTPS_CERT_SELF_SIGNED;
    (void)snprintf(words, sizeof words, "%s%s%s", ww_err_message(reply->err),
                   reply->detail != NULL ? ": " : "", reply->detail != NULL ? reply->detail : "");
    if (reply->err == WW_OK)
        add(g, WW_REACH_WORKS, NULL);
    else
        add(g, was_connected(reply->err) ? WW_REACH_BAD : WW_REACH_NO_ANSWER, words);
    ww_outside_end(&l->net);
}

static void begin_get(struct get *g, const struct ww_addresses_reply *reply)
{
    struct look *l = g->site->look;
    struct ww_addr addrs[WW_ADDRESSES_FAMILY_MAX];
    size_t n = ww_family_pick(g->family, reply, addrs);
    enum ww_err err;
    if (n == 0) {
        add(g, WW_REACH_NO_ADDRESS, NULL);
    } else if (!ww_has_route(&addrs[0])) {
        add(g, WW_REACH_NO_ROUTE, "this machine has no way there");
    } else {
        ww_outside_begin(&l->net);
        if (ww_https_get(l->net.with.https, g->site->host, WW_POLICY_PATH, addrs, n, on_reply, g, &err) ==
            NULL) {
            add(g, WW_REACH_NO_ANSWER, ww_err_message(err));
            ww_outside_end(&l->net);
        }
    }
}

static void no_address(struct site *s, enum ww_err err, const char *detail)
{
    struct look *l = s->look;
    if (l->no_address[0] == '\0')
        (void)snprintf(l->no_address, sizeof l->no_address, "%s: %s%s%s", s->host, ww_err_message(err),
                       detail != NULL ? ": " : "", detail != NULL ? detail : "");
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct site *s = ctx;
    if (reply->err != WW_OK)
        no_address(s, reply->err, reply->detail);
    else
        for (size_t i = 0; i < WW_FAMILIES; i++)
            begin_get(&s->gets[i], reply);
    ww_outside_end(&s->look->net);
}

static void begin_site(struct look *l, const char *domain)
{
    struct site *s = &l->sites[l->site_count++];
    enum ww_err err;
    s->look = l;
    s->domain = domain;
    (void)snprintf(s->host, sizeof s->host, "mta-sts.%s", domain);
    for (int i = 0; i < WW_FAMILIES; i++)
        s->gets[i] = (struct get){.site = s, .family = (enum ww_family)i};
    ww_outside_begin(&l->net);
    if (ww_outside_find(&l->net, s->host, on_addresses, s, &err) == NULL) {
        no_address(s, err, NULL);
        ww_outside_end(&l->net);
    }
}

static void advise(struct ww_doctor *d, const struct look *l, const struct ww_doctor_tally *t)
{
    if (t->count[WW_REACH_BAD] == 0) {
        ww_doctor_advise(
            d, "Let this machine connect to port 443 of any host: look at its packet filter and beyond.");
    } else if (l->intercepted && !d->domain_given) {
        ww_doctor_advise(d, "Somebody on the way opens TLS: let this machine connect without that proxy.");
    } else {
        ww_doctor_advise(d, "Look at the policy host more closely, and see whether the clock is right:");
        ww_doctor_command(d, "waxwing query --direct %s", d->domains[0]);
    }
}

static void tell_family(struct ww_doctor *d, const struct look *l, enum ww_family family)
{
    enum ww_check check = family == WW_FAMILY_IPV4 ? WW_CHECK_HTTPS_IPV4 : WW_CHECK_HTTPS_IPV6;
    const struct ww_doctor_tally *t = &l->tallies[family];
    enum ww_finding finding = ww_doctor_tally_judge(t, &l->tallies[WW_FAMILIES - 1 - family]);
    const char *name = ww_family_name(family);
    if (finding == WW_FINDING_OK) {
        ww_doctor_tell(d, check, finding, NULL, "policy hosts answer over %s: %s", name, t->who);
    } else if (finding == WW_FINDING_SKIP) {
        ww_doctor_tell(d, check, finding, NULL, "%s over %s%s%s",
                       t->count[WW_REACH_NO_ROUTE] > 0 ? "this machine does not reach the Internet"
                                                       : "there was no policy host to connect to",
                       name, l->no_address[0] != '\0' ? ": " : "", l->no_address);
    } else {
        ww_doctor_tell(d, check, finding, NULL, "no policy can be fetched over %s: %s", name, t->words);
        advise(d, l, t);
    }
}

static void tell_offset(struct ww_doctor *d, struct look *l)
{
    int64_t off = ww_clock_middle(l->differences, l->difference_count);
    enum ww_finding finding = l->difference_count > 0 ? ww_clock_judge_offset(off) : WW_FINDING_SKIP;
    if (finding == WW_FINDING_SKIP) {
        ww_doctor_tell(d, WW_CHECK_CLOCK_OFFSET, finding, NULL, "no policy host has told the time");
        return;
    }
    ww_doctor_tell(d, WW_CHECK_CLOCK_OFFSET, finding, NULL, "this clock is %lld s %s those of policy hosts",
                   (long long)(off < 0 ? -off : off), off > 0 ? "behind" : "ahead of");
    if (finding != WW_FINDING_OK)
        ww_doctor_command(d, "timedatectl set-ntp true; timedatectl");
}

void ww_doctor_https(struct ww_doctor *d)
{
    const char *detail;
    struct look *l = calloc(1, sizeof *l);
    if (l == NULL)
        return;
    if (!ww_doctor_net_open(&l->net, d->config, &detail)) {
        ww_doctor_tell(d, WW_CHECK_HTTPS_IPV4, WW_FINDING_FAIL, NULL, "HTTPS cannot be set up: %s", detail);
        ww_doctor_advise(d, "Look at the sections dns and fetch of %s.", d->config_name);
        free(l);
        return;
    }
    for (size_t i = 0; d->domains[i] != NULL && i < SITES_MAX; i++)
        begin_site(l, d->domains[i]);
    ww_outside_run(&l->net);
    for (int i = 0; i < WW_FAMILIES; i++)
        tell_family(d, l, (enum ww_family)i);
    tell_offset(d, l);
    ww_outside_close(&l->net);
    free(l);
}
