/*
 * What one line of Postfix's log says about TLS and deliveries: from 3.4 to 3.10, at smtp_tls_loglevel 1 and
 * above. The words are those of Postfix (src/smtp, src/tls, src/qmgr). Text that a stranger has sent stands
 * in some of them; it is read where nothing of ours follows.
 */
#ifndef WW_CORE_POSTFIX_LOG_H
#define WW_CORE_POSTFIX_LOG_H

#include "base/slice.h"
#include "core/tls_result.h"

enum ww_postfix_line {
    WW_POSTFIX_NOTHING,      /* of interest here */
    WW_POSTFIX_TLS_MADE,     /* "Trusted TLS connection established to HOST[IP]:PORT: ..." */
    WW_POSTFIX_TLS_REUSED,   /* "Trusted TLS connection reused to HOST[IP]:PORT: ..." */
    WW_POSTFIX_CERTIFICATE,  /* "certificate verification failed for HOST[IP]:PORT: WHY" */
    WW_POSTFIX_SHAKE_FAILED, /* "SSL_connect error to HOST[IP]:PORT: WHY" */
    WW_POSTFIX_NO_POLICY,    /* "warning: TLS policy lookup for DOMAIN/HOST: WHY" */
    WW_POSTFIX_NO_PATTERN,   /* "warning: MX name 'HOST' does not match STS MX pattern for 'DOMAIN'" */
    WW_POSTFIX_GOES_ON,      /* "QUEUEID: WHY": this host has failed, the next one's turn */
    WW_POSTFIX_FATE,         /* "QUEUEID: to=<...>, relay=HOST[IP]:PORT, ..., status=... (WHY)" */
    WW_POSTFIX_QUEUED,       /* "QUEUEID: from=<...>, ... (queue active)": qmgr begins an attempt */
};

/* Why a delivery has failed, as far as it is about TLS. */
enum ww_postfix_why {
    WW_POSTFIX_WHY_OTHER,
    WW_POSTFIX_WHY_NOT_VERIFIED,  /* "Server certificate not verified", "... not trusted" */
    WW_POSTFIX_WHY_NOT_OFFERED,   /* "TLS is required, but was not offered by ...", "... refused to start TLS"
                                   */
    WW_POSTFIX_WHY_HANDSHAKE,     /* "Cannot start TLS: handshake failure" */
    WW_POSTFIX_WHY_TLSA_LOOKUP,   /* "TLSA lookup error for ..." */
    WW_POSTFIX_WHY_TLSA_NONE,     /* "no TLSA records found", "non DNSSEC destination" */
    WW_POSTFIX_WHY_TLSA_UNUSABLE, /* "TLSA records unusable" */
    WW_POSTFIX_WHY_SAID,          /* "host HOST[IP] said: ... (in reply to ... command)": after EHLO */
};

/* Slices are cut from the message; what the line does not say is empty. */
struct ww_postfix_says {
    enum ww_postfix_line line;
    struct ww_slice queue_id;
    struct ww_slice domain; /* of the recipient, or the one that a policy was looked up for; not checked */
    struct ww_slice host;
    struct ww_slice ip;
    struct ww_slice why; /* in words */
    enum ww_postfix_why reason;
    enum ww_tls_seen tls;
    uint32_t port;
    bool sent;   /* status=sent */
    bool reused; /* the delivery came over a connection that an earlier one has made */
};

/*
 * The service that delivers report mails, as docs/reports.md sets it up: what TLS they meet with is reported
 * to nobody (RFC 8460 section 3), so that it is no program that is read.
 */
#define WW_POSTFIX_REPORT_SERVICE "waxwing-report"

/* Which program of Postfix's wrote the line: by the last part of its tag. */
enum ww_postfix_program {
    WW_POSTFIX_OTHER_PROGRAM,
    WW_POSTFIX_SMTP,
    WW_POSTFIX_TLSPROXY,
    WW_POSTFIX_QMGR,
};

enum ww_postfix_program ww_postfix_program(struct ww_slice tag);

/* Reads what the program has said; all that it does not know is WW_POSTFIX_NOTHING. */
void ww_postfix_log_parse(enum ww_postfix_program program, struct ww_slice message,
                          struct ww_postfix_says *out);

/* The result type that these words of WW_POSTFIX_CERTIFICATE name. *dane: it is TLSA records that do not fit.
 */
enum ww_result_type ww_postfix_certificate_fault(struct ww_slice why, bool *dane);

#endif
