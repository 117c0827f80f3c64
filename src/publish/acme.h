/*
 * Certificates by ACME (RFC 8555), made by uacme, which is found where systems keep their programs. Blocks:
 * called in a process of its own (daemon/job.h), which may run programs, connect, and write below FOLDER
 * alone. Its challenge is answered by the publisher: http-01 from FOLDER/challenges/TOKEN; tls-alpn-01
 * (RFC 8737) with the certificate and key in FOLDER/challenges/HOST.pem.
 *
 * The account, and what uacme keeps itself, lie in FOLDER/acme. Whoever names a directory has agreed to the
 * terms of its authority. The authority's own server is judged by the system's authorities, as uacme knows no
 * others.
 */
#ifndef WW_PUBLISH_ACME_H
#define WW_PUBLISH_ACME_H

#include "core/dname.h"

#include <stdbool.h>
#include <stdint.h>

#define WW_ACME_DETAIL_SIZE 512

struct ww_acme {
    const char *folder;    /* publish.folder, which is there */
    const char *directory; /* URL */
    const char *contact;   /* mailbox, or NULL */
    bool tls_alpn;         /* else http-01 */
    bool force;            /* also a certificate that is not yet to be renewed */
    const char *program;   /* in place of uacme; NULL */
};

/*
 * Sees to it that FOLDER/certificates/HOST/fullchain.pem and privkey.pem hold a good certificate that is not
 * due to be renewed (certificate_time.h) as yet. The authority is asked only when it is due; the pair that
 * was there is replaced, at once and as a whole, when the new one has been found good. False: detail says why
 * not, in the words of the authority or of uacme where they have any; printable ASCII.
 */
bool ww_acme_issue(const struct ww_acme *acme, const char *host, unsigned timeout_ms,
                   char detail[WW_ACME_DETAIL_SIZE]);

#endif
