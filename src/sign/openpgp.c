#include "sign/openpgp_private.h"

#include "core/words.h"

#include <errno.h>
#include <limits.h>

static bool begin(void)
{
    static bool begun;
    /* GPGME demands this call before all others. */
    if (!begun)
        begun = gpgme_check_version(NULL) != NULL;
    return begun;
}

bool ww_openpgp_ready(void)
{
    return begin() && gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP) == GPG_ERR_NO_ERROR;
}

gpgme_ctx_t ww_openpgp_context(const char *home)
{
    gpgme_ctx_t context = NULL;
    if (!ww_openpgp_ready() || gpgme_new(&context) != GPG_ERR_NO_ERROR)
        return NULL;
    if (gpgme_set_protocol(context, GPGME_PROTOCOL_OpenPGP) != GPG_ERR_NO_ERROR ||
        (home != NULL &&
         gpgme_ctx_set_engine_info(context, GPGME_PROTOCOL_OpenPGP, NULL, home) != GPG_ERR_NO_ERROR)) {
        gpgme_release(context);
        return NULL;
    }
    gpgme_set_offline(context, 1);
    return context;
}

static void put_words(const char *words, char why[WW_OPENPGP_WHY_SIZE])
{
    struct ww_buf b = ww_buf(why, WW_OPENPGP_WHY_SIZE - 1);
    ww_words_put_cut(&b, ww_slice_str(words));
    why[b.n] = '\0';
}

enum ww_err ww_openpgp_fail(enum ww_err err, gpgme_error_t cause, char why[WW_OPENPGP_WHY_SIZE])
{
    char words[WW_OPENPGP_WHY_SIZE];
    if (gpgme_err_code(cause) == GPG_ERR_INV_ENGINE)
        err = WW_E_OPENPGP_ENGINE;
    if (gpgme_err_code(cause) == GPG_ERR_NO_ERROR)
        return err;
    (void)gpgme_strerror_r(cause, words, sizeof words);
    put_words(words, why);
    return err;
}

bool ww_openpgp_is_strong(gpgme_hash_algo_t digest)
{
    return digest == GPGME_MD_SHA256 || digest == GPGME_MD_SHA384 || digest == GPGME_MD_SHA512;
}

static enum ww_err import_keys(gpgme_ctx_t context, struct ww_slice keys, char why[WW_OPENPGP_WHY_SIZE])
{
    gpgme_data_t data = NULL;
    if (keys.n == 0 || keys.n > WW_OPENPGP_KEYS_MAX)
        return WW_E_OPENPGP_KEY_FILE;
    if (gpgme_data_new_from_mem(&data, keys.p, keys.n, 0) != GPG_ERR_NO_ERROR)
        return WW_E_NO_MEMORY;
    gpgme_error_t error = gpgme_op_import(context, data);
    gpgme_data_release(data);
    gpgme_import_result_t result = gpgme_op_import_result(context);
    if (result != NULL && result->secret_read > 0)
        return WW_E_OPENPGP_KEY_SECRET;
    if (error != GPG_ERR_NO_ERROR)
        return ww_openpgp_fail(WW_E_OPENPGP_KEY_FILE, error, why);
    return result != NULL && result->imported > 0 ? WW_OK : WW_E_OPENPGP_KEY_FILE;
}

/* What gpg says where it finds no signature but something else: words, a key, a message signed inline. */
static bool is_no_signature(gpgme_error_t error)
{
    gpgme_err_code_t code = gpgme_err_code(error);
    return code == GPG_ERR_NO_DATA || code == GPG_ERR_BAD_DATA || code == GPG_ERR_GENERAL;
}

static enum ww_err judge(const struct _gpgme_signature *signature, char why[WW_OPENPGP_WHY_SIZE])
{
    switch ((int)gpgme_err_code(signature->status)) {
    case GPG_ERR_NO_ERROR:
        break;
    case GPG_ERR_BAD_SIGNATURE:
        return WW_E_OPENPGP_BAD;
    case GPG_ERR_NO_PUBKEY:
        return WW_E_OPENPGP_OTHER_KEY;
    case GPG_ERR_SIG_EXPIRED:
        return WW_E_OPENPGP_SIGNATURE_EXPIRED;
    case GPG_ERR_KEY_EXPIRED:
        return WW_E_OPENPGP_KEY_EXPIRED;
    case GPG_ERR_CERT_REVOKED:
        return WW_E_OPENPGP_KEY_REVOKED;
    case GPG_ERR_DIGEST_ALGO:
        return WW_E_OPENPGP_DIGEST;
    default:
        return ww_openpgp_fail(WW_E_OPENPGP_FAILED, signature->status, why);
    }
    if (!ww_openpgp_is_strong(signature->hash_algo))
        return WW_E_OPENPGP_DIGEST;
    return signature->wrong_key_usage ? WW_E_OPENPGP_FAILED : WW_OK;
}

