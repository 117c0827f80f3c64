#include "probing.h"

#include <openssl/x509.h>

#define RECORDS_MAX 3

static const struct ww_mx_probe_result *probe_context(SSL_CTX *ctx, const struct ww_tlsa *tlsa, size_t count)
{
    const struct ww_mx_probe_target target = {.tlsa = tlsa, .tlsa_count = count};
    pid_t pid = fake_mx(FIRST, &good, ctx, -1);
    const struct ww_mx_probe_result *r = probe(target, FIRST, NULL, DEADLINE_MS);
    netns_end(pid);
    assert_int_equal(r->err, WW_OK);
    if (!r->handshake)
        fail_msg("no handshake: %s", r->detail);
    return r;
}

static void sees_what_pkix_says_of_the_chain(void **state)
{
    (void)state;
    static const struct {
        enum leaf leaf;
        enum ww_cert_status status;
        const char *detail; /* how it begins */
        size_t name_count;
        const char *name; /* the last one kept */
        const char *common_name;
    } cases[] = {
        {LEAF_GOOD, WW_CERT_OK, "", 1, HOST, HOST},
        {LEAF_CHAIN, WW_CERT_OK, "", 1, HOST, HOST},
        {LEAF_WRONG_NAME, WW_CERT_OK, "", 1, "another.example", HOST},
        {LEAF_CN_ONLY, WW_CERT_OK, "", 0, NULL, HOST},
        {LEAF_EXPIRED, WW_CERT_EXPIRED, "certificate has expired on ", 1, HOST, HOST},
        {LEAF_EARLY, WW_CERT_EXPIRED, "certificate is not yet valid before ", 1, HOST, HOST},
        {LEAF_SELF_SIGNED, WW_CERT_SELF_SIGNED, "self", 1, HOST, HOST},
        {LEAF_UNTRUSTED, WW_CERT_UNTRUSTED, "unable to get local issuer certificate", 1, HOST, HOST},
        {LEAF_PRIVATE, WW_CERT_UNTRUSTED, "self", 1, HOST, HOST},
        {LEAF_CHAIN_BROKEN, WW_CERT_UNTRUSTED, "unable to get local issuer certificate", 1, HOST, HOST},
        {LEAF_PRIVATE_CLIENT, WW_CERT_UNTRUSTED, "self", 1, HOST, HOST},
        {LEAF_CLIENT, WW_CERT_UNTRUSTED, "un", 1, HOST, HOST},
        {LEAF_NUL, WW_CERT_OK, "", 1, HOST "\\000.another.example", HOST},
        {LEAF_BINARY, WW_CERT_OK, "", 1, "\\027[2J\\233.example", "\\027[2J\\092"},
        {LEAF_MANY, WW_CERT_OK, "", WW_MX_PROBE_NAMES_MAX, HOST, HOST},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SSL_CTX *ctx = pki_server(pki, cases[i].leaf, HOST);
        unsigned char digest[EVP_MAX_MD_SIZE];
        assert_int_equal(X509_digest(SSL_CTX_get0_certificate(ctx), EVP_sha256(), digest, NULL), 1);
        const struct ww_mx_probe_result *r = probe_context(ctx, NULL, 0);
        const char *name = r->name_count > 0 ? r->names[r->name_count - 1] : "";
        if (!r->has_certificate || r->status != cases[i].status ||
            strncmp(r->detail, cases[i].detail, strlen(cases[i].detail)) != 0 ||
            (r->detail[0] == '\0') != (r->status == WW_CERT_OK) || r->name_count != cases[i].name_count ||
            strcmp(name, cases[i].name != NULL ? cases[i].name : "") != 0 ||
            strcmp(r->common_name, cases[i].common_name) != 0)
            fail_msg("case %zu: status %d, \"%s\", %zu names, %s, CN %s", i, (int)r->status, r->detail,
                     r->name_count, name, r->common_name);
        assert_int_equal(r->more_names, cases[i].leaf == LEAF_MANY);
        assert_false(r->tlsa_match);
        assert_memory_equal(r->fingerprint, digest, WW_FINGERPRINT_SIZE);
        assert_int_equal(r->tls_version, 0x0304);
        assert_non_null(strstr(r->cipher, "TLS_AES"));
        assert_true(r->not_after > 1700000000);
        assert_true(strncmp(r->issuer, "CN=", 3) == 0);
        SSL_CTX_free(ctx);
    }
}

static void sees_old_versions(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION};
    for (size_t i = 0; i < COUNT(versions); i++) {
        SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
        SSL_CTX_set_security_level(ctx, 0);
        (void)SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
        (void)SSL_CTX_set_max_proto_version(ctx, versions[i]);
        const struct ww_mx_probe_result *r = probe_context(ctx, NULL, 0);
        assert_int_equal(r->tls_version, versions[i]);
        SSL_CTX_free(ctx);
    }
}

