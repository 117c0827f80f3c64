/*
 * Detached OpenPGP signatures (RFC 4880, RFC 9580), verified and made by GnuPG through GPGME. Blocking; runs
 * gpg as a child of this process.
 */
#ifndef WW_SIGN_OPENPGP_H
#define WW_SIGN_OPENPGP_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

/* Most octets of a key file and of a signature that are looked at. */
#define WW_OPENPGP_KEYS_MAX ((size_t)1 << 20)
#define WW_OPENPGP_SIGNATURE_MAX ((size_t)64 << 10)

#define WW_OPENPGP_WHY_SIZE 200

/* What a signature that holds was made with. The strings are NUL-terminated and cut where too long. */
struct ww_openpgp_signer {
    char key[130];  /* fingerprint of the key or subkey that signed, upper-case hex */
    char user[256]; /* first user id of the key, as its owner wrote it: UTF-8 of a stranger */
    int64_t made;   /* Unix seconds, by the signer's clock */
    int64_t until;  /* when the signature or the key expires, whichever is first; 0 never */
};

/*
 * True when gpg is there and can be run. Call it, or one of the functions below, once before rights are given
 * up: GPGME looks for the programs of GnuPG at the first call, and keeps what it has found.
 */
bool ww_openpgp_ready(void);

/*
 * Verifies a detached signature over data against the public keys of one key file, both armored or binary.
 * No other key counts, and no keyring or configuration of a user is read: a private GNUPGHOME is made in the
 * folder tmp, which has to exist, and removed at the end. There has to be exactly one signature, and it has
 * to hold now, by the clock of the machine.
 *
 * Errors: WW_E_OPENPGP_* each name one cause. why gets words of GnuPG on it in printable ASCII, or is empty.
 * On success *signer is filled in; it may be NULL.
 */
WW_MUST_CHECK enum ww_err ww_openpgp_verify(const char *tmp, struct ww_slice keys, struct ww_slice signature,
                                            struct ww_slice data, struct ww_openpgp_signer *signer,
                                            char why[WW_OPENPGP_WHY_SIZE]);

/*
 * Signs data with a secret key of the caller's own keyring (GNUPGHOME or ~/.gnupg; its agent may ask for the
 * passphrase): key is what gpg -u takes, and has to name one key. *signature is armored, NUL-terminated and
 * freed with free(); *n is its length.
 */
WW_MUST_CHECK enum ww_err ww_openpgp_sign(const char *key, struct ww_slice data, char **signature, size_t *n,
                                          char why[WW_OPENPGP_WHY_SIZE]);

#endif
