/*
 * Where a report goes, by a URI of a TLSRPT record (RFC 8460 section 3): one mailbox (RFC 6068), or a path of
 * an HTTPS host.
 */
#ifndef WW_CORE_RUA_H
#define WW_CORE_RUA_H

#include "core/mailbox.h"
#include "core/tlsrpt_record.h"

#define WW_RUA_PATH_SIZE 1024
#define WW_RUA_HTTPS_PORT 443

struct ww_rua {
    enum ww_rua_scheme scheme; /* not WW_RUA_OTHER */
    char name[WW_DNAME_SIZE];  /* canonical: the mail domain, or the host */
    /* mailto */
    char mailbox[WW_MAILBOX_MAX + 1];
    /* https */
    unsigned port;
    char path[WW_RUA_PATH_SIZE]; /* with the query; begins with a slash */
};

/*
 * False: nothing can be delivered to it. Of mailto: a header field (a query) is ignored, and percent signs
 * are decoded; what is then no mailbox, or several, is not delivered to: a comma ends a URI in the record, so
 * that an encoded one is part of an address. Of https: no user, no fragment, no address in place of a name.
 */
bool ww_rua_parse(struct ww_slice uri, struct ww_rua *out);

/* Both name one destination, however they are written: local parts of mailboxes are compared in lower case.
 */
bool ww_rua_same(const struct ww_rua *a, const struct ww_rua *b);

/* The port that the digits of a URI name, the usual one where there are none. False: it is no port. */
bool ww_rua_port(struct ww_slice digits, unsigned usual, unsigned *port);

#endif
