#include "codec/tlsrpt_datagram_text.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "core/policy_line.h"
#include "core/sessions.h"
#include "core/utf8.h"

#define TLSA_MAX 256

size_t ww_datagram_address(char *p, size_t n)
{
    struct ww_addr addr;
    char text[WW_ADDR_TEXT_SIZE];
    if (ww_addr_parse(ww_slice(p, n), &addr) != WW_OK)
        return 0;
    ww_addr_format(&addr, text);
    memcpy(p, text, strlen(text));
    return strlen(text);
}

size_t ww_datagram_name(char *p, size_t n)
{
    char name[WW_DNAME_SIZE];
    if (ww_dname_canon(p, n, name) != WW_OK)
        return 0;
    memcpy(p, name, strlen(name));
    return strlen(name);
}

size_t ww_datagram_words(char *p, size_t n)
{
    return ww_utf8_clean(p, n, p, n < WW_SESSIONS_TEXT_MAX ? n : WW_SESSIONS_TEXT_MAX);
}

size_t ww_datagram_helo(char *p, size_t n)
{
    size_t start = 0, end = 0;
    if (n >= 4 && ww_is_digit(p[0]) && ww_is_digit(p[1]) && ww_is_digit(p[2]) && (p[3] == '-' || p[3] == ' '))
        start = 4;
    for (end = start; end < n && p[end] != '\r' && p[end] != '\n';)
        end++;
    while (end > start && ww_is_wsp(p[end - 1]))
        end--;
    memmove(p, p + start, end - start);
    return ww_datagram_words(p, end - start);
}

size_t ww_datagram_record(char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != ' ' && !ww_is_vchar(p[i]))
            return 0;
    }
    return n <= WW_SESSIONS_RECORD_MAX ? n : 0;
}

size_t ww_datagram_line(char *p, size_t n, bool lower)
{
    n = ww_utf8_clean(p, n, p, n);
    for (size_t i = 0; lower && i < n; i++)
        p[i] = ww_lower(p[i]);
    return n;
}

static int order(struct ww_slice a, struct ww_slice b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

size_t ww_datagram_sort_tlsa(char *p, size_t n)
{
    struct ww_slice lines[TLSA_MAX];
    char sorted[WW_SESSIONS_STRINGS_MAX];
    struct ww_buf b = ww_buf(sorted, sizeof sorted);
    size_t count = 0;
    for (size_t at = 0; at < n && count < TLSA_MAX;) {
        struct ww_slice line = ww_slice(p + at, 0);
        for (; p[at] != '\n'; at++)
            p[at] = ww_lower(p[at]);
        line.n = (size_t)(p + ++at - line.p);
        size_t i = count;
        while (i > 0 && order(lines[i - 1], line) > 0)
            i--;
        if (i > 0 && ww_slice_eq(lines[i - 1], line))
            continue;
        memmove(lines + i + 1, lines + i, (count - i) * sizeof *lines);
        lines[i] = line;
        count++;
    }
    for (size_t i = 0; i < count; i++)
        ww_buf_slice(&b, lines[i]);
    memcpy(p, sorted, b.n);
    return b.n;
}

bool ww_datagram_is_testing(struct ww_slice lines)
{
    struct ww_policy_line line;
    enum ww_err err;
    size_t at = 0, offset;
    while (ww_policy_line_next(lines.p, lines.n, &at, &line, &err, &offset)) {
        if (ww_policy_key(line.key) == WW_POLICY_MODE)
            return ww_slice_is(line.value, "testing");
    }
    return false;
}
