/* Certificates of policy hosts and their keys, as they lie below publish.folder. */
#ifndef WW_PUBLISH_CERTIFICATE_H
#define WW_PUBLISH_CERTIFICATE_H

#include "base/slice.h"

#include <stdint.h>

/* Octets of one of the files; as large or larger ones are none. */
#define WW_CERTIFICATE_FILE_MAX 65536
#define WW_CERTIFICATE_DETAIL_SIZE 160

/* Of a certificate's validity, Unix seconds. */
struct ww_certificate_span {
    int64_t not_before;
    int64_t not_after;
};

/*
 * Judges a chain and a private key (PEM) as senders would the chain's first certificate, but for the
 * authority: the key fits, the host is one of its names (its common name does not count), and it is valid
 * now. False: detail says why not; the span is set where there is a certificate at all, else zero.
 */
bool ww_certificate_judge(struct ww_slice chain, struct ww_slice key, const char *host, int64_t now,
                          struct ww_certificate_span *span, char detail[WW_CERTIFICATE_DETAIL_SIZE]);

/* A whole file into room, which has WW_CERTIFICATE_FILE_MAX octets; NULL in the slice with errno set where it
 * cannot be read. */
struct ww_slice ww_certificate_read(const char *path, char *room);

/* The validity of the first certificate in FOLDER/certificates/HOST/fullchain.pem. False: there is none that
 * can be read. */
bool ww_certificate_span(const char *folder, const char *host, struct ww_certificate_span *span);

/*
 * Puts both into FOLDER/certificates/HOST/fullchain.pem and privkey.pem, in place of what is there: whoever
 * reads them finds the old ones or the new ones. Mode 0640. False with errno set.
 */
bool ww_certificate_install(const char *folder, const char *host, struct ww_slice chain, struct ww_slice key);

#endif
