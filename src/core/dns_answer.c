#include "core/dns_answer.h"

#include "base/ascii.h"
#include "base/buf.h"

#define HEADER_SIZE 12

#define FLAG_RESPONSE 0x8000u
#define FLAG_AUTHORITATIVE 0x0400u
#define FLAG_CUT 0x0200u
#define MASK_OPCODE 0x7800u
#define MASK_RCODE 0x000fu

#define NAME_WIRE_MAX 255
#define POINTER 0xc0u
#define ALIASES_MAX 16

#define OWNER_SIZE WW_DNS_NAME_TEXT_SIZE

struct rr {
    char owner[OWNER_SIZE];
    uint16_t type;
    uint16_t class;
    uint32_t ttl;
    struct ww_slice rdata;
    size_t rdata_at;
};

static struct ww_cursor cursor_at(struct ww_slice packet, size_t at)
{
    return ww_cursor(packet.p + at, packet.n - at);
}

static size_t position(const struct ww_dns_answer *a, const struct ww_cursor *c)
{
    return (size_t)((const char *)c->p - a->packet.p);
}

/* Lower case, and everything that could be taken for something else escaped (RFC 1035 section 5.1). */
static void put_label(struct ww_buf *text, struct ww_slice label)
{
    if (text->n > 0)
        ww_buf_char(text, '.');
    for (size_t i = 0; i < label.n; i++) {
        char c = label.p[i];
        unsigned v = (unsigned char)c;
        if (ww_is_vchar(c) && c != '.' && c != '\\') {
            ww_buf_char(text, ww_lower(c));
            continue;
        }
        ww_buf_char(text, '\\');
        if (c != '.' && c != '\\') {
            ww_buf_char(text, (char)('0' + v / 100));
            ww_buf_char(text, (char)('0' + v / 10 % 10));
            c = (char)('0' + v % 10);
        }
        ww_buf_char(text, c);
    }
}

/*
 * Reads a name at the cursor, which is left behind it. A pointer has to lead further to the front than
 * anything read of this name so far: so it ends, whatever the packet says.
 */
static void read_name(struct ww_slice packet, struct ww_cursor *c, char out[OWNER_SIZE])
{
    struct ww_buf text = ww_buf(out, OWNER_SIZE - 1);
    struct ww_cursor part = *c;
    size_t start = (size_t)((const char *)c->p - packet.p);
    size_t wire = 0;
    bool jumped = false;
    for (;;) {
        unsigned length = ww_cursor_u8(&part);
        if (length >= POINTER) {
            size_t target = (length & ~POINTER) << 8 | ww_cursor_u8(&part);
            if (!jumped)
                *c = part;
            jumped = true;
            if (part.failed || target >= start)
                break;
            start = target;
            part = cursor_at(packet, target);
            continue;
        }
        struct ww_slice label = ww_cursor_take(&part, length);
        wire += length + 1;
        if (part.failed || length > WW_DNAME_LABEL_MAX || wire > NAME_WIRE_MAX)
            break;
        if (length == 0) {
            if (!jumped)
                *c = part;
            out[text.n] = '\0';
            return;
        }
        put_label(&text, label);
    }
    out[0] = '\0';
    c->failed = true;
}

static void read_rr(const struct ww_dns_answer *a, struct ww_cursor *c, struct rr *rr)
{
    read_name(a->packet, c, rr->owner);
    rr->type = ww_cursor_u16(c);
    rr->class = ww_cursor_u16(c);
    rr->ttl = ww_cursor_u32(c);
    if (rr->ttl > INT32_MAX)
        rr->ttl = 0; /* RFC 2181 section 8 */
    size_t n = ww_cursor_u16(c);
    rr->rdata_at = position(a, c);
    rr->rdata = ww_cursor_take(c, n);
}

static bool is_about(const struct ww_dns_answer *a, const struct rr *rr, uint16_t type)
{
    return rr->class == WW_DNS_CLASS_IN && rr->type == type && strcmp(rr->owner, a->owner) == 0;
}

static void lower_ttl(uint32_t *ttl, uint32_t than)
{
    if (than < *ttl)
        *ttl = than;
}

static void note_ttl(struct ww_dns_answer *a, uint32_t ttl)
{
    lower_ttl(&a->ttl, ttl);
    if (ttl != UINT32_MAX && ttl > a->longest_ttl)
        a->longest_ttl = ttl;
}

