/*
 * The addresses to connect to for a host of somebody else's: A and AAAA asked at the same time, aliases
 * followed, and the guard against special addresses passed.
 */
#ifndef WW_DRIVE_ADDRESSES_H
#define WW_DRIVE_ADDRESSES_H

#include "core/addr.h"
#include "core/dname.h"
#include "net/dns.h"

/* Addresses taken of one family; the others are not looked at. */
#define WW_ADDRESSES_FAMILY_MAX 8
#define WW_ADDRESSES_MAX (2 * WW_ADDRESSES_FAMILY_MAX)

struct ww_addresses_options {
    struct ww_dns *dns;
    const struct ww_prefix *allow; /* special addresses that are accepted all the same; borrowed */
    size_t allow_count;
    bool patient; /* waits for both families, however long the second one takes */
};

/* What DNS says of one family. */
struct ww_addresses_answer {
    bool ended; /* false: it was not waited for any longer, and nothing is known */
    enum ww_err err;
    enum ww_dnssec dnssec;
    uint32_t ttl;                /* seconds; 0 on a failure */
    uint32_t longest_ttl;        /* of the addresses, or of an alias that leads to them */
    size_t count;                /* of addresses taken */
    size_t refused;              /* of those that the guard did not let pass */
    struct ww_addr refused_addr; /* the first of them, */
    const char *refused_as;      /* and why: static; NULL: none */
    unsigned rcode;              /* of an answer */
    char owner[WW_DNAME_SIZE];   /* of an answer: the name behind all aliases; "": it is the host itself */
};

struct ww_addresses_reply {
    enum ww_err err;             /* WW_OK: at least one address */
    const char *detail;          /* words on a failure, or NULL; borrowed during the callback */
    const struct ww_addr *addrs; /* IPv6 before IPv4; borrowed during the callback */
    size_t count;
    struct ww_addresses_answer ipv6, ipv4;
};

struct ww_addresses;
typedef void ww_addresses_cb(void *ctx, const struct ww_addresses_reply *reply);

/*
 * One family that fails, or stays away a while after the other one is there, is gone on without. The callback
 * runs once, never before this has returned, and may free anything: what was begun here is gone by then.
 * NULL: *err says why, no callback follows.
 */
struct ww_addresses *ww_addresses_find(const struct ww_addresses_options *options, const char *host,
                                       ww_addresses_cb *cb, void *ctx, enum ww_err *err);
void ww_addresses_cancel(struct ww_addresses *addresses);

/* The error of a reply for an MX host: it is said as of a policy host. */
enum ww_err ww_addresses_err_of_mx(enum ww_err err);

#endif
