/*
 * The certificate of an MX host, for whom it has to be good. A sender that authenticates the host by DANE
 * looks at neither authorities nor names nor dates of its own accord (RFC 7672 section 3.1): there a fault of
 * those concerns nobody but senders that go by MTA-STS, and so it is found as such where a policy names the
 * host, be it in mode enforce or testing. Where none does, it comes to a remark that the certificate is good
 * for DANE alone. Where DANE does not authenticate the host, its certificate is all that there is, and is
 * judged in any case.
 */
#include "check/judge_mx.h"

#include "base/time.h"
#include "core/judge.h"
#include "core/mx_match.h"

#include <stdio.h>
#include <string.h>

#define SOON_DAYS 14
#define DAY ((int64_t)24 * 60 * 60)

static bool is_by_dane(const struct ww_mx_case *c, const struct ww_mx_probe_result *first)
{
    struct ww_slice room[WW_MX_PROBE_NAMES_MAX];
    const struct ww_dane_survey *survey = &c->sight->survey;
    const struct ww_dane_host *host = &survey->hosts[c->index];
    const char *base = ww_dane_host_base(host);
    const struct ww_delivery delivery = {
        .next_hop = ww_slice_str(survey->mx_dnssec == WW_DNSSEC_SECURE ? c->sight->domain : ""),
    };
    struct ww_seen_mx seen = ww_mx_probe_seen(first, host->name, host->state, room);
    if (base != NULL)
        seen.tlsa_base = ww_slice_str(base);
    enum ww_rule rule = ww_judge(&delivery, &seen).dane;
    return rule == WW_RULE_DANE_EE_HOLDS || rule == WW_RULE_DANE_TA_HOLDS;
}

static bool is_named(const struct ww_mx_case *c)
{
    const struct ww_policy *policy = &c->sight->policy;
    return c->sight->has_policy && policy->mode != WW_MODE_NONE &&
           ww_mx_match_policy(policy, ww_slice_str(c->mx->name));
}

static bool is_for_host(const struct ww_mx_case *c, const struct ww_mx_probe_result *first)
{
    for (size_t i = 0; i < first->name_count; i++)
        if (ww_san_match(ww_slice_str(first->names[i]), ww_slice_str(c->mx->name)))
            return true;
    return false;
}

enum ww_check ww_mx_cert_check(const struct ww_mx_probe_result *first)
{
    switch ((int)first->fault) {
    case WW_OK:
        return WW_CHECKS;
    case WW_E_HTTPS_CERT_EXPIRED:
        return WW_CHECK_MX_EXPIRED;
    case WW_E_HTTPS_CERT_EARLY:
        return WW_CHECK_MX_NOT_YET_VALID;
    case WW_E_HTTPS_CERT_SELF_SIGNED:
        return WW_CHECK_MX_SELF_SIGNED;
    case WW_E_HTTPS_CERT_CHAIN:
        return WW_CHECK_MX_INCOMPLETE_CHAIN;
    case WW_E_HTTPS_CERT:
        return first->make.for_servers ? WW_CHECK_MX_UNTRUSTED : WW_CHECKS;
    default:
        return WW_CHECK_MX_UNTRUSTED;
    }
}

/* What nobody vouches for says nothing by its names: who gets another certificate gets other names with it.
 */
static bool counts_by_name(const struct ww_mx_probe_result *first)
{
    enum ww_check check = ww_mx_cert_check(first);
    return check != WW_CHECK_MX_SELF_SIGNED && check != WW_CHECK_MX_UNTRUSTED;
}

static void put_names(const struct ww_mx_probe_result *first, char *out, size_t size)
{
    struct ww_buf b = ww_buf(out, size - 1);
    size_t shown = first->name_count < 4 ? first->name_count : 4;
    for (size_t i = 0; i < shown; i++) {
        ww_buf_str(&b, i > 0 ? ", " : "it is for ");
        ww_buf_str(&b, first->names[i]);
    }
    if (first->name_count > shown)
        ww_buf_str(&b, " and others");
    if (first->name_count == 0)
        ww_buf_str(&b, "it has no DNS name");
    if (first->name_count == 0 && first->common_name[0] != '\0') {
        ww_buf_str(&b, ", and its common name does not count: ");
        ww_buf_str(&b, first->common_name);
    }
    out[b.n] = '\0';
}

/* What PKIX has against it, if anything. */
static void judge_pkix(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    const struct ww_mx_probe_result *first = &a->first;
    enum ww_check check = ww_mx_cert_check(first);
    char names[512], date[WW_TIME_SIZE];
    if (!first->make.for_servers)
        ww_mx_gather(c->gather, WW_CHECK_MX_KEY_USAGE, &a->addr, "its key usage is not that of a TLS server");
    if (check != WW_CHECKS)
        ww_mx_gather(c->gather, check, &a->addr, "OpenSSL says: %s", first->detail);
    if (counts_by_name(first) && !is_for_host(c, first)) {
        put_names(first, names, sizeof names);
        ww_mx_gather(c->gather, WW_CHECK_MX_NAME_MISMATCH, &a->addr, "%s", names);
    }
    if (first->fault == WW_OK && first->not_after - c->sight->at < SOON_DAYS * DAY) {
        ww_time_format(first->not_after, date);
        ww_mx_gather(c->gather, WW_CHECK_MX_EXPIRES_SOON, &a->addr, "it expires on %s", date);
    }
    if (first->fault == WW_OK && a->revocation == WW_REVOCATION_REVOKED)
        ww_mx_gather(c->gather, WW_CHECK_MX_REVOKED, &a->addr, "so says %s%s",
                     first->stapled == WW_REVOCATION_REVOKED ? "what it staples" : "the list at ",
                     first->stapled == WW_REVOCATION_REVOKED ? "" : first->crl);
}

