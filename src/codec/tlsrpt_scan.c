#include "codec/tlsrpt_scan.h"

#include "base/ascii.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Behind the string that begins at `at`. */
static size_t after_string(struct ww_slice s, size_t at)
{
    at++;
    while (at < s.n && s.p[at] != '"')
        at += s.p[at] == '\\' ? 2 : 1;
    return at + 1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

enum ww_err ww_tlsrpt_scan(struct ww_slice s, size_t max_depth, size_t *offset)
{
    size_t depth = 0, values = 0, at = 0;
    while (at < s.n && is_space(s.p[at]))
        at++;
    *offset = at;
    if (at == s.n || s.p[at] != '{')
        return WW_E_REPORT_NOT_OBJECT;
    while (at < s.n) {
        char c = s.p[at];
        *offset = at;
        if (c == '"') {
            at = after_string(s, at);
            continue;
        }
        if (c == '{' || c == '[') {
            values++;
            if (++depth > max_depth)
                return WW_E_REPORT_DEEP;
        } else if (c == '}' || c == ']') {
            depth -= depth > 0;
        } else if (c == ',' || c == ':') {
            values++;
        }
        if (values > WW_TLSRPT_VALUES_MAX)
            return WW_E_REPORT_VALUES;
        at++;
    }
    return WW_OK;
}

static bool is_number_char(char c)
{
    return ww_is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* The NUL behind the text ends the last number. */
static bool is_too_large(const char *number, size_t n)
{
    bool integer = true;
    for (size_t i = 0; i < n; i++)
        integer = integer && (ww_is_digit(number[i]) || (number[i] == '-' && i == 0));
    errno = 0;
    if (!integer)
        return isinf(strtod(number, NULL));
    (void)strtoll(number, NULL, 10);
    return errno == ERANGE;
}

void ww_tlsrpt_scan_tame(char *json, size_t n)
{
    static const char large[] = "1e99";
    for (size_t at = 0; at < n;) {
        if (json[at] == '"') {
            at = after_string(ww_slice(json, n), at);
            continue;
        }
        size_t start = at;
        while (at < n && is_number_char(json[at]))
            at++;
        /* What is too large has more characters than what takes its place. */
        size_t sign = json[start] == '-';
        if (at > start + sign + sizeof large - 1 && is_too_large(json + start, at - start)) {
            memset(json + start + sign, ' ', at - start - sign);
            memcpy(json + start + sign, large, sizeof large - 1);
        }
        at += at == start;
    }
}
