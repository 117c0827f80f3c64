#include "cli/doctor_net.h"
#include "daemon/own_name.h"

#include "drive/mx_hosts.h"
#include "net/route.h"
#include "net/smtp_hello.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SITES_MAX 8

/* MX hosts of a domain that are tried: those that senders try first. */
#define HOSTS_MAX 2

/* Some servers let a stranger wait for the greeting. */
#define DEADLINE_MS 20000

struct site;

struct talk {
    struct site *site;
    enum ww_family family;
};

struct site {
    struct look *look;
    const char *domain;
    struct talk talks[WW_FAMILIES];
};

struct look {
    struct ww_outside net;
    struct site sites[SITES_MAX];
    size_t site_count;
    char own_name[WW_DNAME_SIZE]; /* for EHLO, or "" */
    struct ww_doctor_tally tallies[WW_FAMILIES];
    unsigned greeted, offered;    /* servers that answered EHLO, and those that offered STARTTLS */
    char no_offer[WW_DNAME_SIZE]; /* one that did not, or "" */
    char no_host[320];            /* why there was none to talk to, or "" */
};

static void add(struct talk *t, enum ww_reach reach, const char *words)
{
    ww_doctor_tally_add(&t->site->look->tallies[t->family], reach, t->site->domain, words);
}

static void on_hello(void *ctx, const struct ww_smtp_hello_result *result)
{
    struct talk *t = ctx;
    struct look *l = t->site->look;
    char words[256];
    if (result->err == WW_OK) {
        l->greeted++;
        l->offered += result->starttls;
        if (!result->starttls)
            (void)snprintf(l->no_offer, sizeof l->no_offer, "%s", t->site->domain);
    }
    const char *more = result->error != 0 ? strerror(result->error) : result->text;
    (void)snprintf(words, sizeof words, "%s%s%s", ww_err_message(result->err), more[0] != '\0' ? ": " : "",
                   more);
    if (result->err == WW_OK || result->code > 0) /* whoever refuses us has been reached */
        add(t, WW_REACH_WORKS, NULL);
    else
        add(t, result->stage == WW_SMTP_CONNECTING ? WW_REACH_NO_ANSWER : WW_REACH_BAD, words);
    ww_outside_end(&l->net);
}

static void begin_talk(struct talk *t, const struct ww_addresses_reply *reply)
{
    struct look *l = t->site->look;
    struct ww_addr addrs[WW_ADDRESSES_FAMILY_MAX];
    const struct ww_smtp_hello_options options = {
        .name = l->own_name[0] != '\0' ? l->own_name : NULL,
        .deadline_ms = DEADLINE_MS,
    };
    if (ww_family_pick(t->family, reply, addrs) == 0) {
        add(t, WW_REACH_NO_ADDRESS, NULL);
    } else if (!ww_has_route(&addrs[0])) {
        add(t, WW_REACH_NO_ROUTE, "this machine has no way there");
    } else {
        ww_outside_begin(&l->net);
        if (ww_smtp_hello(l->net.base, &options, &addrs[0], on_hello, t) == NULL)
            ww_outside_end(&l->net);
    }
}

static void no_host(struct look *l, const char *name, enum ww_err err, const char *detail)
{
    if (l->no_host[0] == '\0')
        (void)snprintf(l->no_host, sizeof l->no_host, "%s: %s%s%s", name, ww_err_message(err),
                       detail != NULL && detail[0] != '\0' ? ": " : "", detail != NULL ? detail : "");
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct site *s = ctx;
    if (reply->err != WW_OK)
        no_host(s->look, s->domain, reply->err, reply->detail);
    else
        for (size_t i = 0; i < WW_FAMILIES; i++)
            begin_talk(&s->talks[i], reply);
    ww_outside_end(&s->look->net);
}

static void on_mx(void *ctx, const struct ww_mx_hosts *hosts)
{
    struct site *s = ctx;
    struct look *l = s->look;
    enum ww_err err;
    if (hosts->outcome == WW_MX_FAILED)
        no_host(l, s->domain, hosts->why, hosts->detail);
    else if (hosts->count == 0 && l->no_host[0] == '\0')
        (void)snprintf(l->no_host, sizeof l->no_host, "%s takes no mail", s->domain);
    for (size_t i = 0; i < hosts->count && i < HOSTS_MAX; i++) {
        ww_outside_begin(&l->net);
        if (ww_outside_find(&l->net, hosts->hosts[i].name, on_addresses, s, &err) == NULL) {
            no_host(l, hosts->hosts[i].name, err, NULL);
            ww_outside_end(&l->net);
        }
    }
    ww_outside_end(&l->net);
}

