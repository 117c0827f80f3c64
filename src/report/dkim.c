#include "report/dkim.h"

#include "report/dkim_key.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <opendkim/dkim.h>
#include <openssl/evp.h>

#define FIELD "DKIM-Signature: "

#define U(text) ((const u_char *)(text))

/* All that the mail has, Auto-Submitted too: an answer to it is nobody's wish. */
static const u_char *signed_fields[] = {
    U("From"),
    U("To"),
    U("Subject"),
    U("Date"),
    U("Message-ID"),
    U("MIME-Version"),
    U("Content-Type"),
    U("TLS-Report-Domain"),
    U("TLS-Report-Submitter"),
    U("TLS-Required"),
    U("Auto-Submitted"),
    NULL,
};

/* A second one of these would have a reader see another sender, domain or body than what was signed. */
static const u_char *only_once[] = {
    U("From"),
    U("To"),
    U("Subject"),
    U("Date"),
    U("Content-Type"),
    U("TLS-Report-Domain"),
    U("TLS-Report-Submitter"),
    NULL,
};

static bool set(DKIM_LIB *lib, dkim_opts_t option, void *value, size_t size)
{
    return dkim_options(lib, DKIM_OP_SETOPT, option, value, size) == DKIM_STAT_OK;
}

/*
 * Kept for good: to make one reads /etc/resolv.conf, though nothing is looked up here. One process signs one
 * mail at a time, so that the time of the last one is in nobody's way.
 */
static DKIM_LIB *library(int64_t time)
{
    static DKIM_LIB *lib;
    uint64_t fixed = (uint64_t)time;
    if (lib == NULL)
        lib = dkim_init(NULL, NULL);
    bool ready = lib != NULL && set(lib, DKIM_OPTS_SIGNHDRS, signed_fields, sizeof(u_char **)) &&
                 set(lib, DKIM_OPTS_OVERSIGNHDRS, only_once, sizeof(u_char **)) &&
                 set(lib, DKIM_OPTS_FIXEDTIME, &fixed, sizeof fixed);
    return ready ? lib : NULL;
}

/* libopendkim takes octets that it may write to, though it does not. */
static char *sign_copy(DKIM *dkim, char *mail, size_t mail_n, size_t *n, DKIM_STAT *status)
{
    u_char *value = NULL;
    size_t value_n = 0;
    char *field = NULL;
    *status = dkim_chunk(dkim, (u_char *)mail, mail_n);
    if (*status == DKIM_STAT_OK)
        *status = dkim_chunk(dkim, NULL, 0);
    if (*status == DKIM_STAT_OK)
        *status = dkim_eom(dkim, NULL);
    if (*status == DKIM_STAT_OK)
        *status = dkim_getsighdr_d(dkim, strlen(FIELD), &value, &value_n);
    if (*status != DKIM_STAT_OK)
        return NULL;
    int size = asprintf(&field, FIELD "%.*s\r\n", (int)value_n, (const char *)value);
    *n = size > 0 ? (size_t)size : 0;
    return size > 0 ? field : NULL;
}

/* The key as libopendkim reads it: it takes for DER what does not begin with "-----BEGIN". */
static char *key_text(const struct ww_dkim_key *key, bool *ed25519, size_t *n, char *detail,
                      size_t detail_size)
{
    EVP_PKEY *read = ww_dkim_key_read(ww_slice(key->pem, key->pem_n), detail, detail_size);
    if (read == NULL)
        return NULL;
    *ed25519 = EVP_PKEY_get_base_id(read) == EVP_PKEY_ED25519;
    char *pem = ww_dkim_key_write(read, n);
    EVP_PKEY_free(read);
    return pem;
}

char *ww_dkim_sign(const struct ww_dkim_key *key, struct ww_slice mail, int64_t time, size_t *n,
                   enum ww_err *err, char *detail, size_t detail_size)
{
    char *field = NULL, *copy = NULL, *pem = NULL;
    size_t pem_n = 0;
    bool ed25519 = false;
    DKIM_STAT status = DKIM_STAT_NORESOURCE;
    DKIM *dkim = NULL;
    *n = 0;
    if (!ww_dkim_names_check(key->selector, key->domain)) {
        *err = WW_E_DKIM_KEY;
        (void)snprintf(
            detail, detail_size,
            "there can be no name SELECTOR._domainkey.DOMAIN of what is set as selector and domain");
        return NULL;
    }
    pem = key_text(key, &ed25519, &pem_n, detail, detail_size);
    if (pem == NULL) {
        *err = detail[0] != '\0' ? WW_E_DKIM_KEY : WW_E_NO_MEMORY;
        return NULL;
    }
    DKIM_LIB *lib = library(time);
    copy = lib != NULL ? malloc(mail.n + 1) : NULL;
    if (copy != NULL) {
        memcpy(copy, mail.p, mail.n);
        dkim = dkim_sign(lib, U("report"), NULL, (dkim_sigkey_t)pem, U(key->selector), U(key->domain),
                         DKIM_CANON_RELAXED, DKIM_CANON_RELAXED,
                         ed25519 ? DKIM_SIGN_ED25519SHA256 : DKIM_SIGN_RSASHA256, -1, &status);
    }
    if (dkim != NULL)
        field = sign_copy(dkim, copy, mail.n, n, &status);
    if (field == NULL) {
        const char *said = dkim != NULL ? dkim_geterror(dkim) : NULL;
        bool memory = status == DKIM_STAT_OK || status == DKIM_STAT_NORESOURCE;
        *err = memory ? WW_E_NO_MEMORY : WW_E_DKIM_KEY;
        (void)snprintf(detail, detail_size, "libopendkim: %s",
                       said != NULL ? said : dkim_getresultstr(status));
    }
    if (dkim != NULL)
        (void)dkim_free(dkim);
    ww_dkim_key_wipe(pem, pem_n);
    free(copy);
    return field;
}
