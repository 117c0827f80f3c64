#include "proc/msg_order.h"

#include "core/publication.h"
#include "core/tlsrpt_record.h"
#include "proc/msg_parts.h"

#include <stdio.h>

const char *ww_order_label(enum ww_order what)
{
    if (what == WW_ORDER_TLSRPT)
        return "_smtp._tls";
    return what == WW_ORDER_RECORD || what == WW_ORDER_NO_RECORD ? "_mta-sts" : NULL;
}

bool ww_order_value(const struct ww_msg_order *m, char *out, size_t size)
{
    char text[WW_PUBLISHED_RUA_SIZE];
    const char *list = text;
    struct ww_buf b = ww_buf(out, size - 1);
    const struct ww_publication p = {.id = text, .rua = &list, .rua_count = 1};
    out[0] = '\0';
    if (m->text.n >= sizeof text)
        return false;
    (void)snprintf(text, sizeof text, "%.*s", (int)m->text.n, m->text.p);
    if (m->what == WW_ORDER_RECORD)
        ww_publication_put_record(&b, &p);
    else if (m->what == WW_ORDER_TLSRPT)
        ww_publication_put_tlsrpt(&b, &p);
    out[b.failed ? 0 : b.n] = '\0';
    return !b.failed;
}

/* ---- Whether it can be one ---- */

static bool is_domain(const char *domain)
{
    char canonical[WW_DNAME_SIZE];
    return ww_dname_canon(domain, strlen(domain), canonical) == WW_OK && strcmp(domain, canonical) == 0 &&
           strlen(domain) + sizeof "_smtp._tls." - 1 <= WW_DNAME_MAX;
}

static bool is_policy(struct ww_slice text)
{
    struct ww_policy policy;
    size_t offset;
    return text.n <= WW_PUBLISHED_BODY_MAX && ww_policy_parse(text.p, text.n, &policy, &offset) == WW_OK;
}

/* What is set is read as senders read it: it says what is in the text, and nothing else. */
static bool is_value(const struct ww_msg_order *m)
{
    char value[WW_PUBLISHED_RUA_SIZE + 32];
    struct ww_sts_record record;
    struct ww_tlsrpt_record tlsrpt;
    size_t offset;
    if (m->text.n == 0 || !ww_order_value(m, value, sizeof value))
        return false;
    if (m->what == WW_ORDER_RECORD)
        return ww_sts_record_parse(value, strlen(value), &record, &offset) == WW_OK &&
               ww_slice_eq(ww_slice_str(record.id), m->text);
    return ww_tlsrpt_record_parse(value, strlen(value), &tlsrpt, &offset) == WW_OK &&
           ww_slice_eq(tlsrpt.rua, m->text);
}

bool ww_order_check(const struct ww_msg_order *m)
{
    bool files = m->what == WW_ORDER_FILES;
    if (!is_domain(m->domain) || (m->gone && (!files || m->text.n > 0)) || (m->acme && !(files && m->tree)) ||
        (m->tree && !files && m->what != WW_ORDER_CERTIFICATE))
        return false;
    switch (m->what) {
    case WW_ORDER_FILES:
        return m->text.n == 0 || is_policy(m->text);
    case WW_ORDER_CERTIFICATE:
    case WW_ORDER_NO_RECORD:
        return m->text.n == 0;
    case WW_ORDER_RECORD:
    case WW_ORDER_TLSRPT:
        return is_value(m);
    case WW_ORDER_NONE:
    case WW_ORDER_COUNT:
        break;
    }
    return false;
}

/* ---- Messages ---- */

void ww_msg_put_order_ask(struct ww_buf *b, const struct ww_msg_order_ask *m)
{
    ww_buf_u64(b, m->number);
    ww_buf_u64(b, m->version);
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u16(b, (uint16_t)m->what);
}

enum ww_err ww_msg_get_order_ask(struct ww_slice payload, struct ww_msg_order_ask *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    m->version = ww_cursor_u64(&c);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->what = (enum ww_order)get_enum(&c, WW_ORDER_COUNT);
    if (m->what == WW_ORDER_NONE)
        c.failed = true;
    return done(&c);
}

void ww_msg_put_order(struct ww_buf *b, const struct ww_msg_order *m)
{
    ww_buf_u64(b, m->number);
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u16(b, (uint16_t)m->what);
    ww_buf_u16(b, m->tree);
    ww_buf_u16(b, m->gone);
    ww_buf_u16(b, m->acme);
    put_slice(b, m->text);
}

enum ww_err ww_msg_get_order(struct ww_slice payload, struct ww_msg_order *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->what = (enum ww_order)get_enum(&c, WW_ORDER_COUNT);
    m->tree = get_bool(&c);
    m->gone = get_bool(&c);
    m->acme = get_bool(&c);
    m->text = get_slice(&c, WW_PUBLISHED_BODY_MAX);
    enum ww_err err = done(&c);
    return err == WW_OK && !ww_order_check(m) ? WW_E_MSG_MALFORMED : err;
}

void ww_msg_put_order_done(struct ww_buf *b, const struct ww_msg_order_done *m)
{
    ww_buf_u64(b, m->number);
    ww_buf_u16(b, m->good);
    ww_buf_u16(b, m->seen);
    ww_buf_u64(b, (uint64_t)m->from);
    ww_buf_u64(b, (uint64_t)m->until);
    put_text(b, m->detail, sizeof m->detail);
}

enum ww_err ww_msg_get_order_done(struct ww_slice payload, struct ww_msg_order_done *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    m->good = get_bool(&c);
    m->seen = get_bool(&c);
    m->from = (int64_t)ww_cursor_u64(&c);
    m->until = (int64_t)ww_cursor_u64(&c);
    get_text(&c, m->detail, sizeof m->detail, TEXT_LINE);
    return done(&c);
}