/* A TLSA record of a certificate. */
enum whose { NOBODYS, LEAFS, ISSUERS, BROKEN };

struct record {
    uint8_t usage, selector, matching;
    enum whose whose;
};

static struct ww_slice data_of(const struct record *record, SSL_CTX *ctx, unsigned char room[2048])
{
    STACK_OF(X509) *chain = NULL;
    unsigned char *p = room;
    unsigned n = 0;
    X509 *cert = SSL_CTX_get0_certificate(ctx);
    assert_int_equal(SSL_CTX_get0_chain_certs(ctx, &chain), 1);
    if (record->whose == ISSUERS)
        cert = sk_X509_value(chain, 0);
    assert_non_null(cert);
    assert_true(i2d_X509(cert, NULL) < 2048);
    if (record->selector == WW_TLSA_SELECTOR_CERT)
        n = (unsigned)i2d_X509(cert, &p);
    else
        n = (unsigned)i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &p);
    if (record->whose == BROKEN)
        room[4] ^= 0xff;
    if (record->matching != WW_TLSA_FULL)
        assert_int_equal(EVP_Digest(room, n, room, &n,
                                    record->matching == WW_TLSA_SHA256 ? EVP_sha256() : EVP_sha512(), NULL),
                         1);
    if (record->whose == NOBODYS)
        room[0] ^= 0xff;
    return ww_slice((const char *)room, n);
}

/* Each record by itself, whatever the others are and whatever OpenSSL makes of the chain. */
static void assert_fits(const struct ww_mx_probe_result *r, const struct record *records,
                        const struct ww_tlsa *tlsa, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (ww_tlsa_check(&tlsa[i]) != WW_OK)
            continue;
        const struct ww_mx_probe_fit *fit = &r->fits[at++];
        size_t kept = tlsa[i].data.n < sizeof fit->data ? tlsa[i].data.n : sizeof fit->data;
        bool fits = records[i].whose == (records[i].usage == WW_TLSA_DANE_EE ? LEAFS : ISSUERS);
        assert_int_equal(fit->usage, tlsa[i].usage);
        assert_int_equal(fit->selector, tlsa[i].selector);
        assert_int_equal(fit->matching, tlsa[i].matching);
        assert_int_equal(fit->size, tlsa[i].data.n);
        assert_memory_equal(fit->data, tlsa[i].data.p, kept);
        if (fit->fits != fits)
            fail_msg("record %zu, of usage %u, of %d: %d", i, fit->usage, (int)records[i].whose, fit->fits);
    }
    assert_int_equal(r->fit_count, at);
}

