#include "probe/mx_tls.h"

#include "core/mx_match.h"
#include "core/words.h"
#include "net/tls_leaf.h"
#include "net/tls_verify.h"

#include <openssl/err.h>
#include <stdio.h>

/*
 * Old versions and weak ciphers are let in as Postfix lets them in where TLS is better than none. They are to
 * be seen, and nothing secret is ever said here.
 */
SSL_CTX *ww_mx_tls_context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx == NULL)
        return NULL;
    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    /* The system's openssl.cnf may ask for more. */
    bool ok = SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) == 1 && SSL_CTX_dane_enable(ctx) == 1;
    ERR_clear_error();
    if (ok)
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

/* Dates are judged with the names, apart from the match: that a record fits an expired chain has to be seen.
 */
static int on_verified(int ok, X509_STORE_CTX *c)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(c, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct ww_mx_tls *tls = SSL_get_app_data(ssl);
    int error = X509_STORE_CTX_get_error(c);
    if (ok == 1 || (error != X509_V_ERR_CERT_HAS_EXPIRED && error != X509_V_ERR_CERT_NOT_YET_VALID))
        return ok;
    if (!tls->out_of_date) {
        struct ww_buf b = ww_buf(tls->dates, sizeof tls->dates - 1);
        (void)ww_tls_chain_fault(c, &b);
        tls->dates[b.n] = '\0';
    }
    tls->out_of_date = true;
    X509_STORE_CTX_set_error(c, X509_V_OK);
    return 1;
}

static bool add_records(struct ww_mx_tls *tls, const char *base, const struct ww_mx_probe_target *target)
{
    if (SSL_dane_enable(tls->ssl, base) != 1) /* it sets SNI as well */
        return false;
    for (size_t i = 0; i < target->tlsa_count && i < WW_MX_PROBE_TLSA_MAX; i++) {
        const struct ww_tlsa *t = &target->tlsa[i];
        if (t->usage != WW_TLSA_DANE_EE && t->usage != WW_TLSA_DANE_TA)
            continue;
        int added = SSL_dane_tlsa_add(tls->ssl, t->usage, t->selector, t->matching,
                                      (const unsigned char *)t->data.p, t->data.n);
        if (added < 0)
            return false;
        tls->readable += (size_t)added;
    }
    /* Names are judged later, and of DANE-EE never (RFC 7672 section 3.1.1). */
    return SSL_set1_host(tls->ssl, NULL) == 1;
}

bool ww_mx_tls_init(struct ww_mx_tls *tls, SSL_CTX *ctx, const struct ww_mx_probe_target *target)
{
    const char *base = target->base != NULL ? target->base : target->host;
    *tls = (struct ww_mx_tls){.ssl = SSL_new(ctx)};
    ww_tlsa_fits_init(&tls->fits, target->tlsa, target->tlsa_count);
    bool ok = tls->ssl != NULL && SSL_set_app_data(tls->ssl, tls) == 1 && add_records(tls, base, target) &&
              SSL_set_tlsext_status_type(tls->ssl, TLSEXT_STATUSTYPE_ocsp) == 1;
    if (ok)
        SSL_set_verify(tls->ssl, SSL_VERIFY_NONE, on_verified);
    else
        ww_mx_tls_free(tls);
    ERR_clear_error();
    return ok;
}

void ww_mx_tls_free(struct ww_mx_tls *tls)
{
    SSL_free(tls->ssl);
    sk_X509_pop_free(tls->chain, X509_free);
    tls->ssl = NULL;
    tls->chain = NULL;
}

static enum ww_cert_status status_of(enum ww_err fault)
{
    switch ((int)fault) {
    case WW_E_HTTPS_CERT_EXPIRED:
    case WW_E_HTTPS_CERT_EARLY:
        return WW_CERT_EXPIRED;
    case WW_E_HTTPS_CERT_SELF_SIGNED:
        return WW_CERT_SELF_SIGNED;
    default:
        return WW_CERT_UNTRUSTED;
    }
}

/* The authority's own signature is trusted whatever it is. */
static bool has_weak_link(STACK_OF(X509) * chain)
{
    struct ww_tls_make make;
    bool weak = false;
    for (int i = 1; i < sk_X509_num(chain) - 1 && !weak; i++) {
        ww_tls_leaf_make(sk_X509_value(chain, i), &make);
        weak = make.weak_signature;
    }
    return weak;
}

