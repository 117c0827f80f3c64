#include "steward_made.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void good_host(struct ww_sight *sight)
{
    struct ww_dane_host *h = &sight->survey.hosts[0];
    struct ww_mx_sight *mx = ww_mx_sight_new(MADE_HOST);
    assert(mx != NULL);
    (void)snprintf(h->name, sizeof h->name, "%s", MADE_HOST);
    mx->addresses = calloc(1, sizeof *mx->addresses);
    assert(mx->addresses != NULL);
    mx->count = 1;
    mx->complete = true;
    struct ww_mx_address_sight *a = &mx->addresses[0];
    a->looked = true;
    a->first = (struct ww_mx_probe_result){.starttls = true,
                                           .handshake = true,
                                           .tls_version = 0x0304,
                                           .has_certificate = true,
                                           .status = WW_CERT_OK,
                                           .name_count = 1};
    (void)snprintf(a->first.names[0], sizeof a->first.names[0], "%s", MADE_HOST);
    if (ww_addr_parse(ww_slice_str("192.0.2.7"), &a->addr) != WW_OK)
        abort();
    sight->mx[0] = mx;
    sight->surveyed = true;
    sight->survey.count = 1;
    sight->survey.outcome = WW_MX_LISTED;
    sight->survey.mx_dnssec = WW_DNSSEC_SECURE;
}

static void fill_config(struct made *m)
{
    static char folder[] = "/var/lib/waxwing/publish", acme[] = "https://acme.example/directory";
    m->config = (struct ww_config){.publish_folder = folder,
                                   .publish_acme = acme,
                                   .publish_http = m->no_listeners,
                                   .publish_https = m->no_listeners,
                                   .publish_interval = 3600,
                                   .publish_dns = &m->dns_server,
                                   .publish_dns_count = 1,
                                   .publish_dns_ttl = 300};
}

struct made *made_new(void)
{
    struct made *m = calloc(1, sizeof *m);
    assert(m != NULL);
    m->sight = ww_sight_new(MADE_DOMAIN, MADE_NOW);
    assert(m->sight != NULL);
    fill_config(m);
    good_host(m->sight);
    m->sight->names.looked = true;
    m->sight->names.texts[WW_NAMES_STS].ended = true;
    m->sight->names.texts[WW_NAMES_TLSRPT].ended = true;
    m->sight->host.looked = true;
    struct ww_published *d = &m->tend.domain;
    (void)snprintf(d->domain, sizeof d->domain, "%s", MADE_DOMAIN);
    (void)snprintf(d->mx[0], sizeof d->mx[0], "%s", MADE_HOST);
    d->version = 3;
    d->mx_count = 1;
    d->max_age = 2592000;
    d->goal = WW_GOAL_ENFORCE;
    d->dns = WW_DNS_BY_UPDATE;
    d->certificate = WW_CERTIFICATE_ACME;
    m->in = (struct ww_steward_in){.now = MADE_NOW,
                                   .config = &m->config,
                                   .tend = &m->tend,
                                   .sight = m->sight,
                                   .said = &m->said,
                                   .certificate = {MADE_NOW - 10 * MADE_DAY, MADE_NOW + 80 * MADE_DAY},
                                   .trouble = ""};
    return m;
}

void made_free(struct made *m)
{
    m->sight->host.body = ww_slice(NULL, 0);
    ww_sight_free(m->sight);
    free(m);
}

void made_served(struct made *m, const char *id, const char *body, int64_t since, int64_t until)
{
    struct ww_served *s = &m->tend.served[m->tend.served_count++];
    *s = (struct ww_served){.since = since, .until = until, .body = ww_slice_str(body)};
    (void)snprintf(s->id, sizeof s->id, "%s", id);
}

void made_shows(struct made *m, const char *body)
{
    m->sight->host.body = body != NULL ? ww_slice_str(body) : ww_slice(NULL, 0);
    ww_sight_read_policy(m->sight);
}

void made_record(struct made *m, const char *id)
{
    struct ww_names_sight *names = &m->sight->names;
    names->server_count = 2;
    for (size_t i = 0; i < 2; i++) {
        struct ww_name_server *s = &names->servers[i];
        *s = (struct ww_name_server){.ended = true, .authoritative = true, .ttl = 300};
        (void)snprintf(s->name, sizeof s->name, "ns%zu.a.example", i);
        (void)snprintf(s->id, sizeof s->id, "%s", id);
        s->presence = id[0] != '\0' ? WW_TXT_PRESENT : WW_TXT_ABSENT;
    }
}

void made_published(struct made *m, const char *body)
{
    made_served(m, MADE_ID, body, MADE_NOW - MADE_DAY, 0);
    made_shows(m, body);
    made_record(m, MADE_ID);
}
