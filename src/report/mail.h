/*
 * A report as a mail (RFC 8460 section 5.3): multipart/report; report-type="tlsrpt", with a part for people
 * and the gzipped report, TLS-Report-Domain and TLS-Report-Submitter, TLS-Required: No (RFC 8689), and a DKIM
 * signature (RFC 6376) over all of it where there is a key.
 */
#ifndef WW_REPORT_MAIL_H
#define WW_REPORT_MAIL_H

#include "base/err.h"
#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>

/* A private key, PEM: RSA of 1024 to 4096 bits, or Ed25519. Its text is the caller's, and is wiped by him. */
struct ww_dkim_key {
    const char *pem;
    size_t pem_n;
    const char *selector;
    const char *domain;
};

struct ww_report_mail {
    const char *from;         /* addr-spec: the contact, unless configured otherwise */
    const char *to;           /* addr-spec */
    const char *organization; /* for the part for people: UTF-8 */
    const char *contact;
    const char *domain;    /* that is reported on */
    const char *submitter; /* the domain of contact */
    const char *report_id;
    const char *file_name; /* ends in .json.gz */
    const char *subject;
    int64_t begin, end;
    uint64_t success, failure;     /* of all policies: for the part for people */
    int64_t date;                  /* Unix seconds */
    const char *host;              /* ours: for the Message-ID; that of submitter when it is no name */
    struct ww_slice content;       /* gzipped JSON */
    const struct ww_dkim_key *key; /* NULL: it is not signed */
};

/* Before confinement: loads what GMime opens late. Once for a process. */
void ww_report_mail_init(void);

/*
 * The whole mail, lines ended by CRLF, of 998 octets at most each, 7-bit; allocated, with its length in *n.
 * The same input makes the same mail; of one report to one recipient the Message-ID is always the same. NULL:
 * *err, and words in detail; WW_E_REPORT_MAIL when an address is no mailbox, a name no domain name, the
 * organization no line of text, or the id, file name or subject not what core/report.h makes.
 */
char *ww_report_mail(const struct ww_report_mail *mail, size_t *n, enum ww_err *err, char *detail,
                     size_t detail_size);

#endif
