#include "core/dnskey.h"

#include "core/dns_answer.h"

#define PROTOCOL 3
#define KEY_HEAD 4
#define SIG_HEAD 18 /* the signer's name comes behind it */

uint16_t ww_dnskey_tag(struct ww_slice rdata)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < rdata.n; i++)
        sum += (i & 1) != 0 ? (uint8_t)rdata.p[i] : (uint32_t)(uint8_t)rdata.p[i] << 8;
    return (uint16_t)(sum + (sum >> 16));
}

static enum ww_err read_key(struct ww_slice rdata, struct ww_dnskey *key)
{
    struct ww_cursor c = ww_cursor(rdata.p, rdata.n);
    key->flags = ww_cursor_u16(&c);
    bool of_dnssec = ww_cursor_u8(&c) == PROTOCOL && (key->flags & WW_DNSKEY_ZONE) != 0;
    uint8_t algorithm = ww_cursor_u8(&c);
    key->algorithm = of_dnssec ? algorithm : 0;
    key->key = ww_cursor_take(&c, ww_cursor_left(&c));
    key->rdata = rdata;
    key->tag = ww_dnskey_tag(rdata);
    return c.failed || rdata.n > WW_DNSKEY_RDATA_MAX ? WW_E_DNSKEY_MALFORMED : WW_OK;
}

/* *ours: it is the root's, over its keys. */
static enum ww_err read_sig(struct ww_slice rdata, struct ww_rrsig *sig, bool *ours)
{
    struct ww_cursor c = ww_cursor(rdata.p, rdata.n);
    uint16_t covered = ww_cursor_u16(&c);
    sig->algorithm = ww_cursor_u8(&c);
    uint8_t labels = ww_cursor_u8(&c);
    sig->ttl = ww_cursor_u32(&c);
    sig->expiration = ww_cursor_u32(&c);
    sig->inception = ww_cursor_u32(&c);
    sig->tag = ww_cursor_u16(&c);
    uint8_t signer = ww_cursor_u8(&c);
    sig->signature = ww_cursor_take(&c, ww_cursor_left(&c));
    sig->head = ww_slice(rdata.p, SIG_HEAD + 1);
    *ours = covered == WW_DNS_TYPE_DNSKEY && labels == 0 && signer == 0;
    return c.failed ? WW_E_DNSKEY_MALFORMED : WW_OK;
}

static enum ww_err read_keys(struct ww_dnskey_set *set, struct ww_dns_answer *a)
{
    struct ww_dns_rr rr;
    while (ww_dns_answer_next(a, &rr)) {
        if (set->count == WW_DNSKEYS_MAX)
            return WW_E_DNSKEY_TOO_MANY;
        enum ww_err err = read_key(rr.rdata, &set->keys[set->count++]);
        if (err != WW_OK)
            return err;
    }
    return WW_OK;
}

static enum ww_err read_sigs(struct ww_dnskey_set *set, struct ww_dns_answer *a)
{
    struct ww_dns_rr rr;
    bool ours = false;
    ww_dns_answer_again(a, WW_DNS_TYPE_RRSIG);
    while (ww_dns_answer_next(a, &rr)) {
        if (set->sig_count == WW_RRSIGS_MAX)
            return WW_E_DNSKEY_TOO_MANY;
        enum ww_err err = read_sig(rr.rdata, &set->sigs[set->sig_count], &ours);
        if (err != WW_OK)
            return err;
        set->sig_count += ours;
    }
    return WW_OK;
}

enum ww_err ww_dnskey_read(struct ww_dnskey_set *set, const void *packet, size_t n)
{
    struct ww_dns_answer a;
    memset(set, 0, sizeof *set);
    enum ww_err err = ww_dns_answer_open(&a, packet, n, ".", WW_DNS_TYPE_DNSKEY);
    /* An alias has led elsewhere: those are not the root's keys. */
    if (err == WW_OK && a.owner[0] != '\0')
        err = WW_E_DNS_MISMATCH;
    set->ttl = a.ttl;
    if (err == WW_OK)
        err = read_keys(set, &a);
    if (err == WW_OK)
        err = read_sigs(set, &a);
    if (err != WW_OK)
        set->count = set->sig_count = 0;
    return err;
}

bool ww_rrsig_in_time(const struct ww_rrsig *sig, int64_t now)
{
    uint32_t t = (uint32_t)now;
    return (int32_t)(t - sig->inception) >= 0 && (int32_t)(sig->expiration - t) >= 0;
}

static int compare(struct ww_slice a, struct ww_slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.p, b.p, n) : 0;
    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* Indices of the keys by their RDATA (section 6.3); of equal ones the first alone. */
static size_t sort(const struct ww_dnskey_set *set, size_t order[WW_DNSKEYS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < set->count; i++) {
        size_t at = n;
        int c = 1;
        while (at > 0 && (c = compare(set->keys[i].rdata, set->keys[order[at - 1]].rdata)) < 0)
            at--;
        if (at > 0 && c == 0)
            continue;
        memmove(order + at + 1, order + at, (n - at) * sizeof *order);
        order[at] = i;
        n++;
    }
    return n;
}

void ww_dnskey_put_signed(struct ww_buf *b, const struct ww_dnskey_set *set, const struct ww_rrsig *sig)
{
    size_t order[WW_DNSKEYS_MAX];
    size_t n = sort(set, order);
    ww_buf_slice(b, sig->head);
    for (size_t i = 0; i < n; i++) {
        struct ww_slice rdata = set->keys[order[i]].rdata;
        ww_buf_u8(b, 0); /* the root's name */
        ww_buf_u16(b, WW_DNS_TYPE_DNSKEY);
        ww_buf_u16(b, WW_DNS_CLASS_IN);
        ww_buf_u32(b, sig->ttl);
        ww_buf_u16(b, (uint16_t)rdata.n);
        ww_buf_slice(b, rdata);
    }
}

void ww_dnskey_put_digested(struct ww_buf *b, struct ww_slice rdata)
{
    struct ww_cursor c = ww_cursor(rdata.p, rdata.n);
    uint16_t flags = ww_cursor_u16(&c);
    ww_buf_u8(b, 0); /* the root's name */
    ww_buf_u16(b, (uint16_t)(flags & ~WW_DNSKEY_REVOKE));
    ww_buf_slice(b, ww_cursor_take(&c, ww_cursor_left(&c)));
}