static void sees_what_dane_says_of_the_chain(void **state)
{
    (void)state;
    static const struct {
        enum leaf leaf;
        struct record records[RECORDS_MAX];
        bool match;
        uint8_t usage;
        enum ww_cert_status status;
        enum ww_rule rule;
    } cases[] = {
        {LEAF_GOOD, {{3, 1, 1, LEAFS}}, true, 3, WW_CERT_OK, WW_RULE_DANE_EE_HOLDS},
        {LEAF_GOOD, {{3, 1, 2, LEAFS}}, true, 3, WW_CERT_OK, WW_RULE_DANE_EE_HOLDS},
        {LEAF_GOOD, {{3, 1, 0, LEAFS}}, true, 3, WW_CERT_OK, WW_RULE_DANE_EE_HOLDS},
        {LEAF_GOOD, {{3, 0, 1, LEAFS}}, true, 3, WW_CERT_OK, WW_RULE_DANE_EE_HOLDS},
        {LEAF_GOOD, {{3, 0, 2, LEAFS}}, true, 3, WW_CERT_OK, WW_RULE_DANE_EE_HOLDS},
        {LEAF_GOOD, {{3, 0, 0, LEAFS}}, true, 3, WW_CERT_OK, WW_RULE_DANE_EE_HOLDS},
        {LEAF_GOOD, {{3, 1, 1, NOBODYS}}, false, 0, WW_CERT_OK, WW_RULE_DANE_NO_MATCH},
        {LEAF_GOOD, {{3, 0, 1, NOBODYS}}, false, 0, WW_CERT_OK, WW_RULE_DANE_NO_MATCH},
        /* A trust anchor stands above the leaf. */
        {LEAF_SELF_SIGNED, {{2, 1, 1, LEAFS}}, false, 0, WW_CERT_SELF_SIGNED, WW_RULE_DANE_NO_MATCH},
        {LEAF_WRONG_EXPIRED, {{3, 1, 1, LEAFS}}, true, 3, WW_CERT_EXPIRED, WW_RULE_DANE_EE_HOLDS},
        {LEAF_EARLY, {{3, 1, 1, LEAFS}}, true, 3, WW_CERT_EXPIRED, WW_RULE_DANE_EE_HOLDS},
        {LEAF_SELF_SIGNED, {{3, 1, 1, LEAFS}}, true, 3, WW_CERT_SELF_SIGNED, WW_RULE_DANE_EE_HOLDS},
        {LEAF_UNTRUSTED, {{3, 1, 1, LEAFS}}, true, 3, WW_CERT_UNTRUSTED, WW_RULE_DANE_EE_HOLDS},
        {LEAF_EXPIRED, {{3, 1, 1, NOBODYS}}, false, 0, WW_CERT_EXPIRED, WW_RULE_DANE_NO_MATCH},
        /* Usages 0 and 1 count for nothing. */
        {LEAF_GOOD, {{1, 1, 1, LEAFS}}, false, 0, WW_CERT_OK, WW_RULE_DANE_NO_MATCH},
        {LEAF_CHAIN, {{0, 1, 1, ISSUERS}}, false, 0, WW_CERT_OK, WW_RULE_DANE_NO_MATCH},
        /* A certificate that is none. */
        {LEAF_GOOD, {{3, 0, 0, BROKEN}}, false, 0, WW_CERT_OK, WW_RULE_DANE_NO_MATCH},
        {LEAF_CHAIN, {{2, 1, 1, ISSUERS}}, true, 2, WW_CERT_OK, WW_RULE_DANE_TA_HOLDS},
        {LEAF_CHAIN, {{2, 0, 1, ISSUERS}}, true, 2, WW_CERT_OK, WW_RULE_DANE_TA_HOLDS},
        {LEAF_CHAIN, {{2, 1, 1, NOBODYS}}, false, 0, WW_CERT_OK, WW_RULE_DANE_NO_MATCH},
        {LEAF_PRIVATE, {{2, 1, 1, ISSUERS}}, true, 2, WW_CERT_UNTRUSTED, WW_RULE_DANE_TA_HOLDS},
        {LEAF_PRIVATE, {{2, 1, 2, ISSUERS}}, true, 2, WW_CERT_UNTRUSTED, WW_RULE_DANE_TA_HOLDS},
        {LEAF_PRIVATE, {{2, 1, 0, ISSUERS}}, true, 2, WW_CERT_UNTRUSTED, WW_RULE_DANE_TA_HOLDS},
        {LEAF_PRIVATE, {{2, 0, 1, ISSUERS}}, true, 2, WW_CERT_UNTRUSTED, WW_RULE_DANE_TA_HOLDS},
        {LEAF_PRIVATE, {{2, 0, 2, ISSUERS}}, true, 2, WW_CERT_UNTRUSTED, WW_RULE_DANE_TA_HOLDS},
        {LEAF_PRIVATE, {{2, 0, 0, ISSUERS}}, true, 2, WW_CERT_UNTRUSTED, WW_RULE_DANE_TA_HOLDS},
        {LEAF_PRIVATE, {{2, 1, 1, NOBODYS}}, false, 0, WW_CERT_UNTRUSTED, WW_RULE_DANE_NO_MATCH},
        {LEAF_PRIVATE, {{2, 1, 1, LEAFS}}, false, 0, WW_CERT_UNTRUSTED, WW_RULE_DANE_NO_MATCH},
        {LEAF_PRIVATE, {{3, 1, 1, ISSUERS}}, false, 0, WW_CERT_UNTRUSTED, WW_RULE_DANE_NO_MATCH},
        {LEAF_PRIVATE_WRONG_NAME, {{2, 1, 1, ISSUERS}}, true, 2, WW_CERT_UNTRUSTED, WW_RULE_DANE_TA_NAME},
        {LEAF_PRIVATE_EXPIRED, {{2, 1, 1, ISSUERS}}, true, 2, WW_CERT_EXPIRED, WW_RULE_DANE_TA_EXPIRED},
        {LEAF_PRIVATE_EXPIRED, {{2, 0, 0, ISSUERS}}, true, 2, WW_CERT_EXPIRED, WW_RULE_DANE_TA_EXPIRED},
        {LEAF_PRIVATE_EXPIRED, {{2, 1, 1, NOBODYS}}, false, 0, WW_CERT_UNTRUSTED, WW_RULE_DANE_NO_MATCH},
        /* What is wrong below the anchor but names and dates leaves no match. */
        {LEAF_PRIVATE_CLIENT, {{2, 1, 1, ISSUERS}}, false, 0, WW_CERT_UNTRUSTED, WW_RULE_DANE_NO_MATCH},
        /* One of several is enough; DANE-EE goes first. */
        {LEAF_PRIVATE_EXPIRED,
         {{3, 1, 1, NOBODYS}, {2, 1, 1, NOBODYS}, {3, 1, 2, LEAFS}},
         true,
         3,
         WW_CERT_UNTRUSTED,
         WW_RULE_DANE_EE_HOLDS},
        {LEAF_PRIVATE,
         {{3, 1, 1, NOBODYS}, {2, 0, 1, NOBODYS}, {2, 1, 1, ISSUERS}},
         true,
         2,
         WW_CERT_UNTRUSTED,
         WW_RULE_DANE_TA_HOLDS},
        {LEAF_PRIVATE,
         {{2, 1, 1, ISSUERS}, {3, 1, 1, LEAFS}},
         true,
         3,
         WW_CERT_UNTRUSTED,
         WW_RULE_DANE_EE_HOLDS},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned char rooms[RECORDS_MAX][2048];
        struct ww_tlsa tlsa[RECORDS_MAX];
        struct ww_slice names[WW_MX_PROBE_NAMES_MAX];
        SSL_CTX *ctx = pki_server(pki, cases[i].leaf, HOST);
        size_t count = 0;
        size_t readable = 0;
        for (; count < RECORDS_MAX && (count == 0 || cases[i].records[count].usage != 0); count++) {
            const struct record *record = &cases[i].records[count];
            tlsa[count] = (struct ww_tlsa){record->usage, record->selector, record->matching,
                                           data_of(record, ctx, rooms[count])};
            readable += record->usage >= 2 && record->whose != BROKEN ? 1 : 0;
        }
        const struct ww_mx_probe_result *r = probe_context(ctx, tlsa, count);
        const struct ww_delivery delivery = {.next_hop = ww_slice_str("example")};
        struct ww_seen_mx seen = ww_mx_probe_seen(r, HOST, WW_DANE_SECURE_USABLE, names);
        enum ww_rule rule = ww_judge(&delivery, &seen).dane;
        if (r->tlsa_match != cases[i].match || r->tlsa_usage != cases[i].usage ||
            r->status != cases[i].status || rule != cases[i].rule || r->tlsa_readable != readable)
            fail_msg("case %zu: match %d, usage %u, status %d, \"%s\", %s; %zu records", i, r->tlsa_match,
                     r->tlsa_usage, (int)r->status, r->detail, ww_rule_text(rule), r->tlsa_readable);
        assert_fits(r, cases[i].records, tlsa, count);
        SSL_CTX_free(ctx);
    }
}

