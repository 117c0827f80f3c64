#include "base/ascii.h"
#include "codec/json_scan.h"
#include "codec/tlsrpt_read_private.h"
#include "core/utf8.h"

#include <stdlib.h>

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && (unsigned char)s.p[0] <= ' ')
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
        s.n--;
    return s;
}

/* Notes what cleaning has changed. */
static void look_at(struct ww_tlsrpt_reading *r, struct ww_slice before, struct ww_slice after, size_t max)
{
    if (before.n > max)
        ww_tlsrpt_info(r, WW_E_REPORT_TEXT_CUT);
    if (after.n > 0 && memcmp(after.p, before.p, after.n) != 0)
        ww_tlsrpt_warn(r, WW_E_REPORT_TEXT_CONTROL);
}

/* The string itself, or the first one of a list of them. */
static struct ww_slice string_of(struct ww_tlsrpt_reading *r, const json_t *value)
{
    if (json_is_array(value) && json_is_string(json_array_get(value, 0))) {
        ww_tlsrpt_warn(r, WW_E_REPORT_TEXT_LIST);
        value = json_array_get(value, 0);
    }
    if (json_is_string(value))
        return ww_slice(json_string_value(value), json_string_length(value));
    if (!json_is_null(value))
        ww_tlsrpt_warn(r, WW_E_REPORT_TEXT_TYPE);
    return ww_slice("", 0);
}

struct ww_slice ww_tlsrpt_text(struct ww_tlsrpt_reading *r, const json_t *value, size_t max)
{
    struct ww_slice s = trim(string_of(r, value));
    size_t room = r->text.cap - r->text.n;
    char *p = r->text.p + r->text.n;
    size_t n = ww_utf8_clean(s.p, s.n, p, max < room ? max : room);
    look_at(r, s, ww_slice(p, n), max);
    r->text.n += n;
    return ww_slice(p, n);
}

struct ww_slice ww_tlsrpt_word(struct ww_tlsrpt_reading *r, const json_t *value)
{
    struct ww_slice s = ww_tlsrpt_text(r, value, WW_RECEIVED_WORD_MAX);
    char *p = r->text.p + r->text.n - s.n;
    bool changed = false;
    for (size_t i = 0; i < s.n; i++) {
        changed = changed || p[i] != ww_lower(p[i]);
        p[i] = ww_lower(p[i]);
    }
    if (changed)
        ww_tlsrpt_info(r, WW_E_REPORT_WORD_CASE);
    return s;
}

/* ---- lists ---- */

struct lines {
    size_t start; /* in the room for texts */
    size_t max;
    bool full;
};

static void put_line(struct ww_tlsrpt_reading *r, struct lines *lines, struct ww_slice line)
{
    size_t n = r->text.n - lines->start, left = lines->max - n, room = r->text.cap - r->text.n;
    line = trim(line);
    if (line.n == 0 || lines->full)
        return;
    if (line.n + 1 > left || line.n + 1 > room) {
        ww_tlsrpt_info(r, WW_E_REPORT_TEXT_CUT);
        lines->full = true;
        return;
    }
    char *p = r->text.p + r->text.n;
    size_t written = ww_utf8_clean(line.p, line.n, p, line.n);
    look_at(r, line, ww_slice(p, written), line.n);
    p[written] = '\n';
    r->text.n += written + 1;
}

static void put_string(struct ww_tlsrpt_reading *r, struct lines *lines, struct ww_slice text)
{
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
        put_line(r, lines, ww_slice(text.p, n));
        n += end != NULL;
        text = ww_slice(text.p + n, text.n - n);
    }
}

/* Takes the strings of a JSON list that is written as text; false: it is none, and nothing was taken. */
static bool put_nested(struct ww_tlsrpt_reading *r, struct lines *lines, struct ww_slice text)
{
    struct ww_json_scan s = ww_json_scan(text.p, text.n), whole = s;
    bool first = true;
    if (ww_json_scan_kind(&s) != WW_JSON_ARRAY || !ww_json_scan_skip(&whole) || !ww_json_scan_end(&whole))
        return false;
    char *room = malloc(text.n);
    if (room == NULL) {
        r->no_memory = true;
        return true;
    }
    (void)ww_json_scan_open(&s, WW_JSON_ARRAY);
    while (ww_json_scan_element(&s, &first)) {
        struct ww_buf b = ww_buf(room, text.n);
        if (ww_json_scan_kind(&s) != WW_JSON_STRING) {
            (void)ww_json_scan_skip(&s);
            ww_tlsrpt_warn(r, WW_E_REPORT_TEXT_TYPE);
        } else if (ww_json_scan_string(&s, &b)) {
            put_string(r, lines, ww_slice(b.p, b.n));
        }
    }
    free(room);
    ww_tlsrpt_warn(r, WW_E_REPORT_POLICY_STRING_JSON);
    return true;
}

static void put_element(struct ww_tlsrpt_reading *r, struct lines *lines, const json_t *value, bool nested)
{
    struct ww_slice text = ww_slice(json_string_value(value), json_string_length(value));
    if (!json_is_string(value))
        ww_tlsrpt_warn(r, WW_E_REPORT_TEXT_TYPE);
    else if (!nested || !put_nested(r, lines, text))
        put_string(r, lines, text);
}

struct ww_slice ww_tlsrpt_lines(struct ww_tlsrpt_reading *r, const json_t *value, size_t max,
                                enum ww_err if_string, bool nested)
{
    struct lines lines = {.start = r->text.n, .max = max};
    size_t count = json_array_size(value);
    if (json_is_null(value)) {
        ww_tlsrpt_info(r, WW_E_REPORT_LIST_NULL);
    } else if (json_is_string(value)) {
        ww_tlsrpt_warn(r, if_string);
        put_element(r, &lines, value, nested);
    } else if (!json_is_array(value)) {
        ww_tlsrpt_warn(r, WW_E_REPORT_LIST_TYPE);
    } else if (count == 0) {
        ww_tlsrpt_info(r, WW_E_REPORT_LIST_EMPTY);
    }
    for (size_t i = 0; i < count; i++) {
        ww_tlsrpt_enter_at(r, i);
        put_element(r, &lines, json_array_get(value, i), nested && count == 1);
        ww_tlsrpt_leave(r);
    }
    return ww_slice(r->text.p + lines.start, r->text.n - lines.start);
}
