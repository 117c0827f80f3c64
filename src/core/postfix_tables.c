#include "core/postfix_tables.h"

#include "base/buf.h"

static bool separates(char c)
{
    return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct ww_slice skip(struct ww_slice s, size_t n)
{
    return ww_slice(s.p + n, s.n - n);
}

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && separates(s.p[0]))
        s = skip(s, 1);
    while (s.n > 0 && separates(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* The length of what goes on until a separator outside of all braces. */
static size_t token_length(struct ww_slice s)
{
    size_t depth = 0;
    size_t i = 0;
    for (; i < s.n && (depth > 0 || !separates(s.p[i])); i++) {
        if (s.p[i] == '{')
            depth++;
        else if (s.p[i] == '}' && depth > 0)
            depth--;
    }
    return i;
}

static bool take_prefix(struct ww_slice *s, const char *prefix)
{
    if (!ww_slice_starts(*s, prefix))
        return false;
    *s = skip(*s, strlen(prefix));
    return true;
}

/* The first place of c seen from the right; s.n when there is none. */
static size_t find_last(struct ww_slice s, char c)
{
    for (size_t i = s.n; i > 0; i--)
        if (s.p[i - 1] == c)
            return i - 1;
    return s.n;
}

static void read_table(struct ww_slice token, struct ww_postfix_table *out)
{
    memset(out, 0, sizeof *out);
    if (token.n >= 2 && token.p[0] == '{' && token.p[token.n - 1] == '}')
        token = trim(ww_slice(token.p + 1, token.n - 2));
    out->text = token;
    out->proxied = take_prefix(&token, "proxy:");
    if (!take_prefix(&token, "socketmap:"))
        return;
    size_t colon = find_last(token, ':');
    if (colon == token.n)
        return;
    out->socketmap = true;
    out->server = ww_slice(token.p, colon);
    out->map = skip(token, colon + 1);
}

bool ww_postfix_tables_next(struct ww_slice *list, struct ww_postfix_table *out)
{
    *list = trim(*list);
    if (list->n == 0)
        return false;
    size_t n = token_length(*list);
    read_table(ww_slice(list->p, n), out);
    *list = skip(*list, n);
    return true;
}

bool ww_postfix_server_inet(struct ww_slice server, struct ww_slice *host, struct ww_slice *port)
{
    if (!take_prefix(&server, "inet:"))
        return false;
    size_t colon = find_last(server, ':');
    bool alone = colon == server.n;
    *host = ww_slice(server.p, alone ? 0 : colon);
    *port = alone ? server : skip(server, colon + 1);
    if (host->n >= 2 && host->p[0] == '[' && host->p[host->n - 1] == ']')
        *host = ww_slice(host->p + 1, host->n - 2);
    return port->n > 0;
}

bool ww_postfix_server_path(struct ww_slice server, struct ww_slice queue_directory, bool jailed, char *out,
                            size_t size)
{
    if (!take_prefix(&server, "unix:") || server.n == 0 || memchr(server.p, '\0', server.n) != NULL)
        return false;
    struct ww_buf b = ww_buf(out, size);
    if (jailed || server.p[0] != '/') {
        ww_buf_slice(&b, queue_directory);
        if (server.p[0] != '/')
            ww_buf_char(&b, '/');
    }
    ww_buf_slice(&b, server);
    ww_buf_char(&b, '\0');
    return !b.failed;
}
