#include "check/judge_tlsa.h"

#include "check/outlook.h"

#include <stdio.h>
#include <string.h>

#define RECORD_SIZE 64
#define RECORDS_SIZE 360

/* Of its data the beginning: it is to be found again, not to be copied. */
static void put_record(struct ww_buf *b, unsigned usage, unsigned selector, unsigned matching,
                       const uint8_t *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    size_t shown = size < 8 ? size : 8;
    ww_buf_decimal(b, usage);
    ww_buf_char(b, ' ');
    ww_buf_decimal(b, selector);
    ww_buf_char(b, ' ');
    ww_buf_decimal(b, matching);
    ww_buf_char(b, ' ');
    for (size_t i = 0; i < shown; i++) {
        ww_buf_char(b, digits[data[i] >> 4]);
        ww_buf_char(b, digits[data[i] & 15]);
    }
    ww_buf_str(b, size > shown ? "..." : "");
}

static const char *fit_text(char room[RECORD_SIZE], const struct ww_mx_probe_fit *fit)
{
    struct ww_buf b = ww_buf(room, RECORD_SIZE - 1);
    put_record(&b, fit->usage, fit->selector, fit->matching, fit->data, fit->size);
    room[b.n] = '\0';
    return room;
}

static void judge_record(const struct ww_dane_host *host, const struct ww_dane_record *r,
                         struct ww_check_report *report)
{
    char text[RECORD_SIZE];
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    put_record(&b, r->usage, r->selector, r->matching, r->data, r->size);
    text[b.n] = '\0';
    if (r->unusable != WW_OK)
        ww_check_found(report, r->unusable == WW_E_TLSA_PKIX ? WW_CHECK_DANE_USAGE : WW_CHECK_DANE_RECORD,
                       host->name, "%s: %s", text, ww_err_message(r->unusable));
}

static void judge_none_usable(const struct ww_dane_host *host, struct ww_check_report *report)
{
    const struct ww_dane_record *first = &host->records[0];
    char text[RECORD_SIZE];
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    put_record(&b, first->usage, first->selector, first->matching, first->data, first->size);
    text[b.n] = '\0';
    ww_check_found(report, WW_CHECK_DANE_NONE_USABLE, host->name, "%zu records, the first of them %s: %s",
                   host->record_count, text, ww_err_message(first->unusable));
}

/* Records of the usage and the selector that can be used, by digest. */
static size_t count_of(const struct ww_dane_host *host, const struct ww_dane_record *like, uint8_t matching)
{
    size_t n = 0;
    for (size_t i = 0; i < host->record_count; i++) {
        const struct ww_dane_record *r = &host->records[i];
        n += r->unusable == WW_OK && r->usage == like->usage && r->selector == like->selector &&
             r->matching == matching;
    }
    return n;
}

/* Not where the list was cut. */
static void judge_digests(const struct ww_dane_host *host, struct ww_check_report *report)
{
    if (host->record_count == WW_DANE_RECORDS_MAX)
        return;
    for (size_t i = 0; i < host->record_count; i++) {
        const struct ww_dane_record *r = &host->records[i];
        size_t sha256 = count_of(host, r, WW_TLSA_SHA256), sha512 = count_of(host, r, WW_TLSA_SHA512);
        if (r->unusable != WW_OK || sha256 == 0 || sha512 == 0 || sha256 == sha512)
            continue;
        ww_check_found(report, WW_CHECK_DANE_DIGESTS, host->name,
                       "of %u %u: %zu with SHA-256, %zu with SHA-512, of which senders take the latter alone",
                       r->usage, r->selector, sha256, sha512);
    }
}

static void judge_records(const struct ww_dane_host *host, struct ww_check_report *report)
{
    ww_check_made(report, WW_CHECK_DANE_USAGE);
    ww_check_made(report, WW_CHECK_DANE_RECORD);
    ww_check_made(report, WW_CHECK_DANE_NONE_USABLE);
    ww_check_made(report, WW_CHECK_DANE_DIGESTS);
    if (host->state == WW_DANE_SECURE_UNUSABLE) {
        judge_none_usable(host, report);
        return;
    }
    for (size_t i = 0; i < host->record_count; i++)
        judge_record(host, &host->records[i], report);
}

