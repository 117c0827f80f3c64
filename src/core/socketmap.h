/*
 * Postfix's socketmap (socketmap_table(5)): requests `<map> <key>`, replies `OK <data>`, `NOTFOUND `, `TEMP
 * <reason>`.
 */
#ifndef WW_CORE_SOCKETMAP_H
#define WW_CORE_SOCKETMAP_H

#include "base/err.h"
#include "base/slice.h"

#define WW_SOCKETMAP_QUERY_MAX 10000
#define WW_SOCKETMAP_REPLY_MAX 100000

enum ww_socketmap_map {
    WW_MAP_QUERY,             /* "QUERY": no policy_* attributes (Postfix before 3.10) */
    WW_MAP_QUERY_WITH_TLSRPT, /* "QUERYwithTLSRPT" */
    WW_MAP_EXPLAIN,           /* "EXPLAIN": our own, answers JSON */
    WW_MAP_LINE,              /* the line protocol (core/line.h): no name leads to it */
    WW_MAP_STS,               /* "sts": Sendmail's FEATURE(sts) (core/sendmail.h) */
    WW_MAP_STS_MX,            /* "stsmx": the rule sets of waxwing.m4: "host@domain" */
    WW_MAP_HTTP,              /* the HTTP API: no name reaches it */
    WW_MAP_DECISION,          /* "DECISION": for libwaxwing, answers core/decision_text.h */
    WW_MAP_UNKNOWN,
};

/* What a look-up key names. */
enum ww_socketmap_key {
    WW_KEY_DOMAIN,    /* a policy domain, alone or with ":25" or ":smtp" */
    WW_KEY_NO_POLICY, /* a parent (".example.com"), "[host]", an address, another port: NOTFOUND at once */
};

struct ww_socketmap_request {
    enum ww_socketmap_map map;
    struct ww_slice key; /* as it came, borrowed */
};

/* Splits a request. WW_E_SOCKETMAP_REQUEST when there is no space, or the map name is empty. */
WW_MUST_CHECK enum ww_err ww_socketmap_parse(struct ww_slice payload, struct ww_socketmap_request *out);

/*
 * Says what a key is; for WW_KEY_DOMAIN *domain is the key without the port and without a trailing dot, case
 * kept, perhaps UTF-8. The caller turns it into a canonical name, and finds then whether it is one at all.
 */
enum ww_socketmap_key ww_socketmap_key(struct ww_slice key, struct ww_slice *domain);

#endif