static bool has_pkix_fault(const struct ww_mx_case *c, const struct ww_mx_probe_result *first)
{
    return first->fault != WW_OK || !is_for_host(c, first);
}

static void remark_dane(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    char names[512];
    put_names(&a->first, names, sizeof names);
    if (has_pkix_fault(c, &a->first))
        ww_mx_gather(c->gather, WW_CHECK_MX_DANE_ONLY, &a->addr, "%s",
                     a->first.fault != WW_OK ? a->first.detail : names);
}

static void judge_make(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    const struct ww_tls_make *make = &a->first.make;
    if (make->weak_key)
        ww_mx_gather(c->gather, WW_CHECK_MX_WEAK_KEY, &a->addr, "%s with %u bits", make->key, make->key_bits);
    if (make->weak_signature)
        ww_mx_gather(c->gather, WW_CHECK_MX_WEAK_SIGNATURE, &a->addr, "%s", make->signature);
    else if (a->first.weak_link)
        ww_mx_gather(c->gather, WW_CHECK_MX_WEAK_SIGNATURE, &a->addr,
                     "a certificate between it and its authority has such a signature");
}

static void made(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    static const enum ww_check checks[] = {
        WW_CHECK_MX_SELF_SIGNED,    WW_CHECK_MX_UNTRUSTED,     WW_CHECK_MX_INCOMPLETE_CHAIN,
        WW_CHECK_MX_EXPIRED,        WW_CHECK_MX_NOT_YET_VALID, WW_CHECK_MX_NAME_MISMATCH,
        WW_CHECK_MX_KEY_USAGE,      WW_CHECK_MX_EXPIRES_SOON,  WW_CHECK_MX_WEAK_KEY,
        WW_CHECK_MX_WEAK_SIGNATURE, WW_CHECK_MX_DANE_ONLY,
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        ww_check_made(c->report, checks[i]);
    if (a->first.fault == WW_OK && a->revocation != WW_REVOCATION_UNKNOWN)
        ww_check_made(c->report, WW_CHECK_MX_REVOKED);
    else if (a->first.fault != WW_OK)
        ww_check_not_tested(c->report, WW_CHECK_MX_REVOKED,
                            "only what a trusted authority has signed can be "
                            "revoked");
    else if (a->list_err != WW_OK)
        ww_check_not_tested(c->report, WW_CHECK_MX_REVOKED,
                            "the list of what the authority has revoked could "
                            "not be fetched");
    else
        ww_check_not_tested(c->report, WW_CHECK_MX_REVOKED,
                            "nothing is stapled, and there is no list that "
                            "could be read");
}

void ww_judge_mx_certificate(const struct ww_mx_case *c, const struct ww_mx_address_sight *address)
{
    if (!address->first.has_certificate)
        return;
    made(c, address);
    judge_make(c, address);
    if (is_by_dane(c, &address->first) && !is_named(c))
        remark_dane(c, address);
    else
        judge_pkix(c, address);
}

/* Where one of them has a fault of its own, that is found at its address. */
void ww_judge_mx_certificates(const struct ww_mx_case *c)
{
    const struct ww_mx_address_sight *one = NULL, *other = NULL;
    char where[2][WW_ADDR_TEXT_SIZE];
    size_t shown = 0;
    bool faulty = false;
    for (size_t i = 0; i < c->mx->count; i++) {
        const struct ww_mx_address_sight *a = &c->mx->addresses[i];
        if (!a->looked || !a->first.handshake || !a->first.has_certificate)
            continue;
        shown++;
        faulty = faulty || has_pkix_fault(c, &a->first);
        one = one != NULL ? one : a;
        if (memcmp(one->first.fingerprint, a->first.fingerprint, sizeof a->first.fingerprint) != 0)
            other = a;
    }
    if (shown < 2)
        return;
    ww_check_made(c->report, WW_CHECK_MX_CERTIFICATES_DIFFER);
    if (other == NULL || faulty)
        return;
    const uint8_t *x = one->first.fingerprint, *y = other->first.fingerprint;
    ww_addr_format(&one->addr, where[0]);
    ww_addr_format(&other->addr, where[1]);
    ww_mx_gather(c->gather, WW_CHECK_MX_CERTIFICATES_DIFFER, NULL,
                 "%s shows one by %s with SHA-256 %02x%02x%02x%02x..., %s one by %s with %02x%02x%02x%02x...",
                 where[0], one->first.issuer, x[0], x[1], x[2], x[3], where[1], other->first.issuer, y[0],
                 y[1], y[2], y[3]);
}
