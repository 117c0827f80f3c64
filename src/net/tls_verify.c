#include "net/tls_verify.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "net/https.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#define NAMES_SHOWN 4

X509_STORE *ww_tls_store_new(const char *ca_file)
{
    X509_STORE *store = X509_STORE_new();
    if (store != NULL && X509_STORE_load_file(store, ca_file != NULL ? ca_file : WW_HTTPS_CA_FILE) != 1) {
        X509_STORE_free(store);
        store = NULL;
    }
    ERR_clear_error();
    return store;
}

/* What stands in a certificate is a stranger's text. */
static void put_printable(struct ww_buf *b, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ww_buf_char(b, ww_is_vchar(p[i]) || p[i] == ' ' ? p[i] : '?');
}

static void put_name(struct ww_buf *b, const char *what, const X509_NAME *name)
{
    char text[96];
    if (X509_NAME_oneline(name, text, sizeof text) == NULL || text[0] == '\0')
        return;
    ww_buf_str(b, what);
    put_printable(b, text, strlen(text));
}

/* Not by strftime, which opens the file of the time zone. */
static void put_date(struct ww_buf *b, const char *what, const ASN1_TIME *time)
{
    struct tm tm;
    if (ASN1_TIME_to_tm(time, &tm) != 1)
        return;
    ww_buf_str(b, what);
    ww_buf_decimal(b, (uint64_t)tm.tm_year + 1900);
    ww_buf_str(b, tm.tm_mon < 9 ? "-0" : "-");
    ww_buf_decimal(b, (uint64_t)tm.tm_mon + 1);
    ww_buf_str(b, tm.tm_mday < 10 ? "-0" : "-");
    ww_buf_decimal(b, (uint64_t)tm.tm_mday);
}

struct names {
    struct ww_buf *b;
    int count;
};

static void put_dns_name(void *ctx, struct ww_slice name)
{
    struct names *names = ctx;
    if (names->count < NAMES_SHOWN) {
        ww_buf_str(names->b, names->count == 0 ? ": it is for " : ", ");
        put_printable(names->b, name.p, name.n);
    }
    names->count++;
}

/* Appends the DNS names of a certificate, the first few of them; returns how many there are. */
static int put_dns_names(struct ww_buf *b, const X509 *cert)
{
    struct names names = {.b = b};
    ww_tls_leaf_dns_names(cert, put_dns_name, &names);
    if (names.count > NAMES_SHOWN)
        ww_buf_str(b, " and others");
    return names.count;
}

/* True when a certificate says where the certificate of its issuer is to be had. */
static bool names_its_issuers_place(const X509 *cert)
{
    AUTHORITY_INFO_ACCESS *info = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
    bool found = false;
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(info); i++)
        found = found || OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(info, i)->method) == NID_ad_ca_issuers;
    AUTHORITY_INFO_ACCESS_free(info);
    return found;
}

/*
 * The issuer is not known. When it is the leaf's own that is missing, either the host left the intermediate
 * out or a private authority signed it. Public authorities sign through intermediates and say where these
 * are; private ones hardly ever do.
 */
static enum ww_err judge_issuer(X509_STORE_CTX *c, const X509 *cert)
{
    return X509_STORE_CTX_get_error_depth(c) == 0 && names_its_issuers_place(cert)
               ? WW_E_HTTPS_CERT_CHAIN
               : WW_E_HTTPS_CERT_UNTRUSTED;
}

static enum ww_err judge(X509_STORE_CTX *c, const X509 *cert, struct ww_buf *b)
{
    switch (X509_STORE_CTX_get_error(c)) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        put_date(b, " on ", X509_get0_notAfter(cert));
        put_name(b, ": ", X509_get_subject_name(cert));
        return WW_E_HTTPS_CERT_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        put_date(b, " before ", X509_get0_notBefore(cert));
        put_name(b, ": ", X509_get_subject_name(cert));
        return WW_E_HTTPS_CERT_EARLY;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        put_name(b, ": ", X509_get_subject_name(cert));
        return WW_E_HTTPS_CERT_SELF_SIGNED;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        put_name(b, ": ", X509_get_subject_name(cert));
        return WW_E_HTTPS_CERT_UNTRUSTED;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        put_name(b, ": ", X509_get_issuer_name(cert));
        return judge_issuer(c, cert);
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return put_dns_names(b, cert) > 0 ? WW_E_HTTPS_CERT_NAME : WW_E_HTTPS_CERT_NO_SAN;
    default:
        put_name(b, ": ", X509_get_subject_name(cert));
        return WW_E_HTTPS_CERT;
    }
}

