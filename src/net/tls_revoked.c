#include "net/tls_revoked.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

/* Seconds that the clocks of authorities and ours may be apart; and no age that is too old while it holds. */
#define SKEW 300
#define NO_AGE (-1)

static enum ww_revocation find(OCSP_BASICRESP *basic, X509 *cert, X509 *issuer)
{
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, issuer);
    ASN1_GENERALIZEDTIME *revoked, *from, *until;
    enum ww_revocation found = WW_REVOCATION_UNKNOWN;
    int status, reason;
    if (id != NULL && OCSP_resp_find_status(basic, id, &status, &reason, &revoked, &from, &until) == 1 &&
        OCSP_check_validity(from, until, SKEW, NO_AGE) == 1) {
        if (status == V_OCSP_CERTSTATUS_REVOKED)
            found = WW_REVOCATION_REVOKED;
        else if (status == V_OCSP_CERTSTATUS_GOOD)
            found = WW_REVOCATION_GOOD;
    }
    OCSP_CERTID_free(id);
    return found;
}

enum ww_revocation ww_tls_staple(SSL *ssl, X509_STORE *store, STACK_OF(X509) * chain)
{
    const unsigned char *p = NULL;
    long n = SSL_get_tlsext_status_ocsp_resp(ssl, &p);
    enum ww_revocation found = WW_REVOCATION_UNKNOWN;
    if (p == NULL || n <= 0 || sk_X509_num(chain) < 2)
        return found;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, n);
    OCSP_BASICRESP *basic = response != NULL ? OCSP_response_get1_basic(response) : NULL;
    if (basic != NULL && OCSP_basic_verify(basic, chain, store, 0) == 1)
        found = find(basic, sk_X509_value(chain, 0), sk_X509_value(chain, 1));
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
    return found;
}

/* The first address of the point that is one of plain HTTP. */
static bool take_place(const DIST_POINT *point, char url[WW_CRL_URL_SIZE])
{
    static const char scheme[] = "http://";
    if (point->distpoint == NULL || point->distpoint->type != 0)
        return false;
    const GENERAL_NAMES *names = point->distpoint->name.fullname;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI)
            continue;
        const unsigned char *p = ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
        size_t n = (size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier);
        if (n < sizeof scheme || n >= WW_CRL_URL_SIZE || memcmp(p, scheme, sizeof scheme - 1) != 0 ||
            memchr(p, 0, n) != NULL)
            continue;
        memcpy(url, p, n);
        url[n] = '\0';
        return true;
    }
    return false;
}

void ww_tls_crl_place(const X509 *cert, char url[WW_CRL_URL_SIZE])
{
    CRL_DIST_POINTS *points = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);
    bool found = false;
    url[0] = '\0';
    for (int i = 0; i < sk_DIST_POINT_num(points) && !found; i++)
        found = take_place(sk_DIST_POINT_value(points, i), url);
    CRL_DIST_POINTS_free(points);
    ERR_clear_error();
}

static bool holds(X509_CRL *crl, X509 *issuer)
{
    const ASN1_TIME *until = X509_CRL_get0_nextUpdate(crl);
    return X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) == 0 &&
           X509_CRL_verify(crl, X509_get0_pubkey(issuer)) == 1 && until != NULL &&
           X509_cmp_current_time(until) > 0;
}

enum ww_revocation ww_tls_crl(X509 *cert, X509 *issuer, struct ww_slice list)
{
    const unsigned char *p = (const unsigned char *)list.p;
    X509_CRL *crl = list.n <= WW_CRL_MAX ? d2i_X509_CRL(NULL, &p, (long)list.n) : NULL;
    enum ww_revocation found = WW_REVOCATION_UNKNOWN;
    X509_REVOKED *entry;
    if (crl != NULL && holds(crl, issuer))
        found = X509_CRL_get0_by_cert(crl, &entry, cert) == 1 ? WW_REVOCATION_REVOKED : WW_REVOCATION_GOOD;
    X509_CRL_free(crl);
    ERR_clear_error();
    return found;
}