static enum ww_err check_header(struct ww_dns_answer *a, struct ww_cursor *c, const char *qname,
                                size_t *records)
{
    (void)ww_cursor_u16(c); /* id: the matter of whoever asked */
    unsigned flags = ww_cursor_u16(c);
    unsigned questions = ww_cursor_u16(c);
    records[0] = ww_cursor_u16(c);
    records[1] = ww_cursor_u16(c);
    (void)ww_cursor_u16(c); /* additional records: not looked at */
    if (c->failed || (flags & (FLAG_RESPONSE | MASK_OPCODE)) != FLAG_RESPONSE || questions != 1)
        return WW_E_DNS_MALFORMED;
    if ((flags & FLAG_CUT) != 0)
        return WW_E_DNS_CUT;
    a->rcode = flags & MASK_RCODE;
    a->authoritative = (flags & FLAG_AUTHORITATIVE) != 0;
    read_name(a->packet, c, a->owner);
    uint16_t type = ww_cursor_u16(c);
    uint16_t class = ww_cursor_u16(c);
    if (c->failed)
        return WW_E_DNS_MALFORMED;
    bool same = ww_dname_eq(ww_slice_str(a->owner), ww_slice_str(qname));
    return same && type == a->type && class == WW_DNS_CLASS_IN ? WW_OK : WW_E_DNS_MISMATCH;
}

/*
 * One pass over the answer section for the present owner: counts its records and lowers the TTL; *alias says
 * whether it is an alias instead, of the name in `target`. The cursor is left behind the section.
 */
static enum ww_err count_owner(struct ww_dns_answer *a, struct ww_cursor *c, bool *alias,
                               char target[OWNER_SIZE])
{
    struct rr rr;
    uint32_t ttl = UINT32_MAX;
    uint32_t alias_ttl = UINT32_MAX;
    *alias = false;
    for (size_t i = 0; i < a->left; i++) {
        read_rr(a, c, &rr);
        if (c->failed)
            return WW_E_DNS_MALFORMED;
        if (is_about(a, &rr, a->type)) {
            a->count++;
            lower_ttl(&ttl, rr.ttl);
        } else if (is_about(a, &rr, WW_DNS_TYPE_CNAME)) {
            const struct ww_dns_rr found = {rr.rdata, rr.rdata_at, rr.ttl};
            if (ww_dns_rr_name(a, &found, 0, target) != WW_OK)
                return WW_E_DNS_MALFORMED;
            *alias = true;
            lower_ttl(&alias_ttl, rr.ttl);
        }
    }
    *alias = *alias && a->count == 0;
    note_ttl(a, *alias ? alias_ttl : ttl);
    return WW_OK;
}

static enum ww_err follow_aliases(struct ww_dns_answer *a, struct ww_cursor *behind)
{
    char target[OWNER_SIZE];
    bool alias = true;
    for (unsigned aliases = 0; alias; aliases++) {
        if (aliases > ALIASES_MAX)
            return WW_E_DNS_ALIASES;
        *behind = cursor_at(a->packet, a->at);
        enum ww_err err = count_owner(a, behind, &alias, target);
        if (err != WW_OK)
            return err;
        if (alias)
            memcpy(a->owner, target, strlen(target) + 1);
    }
    return WW_OK;
}

/* RFC 2308 section 5: the smaller of the SOA's own TTL and its last field; without a SOA it is not to be
 * kept. */
static enum ww_err negative_ttl(struct ww_dns_answer *a, struct ww_cursor *c, size_t records)
{
    char name[OWNER_SIZE];
    struct rr rr;
    for (size_t i = 0; i < records; i++) {
        read_rr(a, c, &rr);
        if (c->failed)
            return WW_E_DNS_MALFORMED;
        if (rr.type != WW_DNS_TYPE_SOA || rr.class != WW_DNS_CLASS_IN)
            continue;
        struct ww_cursor soa = cursor_at(a->packet, rr.rdata_at);
        read_name(a->packet, &soa, name);
        read_name(a->packet, &soa, name);
        (void)ww_cursor_take(&soa, 16); /* serial, refresh, retry, expire */
        uint32_t minimum = ww_cursor_u32(&soa);
        if (soa.failed || position(a, &soa) != rr.rdata_at + rr.rdata.n)
            return WW_E_DNS_MALFORMED;
        lower_ttl(&a->ttl, rr.ttl);
        lower_ttl(&a->ttl, minimum);
        return WW_OK;
    }
    a->ttl = 0;
    return WW_OK;
}