enum ww_err ww_tls_chain_fault(X509_STORE_CTX *c, struct ww_buf *words)
{
    const X509 *cert = X509_STORE_CTX_get_current_cert(c);
    ww_buf_str(words, X509_verify_cert_error_string(X509_STORE_CTX_get_error(c)));
    return cert != NULL ? judge(c, cert, words) : WW_E_HTTPS_CERT;
}

static int verify(X509_STORE_CTX *c, void *arg)
{
    struct ww_tls_fault *fault = arg;
    const SSL *ssl = X509_STORE_CTX_get_ex_data(c, SSL_get_ex_data_X509_STORE_CTX_idx());
    ww_tls_leaf_see(X509_STORE_CTX_get0_cert(c), &fault->shown);
    fault->version = (uint16_t)SSL_version(ssl);
    int ok = X509_verify_cert(c);
    if (ok == 1) {
        fault->leaf = fault->shown.cert;
        return ok;
    }
    /* What does not fit is left out; the last octet is kept for the NUL. */
    struct ww_buf b = ww_buf(fault->detail, sizeof fault->detail - 1);
    fault->err = ww_tls_chain_fault(c, &b);
    fault->detail[b.n] = '\0';
    return ok;
}

/* The only moment when the reason of a failed handshake is still to be had as a number. */
static void on_info(const SSL *ssl, int where, int ret)
{
    struct ww_tls_fault *fault = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    unsigned long reason = ERR_peek_error();
    if (where == SSL_CB_READ_ALERT && (ret & 0xff) == SSL3_AD_CLOSE_NOTIFY)
        fault->goodbye = true;
    if (where != SSL_CB_CONNECT_EXIT || ret > 0 || reason == 0 || fault->err != WW_OK)
        return;
    const char *words = ERR_reason_error_string(reason);
    struct ww_buf b = ww_buf(fault->detail, sizeof fault->detail - 1);
    ww_buf_str(&b, words != NULL ? words : "");
    fault->detail[b.n] = '\0';
    fault->reason = reason;
}

static bool begin(SSL_CTX *ctx, struct ww_tls_fault *fault)
{
    memset(fault, 0, sizeof *fault);
    SSL_CTX_set_app_data(ctx, fault);
    SSL_CTX_set_info_callback(ctx, on_info);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1;
}

enum ww_err ww_tls_demand(SSL_CTX *ctx, X509_STORE *store, const char *host, struct ww_tls_fault *fault)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    bool ok = begin(ctx, fault);
    SSL_CTX_set1_cert_store(ctx, store);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(ctx, verify, fault);
    /* The flags alone do nothing: without a host in the parameters, libcurl's own check would take the CN. */
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                               X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return ok && X509_VERIFY_PARAM_set1_host(param, host, 0) == 1 ? WW_OK : WW_E_NO_MEMORY;
}

enum ww_err ww_tls_take_anybody(SSL_CTX *ctx, struct ww_tls_fault *fault)
{
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    return begin(ctx, fault) ? WW_OK : WW_E_NO_MEMORY;
}

enum ww_err ww_tls_fault_err(const struct ww_tls_fault *fault)
{
    if (fault->err != WW_OK)
        return fault->err;
    if (fault->reason == 0)
        return WW_E_HTTPS_RESET;
    switch (ERR_GET_REASON(fault->reason)) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return WW_E_HTTPS_RESET;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return WW_E_HTTPS_TLS_VERSION;
    default:
        return WW_E_HTTPS_TLS;
    }
}
