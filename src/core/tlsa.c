#include "core/tlsa.h"

#include "base/cursor.h"

#define DER_SEQUENCE 0x30
#define DER_LONG 0x80u

enum ww_err ww_tlsa_parse(const char *p, size_t n, struct ww_tlsa *out)
{
    struct ww_cursor c = ww_cursor(p, n);
    out->usage = ww_cursor_u8(&c);
    out->selector = ww_cursor_u8(&c);
    out->matching = ww_cursor_u8(&c);
    out->data = ww_cursor_take(&c, ww_cursor_left(&c));
    return c.failed ? WW_E_TLSA_SHORT : WW_OK;
}

/* A certificate and a SubjectPublicKeyInfo are both one SEQUENCE; what is inside is OpenSSL's to read. */
static bool is_der_sequence(struct ww_slice data)
{
    struct ww_cursor c = ww_cursor(data.p, data.n);
    bool sequence = ww_cursor_u8(&c) == DER_SEQUENCE;
    size_t length = ww_cursor_u8(&c);
    if (length >= DER_LONG) {
        size_t octets = length - DER_LONG;
        if (octets == 0 || octets > 2) /* indefinite; or more than RDATA holds */
            return false;
        length = octets == 1 ? ww_cursor_u8(&c) : ww_cursor_u16(&c);
    }
    return sequence && !c.failed && length > 0 && length == ww_cursor_left(&c);
}

static bool is_data_of(uint8_t matching, struct ww_slice data)
{
    switch (matching) {
    case WW_TLSA_SHA256:
        return data.n == 32;
    case WW_TLSA_SHA512:
        return data.n == 64;
    default:
        return is_der_sequence(data);
    }
}

enum ww_err ww_tlsa_check(const struct ww_tlsa *tlsa)
{
    if (tlsa->usage == WW_TLSA_PKIX_TA || tlsa->usage == WW_TLSA_PKIX_EE)
        return WW_E_TLSA_PKIX;
    if (tlsa->usage > WW_TLSA_DANE_EE)
        return WW_E_TLSA_USAGE;
    if (tlsa->selector > WW_TLSA_SELECTOR_SPKI)
        return WW_E_TLSA_SELECTOR;
    if (tlsa->matching > WW_TLSA_SHA512)
        return WW_E_TLSA_MATCHING;
    return is_data_of(tlsa->matching, tlsa->data) ? WW_OK : WW_E_TLSA_DATA;
}

enum ww_dane_state ww_dane_classify(const struct ww_dns_answer *answer, bool secure)
{
    struct ww_dns_answer walk = *answer;
    struct ww_dns_rr rr;
    struct ww_tlsa tlsa;
    if (answer->rcode != WW_DNS_NOERROR && answer->rcode != WW_DNS_NXDOMAIN)
        return WW_DANE_LOOKUP_FAILED;
    if (!secure)
        return WW_DANE_INSECURE;
    while (ww_dns_answer_next(&walk, &rr)) {
        if (ww_tlsa_parse(rr.rdata.p, rr.rdata.n, &tlsa) == WW_OK && ww_tlsa_check(&tlsa) == WW_OK)
            return WW_DANE_SECURE_USABLE;
    }
    return answer->count > 0 ? WW_DANE_SECURE_UNUSABLE : WW_DANE_NONE;
}

const char *ww_dane_state_name(enum ww_dane_state state)
{
    static const char *const names[WW_DANE_STATES] = {
        [WW_DANE_NONE] = "none",
        [WW_DANE_INSECURE] = "insecure",
        [WW_DANE_SECURE_USABLE] = "secure-usable",
        [WW_DANE_SECURE_UNUSABLE] = "secure-unusable",
        [WW_DANE_BOGUS] = "bogus",
        [WW_DANE_LOOKUP_FAILED] = "lookup-failed",
    };
    return names[state];
}

enum ww_err ww_tlsa_usable(struct ww_slice packet, const char *name, struct ww_tlsa *out, size_t max,
                           size_t *count)
{
    struct ww_dns_answer answer;
    struct ww_dns_rr rr;
    *count = 0;
    enum ww_err err = ww_dns_answer_open(&answer, packet.p, packet.n, name, WW_DNS_TYPE_TLSA);
    while (err == WW_OK && *count < max && ww_dns_answer_next(&answer, &rr))
        if (ww_tlsa_parse(rr.rdata.p, rr.rdata.n, &out[*count]) == WW_OK &&
            ww_tlsa_check(&out[*count]) == WW_OK)
            (*count)++;
    return err;
}