enum ww_err ww_dns_answer_open(struct ww_dns_answer *a, const void *packet, size_t n, const char *qname,
                               uint16_t type)
{
    memset(a, 0, sizeof *a);
    if (n < HEADER_SIZE)
        return WW_E_DNS_MALFORMED;
    a->packet = ww_slice(packet, n);
    a->type = type;
    size_t records[2] = {0, 0};
    struct ww_cursor c = cursor_at(a->packet, 0);
    enum ww_err err = check_header(a, &c, qname, records);
    if (err != WW_OK || (a->rcode != WW_DNS_NOERROR && a->rcode != WW_DNS_NXDOMAIN))
        return err;
    a->ttl = UINT32_MAX;
    a->at = a->start = position(a, &c);
    a->left = a->records = records[0];
    a->authority = records[1];
    err = follow_aliases(a, &c);
    if (err == WW_OK && a->count == 0)
        err = negative_ttl(a, &c, records[1]);
    if (err != WW_OK)
        a->left = a->records = a->authority = a->count = 0;
    return err;
}

void ww_dns_answer_again(struct ww_dns_answer *a, uint16_t type)
{
    a->type = type;
    a->at = a->start;
    a->left = a->records;
}

bool ww_dns_answer_next(struct ww_dns_answer *a, struct ww_dns_rr *rr)
{
    struct rr found;
    while (a->left > 0) {
        struct ww_cursor c = cursor_at(a->packet, a->at);
        read_rr(a, &c, &found);
        a->at = position(a, &c);
        a->left--;
        if (is_about(a, &found, a->type)) {
            rr->rdata = found.rdata;
            rr->rdata_at = found.rdata_at;
            rr->ttl = found.ttl;
            return true;
        }
    }
    return false;
}

bool ww_dns_answer_alias(const struct ww_dns_answer *a, const char *owner, char out[WW_DNS_NAME_TEXT_SIZE])
{
    struct ww_cursor c = cursor_at(a->packet, a->start);
    struct rr rr;
    for (size_t i = 0; i < a->records; i++) {
        read_rr(a, &c, &rr);
        if (c.failed)
            return false;
        const struct ww_dns_rr found = {rr.rdata, rr.rdata_at, rr.ttl};
        if (rr.class == WW_DNS_CLASS_IN && rr.type == WW_DNS_TYPE_CNAME && strcmp(rr.owner, owner) == 0)
            return ww_dns_rr_name(a, &found, 0, out) == WW_OK;
    }
    return false;
}

bool ww_dns_answer_zone(const struct ww_dns_answer *a, char out[WW_DNS_NAME_TEXT_SIZE])
{
    struct ww_cursor c = cursor_at(a->packet, a->start);
    struct rr rr;
    for (size_t i = 0; i < a->records + a->authority; i++) {
        read_rr(a, &c, &rr);
        if (c.failed)
            return false;
        if (rr.class == WW_DNS_CLASS_IN && rr.type == WW_DNS_TYPE_SOA) {
            memcpy(out, rr.owner, strlen(rr.owner) + 1);
            return true;
        }
    }
    return false;
}

enum ww_err ww_dns_rr_name(const struct ww_dns_answer *a, const struct ww_dns_rr *rr, size_t skip,
                           char out[WW_DNS_NAME_TEXT_SIZE])
{
    out[0] = '\0';
    if (skip >= rr->rdata.n)
        return WW_E_DNS_MALFORMED;
    struct ww_cursor c = cursor_at(a->packet, rr->rdata_at + skip);
    read_name(a->packet, &c, out);
    return c.failed || position(a, &c) != rr->rdata_at + rr->rdata.n ? WW_E_DNS_MALFORMED : WW_OK;
}

enum ww_err ww_dns_txt_join(struct ww_slice rdata, char *out, size_t cap, size_t *n)
{
    struct ww_cursor c = ww_cursor(rdata.p, rdata.n);
    struct ww_buf b = ww_buf(out, cap);
    *n = 0;
    do
        ww_buf_slice(&b, ww_cursor_take(&c, ww_cursor_u8(&c)));
    while (ww_cursor_left(&c) > 0);
    if (c.failed)
        return WW_E_DNS_MALFORMED;
    *n = b.n;
    return b.failed ? WW_E_TOO_LONG : WW_OK;
}
