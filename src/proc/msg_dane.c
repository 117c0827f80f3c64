#include "proc/msg_dane.h"

#include "proc/msg_parts.h"

static void put_answer(struct ww_buf *b, const struct ww_dane_answer *a)
{
    ww_buf_u16(b, (uint16_t)a->progress);
    ww_buf_u16(b, (uint16_t)a->err);
    ww_buf_u16(b, (uint16_t)a->dnssec);
    ww_buf_u32(b, a->ttl);
    ww_buf_u16(b, a->count);
}

static void get_answer(struct ww_cursor *c, struct ww_dane_answer *a)
{
    a->progress = (enum ww_dane_progress)get_enum(c, WW_DANE_PROGRESSES);
    a->err = (enum ww_err)get_enum(c, WW_ERR_COUNT);
    a->dnssec = (enum ww_dnssec)get_enum(c, WW_DNSSEC_STATES);
    a->ttl = ww_cursor_u32(c);
    a->count = ww_cursor_u16(c);
}

static size_t kept(uint16_t size)
{
    return size < WW_DANE_DATA_MAX ? size : WW_DANE_DATA_MAX;
}

static void put_record(struct ww_buf *b, const struct ww_dane_record *r)
{
    ww_buf_u8(b, r->usage);
    ww_buf_u8(b, r->selector);
    ww_buf_u8(b, r->matching);
    ww_buf_u16(b, (uint16_t)r->unusable);
    ww_buf_u16(b, r->size);
    ww_buf_bytes(b, r->data, kept(r->size));
}

static void get_record(struct ww_cursor *c, struct ww_dane_record *r)
{
    r->usage = ww_cursor_u8(c);
    r->selector = ww_cursor_u8(c);
    r->matching = ww_cursor_u8(c);
    r->unusable = (enum ww_err)get_enum(c, WW_ERR_COUNT);
    r->size = ww_cursor_u16(c);
    get_octets(c, r->data, kept(r->size));
}

static void put_host(struct ww_buf *b, const struct ww_dane_host *h)
{
    ww_buf_u16(b, h->preference);
    put_text(b, h->name, sizeof h->name);
    put_text(b, h->alias, sizeof h->alias);
    ww_buf_u16(b, h->no_address);
    ww_buf_u16(b, (uint16_t)h->state);
    ww_buf_u16(b, (uint16_t)h->base);
    ww_buf_u16(b, (uint16_t)h->why);
    put_text(b, h->detail, sizeof h->detail);
    for (size_t q = 0; q < WW_DANE_QUESTIONS; q++)
        put_answer(b, &h->answers[q]);
    ww_buf_u16(b, (uint16_t)h->record_count);
    for (size_t i = 0; i < h->record_count; i++)
        put_record(b, &h->records[i]);
    if (!h->settled)
        b->failed = true;
}

static void get_host(struct ww_cursor *c, struct ww_dane_host *h)
{
    h->settled = true;
    h->preference = ww_cursor_u16(c);
    get_text(c, h->name, sizeof h->name, TEXT_WORD);
    get_text(c, h->alias, sizeof h->alias, TEXT_WORD);
    h->no_address = get_bool(c);
    h->state = (enum ww_dane_state)get_enum(c, WW_DANE_STATES);
    h->base = (enum ww_dane_question)get_enum(c, WW_DANE_QUESTIONS);
    h->why = (enum ww_err)get_enum(c, WW_ERR_COUNT);
    get_text(c, h->detail, sizeof h->detail, TEXT_LINE);
    for (size_t q = 0; q < WW_DANE_QUESTIONS; q++)
        get_answer(c, &h->answers[q]);
    h->record_count = get_enum(c, WW_DANE_RECORDS_MAX + 1);
    for (size_t i = 0; i < h->record_count; i++)
        get_record(c, &h->records[i]);
}

void ww_msg_put_dane_survey(struct ww_buf *b, const struct ww_dane_survey *s)
{
    ww_buf_u16(b, (uint16_t)s->outcome);
    ww_buf_u16(b, (uint16_t)s->mx_dnssec);
    ww_buf_u32(b, s->mx_ttl);
    ww_buf_u16(b, (uint16_t)s->why);
    put_text(b, s->detail, sizeof s->detail);
    ww_buf_u16(b, s->validating);
    ww_buf_u16(b, s->never_validated);
    ww_buf_u16(b, s->more);
    ww_buf_u32(b, s->lifetime);
    ww_buf_u16(b, (uint16_t)s->count);
    for (size_t i = 0; i < s->count; i++)
        put_host(b, &s->hosts[i]);
}

void ww_msg_put_surveyed(struct ww_buf *b, uint64_t flight, const struct ww_dane_survey *survey)
{
    ww_buf_u64(b, flight);
    ww_msg_put_dane_survey(b, survey);
}

enum ww_err ww_msg_get_surveyed(struct ww_slice payload, struct ww_msg_surveyed *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->flight = ww_cursor_u64(&c);
    enum ww_err err = ww_msg_get_dane_survey(rest_of(&c), &m->survey);
    return c.failed ? WW_E_MSG_MALFORMED : err;
}

enum ww_err ww_msg_get_dane_survey(struct ww_slice payload, struct ww_dane_survey *s)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    memset(s, 0, sizeof *s);
    s->outcome = (enum ww_mx_outcome)get_enum(&c, WW_MX_OUTCOMES);
    s->mx_dnssec = (enum ww_dnssec)get_enum(&c, WW_DNSSEC_STATES);
    s->mx_ttl = ww_cursor_u32(&c);
    s->why = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    get_text(&c, s->detail, sizeof s->detail, TEXT_ANY);
    s->validating = get_bool(&c);
    s->never_validated = get_bool(&c);
    s->more = get_bool(&c);
    s->lifetime = ww_cursor_u32(&c);
    if (s->lifetime > WW_DANE_LIFETIME_MAX)
        c.failed = true;
    s->count = get_enum(&c, WW_DANE_HOSTS_MAX + 1);
    for (size_t i = 0; i < s->count; i++)
        get_host(&c, &s->hosts[i]);
    return done(&c);
}
