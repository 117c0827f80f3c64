#include "daemon/intake_http_head.h"

#include "base/ascii.h"

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && ww_is_wsp(s.p[0]))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && ww_is_wsp(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool ww_intake_http_header(const struct ww_http_head *head, const char *name, struct ww_slice *value)
{
    struct ww_slice one;
    size_t pos = 0;
    while (ww_http_next_header(head, &pos, &one, value)) {
        if (ww_is_nocase(one, name))
            return true;
    }
    return false;
}

enum ww_intake_http_type ww_intake_http_type_of(const struct ww_http_head *head)
{
    static const struct {
        const char *name;
        enum ww_intake_http_type type;
    } types[] = {
        {"application/tlsrpt+json", WW_INTAKE_TYPE_REPORT},
        {"application/tlsrpt+gzip", WW_INTAKE_TYPE_REPORT},
        {"message/rfc822", WW_INTAKE_TYPE_MAIL},
        {"application/octet-stream", WW_INTAKE_TYPE_OCTETS},
    };
    struct ww_slice value;
    if (!ww_intake_http_header(head, "content-type", &value))
        return WW_INTAKE_TYPE_OTHER;
    const char *end = value.n > 0 ? memchr(value.p, ';', value.n) : NULL;
    value = trim(end != NULL ? ww_slice(value.p, (size_t)(end - value.p)) : value);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ww_is_nocase(value, types[i].name))
            return types[i].type;
    return WW_INTAKE_TYPE_OTHER;
}

bool ww_intake_http_forwarded(const struct ww_http_head *head, struct ww_addr *peer)
{
    struct ww_slice name, value, last = ww_slice("", 0);
    size_t pos = 0;
    while (ww_http_next_header(head, &pos, &name, &value)) {
        if (ww_is_nocase(name, "x-forwarded-for"))
            last = value;
    }
    size_t at = last.n;
    while (at > 0 && last.p[at - 1] != ',')
        at--;
    return ww_addr_parse(trim(ww_slice(last.p + at, last.n - at)), peer) == WW_OK;
}

bool ww_intake_http_is_report(struct ww_slice octets)
{
    size_t i = 0;
    if (octets.n >= 2 && memcmp(octets.p, "\x1f\x8b", 2) == 0)
        return true;
    if (octets.n >= 3 && memcmp(octets.p, "\xef\xbb\xbf", 3) == 0)
        i = 3;
    while (i < octets.n && (ww_is_wsp(octets.p[i]) || octets.p[i] == '\r' || octets.p[i] == '\n'))
        i++;
    return i < octets.n && (octets.p[i] == '{' || octets.p[i] == '[');
}
