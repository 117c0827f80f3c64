#include "sign/openpgp_private.h"

#include <stdlib.h>

/* The signature in an allocation of our own, since that of GPGME is not freed with free(). */
static char *take_text(gpgme_data_t data, size_t *n)
{
    char *bytes = gpgme_data_release_and_get_mem(data, n);
    char *text = bytes != NULL ? malloc(*n + 1) : NULL;
    if (text != NULL) {
        memcpy(text, bytes, *n);
        text[*n] = '\0';
    }
    gpgme_free(bytes);
    return text;
}

static enum ww_err sign(gpgme_ctx_t context, struct ww_slice data, char **signature, size_t *n,
                        char why[WW_OPENPGP_WHY_SIZE])
{
    gpgme_data_t text = NULL, made = NULL;
    enum ww_err err = WW_OK;
    if (gpgme_data_new_from_mem(&text, data.p, data.n, 0) != GPG_ERR_NO_ERROR ||
        gpgme_data_new(&made) != GPG_ERR_NO_ERROR) {
        err = WW_E_NO_MEMORY;
        goto out;
    }
    gpgme_set_armor(context, 1);
    gpgme_error_t error = gpgme_op_sign(context, text, made, GPGME_SIG_MODE_DETACH);
    gpgme_sign_result_t result = gpgme_op_sign_result(context);
    if (error != GPG_ERR_NO_ERROR || result == NULL || result->signatures == NULL) {
        err = ww_openpgp_fail(WW_E_OPENPGP_SIGN, error, why);
    } else if (!ww_openpgp_is_strong(result->signatures->hash_algo)) {
        err = WW_E_OPENPGP_DIGEST;
    } else {
        *signature = take_text(made, n);
        made = NULL;
        err = *signature != NULL ? WW_OK : WW_E_NO_MEMORY;
    }
out:
    if (text != NULL)
        gpgme_data_release(text);
    if (made != NULL)
        gpgme_data_release(made);
    return err;
}

enum ww_err ww_openpgp_sign(const char *key, struct ww_slice data, char **signature, size_t *n,
                            char why[WW_OPENPGP_WHY_SIZE])
{
    gpgme_key_t signer = NULL;
    why[0] = '\0';
    *signature = NULL;
    *n = 0;
    gpgme_ctx_t context = ww_openpgp_context(NULL);
    if (context == NULL)
        return WW_E_OPENPGP_ENGINE;
    gpgme_error_t error = gpgme_get_key(context, key, &signer, 1);
    enum ww_err err = WW_OK;
    bool none = gpgme_err_code(error) == GPG_ERR_EOF; /* GPGME's word for it */
    if (!none && error != GPG_ERR_NO_ERROR)
        err = ww_openpgp_fail(WW_E_OPENPGP_NO_SECRET, error, why);
    else if (none || !signer->can_sign || signer->revoked || signer->expired || signer->disabled ||
             signer->invalid || gpgme_signers_add(context, signer) != GPG_ERR_NO_ERROR)
        err = WW_E_OPENPGP_NO_SECRET;
    else
        err = sign(context, data, signature, n, why);
    if (signer != NULL)
        gpgme_key_unref(signer);
    gpgme_release(context);
    return err;
}