struct staple {
    unsigned char *der;
    int n;
};

static int give_staple(SSL *ssl, void *arg)
{
    const struct staple *staple = arg;
    unsigned char *copy = OPENSSL_memdup(staple->der, (size_t)staple->n);
    assert_int_equal(SSL_set_tlsext_status_ocsp_resp(ssl, copy, staple->n), 1);
    return SSL_TLSEXT_ERR_OK;
}

static void sees_what_is_stapled(void **state)
{
    (void)state;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    SSL_CTX *other = pki_server(pki, LEAF_GOOD, HOST);
    const struct {
        SSL_CTX *of;
        bool revoked, broken;
        enum ww_revocation says;
    } cases[] = {
        {ctx, false, false, WW_REVOCATION_GOOD},
        {ctx, true, false, WW_REVOCATION_REVOKED},
        {ctx, true, true, WW_REVOCATION_UNKNOWN},
        {other, true, false, WW_REVOCATION_UNKNOWN},
    };
    assert_int_equal(probe_context(ctx, NULL, 0)->stapled, WW_REVOCATION_UNKNOWN);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct staple staple;
        staple.n = pki_staple(pki, SSL_CTX_get0_certificate(cases[i].of), cases[i].revoked, &staple.der);
        staple.der[staple.n - 1] ^= cases[i].broken ? 1 : 0;
        (void)SSL_CTX_set_tlsext_status_cb(ctx, give_staple);
        (void)SSL_CTX_set_tlsext_status_arg(ctx, &staple);
        assert_int_equal(probe_context(ctx, NULL, 0)->stapled, cases[i].says);
        OPENSSL_free(staple.der);
    }
    SSL_CTX_free(ctx);
    SSL_CTX_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_what_pkix_says_of_the_chain),
        cmocka_unit_test(sees_old_versions),
        cmocka_unit_test(sees_what_dane_says_of_the_chain),
        cmocka_unit_test(sees_what_is_stapled),
    };
    return probing_run("mx_tls", tests, COUNT(tests));
}
