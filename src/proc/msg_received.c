/* A report of others in a message. */
#include "proc/msg_intake.h"
#include "proc/msg_parts.h"

#include <stdlib.h>

/* Octets of the smallest policy and failure as they are encoded: what a count must have behind it. */
#define POLICY_MIN 34
#define DETAIL_MIN 36

static void put_detail(struct ww_buf *b, const struct ww_received_detail *d)
{
    const struct ww_slice texts[] = {d->type,         d->sending_ip, d->receiving_mx, d->helo,
                                     d->receiving_ip, d->info,       d->reason};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        put_slice(b, texts[i]);
    ww_buf_u64(b, (uint64_t)d->sessions);
}

static void get_detail(struct ww_cursor *c, struct ww_received_detail *d)
{
    struct ww_slice *const texts[] = {&d->type,         &d->sending_ip, &d->receiving_mx, &d->helo,
                                      &d->receiving_ip, &d->info,       &d->reason};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = get_slice(c, WW_RECEIVED_TEXT_MAX);
    d->sessions = (int64_t)ww_cursor_u64(c);
    if (d->sessions < 0)
        c->failed = true;
}

static void put_policy(struct ww_buf *b, const struct ww_received_policy *p)
{
    put_slice(b, p->type);
    put_text(b, p->domain, sizeof p->domain);
    put_slice(b, p->strings);
    put_slice(b, p->mx_hosts);
    ww_buf_u64(b, (uint64_t)p->success);
    ww_buf_u64(b, (uint64_t)p->failure);
    ww_buf_u32(b, (uint32_t)p->detail_count);
    for (size_t i = 0; i < p->detail_count; i++)
        put_detail(b, &p->details[i]);
}

/* The details follow those that were taken before. */
static void get_policy(struct ww_cursor *c, struct ww_received_policy *p, struct ww_received_detail *details,
                       size_t *used, size_t max)
{
    p->type = get_slice(c, WW_RECEIVED_WORD_MAX);
    get_text(c, p->domain, sizeof p->domain, TEXT_WORD);
    p->strings = get_slice(c, WW_RECEIVED_STRINGS_MAX);
    p->mx_hosts = get_slice(c, WW_RECEIVED_MX_HOSTS_MAX);
    p->success = (int64_t)ww_cursor_u64(c);
    p->failure = (int64_t)ww_cursor_u64(c);
    p->details = details + *used;
    p->detail_count = ww_cursor_u32(c);
    if (p->success < 0 || p->failure < 0 || p->detail_count > max - *used)
        c->failed = true;
    if (c->failed)
        p->detail_count = 0;
    for (size_t i = 0; i < p->detail_count; i++)
        get_detail(c, &details[*used + i]);
    *used += p->detail_count;
}

void ww_msg_put_received(struct ww_buf *b, const struct ww_received *m)
{
    size_t details = 0;
    for (size_t i = 0; i < m->count; i++)
        details += m->policies[i].detail_count;
    put_slice(b, m->organization);
    put_slice(b, m->contact);
    put_slice(b, m->report_id);
    ww_buf_u64(b, (uint64_t)m->begin);
    ww_buf_u64(b, (uint64_t)m->end);
    ww_buf_u64(b, (uint64_t)m->success);
    ww_buf_u64(b, (uint64_t)m->failure);
    ww_buf_u32(b, (uint32_t)m->count);
    ww_buf_u32(b, (uint32_t)details);
    for (size_t i = 0; i < m->count; i++)
        put_policy(b, &m->policies[i]);
}

struct ww_received *ww_msg_get_received(struct ww_slice payload, enum ww_err *err)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    struct ww_received head = {.count = 0};
    head.organization = get_slice(&c, WW_RECEIVED_NAME_MAX);
    head.contact = get_slice(&c, WW_RECEIVED_NAME_MAX);
    head.report_id = get_slice(&c, WW_RECEIVED_NAME_MAX);
    head.begin = (int64_t)ww_cursor_u64(&c);
    head.end = (int64_t)ww_cursor_u64(&c);
    head.success = (int64_t)ww_cursor_u64(&c);
    head.failure = (int64_t)ww_cursor_u64(&c);
    head.count = ww_cursor_u32(&c);
    size_t max = ww_cursor_u32(&c), used = 0;
    size_t left = ww_cursor_left(&c);
    *err = WW_E_MSG_MALFORMED;
    if (c.failed || head.success < 0 || head.failure < 0 || head.count > WW_RECEIVED_POLICIES_MAX ||
        max > WW_RECEIVED_DETAILS_MAX || head.count * POLICY_MIN + max * DETAIL_MIN > left)
        return NULL;
    struct ww_received *out = calloc(1, sizeof *out + head.count * sizeof(struct ww_received_policy) +
                                            max * sizeof(struct ww_received_detail));
    if (out == NULL) {
        *err = WW_E_NO_MEMORY;
        return NULL;
    }
    struct ww_received_policy *policies = (struct ww_received_policy *)(void *)(out + 1);
    struct ww_received_detail *details = (struct ww_received_detail *)(void *)(policies + head.count);
    for (size_t i = 0; i < head.count; i++)
        get_policy(&c, &policies[i], details, &used, max);
    head.policies = policies;
    *out = head;
    *err = used == max ? done(&c) : WW_E_MSG_MALFORMED;
    if (*err == WW_OK)
        return out;
    free(out);
    return NULL;
}
