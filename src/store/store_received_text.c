/* Columns of reports of others, there and back. */
#include "store/store_received_private.h"

#include "base/buf.h"
#include "base/cursor.h"

#include <limits.h>
#include <stdlib.h>

void ww_received_put_deviations(struct ww_buf *b, const struct ww_deviations *d)
{
    for (size_t i = 0; i < d->count; i++) {
        ww_buf_str(b, ww_err_id(d->list[i].rule));
        ww_buf_char(b, ' ');
        ww_buf_str(b, ww_severity_name(d->list[i].severity));
        ww_buf_char(b, ' ');
        ww_buf_decimal(b, d->list[i].count);
        ww_buf_char(b, ' ');
        ww_buf_str(b, d->list[i].at);
        ww_buf_char(b, '\n');
    }
}

/* Up to the character, which is left out. False: there is none. */
static bool cut(struct ww_slice *rest, char at, struct ww_slice *out)
{
    const char *end = rest->n > 0 ? memchr(rest->p, at, rest->n) : NULL;
    if (end == NULL)
        return false;
    *out = ww_slice(rest->p, (size_t)(end - rest->p));
    *rest = ww_slice(end + 1, rest->n - out->n - 1);
    return true;
}

static bool rule_of(struct ww_slice id, enum ww_err *out)
{
    for (int i = WW_OK + 1; i < WW_ERR_COUNT; i++) {
        if (ww_slice_is(id, ww_err_id((enum ww_err)i))) {
            *out = (enum ww_err)i;
            return true;
        }
    }
    return false;
}

static bool severity_of(struct ww_slice name, enum ww_severity *out)
{
    for (int i = WW_SEVERITY_ERROR; i <= WW_SEVERITY_INFO; i++) {
        if (ww_slice_is(name, ww_severity_name((enum ww_severity)i))) {
            *out = (enum ww_severity)i;
            return true;
        }
    }
    return false;
}

static bool read_deviation(struct ww_slice line, struct ww_deviation *d)
{
    struct ww_slice id, severity, count;
    if (!cut(&line, ' ', &id) || !cut(&line, ' ', &severity) || !cut(&line, ' ', &count) ||
        line.n >= sizeof d->at || !rule_of(id, &d->rule) || !severity_of(severity, &d->severity))
        return false;
    unsigned long long n = strtoull(count.p, NULL, 10); /* a space ends it */
    d->count = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    if (line.n > 0)
        memcpy(d->at, line.p, line.n);
    d->at[line.n] = '\0';
    return true;
}

void ww_received_get_deviations(struct ww_slice text, struct ww_deviations *d)
{
    struct ww_slice line;
    d->count = 0;
    while (d->count < WW_DEVIATIONS_MAX && cut(&text, '\n', &line))
        d->count += read_deviation(line, &d->list[d->count]);
}

static struct ww_slice text_of(sqlite3_stmt *st, int column)
{
    const char *p = (const char *)sqlite3_column_text(st, column);
    return ww_slice(p != NULL ? p : "", p != NULL ? (size_t)sqlite3_column_bytes(st, column) : 0);
}

bool ww_received_read_facts(sqlite3_stmt *st, struct ww_received_facts *f)
{
    const struct {
        int column;
        char *out;
        size_t size;
    } texts[] = {
        {1, f->domain, sizeof f->domain},
        {2, f->sender, sizeof f->sender},
        {4, f->organization, sizeof f->organization},
        {5, f->contact, sizeof f->contact},
        {6, f->report_id, sizeof f->report_id},
        {9, f->submitter, sizeof f->submitter},
        {10, f->mail_from, sizeof f->mail_from},
        {11, f->message_id, sizeof f->message_id},
        {13, f->peer, sizeof f->peer},
        {17, f->dkim.domain, sizeof f->dkim.domain},
        {18, f->dkim.selector, sizeof f->dkim.selector},
        {19, f->dkim.detail, sizeof f->dkim.detail},
    };
    const int64_t dkim = sqlite3_column_int64(st, 15);
    bool good = dkim >= 0 && dkim < WW_DKIM_RESULTS;
    f->number = (uint64_t)sqlite3_column_int64(st, 0);
    f->verified = sqlite3_column_int(st, 3) != 0;
    f->begin = sqlite3_column_int64(st, 7);
    f->end = sqlite3_column_int64(st, 8);
    f->channel = (unsigned)sqlite3_column_int(st, 12);
    f->came_at = sqlite3_column_int64(st, 14);
    f->dkim.result = (enum ww_dkim_result)dkim;
    f->dkim.aligned = sqlite3_column_int(st, 16) != 0;
    f->policies = (uint32_t)sqlite3_column_int64(st, 20);
    f->success = sqlite3_column_int64(st, 21);
    f->failure = sqlite3_column_int64(st, 22);
    ww_received_get_deviations(text_of(st, 23), &f->deviations);
    f->content_n = (size_t)sqlite3_column_int64(st, 24);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        good &= ww_store_column_text(st, texts[i].column, texts[i].out, texts[i].size);
    return good;
}
