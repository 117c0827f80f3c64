/*
 * For the end-to-end tests: what a survey for DANE says of real name servers. A line for each domain, then
 * one for each of its MX hosts, in fields between tabs: domain DOMAIN OUTCOME DNSSEC WHY VALIDATING LIFETIME
 *   host   NAME STATE WHY BASE RECORDS DETAIL
 * A field that has no value is "-".
 */
#include "drive/dane.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_MS 5000
#define DEADLINE_MS 20000

static struct event_base *base;

static const char *or_dash(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "-";
}

static void on_survey(void *ctx, const struct ww_dane_survey *s)
{
    printf("domain\t%s\t%s\t%s\t%s\t%s\t%u\n", (const char *)ctx, ww_mx_outcome_name(s->outcome),
           ww_dnssec_name(s->mx_dnssec), ww_err_id(s->why), s->validating ? "yes" : "no", s->lifetime);
    for (size_t i = 0; i < s->count; i++) {
        const struct ww_dane_host *h = &s->hosts[i];
        printf("host\t%s\t%s\t%s\t%s\t%zu\t%s\n", h->name, ww_dane_state_name(h->state), ww_err_id(h->why),
               or_dash(ww_dane_host_base(h)), h->record_count, or_dash(h->detail));
    }
    (void)event_base_loopbreak(base);
}

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    *(enum ww_dns_health *)ctx = health;
    (void)detail;
    (void)event_base_loopbreak(base);
}

int main(int argc, char **argv)
{
    const char *detail = NULL;
    enum ww_err err;
    enum ww_dns_health health = WW_DNS_UNREACHABLE;
    if (argc < 4) {
        (void)fprintf(stderr, "usage: survey ROOT-HINTS TRUST-ANCHOR DOMAIN...\n");
        return 64;
    }
    const struct ww_dns_options options = {
        .root_hints = argv[1], .trust_anchor = argv[2], .timeout_ms = TIMEOUT_MS};
    base = event_base_new();
    struct ww_dns *dns = base != NULL ? ww_dns_new(base, &options, &detail) : NULL;
    if (dns == NULL) {
        (void)fprintf(stderr, "survey: %s\n", or_dash(detail));
        return 1;
    }
    ww_dns_self_test(dns, on_health, &health);
    (void)event_base_dispatch(base);
    for (int i = 3; i < argc && health != WW_DNS_UNREACHABLE; i++)
        if (ww_dane_lookup(dns, argv[i], DEADLINE_MS, on_survey, argv[i], &err) != NULL)
            (void)event_base_dispatch(base);
    ww_dns_free(dns);
    event_base_free(base);
    return health == WW_DNS_UNREACHABLE;
}
