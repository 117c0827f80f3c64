#include "check/judges.h"

#include "check/judge_tlsa.h"

#include <stdio.h>
#include <string.h>

static const enum ww_check checks[] = {
    WW_CHECK_DANE_DNSSEC_ABSENT, WW_CHECK_DANE_DNSSEC_BOGUS,    WW_CHECK_DANE_HOST_UNSIGNED,
    WW_CHECK_DANE_HOST_BOGUS,    WW_CHECK_DANE_TLSA_MISSING,    WW_CHECK_DANE_TLSA_UNSIGNED,
    WW_CHECK_DANE_TLSA_BOGUS,    WW_CHECK_DANE_DENIAL_BOGUS,    WW_CHECK_DANE_TLSA_FAILED,
    WW_CHECK_DANE_NO_MATCH,      WW_CHECK_DANE_FAILS_STS_HOLDS, WW_CHECK_DANE_DIGESTS,
    WW_CHECK_DANE_USAGE,         WW_CHECK_DANE_RECORD,          WW_CHECK_DANE_NONE_USABLE,
    WW_CHECK_DANE_NO_ROLLOVER,   WW_CHECK_DANE_STALE_PIN,       WW_CHECK_DANE_INCONSISTENT,
};

static void none_tested(struct ww_check_report *report, const char *why)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        ww_check_not_tested(report, checks[i], why);
}

/* "" where there is nothing to add. */
static const char *put_detail(char *room, size_t size, const char *detail)
{
    (void)snprintf(room, size, "%s%s%s", detail[0] != '\0' ? " (" : "", detail, detail[0] != '\0' ? ")" : "");
    return room;
}

static bool is_below(const char *name, const char *domain)
{
    size_t n = strlen(name), d = strlen(domain);
    return n >= d && strcmp(name + n - d, domain) == 0 && (n == d || name[n - d - 1] == '.');
}

static bool has_unsigned_tlsa(const struct ww_sight *sight, size_t i)
{
    return sight->survey.hosts[i].state == WW_DANE_INSECURE && sight->tlsa[i].count > 0;
}

/* What an unsigned zone has of TLSA records says it better. */
static bool is_said_by_tlsa(const struct ww_sight *sight)
{
    bool said = false;
    for (size_t i = 0; i < sight->survey.count; i++)
        said = said || (has_unsigned_tlsa(sight, i) && is_below(sight->survey.hosts[i].name, sight->domain));
    return said;
}

static void judge_domain(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_dane_survey *s = &sight->survey;
    char room[WW_MX_DETAIL_SIZE + 4];
    ww_check_made(report, WW_CHECK_DANE_DNSSEC_ABSENT);
    ww_check_made(report, WW_CHECK_DANE_DNSSEC_BOGUS);
    if (s->mx_dnssec == WW_DNSSEC_BOGUS || s->why == WW_E_DNS_BOGUS)
        ww_check_found(report, WW_CHECK_DANE_DNSSEC_BOGUS, sight->domain, "the answer for MX is bogus%s",
                       put_detail(room, sizeof room, s->detail));
    else if (s->mx_dnssec == WW_DNSSEC_INSECURE && !is_said_by_tlsa(sight))
        ww_check_found(report, WW_CHECK_DANE_DNSSEC_ABSENT, sight->domain,
                       "validation ends at a zone that is proven not to be signed");
}

/* Which TLSA question has failed; WW_DANE_QUESTIONS: none has. */
static enum ww_dane_question failed_tlsa(const struct ww_dane_host *host)
{
    int q = WW_DANE_ASK_TLSA_ALIAS;
    while (q <= WW_DANE_ASK_TLSA && host->answers[q].progress != WW_DANE_NO_ANSWER)
        q++;
    return (enum ww_dane_question)q;
}

