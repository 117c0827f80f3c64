/* The hosts that take a domain's mail, out of a DNS answer (RFC 5321 section 5.1, RFC 7505). */
#ifndef WW_CORE_MX_HOSTS_H
#define WW_CORE_MX_HOSTS_H

#include "core/dname.h"
#include "core/dnssec.h"

#include <stdint.h>

/* Of more hosts those of the best preference are kept. */
#define WW_MX_HOSTS_MAX 32

#define WW_MX_DETAIL_SIZE 160

enum ww_mx_outcome {
    WW_MX_LISTED,    /* by MX records */
    WW_MX_IMPLICIT,  /* there is none, so that the domain itself is the host */
    WW_MX_NULL,      /* the domain says that it takes no mail */
    WW_MX_NO_DOMAIN, /* the name does not exist */
    WW_MX_FAILED,    /* it could not be found out: why */
    WW_MX_OUTCOMES,
};

struct ww_mx_host {
    uint16_t preference;
    char name[WW_DNAME_SIZE]; /* lower case; what is no host name is escaped, and matches no pattern */
};

struct ww_mx_hosts {
    enum ww_mx_outcome outcome;
    enum ww_err why;                /* WW_OK unless it failed */
    char detail[WW_MX_DETAIL_SIZE]; /* words on a failure, or "" */
    enum ww_dnssec dnssec;          /* of the answer; whoever has asked sets it */
    uint32_t ttl;                   /* of the answer, seconds; 0 when it failed */
    size_t count;
    bool more; /* there are some that were not kept */
    struct ww_mx_host hosts[WW_MX_HOSTS_MAX];
};

/* Reads the answer to the MX question of a canonical domain: the hosts by preference. Never fails silently:
 * what cannot be read is WW_MX_FAILED. */
void ww_mx_hosts_read(struct ww_slice packet, const char *domain, struct ww_mx_hosts *out);

/* It could not be asked, or there was no answer; detail may be NULL. */
void ww_mx_hosts_fail(struct ww_mx_hosts *out, enum ww_err why, const char *detail);

/* "listed", "implicit", "null", "no-domain" or "failed". */
const char *ww_mx_outcome_name(enum ww_mx_outcome outcome);

#endif
