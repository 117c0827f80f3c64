/*
 * Hands a mail to an SMTP server of our operator's (RFC 5321) through libcurl. Blocking, bounded in octets
 * and time: for a process that has nothing else to do (daemon/job.h).
 */
#ifndef WW_NET_SMTP_SEND_H
#define WW_NET_SMTP_SEND_H

#include "base/slice.h"
#include "core/addr.h"

#define WW_SMTP_RECIPIENTS_MAX 16
#define WW_SMTP_SENT_SIZE 320

struct x509_store_st;

struct ww_smtp_letter {
    const char *host; /* a name or an address literal without brackets, */
    const struct ww_addr *addrs;
    size_t addr_count; /* and where that is */
    unsigned port;
    struct x509_store_st *store; /* trusted authorities (tls_verify.h): STARTTLS is demanded, and a
                                    certificate for the host; NULL: neither is asked for */
    const char *helo;            /* what we call ourselves */
    const char *from;
    const char *const *to;
    size_t to_count;      /* WW_SMTP_RECIPIENTS_MAX at most */
    uint32_t skip;        /* bit i: nothing is sent to to[i] */
    struct ww_slice text; /* RFC 5322; lines end in CRLF */
    unsigned deadline_ms; /* of all of it */
};

struct ww_smtp_sent {
    uint32_t accepted;              /* bit i: the server has taken responsibility for to[i] */
    uint32_t refused;               /* for good, by a reply of 500 or above */
    uint32_t unknown;               /* of these: the server wants no mail to to[i], whoever sends it
                                       (ww_smtp_refuses_recipient) */
    char detail[WW_SMTP_SENT_SIZE]; /* of the last failure, or ""; printable ASCII */
};

/* One transaction for each recipient, so that what becomes of one does not depend on the others. */
void ww_smtp_send(const struct ww_smtp_letter *letter, struct ww_smtp_sent *out);

#endif
