#include "core/rua.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "core/addr.h"
#include "core/uri.h"

#define PORT_MAX 65535

bool ww_rua_port(struct ww_slice digits, unsigned usual, unsigned *port)
{
    unsigned value = 0;
    for (size_t i = 0; i < digits.n && value <= PORT_MAX; i++)
        value = value * 10 + (unsigned)(digits.p[i] - '0');
    *port = digits.n > 0 ? value : usual;
    return *port > 0 && *port <= PORT_MAX;
}

static bool read_mail(const struct ww_uri *uri, struct ww_rua *out)
{
    char text[WW_MAILBOX_MAX + 1];
    struct ww_buf b = ww_buf(text, sizeof text);
    size_t offset;
    if (uri->host.p != NULL || ww_uri_decode(uri->path, &b, &offset) != WW_OK ||
        !ww_mailbox_parse(ww_slice(text, b.n), out->name))
        return false;
    size_t local = b.n;
    while (text[local - 1] != '@')
        local--;
    b = ww_buf(out->mailbox, sizeof out->mailbox);
    ww_buf_bytes(&b, text, local);
    ww_buf_str(&b, out->name);
    ww_buf_char(&b, '\0');
    return !b.failed;
}

static bool read_path(const struct ww_uri *uri, struct ww_rua *out)
{
    struct ww_buf b = ww_buf(out->path, sizeof out->path);
    if (uri->path.n == 0)
        ww_buf_char(&b, '/');
    ww_buf_slice(&b, uri->path);
    if (uri->query.p != NULL) {
        ww_buf_char(&b, '?');
        ww_buf_slice(&b, uri->query);
    }
    ww_buf_char(&b, '\0');
    return !b.failed;
}

static bool read_web(const struct ww_uri *uri, struct ww_rua *out)
{
    struct ww_addr addr;
    return uri->user.p == NULL && uri->fragment.p == NULL && uri->host.p != NULL &&
           ww_addr_parse(uri->host, &addr) != WW_OK &&
           ww_dname_canon(uri->host.p, uri->host.n, out->name) == WW_OK &&
           ww_rua_port(uri->port, WW_RUA_HTTPS_PORT, &out->port) && read_path(uri, out);
}

bool ww_rua_parse(struct ww_slice text, struct ww_rua *out)
{
    struct ww_uri uri;
    size_t offset;
    memset(out, 0, sizeof *out);
    out->scheme = WW_RUA_OTHER;
    if (ww_uri_parse(text.p, text.n, &uri, &offset) != WW_OK)
        return false;
    bool mail = ww_is_nocase(uri.scheme, "mailto");
    if (!mail && !ww_is_nocase(uri.scheme, "https"))
        return false;
    out->scheme = mail ? WW_RUA_MAILTO : WW_RUA_HTTPS;
    return mail ? read_mail(&uri, out) : read_web(&uri, out);
}

static bool is_same_nocase(const char *a, const char *b)
{
    while (*a != '\0' && ww_lower(*a) == ww_lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

bool ww_rua_same(const struct ww_rua *a, const struct ww_rua *b)
{
    return a->scheme == b->scheme && a->port == b->port && strcmp(a->name, b->name) == 0 &&
           is_same_nocase(a->mailbox, b->mailbox) && strcmp(a->path, b->path) == 0;
}
