/* Sessions as a text that a table of cases can hold: an item a line, below it a line for each failure. */
#ifndef WW_TESTS_SESSIONS_SHOW_H
#define WW_TESTS_SESSIONS_SHOW_H

#include "base/buf.h"
#include "core/sessions.h"

static inline void show_text(struct ww_buf *b, const char *name, struct ww_slice text)
{
    if (text.n == 0)
        return;
    ww_buf_char(b, ' ');
    ww_buf_str(b, name);
    ww_buf_char(b, '=');
    for (size_t i = 0; i < text.n; i++)
        ww_buf_char(b, text.p[i] == '\n' ? '|' : text.p[i]);
}

static inline void show_count(struct ww_buf *b, const char *name, int64_t count)
{
    if (count == 0)
        return;
    ww_buf_str(b, name);
    ww_buf_str(b, count < 0 ? "-" : "+");
    ww_buf_decimal(b, (uint64_t)(count < 0 ? -count : count));
}

static inline void show_detail(struct ww_buf *b, const struct ww_sessions_detail *d)
{
    ww_buf_str(b, "  ");
    ww_buf_str(b, ww_result_type_name(d->type));
    show_count(b, "", d->count);
    show_text(b, "from", d->sending_ip);
    show_text(b, "mx", d->receiving_mx);
    show_text(b, "helo", d->helo);
    show_text(b, "ip", d->receiving_ip);
    show_text(b, "info", d->info);
    show_text(b, "why", d->reason);
    ww_buf_char(b, '\n');
}

/* Of "day" the number, where it is not 0; an item is for a known policy of an MTA unless it says else. */
static inline void show_sessions(struct ww_buf *b, const struct ww_sessions *m)
{
    ww_buf_str(b, m->domain);
    show_count(b, " day", m->day);
    ww_buf_char(b, ' ');
    ww_buf_str(b, m->policy_known ? ww_policy_type_name(m->policy.type) : "unknown");
    ww_buf_str(b, m->by_us ? " ours" : "");
    show_text(b, "id", ww_slice_str(m->policy_id));
    show_text(b, "of", ww_slice_str(m->policy.domain));
    show_text(b, "strings", m->policy.strings);
    show_text(b, "hosts", m->policy.mx_hosts);
    show_text(b, "record", m->record);
    show_count(b, " success", m->success);
    show_count(b, " unverified", m->unverified);
    show_count(b, " failure", m->failure);
    ww_buf_char(b, '\n');
    for (size_t i = 0; i < m->detail_count; i++)
        show_detail(b, &m->details[i]);
}

#endif
