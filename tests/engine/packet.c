#include "packet.h"

#include "base/buf.h"

#include <assert.h>

#define TYPE_CNAME 5
#define TYPE_SOA 6
#define TYPE_TXT 16
#define STRING_MAX 255

static void put_name(struct ww_buf *b, const char *name)
{
    while (*name != '\0') {
        size_t n = strcspn(name, ".");
        ww_buf_u8(b, (uint8_t)n);
        ww_buf_bytes(b, name, n);
        name += n + (name[n] == '.');
    }
    ww_buf_u8(b, 0);
}

static void put_rr(struct ww_buf *b, const char *name, uint16_t type, uint32_t ttl, struct ww_slice rdata)
{
    put_name(b, name);
    ww_buf_u16(b, type);
    ww_buf_u16(b, 1);
    ww_buf_u32(b, ttl);
    ww_buf_u16(b, (uint16_t)rdata.n);
    ww_buf_slice(b, rdata);
}

static void put_txt(struct ww_buf *b, const char *name, uint32_t ttl, struct ww_slice text)
{
    static char rdata[PACKET_SIZE];
    struct ww_buf r = ww_buf(rdata, sizeof rdata);
    do {
        size_t n = text.n < STRING_MAX ? text.n : STRING_MAX;
        ww_buf_u8(&r, (uint8_t)n);
        ww_buf_bytes(&r, text.p, n);
        text = ww_slice(text.p + n, text.n - n);
    } while (text.n > 0);
    put_rr(b, name, TYPE_TXT, ttl, ww_slice(r.p, r.n));
}

static void put_soa(struct ww_buf *b, const char *name, uint32_t ttl)
{
    char rdata[64];
    struct ww_buf r = ww_buf(rdata, sizeof rdata);
    put_name(&r, "ns.example");
    put_name(&r, "admin.example");
    for (int i = 0; i < 4; i++)
        ww_buf_u32(&r, 3600);
    ww_buf_u32(&r, ttl);
    put_rr(b, name, TYPE_SOA, ttl, ww_slice(r.p, r.n));
}

struct ww_slice packet_write(const struct packet *p, const char *name, uint8_t out[PACKET_SIZE])
{
    struct ww_buf b = ww_buf((char *)out, PACKET_SIZE);
    size_t count = p->text_count + (p->record != NULL);
    ww_buf_u16(&b, 0);
    ww_buf_u16(&b, (uint16_t)(0x8180u | p->rcode));
    ww_buf_u16(&b, 1);
    ww_buf_u16(&b, (uint16_t)(count + (p->alias != NULL)));
    ww_buf_u16(&b, count == 0 && p->ttl > 0);
    ww_buf_u16(&b, 0);
    put_name(&b, name);
    ww_buf_u16(&b, TYPE_TXT);
    ww_buf_u16(&b, 1);
    const char *owner = p->alias != NULL ? p->alias : name;
    if (p->alias != NULL) {
        char rdata[256];
        struct ww_buf r = ww_buf(rdata, sizeof rdata);
        put_name(&r, p->alias);
        put_rr(&b, name, TYPE_CNAME, p->ttl, ww_slice(r.p, r.n));
    }
    for (size_t i = 0; i < p->text_count; i++)
        put_txt(&b, owner, p->ttl, p->texts[i]);
    if (p->record != NULL)
        put_txt(&b, owner, p->ttl, ww_slice_str(p->record));
    if (count == 0 && p->ttl > 0)
        put_soa(&b, owner, p->ttl);
    assert(!b.failed);
    return ww_slice(b.p, b.n);
}
