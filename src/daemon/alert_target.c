#include "daemon/alert_target.h"

#include "base/ascii.h"
#include "core/addr.h"
#include "core/uri.h"
#include "daemon/config_values.h"

#include <string.h>

#define LOCAL_PART_MAX 64
#define MAILBOX_MAX 254

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

/* Dots between atoms (RFC 5321 section 4.1.2), as a quoted one would not be a word of a command. */
static bool is_local_part(const char *p, size_t n)
{
    bool good = n > 0 && n <= LOCAL_PART_MAX && p[0] != '.' && p[n - 1] != '.';
    for (size_t i = 0; good && i < n; i++) {
        bool dot = p[i] == '.' && p[i - 1] != '.';
        good = dot || ww_is_alnum(p[i]) || (p[i] != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", p[i]) != NULL);
    }
    return good;
}

bool ww_alert_mailbox_check(const char *text)
{
    char canonical[WW_DNAME_SIZE];
    const char *at = strrchr(text, '@');
    if (strlen(text) > MAILBOX_MAX)
        return false;
    if (at == NULL)
        return is_local_part(text, strlen(text));
    return is_local_part(text, (size_t)(at - text)) &&
           ww_dname_canon(at + 1, strlen(at + 1), canonical) == WW_OK;
}

static bool is_this_machine(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0;
}

/* What stands between host and path: nothing, or a port. */
static bool read_behind(const char *behind, size_t n, unsigned *port)
{
    char digits[8];
    if (n == 0)
        return true;
    if (behind[0] != ':' || n > sizeof digits)
        return false;
    memcpy(digits, behind + 1, n - 1);
    digits[n - 1] = '\0';
    return read_port(digits, port);
}

bool ww_alert_url_parse(const char *text, struct ww_alert_url *out)
{
    struct ww_uri uri;
    struct ww_addr addr;
    char canonical[WW_DNAME_SIZE];
    size_t offset;
    size_t n = strlen(text);
    if (n > WW_ALERT_URL_MAX || ww_uri_parse(text, n, &uri, &offset) != WW_OK || strchr(text, '#') != NULL)
        return false;
    out->plain = ww_slice_is(uri.scheme, "http");
    out->port = out->plain ? 80 : 443;
    if ((!out->plain && !ww_slice_is(uri.scheme, "https")) || uri.host.n == 0 ||
        uri.host.n >= sizeof out->host || uri.host.p != text + uri.scheme.n + strlen("://"))
        return false;
    memcpy(out->host, uri.host.p, uri.host.n);
    out->host[uri.host.n] = '\0';
    const char *behind = uri.host.p + uri.host.n;
    size_t behind_n = uri.path.n > 0 ? (size_t)(uri.path.p - behind) : strlen(behind);
    out->path = uri.path.n > 0 ? uri.path.p : "/";
    if (!read_behind(behind, behind_n, &out->port))
        return false;
    if (out->plain)
        return is_this_machine(out->host);
    return ww_dname_canon(out->host, uri.host.n, canonical) == WW_OK &&
           ww_addr_parse(ww_slice_str(out->host), &addr) != WW_OK;
}
