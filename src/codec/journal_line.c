#include "codec/journal_line.h"

#include "base/ascii.h"

static struct ww_slice text_of(const json_t *entry, const char *key)
{
    const json_t *value = json_object_get(entry, key);
    return json_is_string(value) ? ww_slice(json_string_value(value), json_string_length(value))
                                 : ww_slice("", 0);
}

/* Numbers are strings in these entries. */
static bool number_of(struct ww_slice text, int64_t *out)
{
    *out = 0;
    if (text.n == 0 || text.n > 18)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (!ww_is_digit(text.p[i]))
            return false;
        *out = *out * 10 + (text.p[i] - '0');
    }
    return true;
}

/* It becomes an argument of journalctl. */
static void copy_cursor(struct ww_journal_line *out, struct ww_slice cursor)
{
    bool good = cursor.n < sizeof out->cursor;
    for (size_t i = 0; good && i < cursor.n; i++)
        good = ww_is_vchar(cursor.p[i]);
    size_t n = good ? cursor.n : 0;
    memcpy(out->cursor, cursor.p, n);
    out->cursor[n] = '\0';
}

static bool read_entry(struct ww_journal_line *out)
{
    int64_t microseconds, pid = 0;
    if (!json_is_object(out->json) || !number_of(text_of(out->json, "__REALTIME_TIMESTAMP"), &microseconds))
        return false;
    out->seconds = microseconds / 1000000;
    out->host = text_of(out->json, "_HOSTNAME");
    out->tag = text_of(out->json, "SYSLOG_IDENTIFIER");
    out->message = text_of(out->json, "MESSAGE");
    copy_cursor(out, text_of(out->json, "__CURSOR"));
    if (!number_of(text_of(out->json, "SYSLOG_PID"), &pid) && !number_of(text_of(out->json, "_PID"), &pid))
        pid = 0;
    out->pid = pid <= UINT32_MAX ? (uint32_t)pid : 0;
    return out->message.n > 0;
}

bool ww_journal_line_parse(const char *p, size_t n, struct ww_journal_line *out)
{
    *out = (struct ww_journal_line){.seconds = 0};
    if (n > WW_JOURNAL_LINE_MAX)
        return false;
    out->json = json_loadb(p, n, 0, NULL);
    if (read_entry(out))
        return true;
    ww_journal_line_free(out);
    return false;
}

void ww_journal_line_free(struct ww_journal_line *line)
{
    json_decref(line->json);
    line->json = NULL;
}
