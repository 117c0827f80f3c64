/*
 * Certificates by ACME (RFC 8555), made by uacme. Blocks: called in a process of its own. Its challenge is
 * answered by the publisher: http-01 from FOLDER/challenges/TOKEN; tls-alpn-01 (RFC 8737) with the
 * certificate FOLDER/challenges/HOST.pem.
 */
#ifndef WW_PUBLISH_ACME_H
#define WW_PUBLISH_ACME_H

#include "core/dname.h"

#include <stdbool.h>
#include <stdint.h>

#define WW_ACME_DETAIL_SIZE 512

struct ww_acme {
    const char
        *folder; /* publish.folder: certificates/HOST/fullchain.pem and privkey.pem come to lie there */
    const char *directory; /* URL */
    const char *contact;   /* mailbox, or NULL */
    const char *ca_file;   /* that the server's own certificate is judged by; NULL: the system's */
    bool tls_alpn;         /* else http-01 */
};

/* Makes or renews that of one host. False: detail says why not, in uacme's words where it has any. */
bool ww_acme_issue(const struct ww_acme *acme, const char *host, unsigned timeout_ms,
                   char detail[WW_ACME_DETAIL_SIZE]);

/* The end of the certificate below FOLDER/certificates/HOST, Unix seconds; 0: there is none that can be read.
 */
int64_t ww_certificate_end(const char *folder, const char *host);

#endif
