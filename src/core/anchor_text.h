/*
 * Trust anchors in text: DS and DNSKEY records as zone files have them (RFC 1035 section 5.1, RFC 4034
 * sections 2.2 and 5.3), which is what unbound, dig and Debian's dns-root-data write.
 */
#ifndef WW_CORE_ANCHOR_TEXT_H
#define WW_CORE_ANCHOR_TEXT_H

#include "core/dnskey.h"

/* Longest text that is read; no root has nearly as many keys. */
#define WW_ANCHOR_TEXT_MAX ((size_t)64 * 1024)

#define WW_ANCHOR_OWNER_SIZE 256

struct ww_anchor {
    char owner[WW_ANCHOR_OWNER_SIZE]; /* as it is written; "." is the root */
    bool is_key;                      /* DNSKEY, else DS */
    uint16_t tag;
    uint8_t algorithm;
    uint8_t digest_type; /* of a DS */
    size_t n;            /* octets of data */
    /* The RDATA: of a DS its digest begins at WW_ANCHOR_DS_HEAD. */
    char data[WW_DNSKEY_RDATA_MAX];
};

#define WW_ANCHOR_DS_HEAD 4

/* Where reading stands; all zero but for the text is the start. */
struct ww_anchor_text {
    struct ww_slice text;
    size_t at;
    unsigned line; /* the one read last, counted from 1 */
};

/*
 * The next DS or DNSKEY record; records of other types and the directive $TTL are passed over. *found is
 * false at the end. WW_E_ANCHOR_SYNTAX at the line t->line. A DNSKEY is to be a zone key of protocol 3, and
 * no revoked one.
 */
WW_MUST_CHECK enum ww_err ww_anchor_text_next(struct ww_anchor_text *t, struct ww_anchor *out, bool *found);

/* Writes it as one line without its end, in a form that libunbound takes. */
#define WW_ANCHOR_LINE_MAX (WW_ANCHOR_OWNER_SIZE + 32 + 2 * WW_DNSKEY_RDATA_MAX)
void ww_anchor_put(struct ww_buf *b, const struct ww_anchor *anchor);

bool ww_anchor_is_root(const struct ww_anchor *anchor);

#endif
