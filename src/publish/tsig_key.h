/*
 * A key for TSIG (RFC 8945), as name servers and their tools write it into a file:
 *
 *   key "name" { algorithm hmac-sha256; secret "..."; };      BIND: tsig-keygen, named.conf
 *   key:\n  - id: name\n    algorithm: ...\n    secret: ...   Knot DNS: keymgr -t, knot.conf
 *   hmac-sha256:name:secret                                   nsupdate -y, kdig -y
 */
#ifndef WW_PUBLISH_TSIG_KEY_H
#define WW_PUBLISH_TSIG_KEY_H

#include "base/err.h"
#include "core/dname.h"

#include <stdbool.h>

#define WW_DNS_UPDATE_DETAIL_SIZE 256

/* What is read of a file. */
#define WW_TSIG_FILE_MAX 4096

struct ww_tsig_key {
    char name[WW_DNAME_SIZE]; /* lower case, without the root dot */
    char algorithm[64];       /* "hmac-sha256" or "hmac-sha512" */
    char secret[256];         /* base64 */
};

/* The one key of a text, with each of its fields once. On an error *offset is where the text is wrong. */
WW_MUST_CHECK enum ww_err ww_tsig_key_parse(const char *p, size_t n, struct ww_tsig_key *out, size_t *offset);

/* Reads a file. False: detail says why; the secret is in no words. */
bool ww_tsig_key_read(const char *path, struct ww_tsig_key *out, char detail[WW_DNS_UPDATE_DETAIL_SIZE]);

#endif