static void judge_bogus(const struct ww_sight *sight, size_t i, struct ww_check_report *report)
{
    const struct ww_dane_host *host = &sight->survey.hosts[i];
    bool denial = sight->tlsa[i].looked && sight->tlsa[i].count == 0;
    char room[WW_DANE_DETAIL_SIZE + 4];
    (void)put_detail(room, sizeof room, host->detail);
    if (failed_tlsa(host) == WW_DANE_QUESTIONS)
        ww_check_found(report, WW_CHECK_DANE_HOST_BOGUS, host->name,
                       "the answer for its addresses is bogus%s", room);
    else if (denial)
        ww_check_found(report, WW_CHECK_DANE_DENIAL_BOGUS, host->name,
                       "without validation the answer is that there is no TLSA record; with it, bogus%s",
                       room);
    else
        ww_check_found(report, WW_CHECK_DANE_TLSA_BOGUS, host->name, "the answer for TLSA is bogus%s", room);
}

/* Those that rest on the answer for TLSA. */
static const enum ww_check of_tlsa[] = {WW_CHECK_DANE_TLSA_UNSIGNED, WW_CHECK_DANE_TLSA_BOGUS,
                                        WW_CHECK_DANE_DENIAL_BOGUS, WW_CHECK_DANE_TLSA_FAILED,
                                        WW_CHECK_DANE_TLSA_MISSING};

/* A time-out may be of this side's making, and so may a lack of memory. */
static void judge_failed(const struct ww_dane_host *host, struct ww_check_report *report)
{
    char room[WW_DANE_DETAIL_SIZE + 4];
    bool theirs = host->why == WW_E_DNS_SERVFAIL || host->why == WW_E_DNS_REFUSED ||
                  host->why == WW_E_DNS_RCODE || host->why == WW_E_DNS_MALFORMED ||
                  host->why == WW_E_DNS_MISMATCH || host->why == WW_E_DNS_ALIASES;
    if (failed_tlsa(host) == WW_DANE_QUESTIONS) {
        ww_check_not_tested(report, WW_CHECK_DANE_HOST_BOGUS,
                            "addresses of an MX host could not be looked up");
        ww_check_not_tested(report, WW_CHECK_DANE_HOST_UNSIGNED,
                            "addresses of an MX host could not be looked up");
    } else {
        ww_check_made(report, WW_CHECK_DANE_HOST_BOGUS);
        ww_check_made(report, WW_CHECK_DANE_HOST_UNSIGNED);
    }
    if (failed_tlsa(host) != WW_DANE_QUESTIONS && theirs) {
        ww_check_made(report, WW_CHECK_DANE_TLSA_FAILED);
        ww_check_found(report, WW_CHECK_DANE_TLSA_FAILED, host->name,
                       "its addresses are signed, but TLSA cannot be looked up: %s%s",
                       ww_err_message(host->why), put_detail(room, sizeof room, host->detail));
    }
    for (size_t k = 0; k < sizeof of_tlsa / sizeof *of_tlsa; k++)
        ww_check_not_tested(report, of_tlsa[k], "TLSA records of an MX host could not be looked up");
}

static void judge_unsigned(const struct ww_sight *sight, size_t i, bool others,
                           struct ww_check_report *report)
{
    const struct ww_dane_host *host = &sight->survey.hosts[i];
    bool said = is_below(host->name, sight->domain) && sight->survey.mx_dnssec == WW_DNSSEC_INSECURE;
    if (sight->tlsa[i].looked)
        ww_check_made(report, WW_CHECK_DANE_TLSA_UNSIGNED);
    else
        ww_check_not_tested(report, WW_CHECK_DANE_TLSA_UNSIGNED, "the TLSA question had no answer");
    if (has_unsigned_tlsa(sight, i))
        ww_check_found(report, WW_CHECK_DANE_TLSA_UNSIGNED, host->name,
                       "%u TLSA records at _25._tcp.%s%s, in a zone that is not signed", sight->tlsa[i].count,
                       host->name, host->alias[0] != '\0' ? " or at the end of its aliases" : "");
    else if (!said && !others)
        ww_check_found(report, WW_CHECK_DANE_HOST_UNSIGNED, host->name,
                       "validation ends at a zone that is proven not to be signed");
}

