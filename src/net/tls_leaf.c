#include "net/tls_leaf.h"

#include "base/time.h"
#include "core/words.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

/* No single name takes all the room. */
#define VALUE_MAX 60

/* Appends the first entry of this kind. False: there is none. */
static bool put_value(struct ww_buf *b, const X509_NAME *name, int nid)
{
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    unsigned char *text = NULL;
    if (at < 0)
        return false;
    int n = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (n < 0)
        return false;
    ww_words_put_cut(b, ww_slice((const char *)text, (size_t)n));
    OPENSSL_free(text);
    return true;
}

static void put_entry(struct ww_buf *b, const X509_NAME *name, int nid, const char *what)
{
    char value[VALUE_MAX];
    struct ww_buf words = ww_buf(value, sizeof value);
    if (!put_value(&words, name, nid))
        return;
    ww_buf_str(b, b->n > 0 ? ", " : "");
    ww_buf_str(b, what);
    ww_buf_bytes(b, words.p, words.n);
}

static void read_issuer(const X509_NAME *name, char out[WW_ORIGIN_ISSUER_SIZE])
{
    struct ww_buf b = ww_buf(out, WW_ORIGIN_ISSUER_SIZE - 1);
    put_entry(&b, name, NID_organizationName, "O=");
    put_entry(&b, name, NID_commonName, "CN=");
    out[b.n] = '\0';
}
_Static_assert(2 * VALUE_MAX + sizeof "O=, CN=" <= WW_ORIGIN_ISSUER_SIZE, "an issuer has room");

/* Not by timegm, which opens the file of the time zone. */
static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm tm;
    char text[80];
    int64_t seconds;
    if (ASN1_TIME_to_tm(time, &tm) != 1)
        return 0;
    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return ww_time_parse(ww_slice_str(text), &seconds) ? seconds : 0;
}

void ww_tls_leaf_read(const X509 *cert, struct ww_origin_cert *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    memset(out, 0, sizeof *out);
    if (X509_digest(cert, EVP_sha256(), digest, &n) == 1 && n == sizeof out->fingerprint)
        memcpy(out->fingerprint, digest, sizeof out->fingerprint);
    read_issuer(X509_get_issuer_name(cert), out->issuer);
    out->not_after = seconds_of(X509_get0_notAfter(cert));
}

static void keep_name(void *ctx, struct ww_slice name)
{
    struct ww_tls_leaf *leaf = ctx;
    if (leaf->name_count == WW_TLS_LEAF_NAMES_MAX) {
        leaf->more_names = true;
        return;
    }
    char *to = leaf->names[leaf->name_count++];
    struct ww_buf b = ww_buf(to, WW_TLS_LEAF_NAME_SIZE - 1);
    ww_words_put_cut(&b, name);
    to[b.n] = '\0';
}

void ww_tls_leaf_see(const X509 *cert, struct ww_tls_leaf *out)
{
    memset(out, 0, sizeof *out);
    out->shown = true;
    ww_tls_leaf_read(cert, &out->cert);
    out->not_before = seconds_of(X509_get0_notBefore(cert));
    ww_tls_leaf_dns_names(cert, keep_name, out);
}

void ww_tls_leaf_common_name(const X509 *cert, struct ww_buf *out)
{
    (void)put_value(out, X509_get_subject_name(cert), NID_commonName);
}

void ww_tls_leaf_dns_names(const X509 *cert, ww_tls_dns_name_cb *each, void *ctx)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS)
            each(ctx, ww_slice((const char *)ASN1_STRING_get0_data(name->d.dNSName),
                               (size_t)ASN1_STRING_length(name->d.dNSName)));
    }
    GENERAL_NAMES_free(names);
}

/* What OpenSSL does not know by name stays empty, and counts as strong. */
static void read_signature(X509 *cert, struct ww_tls_make *out)
{
    int digest = NID_undef;
    int nid = X509_get_signature_nid(cert);
    const char *name = nid != NID_undef ? OBJ_nid2sn(nid) : NULL;
    if (name != NULL)
        (void)snprintf(out->signature, sizeof out->signature, "%s", name);
    if ((X509_get_extension_flags(cert) & EXFLAG_SS) != 0 || OBJ_find_sigid_algs(nid, &digest, NULL) != 1)
        return;
    out->weak_signature = digest == NID_md5 || digest == NID_sha1 || digest == NID_md2 || digest == NID_md4;
}

void ww_tls_leaf_make(X509 *cert, struct ww_tls_make *out)
{
    const EVP_PKEY *key = X509_get0_pubkey(cert);
    memset(out, 0, sizeof *out);
    out->not_before = seconds_of(X509_get0_notBefore(cert));
    out->for_servers = X509_check_purpose(cert, X509_PURPOSE_SSL_SERVER, 0) == 1;
    read_signature(cert, out);
    if (key == NULL)
        return;
    const char *name = EVP_PKEY_get0_type_name(key);
    int bits = EVP_PKEY_get_bits(key);
    (void)snprintf(out->key, sizeof out->key, "%s", name != NULL ? name : "");
    out->key_bits = bits > 0 ? (unsigned)bits : 0;
    if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS") || EVP_PKEY_is_a(key, "DSA"))
        out->weak_key = bits < 2048;
    else if (EVP_PKEY_is_a(key, "EC"))
        out->weak_key = bits < 224;
}
