#include "core/socketmap.h"

#include "core/dname.h"

/* A name of 253 octets in A-labels is never longer in UTF-8; with room for a root dot. */
#define KEY_NAME_MAX (4 * WW_DNAME_MAX + 1)

static enum ww_socketmap_map map_of(struct ww_slice name)
{
    if (ww_slice_is(name, "QUERY"))
        return WW_MAP_QUERY;
    if (ww_slice_is(name, "QUERYwithTLSRPT"))
        return WW_MAP_QUERY_WITH_TLSRPT;
    if (ww_slice_is(name, "EXPLAIN"))
        return WW_MAP_EXPLAIN;
    if (ww_slice_is(name, "sts"))
        return WW_MAP_STS;
    if (ww_slice_is(name, "stsmx"))
        return WW_MAP_STS_MX;
    if (ww_slice_is(name, "DECISION"))
        return WW_MAP_DECISION;
    return WW_MAP_UNKNOWN;
}

enum ww_err ww_socketmap_parse(struct ww_slice payload, struct ww_socketmap_request *out)
{
    const char *space = payload.n > 0 ? memchr(payload.p, ' ', payload.n) : NULL;
    if (space == NULL || space == payload.p)
        return WW_E_SOCKETMAP_REQUEST;
    size_t length = (size_t)(space - payload.p);
    out->map = map_of(ww_slice(payload.p, length));
    out->key = ww_slice(space + 1, payload.n - length - 1);
    return WW_OK;
}

/* Takes the port from a key; false when it is not the one that mail exchangers listen on. */
static bool take_port(struct ww_slice *key)
{
    const char *colon = memchr(key->p, ':', key->n);
    if (colon == NULL)
        return true;
    size_t length = (size_t)(colon - key->p);
    struct ww_slice port = ww_slice(colon + 1, key->n - length - 1);
    key->n = length;
    return ww_slice_is(port, "25") || ww_slice_is(port, "smtp");
}

enum ww_socketmap_key ww_socketmap_key(struct ww_slice key, struct ww_slice *domain)
{
    if (key.n == 0 || key.p[0] == '.' || key.p[0] == '[')
        return WW_KEY_NO_POLICY;
    if (!take_port(&key))
        return WW_KEY_NO_POLICY;
    if (key.n > 0 && key.p[key.n - 1] == '.')
        key.n--;
    if (key.n == 0 || key.n > KEY_NAME_MAX || key.p[key.n - 1] == '.')
        return WW_KEY_NO_POLICY;
    /* An IPv4 one: what has more than one colon has a strange port already. */
    if (ww_dname_is_address(key.p, key.n))
        return WW_KEY_NO_POLICY;
    *domain = key;
    return WW_KEY_DOMAIN;
}
