#include "daemon/alert_target.h"

#include "core/addr.h"
#include "core/rua.h"
#include "core/uri.h"
#include "daemon/config_values.h"

#include <string.h>

static bool read_port(const char *text, unsigned *port)
{
    uint64_t v;
    if (!ww_value_number(text, &v) || v < 1 || v > 65535)
        return false;
    *port = (unsigned)v;
    return true;
}

/* A name, or an address. */
static bool is_host(const char *text)
{
    char canonical[WW_DNAME_SIZE];
    struct ww_addr addr;
    return ww_dname_canon(text, strlen(text), canonical) == WW_OK ||
           ww_addr_parse(ww_slice_str(text), &addr) == WW_OK;
}

bool ww_alert_server_parse(const char *text, struct ww_alert_server *out)
{
    const char *colon = strrchr(text, ':');
    size_t n = colon != NULL ? (size_t)(colon - text) : 0;
    bool brackets = n > 2 && text[0] == '[' && text[n - 1] == ']';
    const char *host = brackets ? text + 1 : text;
    n -= brackets ? 2 : 0;
    if (colon == NULL || n == 0 || n >= sizeof out->host || !read_port(colon + 1, &out->port))
        return false;
    memcpy(out->host, host, n);
    out->host[n] = '\0';
    return is_host(out->host) && (strchr(out->host, ':') != NULL) == brackets;
}

bool ww_alert_mailbox_check(const char *text)
{
    struct ww_slice mailbox = ww_slice_str(text);
    return strchr(text, '@') != NULL ? ww_mailbox_parse(mailbox, NULL) : ww_mailbox_is_local_part(mailbox);
}

static bool is_this_machine(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0;
}

bool ww_alert_url_parse(const char *text, struct ww_alert_url *out)
{
    struct ww_uri uri;
    struct ww_addr addr;
    char canonical[WW_DNAME_SIZE];
    size_t offset;
    size_t n = strlen(text);
    if (n > WW_ALERT_URL_MAX || ww_uri_parse(text, n, &uri, &offset) != WW_OK || uri.user.p != NULL ||
        uri.fragment.p != NULL || (uri.path.n == 0 && uri.query.p != NULL))
        return false;
    out->plain = ww_slice_is(uri.scheme, "http");
    if ((!out->plain && !ww_slice_is(uri.scheme, "https")) || uri.host.n == 0 ||
        uri.host.n >= sizeof out->host || !ww_rua_port(uri.port, out->plain ? 80 : 443, &out->port))
        return false;
    memcpy(out->host, uri.host.p, uri.host.n);
    out->host[uri.host.n] = '\0';
    out->path = uri.path.n > 0 ? uri.path.p : "/";
    if (out->plain)
        return is_this_machine(out->host);
    return ww_dname_canon(out->host, uri.host.n, canonical) == WW_OK &&
           ww_addr_parse(ww_slice_str(out->host), &addr) != WW_OK;
}
