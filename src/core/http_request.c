#include "core/http_request.h"

#include "base/ascii.h"

/* What fits into 18 digits fits into 64 bits. */
#define LENGTH_DIGITS_MAX 18

enum line {
    LINE_WHOLE,
    LINE_MORE,
    LINE_BAD,
};

struct seen {
    bool http_1_1;
    bool host;
    bool length;
};

static bool is_token_char(char c)
{
    return ww_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct ww_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_token_char(s.p[i]))
            return false;
    return s.n > 0;
}

/* A bad octet is found while the line arrives: whoever speaks another protocol is not waited for. */
static enum line cut_line(const char *p, size_t n, struct ww_slice *line)
{
    size_t i = 0;
    while (i < n && ((unsigned char)p[i] >= ' ' || p[i] == '\t') && p[i] != 0x7f)
        i++;
    if (i == n || (p[i] == '\r' && i + 1 == n))
        return LINE_MORE;
    if (p[i] != '\r' || p[i + 1] != '\n')
        return LINE_BAD;
    *line = ww_slice(p, i);
    return LINE_WHOLE;
}

/* Cuts off what stands before c, and c; false when there is none. */
static bool cut_at(struct ww_slice *rest, char c, struct ww_slice *before)
{
    const char *at = rest->n > 0 ? memchr(rest->p, c, rest->n) : NULL;
    if (at == NULL)
        return false;
    *before = ww_slice(rest->p, (size_t)(at - rest->p));
    *rest = ww_slice(at + 1, rest->n - before->n - 1);
    return true;
}

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && ww_is_wsp(s.p[0]))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && ww_is_wsp(s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool read_target(struct ww_slice target, struct ww_http_head *head)
{
    struct ww_slice path;
    if (target.n == 0 || target.p[0] != '/')
        return false;
    for (size_t i = 0; i < target.n; i++)
        if (!ww_is_vchar(target.p[i]) || target.p[i] == '#')
            return false;
    head->path = target;
    head->query = ww_slice(target.p + target.n, 0);
    if (cut_at(&target, '?', &path)) {
        head->path = path;
        head->query = target;
    }
    return true;
}

/* Each of these gives the status to refuse with, or 0. */

static unsigned read_request_line(struct ww_slice line, struct ww_http_head *head, struct seen *seen)
{
    struct ww_slice target;
    if (!cut_at(&line, ' ', &head->method) || !is_token(head->method) || !cut_at(&line, ' ', &target) ||
        !ww_slice_starts(line, "HTTP/"))
        return 400;
    seen->http_1_1 = ww_slice_is(line, "HTTP/1.1");
    if (!seen->http_1_1 && !ww_slice_is(line, "HTTP/1.0"))
        return 505;
    head->keep_alive = seen->http_1_1;
    return read_target(target, head) ? 0 : 400;
}

static unsigned read_length(struct ww_slice value, struct ww_http_head *head, struct seen *seen)
{
    if (seen->length || value.n == 0 || value.n > LENGTH_DIGITS_MAX)
        return 400;
    seen->length = true;
    for (size_t i = 0; i < value.n; i++) {
        if (!ww_is_digit(value.p[i]))
            return 400;
        head->length = head->length * 10 + (uint64_t)(value.p[i] - '0');
    }
    return 0;
}

static void read_connection(struct ww_slice value, struct ww_http_head *head)
{
    struct ww_slice option;
    while (cut_at(&value, ',', &option))
        head->keep_alive = head->keep_alive && !ww_is_nocase(trim(option), "close");
    head->keep_alive = head->keep_alive && !ww_is_nocase(trim(value), "close");
}

static unsigned read_header(struct ww_slice line, struct ww_http_head *head, struct seen *seen)
{
    struct ww_slice name;
    if (!cut_at(&line, ':', &name) || !is_token(name))
        return 400;
    struct ww_slice value = trim(line);
    if (ww_is_nocase(name, "content-length"))
        return read_length(value, head, seen);
    if (ww_is_nocase(name, "transfer-encoding"))
        return 501;
    if (ww_is_nocase(name, "host")) {
        bool twice = seen->host;
        seen->host = true;
        return twice ? 400 : 0;
    }
    if (ww_is_nocase(name, "connection"))
        read_connection(value, head);
    else if (ww_is_nocase(name, "expect"))
        head->expects_continue = ww_is_nocase(value, "100-continue");
    return 0;
}

static enum ww_http_cut refuse(struct ww_http_head *head, unsigned status)
{
    head->status = status;
    head->keep_alive = false;
    return WW_HTTP_REFUSED;
}

enum ww_http_cut ww_http_head_cut(const char *p, size_t n, struct ww_http_head *head, size_t *used)
{
    struct seen seen = {.host = false};
    struct ww_slice line;
    size_t at = 0;
    size_t headers = 0; /* where they begin; 0: the request line is still to come */
    *head = (struct ww_http_head){.status = 0};
    for (;;) {
        enum line got = cut_line(p + at, n - at, &line);
        if (got == LINE_MORE)
            return WW_HTTP_MORE;
        if (got == LINE_BAD)
            return refuse(head, 400);
        size_t next = at + line.n + 2;
        unsigned status = 0;
        if (headers != 0 && line.n == 0)
            break;
        if (headers != 0) {
            status = read_header(line, head, &seen);
        } else if (line.n > 0) {
            status = read_request_line(line, head, &seen);
            headers = next;
        }
        if (status != 0)
            return refuse(head, status);
        at = next;
    }
    if (seen.http_1_1 && !seen.host)
        return refuse(head, 400);
    head->headers = ww_slice(p + headers, at - headers);
    *used = at + 2;
    return WW_HTTP_WHOLE;
}

bool ww_http_next_header(const struct ww_http_head *head, size_t *pos, struct ww_slice *name,
                         struct ww_slice *value)
{
    struct ww_slice rest = ww_slice(head->headers.p + *pos, head->headers.n - *pos);
    struct ww_slice line;
    if (rest.n == 0 || cut_line(rest.p, rest.n, &line) != LINE_WHOLE)
        return false;
    *pos += line.n + 2;
    if (!cut_at(&line, ':', name))
        return false;
    *value = trim(line);
    return true;
}