static void judge_chain(struct ww_mx_tls *tls, X509 *leaf, X509_STORE *store, struct ww_mx_probe_result *r)
{
    SSL *ssl = tls->ssl;
    X509_STORE_CTX *c = X509_STORE_CTX_new();
    bool ready = c != NULL && X509_STORE_CTX_init(c, store, leaf, SSL_get_peer_cert_chain(ssl)) == 1 &&
                 X509_STORE_CTX_set_default(c, "ssl_server") == 1;
    struct ww_buf b = ww_buf(r->detail, sizeof r->detail - 1);
    r->fault = WW_OK;
    if (!ready || X509_verify_cert(c) != 1)
        r->fault = ready ? ww_tls_chain_fault(c, &b) : WW_E_HTTPS_CERT;
    r->status = r->fault == WW_OK ? WW_CERT_OK : status_of(r->fault);
    r->detail[b.n] = '\0';
    tls->chain = ready && r->fault == WW_OK ? X509_STORE_CTX_get1_chain(c) : NULL;
    r->weak_link = has_weak_link(tls->chain);
    r->stapled = ww_tls_staple(ssl, store, tls->chain);
    X509_STORE_CTX_free(c);
}

static void judge_match(struct ww_mx_tls *tls, struct ww_mx_probe_result *r)
{
    uint8_t usage = 0;
    ww_tlsa_fits_judge(&tls->fits, SSL_get_peer_cert_chain(tls->ssl));
    r->fit_count = tls->fits.count;
    memcpy(r->fits, tls->fits.list, sizeof r->fits);
    r->tlsa_match = SSL_get0_dane_tlsa(tls->ssl, &usage, NULL, NULL, NULL, NULL) >= 0;
    r->tlsa_usage = usage;
    if (!r->tlsa_match || !tls->out_of_date) /* OpenSSL looks at no date where DANE-EE matches */
        return;
    r->status = WW_CERT_EXPIRED;
    memcpy(r->detail, tls->dates, sizeof r->detail);
}
_Static_assert(sizeof((struct ww_mx_tls *)NULL)->dates == WW_MX_PROBE_DETAIL_SIZE, "the words fit");

struct names {
    const struct ww_slice *wanted;
    size_t late; /* wanted ones that came when there was no room any more */
    struct ww_mx_probe_result *result;
};

static bool is_wanted(const struct names *names, struct ww_slice name)
{
    bool wanted = false;
    for (size_t i = 0; i < WW_MX_TLS_WANTED; i++)
        wanted = wanted || ww_san_match(name, names->wanted[i]);
    return wanted;
}

/* Of hosts with a certificate for hundreds of names the one that counts is kept all the same. */
static void keep_name(void *ctx, struct ww_slice name)
{
    struct names *names = ctx;
    struct ww_mx_probe_result *r = names->result;
    size_t at = r->name_count;
    if (at == WW_MX_PROBE_NAMES_MAX) {
        r->more_names = true;
        if (names->late == WW_MX_TLS_WANTED || !is_wanted(names, name))
            return;
        at -= ++names->late;
    } else {
        r->name_count++;
    }
    struct ww_buf b = ww_buf(r->names[at], sizeof r->names[at] - 1);
    ww_words_put_cut(&b, name);
    r->names[at][b.n] = '\0';
}

static void read_certificate(X509 *leaf, const struct ww_slice wanted[WW_MX_TLS_WANTED],
                             struct ww_mx_probe_result *r)
{
    struct names names = {.wanted = wanted, .result = r};
    struct ww_origin_cert cert;
    struct ww_buf b = ww_buf(r->common_name, sizeof r->common_name - 1);
    ww_tls_leaf_read(leaf, &cert);
    memcpy(r->issuer, cert.issuer, sizeof r->issuer);
    memcpy(r->fingerprint, cert.fingerprint, sizeof r->fingerprint);
    r->not_after = cert.not_after;
    ww_tls_leaf_make(leaf, &r->make);
    ww_tls_crl_place(leaf, r->crl);
    ww_tls_leaf_dns_names(leaf, keep_name, &names);
    ww_tls_leaf_common_name(leaf, &b);
    r->common_name[b.n] = '\0';
}

void ww_mx_tls_read(struct ww_mx_tls *tls, X509_STORE *store, const struct ww_slice wanted[WW_MX_TLS_WANTED],
                    struct ww_mx_probe_result *result)
{
    X509 *leaf = SSL_get0_peer_certificate(tls->ssl);
    result->tls_version = (uint16_t)SSL_version(tls->ssl);
    (void)snprintf(result->cipher, sizeof result->cipher, "%s", SSL_get_cipher_name(tls->ssl));
    result->has_certificate = leaf != NULL;
    if (leaf != NULL) {
        read_certificate(leaf, wanted, result);
        judge_chain(tls, leaf, store, result);
        judge_match(tls, result);
    }
    ERR_clear_error();
}