static bool is_seen(const struct ww_mx_probe_result *r)
{
    return r->err == WW_OK && r->handshake && r->has_certificate;
}

static bool is_same(const struct ww_mx_probe_fit *a, const struct ww_mx_probe_fit *b)
{
    return a->usage == b->usage && a->selector == b->selector && a->matching == b->matching &&
           a->size == b->size && memcmp(a->data, b->data, sizeof a->data) == 0;
}

/* Why none matches, beyond that none does. */
static const char *hint(const struct ww_mx_probe_result *r)
{
    for (size_t i = 0; i < r->fit_count; i++) {
        const struct ww_mx_probe_fit *fit = &r->fits[i];
        for (size_t k = 0; fit->fits && k < r->fit_count; k++)
            if (r->fits[k].usage == fit->usage && r->fits[k].selector == fit->selector &&
                r->fits[k].matching > fit->matching && fit->matching != WW_TLSA_FULL)
                return "; one with a weaker digest would, but counts for nothing beside those with a "
                       "stronger one (RFC 7671 section 9)";
        if (fit->fits)
            return "; one names a certificate of the chain, but the chain does not hold below it";
    }
    return "";
}

static void put_records(char room[RECORDS_SIZE], const struct ww_mx_probe_result *r)
{
    struct ww_buf b = ww_buf(room, RECORDS_SIZE - 1);
    for (size_t i = 0; i < r->fit_count && b.n + RECORD_SIZE < RECORDS_SIZE; i++) {
        char text[RECORD_SIZE];
        ww_buf_str(&b, i > 0 ? ", " : "");
        ww_buf_str(&b, fit_text(text, &r->fits[i]));
    }
    room[b.n] = '\0';
}

static void judge_match(const struct ww_sight *sight, size_t index, const struct ww_mx_address_sight *a,
                        struct ww_check_report *report)
{
    const struct ww_judgement j = ww_outlook_judge(sight, index, &a->first);
    bool sts = ww_outlook_policy(sight) != NULL;
    char address[WW_ADDR_TEXT_SIZE], where[WW_CHECK_WHERE_SIZE], records[RECORDS_SIZE];
    ww_check_made(report, WW_CHECK_DANE_NO_MATCH);
    if (sts)
        ww_check_made(report, WW_CHECK_DANE_FAILS_STS_HOLDS);
    if (a->first.tlsa_match)
        return;
    ww_addr_format(&a->addr, address);
    (void)snprintf(where, sizeof where, "%s [%s]", sight->survey.hosts[index].name, address);
    put_records(records, &a->first);
    ww_check_found(
        report, sts && j.sts == WW_RULE_STS_HOLDS ? WW_CHECK_DANE_FAILS_STS_HOLDS : WW_CHECK_DANE_NO_MATCH,
        where, "a certificate from %s, to which none of the records fits: %s%s",
        a->first.issuer[0] != '\0' ? a->first.issuer : "an unnamed issuer", records, hint(&a->first));
}

/* Two addresses may serve two certificates: what fits at one of them is in use. */
static bool fits_anywhere(const struct ww_mx_sight *mx, const struct ww_mx_probe_fit *fit)
{
    for (size_t i = 0; i < mx->count; i++) {
        const struct ww_mx_probe_result *r = &mx->addresses[i].first;
        for (size_t k = 0; is_seen(r) && k < r->fit_count; k++)
            if (r->fits[k].fits && is_same(&r->fits[k], fit))
                return true;
    }
    return false;
}

struct pins {
    size_t key, authority;             /* records that fit */
    size_t next_key, other_authority;  /* that do not */
    const struct ww_mx_probe_fit *odd; /* one of other_authority */
};

