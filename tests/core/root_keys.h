/* Answers with the root's keys and signatures, put together by hand. */
#ifndef WW_TESTS_CORE_ROOT_KEYS_H
#define WW_TESTS_CORE_ROOT_KEYS_H

#include "base/buf.h"
#include "core/dns_answer.h"

/* The header and the question (root, DNSKEY). */
static inline void root_keys_begin(struct ww_buf *b, uint16_t records)
{
    const uint16_t header[] = {0, 0x8400, 1, records, 0, 0};
    for (size_t i = 0; i < sizeof header / sizeof *header; i++)
        ww_buf_u16(b, header[i]);
    ww_buf_u8(b, 0);
    ww_buf_u16(b, WW_DNS_TYPE_DNSKEY);
    ww_buf_u16(b, WW_DNS_CLASS_IN);
}

static inline void root_keys_record(struct ww_buf *b, uint16_t type, uint32_t ttl, struct ww_slice rdata)
{
    ww_buf_u8(b, 0);
    ww_buf_u16(b, type);
    ww_buf_u16(b, WW_DNS_CLASS_IN);
    ww_buf_u32(b, ttl);
    ww_buf_u16(b, (uint16_t)rdata.n);
    ww_buf_slice(b, rdata);
}

/* RDATA of a DNSKEY, into room that the caller has. */
static inline struct ww_slice root_keys_dnskey(char *room, size_t size, uint16_t flags, uint8_t protocol,
                                               uint8_t algorithm, struct ww_slice key)
{
    struct ww_buf b = ww_buf(room, size);
    ww_buf_u16(&b, flags);
    ww_buf_u8(&b, protocol);
    ww_buf_u8(&b, algorithm);
    ww_buf_slice(&b, key);
    return ww_slice(b.p, b.n);
}

struct root_keys_sig {
    uint16_t covered;
    uint8_t algorithm, labels;
    uint32_t ttl, expiration, inception;
    uint16_t tag;
};

/* RDATA of an RRSIG by the root. */
static inline struct ww_slice root_keys_rrsig(char *room, size_t size, const struct root_keys_sig *s,
                                              struct ww_slice signature)
{
    struct ww_buf b = ww_buf(room, size);
    ww_buf_u16(&b, s->covered);
    ww_buf_u8(&b, s->algorithm);
    ww_buf_u8(&b, s->labels);
    ww_buf_u32(&b, s->ttl);
    ww_buf_u32(&b, s->expiration);
    ww_buf_u32(&b, s->inception);
    ww_buf_u16(&b, s->tag);
    ww_buf_u8(&b, 0);
    ww_buf_slice(&b, signature);
    return ww_slice(b.p, b.n);
}

#endif
