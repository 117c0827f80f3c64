/*
 * Changes DNS at a primary server (RFC 2136), signed with TSIG (RFC 8945), through ldns. Blocks: called in a
 * process of its own.
 */
#ifndef WW_PUBLISH_DNS_UPDATE_H
#define WW_PUBLISH_DNS_UPDATE_H

#include "base/err.h"
#include "core/addr.h"
#include "core/dname.h"

#define WW_DNS_UPDATE_VALUES_MAX 8
#define WW_DNS_UPDATE_DETAIL_SIZE 256

/* A key as BIND and Knot write it: key "name" { algorithm hmac-sha256; secret "…"; }; or a line
 * "algorithm:name:secret". */
struct ww_tsig_key {
    char name[WW_DNAME_SIZE];
    char algorithm[64];
    char secret[256]; /* base64 */
};
/* False: detail says why. */
bool ww_tsig_key_read(const char *path, struct ww_tsig_key *out, char detail[WW_DNS_UPDATE_DETAIL_SIZE]);

/* All records of a name and type: what is there is replaced by these. */
struct ww_dns_change {
    char name[WW_DNAME_SIZE];
    char type[8]; /* "TXT", "TLSA", "CNAME", "A", "AAAA" */
    uint32_t ttl;
    size_t count;                                 /* 0: there are to be none */
    const char *values[WW_DNS_UPDATE_VALUES_MAX]; /* TXT: the text, which is cut into strings; else as in a
                                                     zone file; borrowed */
};

/* Finds the zone by the SOA records above the name, as this server has them. key may be NULL. False: detail
 * says what the server answered, or why it could not be asked. */
bool ww_dns_update(const struct ww_addr *server, const struct ww_tsig_key *key,
                   const struct ww_dns_change *change, unsigned timeout_ms,
                   char detail[WW_DNS_UPDATE_DETAIL_SIZE]);

#endif
