/* What the files of this module share. */
#ifndef WW_SIGN_OPENPGP_PRIVATE_H
#define WW_SIGN_OPENPGP_PRIVATE_H

#include "sign/openpgp.h"

#include <gpgme.h>

/* A context for OpenPGP that uses the keyring in home; NULL: the one of the user. NULL when there is none. */
gpgme_ctx_t ww_openpgp_context(const char *home);

/* The same error, with GnuPG's words on it in why; WW_E_OPENPGP_ENGINE where gpg could not even be run. */
enum ww_err ww_openpgp_fail(enum ww_err err, gpgme_error_t cause, char why[WW_OPENPGP_WHY_SIZE]);

/* Whether a signature over such a digest counts. */
bool ww_openpgp_is_strong(gpgme_hash_algo_t digest);

/* Makes a folder of our own in tmp, with a configuration that has gpg ask nobody. False: it cannot be made.
 */
bool ww_openpgp_home_make(const char *tmp, char *path, size_t size);
void ww_openpgp_home_remove(const char *path);

#endif
