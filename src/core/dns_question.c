#include "core/dns_question.h"

#define TYPE_OPT 41

static enum ww_err put_name(struct ww_buf *b, const char *name)
{
    size_t octets = 1;
    if (strcmp(name, ".") == 0)
        name = "";
    while (*name != '\0') {
        size_t n = strcspn(name, ".");
        octets += n + 1;
        if (n == 0 || n > WW_DNAME_LABEL_MAX || octets > WW_DNAME_MAX + 2 || memchr(name, '\\', n) != NULL)
            return WW_E_DNS_NAME;
        ww_buf_u8(b, (uint8_t)n);
        ww_buf_bytes(b, name, n);
        name += n + (name[n] == '.');
    }
    ww_buf_u8(b, 0);
    return WW_OK;
}

enum ww_err ww_dns_question_write(const struct ww_dns_question *q, struct ww_buf *b)
{
    ww_buf_u16(b, q->id);
    ww_buf_u16(b, (uint16_t)q->flags);
    ww_buf_u16(b, 1);
    ww_buf_u32(b, 0);
    ww_buf_u16(b, 1);
    enum ww_err err = put_name(b, q->name);
    if (err != WW_OK)
        return err;
    ww_buf_u16(b, q->type);
    ww_buf_u16(b, WW_DNS_CLASS_IN);
    ww_buf_u8(b, 0);
    ww_buf_u16(b, TYPE_OPT);
    ww_buf_u16(b, WW_DNS_PAYLOAD);
    ww_buf_u16(b, 0);
    ww_buf_u16(b, (uint16_t)q->edns);
    ww_buf_u16(b, 0);
    return b->failed ? WW_E_TOO_LONG : WW_OK;
}

bool ww_dns_question_take(const struct ww_dns_question *q, struct ww_slice packet,
                          struct ww_dns_answer *answer, enum ww_err *err)
{
    struct ww_cursor c = ww_cursor(packet.p, packet.n);
    if (ww_cursor_u16(&c) != q->id || c.failed)
        return false;
    *err = ww_dns_answer_open(answer, packet.p, packet.n, q->name, q->type);
    return *err != WW_E_DNS_MISMATCH && *err != WW_E_DNS_MALFORMED;
}
