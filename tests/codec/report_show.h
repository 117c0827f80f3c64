/* Reports of others in words, for tables of cases. */
#ifndef WW_TESTS_CODEC_REPORT_SHOW_H
#define WW_TESTS_CODEC_REPORT_SHOW_H

#include "base/buf.h"
#include "base/time.h"
#include "core/received.h"

static inline void show_part(struct ww_buf *b, const char *before, struct ww_slice text)
{
    if (text.n == 0)
        return;
    ww_buf_str(b, before);
    for (size_t i = 0; i < text.n; i++)
        ww_buf_char(b, text.p[i] == '\n' ? '|' : text.p[i]);
}

static inline void show_time(struct ww_buf *b, const char *before, int64_t seconds)
{
    char text[WW_TIME_SIZE];
    ww_time_format(seconds, text);
    show_part(b, before, ww_slice_str(text));
}

static inline void show_count(struct ww_buf *b, const char *before, int64_t count)
{
    ww_buf_str(b, before);
    ww_buf_decimal(b, (uint64_t)count);
}

static inline void show_detail(struct ww_buf *b, const struct ww_received_detail *d)
{
    show_count(b, " {", d->sessions);
    show_part(b, " ", d->type);
    show_part(b, " from=", d->sending_ip);
    show_part(b, " mx=", d->receiving_mx);
    show_part(b, " helo=", d->helo);
    show_part(b, " ip=", d->receiving_ip);
    show_part(b, " info=", d->info);
    show_part(b, " why=", d->reason);
    ww_buf_str(b, "}");
}

/* "ORGANIZATION CONTACT ID BEGIN END SUCCESS/FAILURE [TYPE of=DOMAIN ... SUCCESS/FAILURE {FAILURE}...]..." */
static inline void show_report(struct ww_buf *b, const struct ww_received *m)
{
    show_part(b, "", m->organization);
    show_part(b, " contact=", m->contact);
    show_part(b, " id=", m->report_id);
    show_time(b, " ", m->begin);
    show_time(b, " ", m->end);
    show_count(b, " ", m->success);
    show_count(b, "/", m->failure);
    for (size_t i = 0; i < m->count; i++) {
        const struct ww_received_policy *p = &m->policies[i];
        ww_buf_str(b, " [");
        show_part(b, "", p->type);
        show_part(b, " of=", ww_slice_str(p->domain));
        show_part(b, " strings=", p->strings);
        show_part(b, " hosts=", p->mx_hosts);
        show_count(b, " ", p->success);
        show_count(b, "/", p->failure);
        for (size_t k = 0; k < p->detail_count; k++)
            show_detail(b, &p->details[k]);
        ww_buf_str(b, "]");
    }
}

#endif