static struct pins count_pins(const struct ww_mx_sight *mx, const struct ww_mx_probe_result *r)
{
    struct pins pins = {.key = 0};
    for (size_t i = 0; i < r->fit_count; i++) {
        const struct ww_mx_probe_fit *fit = &r->fits[i];
        bool fits = fits_anywhere(mx, fit);
        if (fit->usage == WW_TLSA_DANE_EE)
            *(fits ? &pins.key : &pins.next_key) += 1;
        else
            *(fits ? &pins.authority : &pins.other_authority) += 1;
        if (fit->usage == WW_TLSA_DANE_TA && !fits)
            pins.odd = fit;
    }
    return pins;
}

/*
 * RFC 7671 section 8: the next key is published before it is used, or an authority stands in. One that is not
 * in the chain stands in beside another that is, as that one's successor; beside the key alone it is stale.
 */
static void judge_pins(const struct ww_sight *sight, size_t index, const struct ww_mx_probe_result *r,
                       struct ww_check_report *report)
{
    const char *host = sight->survey.hosts[index].name;
    struct pins pins = count_pins(sight->mx[index], r);
    char text[RECORDS_SIZE];
    ww_check_made(report, WW_CHECK_DANE_NO_ROLLOVER);
    ww_check_made(report, WW_CHECK_DANE_STALE_PIN);
    if (pins.odd != NULL && pins.key > 0 && pins.authority == 0) {
        ww_check_found(report, WW_CHECK_DANE_STALE_PIN, host,
                       "%s fits nothing in the chain served, whose certificate is from %s",
                       fit_text(text, pins.odd), r->issuer[0] != '\0' ? r->issuer : "an unnamed issuer");
    } else if (pins.next_key == 0 && pins.other_authority == 0 && !(pins.key > 0 && pins.authority > 0)) {
        put_records(text, r);
        ww_check_found(report, WW_CHECK_DANE_NO_ROLLOVER, host, "%s: %s",
                       r->fit_count == 1 ? "there is one record alone" : "all records fit what is served now",
                       text);
    }
}

static void judge_chains(const struct ww_sight *sight, size_t index, struct ww_check_report *report)
{
    static const enum ww_check checks[] = {WW_CHECK_DANE_NO_MATCH, WW_CHECK_DANE_FAILS_STS_HOLDS,
                                           WW_CHECK_DANE_NO_ROLLOVER, WW_CHECK_DANE_STALE_PIN};
    const struct ww_mx_sight *mx = sight->mx[index];
    const struct ww_mx_probe_result *matching = NULL;
    bool seen = false;
    for (size_t i = 0; mx != NULL && i < mx->count; i++) {
        if (!is_seen(&mx->addresses[i].first))
            continue;
        seen = true;
        judge_match(sight, index, &mx->addresses[i], report);
        if (matching == NULL && mx->addresses[i].first.tlsa_match)
            matching = &mx->addresses[i].first;
    }
    if (matching != NULL)
        judge_pins(sight, index, matching, report);
    for (size_t i = 0; !seen && i < sizeof checks / sizeof *checks; i++)
        ww_check_not_tested(report, checks[i],
                            sight->offline ? "without network"
                                           : "no certificate was seen of an MX host with TLSA records");
}

/* A key whose record does not count is no match either: one finding. */
static bool is_matched(const struct ww_mx_sight *mx)
{
    bool matched = true;
    for (size_t i = 0; mx != NULL && i < mx->count; i++)
        matched = matched && (!is_seen(&mx->addresses[i].first) || mx->addresses[i].first.tlsa_match);
    return matched;
}

void ww_judge_tlsa(const struct ww_sight *sight, size_t index, struct ww_check_report *report)
{
    const struct ww_dane_host *host = &sight->survey.hosts[index];
    judge_records(host, report);
    if (host->state == WW_DANE_SECURE_UNUSABLE)
        return;
    if (is_matched(sight->mx[index]))
        judge_digests(host, report);
    judge_chains(sight, index, report);
}
