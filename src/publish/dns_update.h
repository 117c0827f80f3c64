/*
 * Changes DNS at a primary server (RFC 2136), signed with TSIG (RFC 8945), through ldns. Blocks: called in a
 * process of its own. It opens no file, and asks the clock for what TSIG signs.
 */
#ifndef WW_PUBLISH_DNS_UPDATE_H
#define WW_PUBLISH_DNS_UPDATE_H

#include "core/addr.h"
#include "publish/tsig_key.h"

#include <stdbool.h>
#include <stdint.h>

#define WW_DNS_UPDATE_VALUES_MAX 8
#define WW_DNS_UPDATE_DETAIL_SIZE 256

/* All records of a name and type: what is there is replaced by these. */
struct ww_dns_change {
    char name[WW_DNAME_SIZE];
    char type[8]; /* "TXT", "TLSA", "CNAME", "A", "AAAA" */
    uint32_t ttl;
    size_t count;                                 /* 0: there are to be none */
    const char *values[WW_DNS_UPDATE_VALUES_MAX]; /* TXT: the text, which is cut into strings; else as in a
                                                     zone file; borrowed */
};

/*
 * Finds the zone by the SOA records above the name, as this server has them, and changes it. key may be NULL;
 * with one, answers that it has not signed are not believed. False: detail says what the server answered and
 * what to do, or why it could not be asked; printable ASCII. True: the server has taken it, which does not
 * say that it shows it: a CNAME beside other records is left out without a word (RFC 2136 section 3.4.2.2).
 */
bool ww_dns_update(const struct ww_addr *server, const struct ww_tsig_key *key,
                   const struct ww_dns_change *change, unsigned timeout_ms,
                   char detail[WW_DNS_UPDATE_DETAIL_SIZE]);

#endif