static void begin_site(struct look *l, const char *domain)
{
    struct site *s = &l->sites[l->site_count++];
    enum ww_err err;
    s->look = l;
    s->domain = domain;
    for (int i = 0; i < WW_FAMILIES; i++)
        s->talks[i] = (struct talk){.site = s, .family = (enum ww_family)i};
    ww_outside_begin(&l->net);
    if (ww_mx_lookup(l->net.with.dns, domain, on_mx, s, &err) == NULL) {
        no_host(l, domain, err, NULL);
        ww_outside_end(&l->net);
    }
}

static void advise_on_blocked(struct ww_doctor *d, enum ww_family family, bool other_works)
{
    ww_doctor_advise(d, "This is on our side: many providers block port 25 until one asks them to open it.");
    if (other_works) {
        ww_doctor_advise(d, "Until then Postfix need not wait for it:");
        ww_doctor_command(d, "postconf -e 'inet_protocols = %s' && postfix stop && postfix start",
                          family == WW_FAMILY_IPV4 ? "ipv6" : "ipv4");
    } else
        ww_doctor_advise(d, "Look at this machine's packet filter, and then ask the provider:");
    ww_doctor_command(d, "nft list ruleset");
}

static void tell_family(struct ww_doctor *d, const struct look *l, enum ww_family family)
{
    enum ww_check check = family == WW_FAMILY_IPV4 ? WW_CHECK_SMTP_IPV4 : WW_CHECK_SMTP_IPV6;
    const struct ww_doctor_tally *t = &l->tallies[family];
    const struct ww_doctor_tally *other = &l->tallies[WW_FAMILIES - 1 - family];
    enum ww_finding finding = ww_doctor_tally_judge(t, other);
    const char *name = ww_family_name(family);
    if (finding == WW_FINDING_OK) {
        ww_doctor_tell(d, check, finding, NULL, "port 25 is open outwards over %s: %s", name, t->who);
    } else if (finding == WW_FINDING_SKIP) {
        ww_doctor_tell(d, check, finding, NULL, "%s over %s%s%s",
                       t->count[WW_REACH_NO_ROUTE] > 0 ? "this machine does not reach the Internet"
                                                       : "there was no MX host to talk to",
                       name, l->no_host[0] != '\0' ? ": " : "", l->no_host);
    } else if (t->count[WW_REACH_BAD] > 0) {
        ww_doctor_tell(d, check, finding, NULL, "connections over %s come to no talk: %s", name, t->words);
        ww_doctor_advise(
            d, "Something on the way takes connections to port 25: ask the provider of the network.");
    } else {
        ww_doctor_tell(d, check, finding, NULL, "no MX host answers at port 25 over %s: %s", name, t->words);
        advise_on_blocked(d, family, other->count[WW_REACH_WORKS] > 0);
    }
}

static void tell_starttls(struct ww_doctor *d, const struct look *l)
{
    if (l->greeted == 0) {
        ww_doctor_tell(d, WW_CHECK_STARTTLS, WW_FINDING_SKIP, NULL, "no MX host has said what it offers");
    } else if (l->offered == l->greeted) {
        ww_doctor_tell(d, WW_CHECK_STARTTLS, WW_FINDING_OK, NULL, "every MX host that answered offers it");
    } else {
        bool none = l->offered == 0 && !d->domain_given;
        ww_doctor_tell(d, WW_CHECK_STARTTLS, none ? WW_FINDING_FAIL : WW_FINDING_WARN, NULL,
                       "%u of %u MX hosts that answered do not offer it, such as that of %s",
                       l->greeted - l->offered, l->greeted, l->no_offer);
        ww_doctor_advise(d,
                         "Something between here and there may take the offer away, such as a firewall that");
        ww_doctor_advise(d, "inspects SMTP. Look from another network as well:");
        ww_doctor_command(d, "openssl s_client -starttls smtp -connect HOST:25");
    }
}

void ww_doctor_smtp(struct ww_doctor *d)
{
    const char *detail;
    struct look *l = calloc(1, sizeof *l);
    if (l == NULL)
        return;
    if (!ww_doctor_net_open(&l->net, d->config, &detail)) {
        ww_doctor_tell(d, WW_CHECK_SMTP_IPV4, WW_FINDING_FAIL, NULL, "DNS cannot be set up: %s", detail);
        ww_doctor_advise(d, "Look at the sections dns and fetch of %s.", d->config_name);
        free(l);
        return;
    }
    (void)ww_own_name(l->own_name);
    for (size_t i = 0; d->domains[i] != NULL && i < SITES_MAX; i++)
        begin_site(l, d->domains[i]);
    ww_outside_run(&l->net);
    for (int i = 0; i < WW_FAMILIES; i++)
        tell_family(d, l, (enum ww_family)i);
    tell_starttls(d, l);
    ww_outside_close(&l->net);
    free(l);
}
