#include "daemon/front_question.h"

#include "codec/idn.h"
#include "core/exim.h"
#include "core/line.h"
#include "core/sendmail.h"

/* Takes the domain from a key, or the answer where there is none. */
static void read_key(struct ww_slice key, const char *no_policy, const char *no_memory,
                     struct ww_question *out)
{
    struct ww_slice domain;
    if (ww_socketmap_key(key, &domain) == WW_KEY_NO_POLICY) {
        out->fixed = no_policy;
        return;
    }
    enum ww_err err = ww_idn_to_domain(domain, out->domain);
    if (err == WW_E_NO_MEMORY)
        out->fixed = no_memory;
    else if (err != WW_OK)
        out->fixed = no_policy;
}

/* Takes the MX host from a key and leaves the domain. */
static bool read_host(struct ww_slice *key, char host[WW_DNAME_SIZE])
{
    struct ww_slice name;
    if (!ww_sendmail_key(*key, &name, key))
        return false;
    /* What is no host name may still take the mail of a domain that demands nothing. */
    if (ww_dname_canon(name.p, name.n, host) != WW_OK)
        host[0] = '\0';
    return true;
}

void ww_question_read(struct ww_slice payload, struct ww_question *out)
{
    struct ww_socketmap_request request;
    out->map = WW_MAP_UNKNOWN;
    out->fixed = NULL;
    out->hash = 0;
    /* Postfix defers mail on PERM and logs the reason: a misspelt map name must not go unnoticed. */
    if (ww_socketmap_parse(payload, &request) != WW_OK) {
        out->fixed = "PERM the request is not a map name, a space and a key";
        return;
    }
    out->map = request.map;
    if (request.map == WW_MAP_UNKNOWN) {
        out->fixed =
            "PERM unknown map name: Waxwing has QUERY, QUERYwithTLSRPT, DECISION, EXPLAIN, sts and stsmx";
        return;
    }
    if (request.map == WW_MAP_STS_MX && !read_host(&request.key, out->host)) {
        out->fixed = "TEMP the key is not an MX host, an @ and a domain";
        return;
    }
    const char *no_policy = request.map == WW_MAP_STS_MX ? WW_SENDMAIL_MX_NONE : "NOTFOUND ";
    read_key(request.key, no_policy, "TEMP Waxwing is out of memory", out);
}

void ww_question_read_line(struct ww_slice line, struct ww_question *out)
{
    struct ww_slice key;
    *out = (struct ww_question){.map = WW_MAP_LINE};
    if (ww_line_request(line, &key))
        read_key(key, WW_EXIM_NONE, WW_EXIM_TEMPERR("Waxwing is out of memory"), out);
    else
        out->fixed = WW_EXIM_TEMPERR("the request is not the word sts, a space and a domain");
}