static void copy(char *to, size_t size, const char *from)
{
    struct ww_buf b = ww_buf(to, size - 1);
    size_t n = from != NULL ? strlen(from) : 0;
    ww_buf_bytes(&b, from, n < b.cap ? n : b.cap);
    to[b.n] = '\0';
}

static void sooner(int64_t *until, int64_t end)
{
    if (end > 0 && (*until == 0 || end < *until))
        *until = end;
}

static enum ww_err tell(gpgme_ctx_t context, const struct _gpgme_signature *signature,
                        struct ww_openpgp_signer *signer, char why[WW_OPENPGP_WHY_SIZE])
{
    gpgme_key_t key = NULL;
    gpgme_error_t error = gpgme_get_key(context, signature->fpr, &key, 0);
    if (error != GPG_ERR_NO_ERROR)
        return ww_openpgp_fail(WW_E_OPENPGP_FAILED, error, why);
    copy(signer->key, sizeof signer->key, signature->fpr);
    copy(signer->user, sizeof signer->user, key->uids != NULL ? key->uids->uid : "");
    signer->made = (int64_t)signature->timestamp;
    signer->until = 0;
    sooner(&signer->until, (int64_t)signature->exp_timestamp);
    for (gpgme_subkey_t k = key->subkeys; k != NULL; k = k->next) {
        if (k == key->subkeys || (k->fpr != NULL && strcmp(k->fpr, signature->fpr) == 0))
            sooner(&signer->until, (int64_t)k->expires);
    }
    gpgme_key_unref(key);
    return WW_OK;
}

static enum ww_err check(gpgme_ctx_t context, struct ww_slice signature, struct ww_slice data,
                         struct ww_openpgp_signer *signer, char why[WW_OPENPGP_WHY_SIZE])
{
    gpgme_data_t signed_with = NULL, text = NULL;
    enum ww_err err = WW_E_NO_MEMORY;
    if (signature.n == 0 || signature.n > WW_OPENPGP_SIGNATURE_MAX)
        return WW_E_OPENPGP_NONE;
    if (gpgme_data_new_from_mem(&signed_with, signature.p, signature.n, 0) != GPG_ERR_NO_ERROR ||
        gpgme_data_new_from_mem(&text, data.p, data.n, 0) != GPG_ERR_NO_ERROR)
        goto out;
    gpgme_error_t error = gpgme_op_verify(context, signed_with, text, NULL);
    gpgme_verify_result_t result = gpgme_op_verify_result(context);
    const struct _gpgme_signature *found = result != NULL ? result->signatures : NULL;
    if (error != GPG_ERR_NO_ERROR && !is_no_signature(error))
        err = ww_openpgp_fail(WW_E_OPENPGP_FAILED, error, why);
    else if (error != GPG_ERR_NO_ERROR || found == NULL)
        err = WW_E_OPENPGP_NONE;
    else if (found->next != NULL)
        err = WW_E_OPENPGP_SEVERAL;
    else
        err = judge(found, why);
    struct ww_openpgp_signer nobody;
    if (err == WW_OK)
        err = tell(context, found, signer != NULL ? signer : &nobody, why);
out:
    if (text != NULL)
        gpgme_data_release(text);
    if (signed_with != NULL)
        gpgme_data_release(signed_with);
    return err;
}

enum ww_err ww_openpgp_verify(const char *tmp, struct ww_slice keys, struct ww_slice signature,
                              struct ww_slice data, struct ww_openpgp_signer *signer,
                              char why[WW_OPENPGP_WHY_SIZE])
{
    char home[PATH_MAX];
    why[0] = '\0';
    if (!ww_openpgp_home_make(tmp, home, sizeof home)) {
        put_words(strerror(errno), why);
        return WW_E_OPENPGP_HOME;
    }
    gpgme_ctx_t context = ww_openpgp_context(home);
    enum ww_err err = context != NULL ? import_keys(context, keys, why) : WW_E_OPENPGP_ENGINE;
    if (err == WW_OK)
        err = check(context, signature, data, signer, why);
    if (context != NULL)
        gpgme_release(context);
    ww_openpgp_home_remove(home);
    return err;
}
