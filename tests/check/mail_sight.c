#include "mail_sight.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ww_mx_probe_result good = {
    .starttls = true,
    .handshake = true,
    .tls_version = 0x0304,
    .has_certificate = true,
    .status = WW_CERT_OK,
    .name_count = 1,
    .issuer = "CN=Lab CA",
    .tlsa_match = true,
    .tlsa_usage = WW_TLSA_DANE_EE,
};

static void set_host(struct ww_sight *sight, size_t i, const char *name)
{
    struct ww_dane_host *host = &sight->survey.hosts[i];
    struct ww_mx_sight *mx = ww_mx_sight_new(name);
    assert(mx != NULL);
    host->preference = (uint16_t)(10 * (i + 1));
    (void)snprintf(host->name, sizeof host->name, "%s", name);
    host->settled = true;
    mx->complete = true;
    sight->mx[i] = mx;
    (void)mail_address(sight, i);
    mail_record(sight, i, 3, WW_TLSA_SHA256, 0x11, true);
    mail_record(sight, i, 3, WW_TLSA_SHA256, 0x22, false);
}

struct ww_sight *mail_sight(void)
{
    struct ww_sight *sight = ww_sight_new(MAIL_DOMAIN, 1800000000);
    assert(sight != NULL);
    sight->names.looked = true;
    sight->names.record = WW_TXT_PRESENT;
    sight->host.looked = true;
    mail_policy(sight, MAIL_ENFORCE);
    sight->surveyed = true;
    sight->survey.outcome = WW_MX_LISTED;
    sight->survey.mx_dnssec = WW_DNSSEC_SECURE;
    sight->survey.validating = true;
    sight->survey.count = 2;
    set_host(sight, 0, MAIL_FIRST);
    set_host(sight, 1, MAIL_SECOND);
    return sight;
}

void mail_policy(struct ww_sight *sight, const char *body)
{
    size_t offset;
    sight->has_policy = ww_policy_parse(body, strlen(body), &sight->policy, &offset) == WW_OK;
}

void mail_record(struct ww_sight *sight, size_t i, unsigned usage, unsigned matching, unsigned first_octet,
                 bool fits)
{
    struct ww_dane_host *host = &sight->survey.hosts[i];
    struct ww_dane_record *r = &host->records[host->record_count++];
    *r = (struct ww_dane_record){.usage = (uint8_t)usage,
                                 .selector = WW_TLSA_SELECTOR_SPKI,
                                 .matching = (uint8_t)matching,
                                 .size = matching == WW_TLSA_SHA512 ? 64 : 32,
                                 .data = {(uint8_t)first_octet}};
    r->unusable = usage < WW_TLSA_DANE_TA ? WW_E_TLSA_PKIX : WW_OK;
    host->state = WW_DANE_SECURE_UNUSABLE;
    for (size_t k = 0; k < host->record_count; k++)
        if (host->records[k].unusable == WW_OK)
            host->state = WW_DANE_SECURE_USABLE;
    host->base = WW_DANE_ASK_TLSA;
    for (size_t k = 0; r->unusable == WW_OK && k < sight->mx[i]->count; k++) {
        struct ww_mx_probe_result *p = &sight->mx[i]->addresses[k].first;
        struct ww_mx_probe_fit *fit = &p->fits[p->fit_count++];
        *fit = (struct ww_mx_probe_fit){.usage = r->usage,
                                        .selector = r->selector,
                                        .matching = r->matching,
                                        .size = r->size,
                                        .data = {(uint8_t)first_octet},
                                        .fits = fits};
    }
}

void mail_no_records(struct ww_sight *sight, size_t i)
{
    struct ww_mx_sight *mx = sight->mx[i];
    sight->survey.hosts[i].record_count = 0;
    sight->survey.hosts[i].state = WW_DANE_NONE;
    for (size_t k = 0; k < mx->count; k++)
        mx->addresses[k].first.fit_count = 0;
}

struct ww_mx_probe_result *mail_address(struct ww_sight *sight, size_t i)
{
    struct ww_mx_sight *mx = sight->mx[i];
    char text[] = "192.0.2.1";
    struct ww_mx_address_sight *more = reallocarray(mx->addresses, mx->count + 1, sizeof *more);
    assert(more != NULL && mx->count < 8);
    mx->addresses = more;
    struct ww_mx_address_sight *a = &more[mx->count];
    *a = (struct ww_mx_address_sight){.first = mx->count > 0 ? more[0].first : good};
    (void)snprintf(a->first.names[0], sizeof a->first.names[0], "%s", mx->name);
    text[sizeof text - 2] = (char)('1' + mx->count++);
    if (ww_addr_parse(ww_slice_str(text), &a->addr) != WW_OK)
        abort();
    return &a->first;
}

struct ww_mx_probe_result *mail_first(struct ww_sight *sight, size_t i)
{
    return &sight->mx[i]->addresses[0].first;
}

const char *mail_findings(const struct ww_check_report *report)
{
    static char text[1024];
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < report->count && n < sizeof text - 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i > 0 ? " " : "",
                              ww_check_info(report->findings[i].check)->id);
    return text;
}
