/* Whether the destinations of a TLSRPT record would take a report. */
#ifndef WW_CHECK_RUA_SIGHT_H
#define WW_CHECK_RUA_SIGHT_H

#include "core/mx_hosts.h"
#include "core/rua.h"

/* More destinations are not looked at. */
#define WW_RUA_MAX 8

/* MX hosts of one destination, and addresses of one of them, that are greeted, until one answers. */
#define WW_RUA_HOSTS_MAX 2
#define WW_RUA_ADDRESSES_MAX 2

#define WW_RUA_DETAIL_SIZE 256

struct ww_rua_mail {
    enum ww_mx_outcome outcome;      /* of its MX records */
    bool found;                      /* that is of meaning */
    enum ww_err mx_err;              /* with WW_MX_FAILED */
    unsigned tried;                  /* addresses that were connected to */
    bool greeted;                    /* one of them has answered EHLO */
    enum ww_err err;                 /* of the last one that did not, or why there was none */
    char host[WW_DNAME_SIZE];        /* that answered, or was tried last */
    char detail[WW_RUA_DETAIL_SIZE]; /* its address and words, or ""; printable ASCII */
    /* The domain's MTA-STS policy. */
    bool policy_known; /* whether there is one */
    bool enforced;     /* it says enforce */
};

/* A GET: it can deliver nothing, and shows that somebody listens. */
struct ww_rua_web {
    bool other_port; /* another one than 443: not asked */
    bool asked;
    enum ww_err err; /* WW_OK: an answer came */
    unsigned status;
    char detail[WW_RUA_DETAIL_SIZE]; /* printable ASCII, or "" */
};

struct ww_rua_destination {
    char uri[WW_RUA_DETAIL_SIZE]; /* as words: escaped, and cut where it is long */
    enum ww_rua_scheme scheme;
    char name[WW_DNAME_SIZE]; /* mail domain or host; "": the URI has none that can be looked for */
    bool ended;
    struct ww_rua_mail mail; /* of the scheme mailto */
    struct ww_rua_web web;   /* of https */
};

struct ww_rua_sight {
    bool looked;
    bool late;
    size_t count;
    bool more; /* there are some that were not looked at */
    struct ww_rua_destination destinations[WW_RUA_MAX];
};

/* Reads where a URI leads to. False: nothing can be delivered there. */
bool ww_rua_read(struct ww_slice uri, struct ww_rua_destination *out, struct ww_rua *rua);

#endif
