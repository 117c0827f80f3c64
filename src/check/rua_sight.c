#include "check/rua_sight.h"

#include "check/looks.h"
#include "core/uri.h"
#include "core/words.h"

/* The domain stands behind the last at sign of the path, which may be percent-encoded (RFC 6068 section 2).
 */
static bool read_mail(const struct ww_uri *uri, struct ww_rua_destination *out)
{
    char text[1024];
    struct ww_buf b = ww_buf(text, sizeof text);
    size_t offset, at;
    if (ww_uri_decode(uri->path, &b, &offset) != WW_OK)
        return false;
    for (at = b.n; at > 0 && text[at - 1] != '@'; at--)
        continue;
    return at > 0 && ww_dname_canon(text + at, b.n - at, out->name) == WW_OK;
}

/* Behind the host there may be a colon and a port. */
static bool read_web(const struct ww_uri *uri, struct ww_slice text, struct ww_rua_destination *out,
                     struct ww_slice *path)
{
    if (uri->host.p == NULL || ww_dname_canon(uri->host.p, uri->host.n, out->name) != WW_OK)
        return false;
    const char *behind = uri->host.p + uri->host.n;
    struct ww_slice port = ww_slice(behind, (size_t)(uri->path.p - behind));
    out->web.other_port = port.n > 1 && !ww_slice_is(port, ":443");
    const char *end = text.p + text.n;
    const char *fragment = memchr(uri->path.p, '#', (size_t)(end - uri->path.p));
    *path = ww_slice(uri->path.p, (size_t)((fragment != NULL ? fragment : end) - uri->path.p));
    return true;
}

bool ww_rua_read(struct ww_slice text, struct ww_rua_destination *out, struct ww_slice *path)
{
    struct ww_uri uri;
    size_t offset;
    struct ww_buf b = ww_buf(out->uri, sizeof out->uri - 1);
    ww_words_put_cut(&b, text);
    out->uri[b.n] = '\0';
    out->name[0] = '\0';
    *path = ww_slice("", 0);
    if (ww_uri_parse(text.p, text.n, &uri, &offset) != WW_OK)
        return false;
    bool good = out->scheme == WW_RUA_MAILTO  ? read_mail(&uri, out)
                : out->scheme == WW_RUA_HTTPS ? read_web(&uri, text, out, path)
                                              : false;
    if (!good)
        out->name[0] = '\0';
    return good;
}

void ww_rua_sight_clear(struct ww_rua_sight *sight)
{
    (void)sight;
}