/* A host without records beside one that has some is said by dane-inconsistent. */
static void judge_host(const struct ww_sight *sight, size_t i, bool others, struct ww_check_report *report)
{
    const struct ww_dane_host *host = &sight->survey.hosts[i];
    if (host->no_address)
        return;
    if (host->state != WW_DANE_LOOKUP_FAILED) {
        ww_check_made(report, WW_CHECK_DANE_HOST_BOGUS);
        ww_check_made(report, WW_CHECK_DANE_HOST_UNSIGNED);
    }
    if (host->state != WW_DANE_LOOKUP_FAILED && host->state != WW_DANE_INSECURE)
        for (size_t k = 0; k < sizeof of_tlsa / sizeof *of_tlsa; k++)
            ww_check_made(report, of_tlsa[k]);
    switch (host->state) {
    case WW_DANE_BOGUS:
        judge_bogus(sight, i, report);
        break;
    case WW_DANE_LOOKUP_FAILED:
        judge_failed(host, report);
        break;
    case WW_DANE_INSECURE:
        judge_unsigned(sight, i, others, report);
        break;
    case WW_DANE_NONE:
        if (!others)
            ww_check_found(report, WW_CHECK_DANE_TLSA_MISSING, host->name,
                           "there is no record at _25._tcp.%s", host->name);
        break;
    case WW_DANE_SECURE_USABLE:
    case WW_DANE_SECURE_UNUSABLE:
        ww_judge_tlsa(sight, i, report);
        break;
    }
}

static bool has_records(const struct ww_dane_host *host)
{
    return host->state == WW_DANE_SECURE_USABLE || host->state == WW_DANE_SECURE_UNUSABLE;
}

/* How many hosts have records; and those that are known to have none. */
static size_t count_with(const struct ww_dane_survey *s, size_t *without)
{
    size_t with = 0;
    *without = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct ww_dane_host *host = &s->hosts[i];
        with += has_records(host);
        *without += !host->no_address && (host->state == WW_DANE_NONE || host->state == WW_DANE_INSECURE);
    }
    return with;
}

/* Without DNSSEC of its own there is no DANE for the domain, so that its hosts need not be alike. */
static void judge_alike(const struct ww_sight *sight, size_t with, size_t without,
                        struct ww_check_report *report)
{
    const struct ww_dane_survey *s = &sight->survey;
    ww_check_made(report, WW_CHECK_DANE_INCONSISTENT);
    for (size_t i = 0; with > 0 && without > 0 && i < s->count; i++) {
        const struct ww_dane_host *host = &s->hosts[i];
        if (!host->no_address &&
            (host->state == WW_DANE_NONE || (host->state == WW_DANE_INSECURE && sight->tlsa[i].count == 0)))
            ww_check_found(report, WW_CHECK_DANE_INCONSISTENT, host->name,
                           "no TLSA records here; %zu of %zu MX hosts have some", with, s->count);
    }
}

/* What a zone file says of its own hosts; whether it will be signed it does not say. */
static void judge_offline(const struct ww_sight *sight, struct ww_check_report *report)
{
    for (size_t i = 0; sight->surveyed && i < sight->survey.count; i++)
        if (has_records(&sight->survey.hosts[i]))
            ww_judge_tlsa(sight, i, report);
    none_tested(report, "without network");
}

void ww_judge_dane(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_dane_survey *s = &sight->survey;
    size_t without;
    if (sight->offline) {
        judge_offline(sight, report);
        return;
    }
    if (!sight->surveyed) {
        none_tested(report, "the MX records were not looked up in time");
        return;
    }
    if (s->outcome == WW_MX_FAILED && s->why != WW_E_DNS_BOGUS) {
        none_tested(report, "the MX records could not be looked up");
        return;
    }
    if (!s->validating) {
        none_tested(report, "DNSSEC does not get through to this machine");
        return;
    }
    if (s->outcome == WW_MX_NO_DOMAIN)
        return;
    judge_domain(sight, report);
    size_t with = count_with(s, &without);
    bool secure = s->mx_dnssec == WW_DNSSEC_SECURE;
    for (size_t i = 0; i < s->count; i++)
        judge_host(sight, i, secure && with > 0, report);
    if (secure && s->count > 0)
        judge_alike(sight, with, without, report);
}
