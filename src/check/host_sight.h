/* What was seen of a domain's policy host: on each address TLS, certificate, HTTP; and the body it serves. */
#ifndef WW_CHECK_HOST_SIGHT_H
#define WW_CHECK_HOST_SIGHT_H

#include "drive/addresses.h"
#include "net/https.h"

#define WW_HOST_DETAIL_SIZE 320
#define WW_HOST_TYPE_SIZE 128
#define WW_HOST_LINE_SIZE 100

/* One address of it. */
struct ww_host_address_sight {
    struct ww_addr addr;
    bool tested;     /* the rest is of meaning */
    bool from_us;    /* it was not reached for reasons of our own: err says which */
    enum ww_err err; /* WW_OK: an answer arrived, of any status; but WW_E_HTTPS_... and WW_E_NO_MEMORY */
    char detail[WW_HOST_DETAIL_SIZE]; /* words on err, or "" */
    int64_t us;                       /* that it took */
    uint16_t tls_version;             /* as on the wire; 0: no certificate was shown */
    struct ww_tls_leaf leaf;
    unsigned status;              /* 0: no whole answer */
    unsigned as_browser;          /* the status for who calls himself a browser; 0: not asked */
    char type[WW_HOST_TYPE_SIZE]; /* "": none */
    struct ww_https_headers headers;
    size_t size; /* of the body, with status 200 */
    /* Where it is another one than host.body: its first line that is, and what stands there in both. */
    size_t other_line; /* from 1; 0: it is the same */
    char here[WW_HOST_LINE_SIZE], there[WW_HOST_LINE_SIZE];
};

struct ww_host_sight {
    bool looked;
    bool late;
    bool resolved;                        /* the next four are of meaning */
    enum ww_err dns_err;                  /* WW_OK: there are addresses that may be connected to */
    char dns_detail[WW_HOST_DETAIL_SIZE]; /* words on it, or "" */
    struct ww_addresses_answer ipv6, ipv4;
    size_t count;
    struct ww_host_address_sight *addresses; /* IPv6 before IPv4; owned */
    size_t body_from;                        /* the address that body is from */
    struct ww_slice body; /* of the first address that serves one with status 200, over a TLS that holds,
                             whatever its text; owned; p is NULL where none does */
};

#endif
