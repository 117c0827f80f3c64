#include "probe/mx_trial.h"

#include "probing.h"

#include <openssl/ssl.h>

#define SHORT_MS 300

struct heard {
    bool called;
    struct ww_mx_trial_result result;
};

static void on_result(void *ctx, const struct ww_mx_trial_result *result)
{
    struct heard *h = ctx;
    assert_false(h->called);
    h->called = true;
    h->result = *result;
}

static struct ww_mx_trial_result try(enum ww_mx_trial_kind kind, unsigned deadline_ms)
{
    struct heard h = {.called = false};
    struct ww_addr addr;
    struct ww_mx_prober *prober = prober_new(deadline_ms);
    assert_int_equal(ww_addr_parse(ww_slice_str(FIRST), &addr), WW_OK);
    assert_non_null(ww_mx_trial(prober, kind, HOST, &addr, deadline_ms, on_result, &h));
    assert_false(h.called);
    while (!h.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    ww_mx_prober_free(prober);
    return h.result;
}

static struct ww_mx_trial_result try_script(const struct mx_script *script, SSL_CTX *ctx,
                                            enum ww_mx_trial_kind kind, unsigned deadline_ms)
{
    pid_t pid = fake_mx(FIRST, script, ctx, -1);
    struct ww_mx_trial_result r = try(kind, deadline_ms);
    netns_end(pid);
    return r;
}

/* A server with these ciphers (NULL: OpenSSL's own) and versions, whatever the system's policy is. */
static SSL_CTX *server(enum leaf leaf, const char *ciphers, int from, int to)
{
    SSL_CTX *ctx = pki_server(pki, leaf, HOST);
    SSL_CTX_set_security_level(ctx, 0);
    assert_int_equal(SSL_CTX_set_cipher_list(ctx, ciphers != NULL ? ciphers : "DEFAULT"), 1);
    assert_int_equal(SSL_CTX_set_min_proto_version(ctx, from), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(ctx, to), 1);
    return ctx;
}

static void sees_versions_and_ciphers(void **state)
{
    (void)state;
    static const struct {
        enum leaf leaf;
        const char *ciphers;
        int from, to;
        enum ww_mx_trial_kind kind;
        enum ww_mx_verdict verdict;
        uint16_t version, suite;
        const char *detail;
    } cases[] = {
        {LEAF_GOOD, NULL, TLS1_2_VERSION, TLS1_3_VERSION, WW_MX_TRIAL_TLS_1_1, WW_MX_NO, 0, 0,
         "alert protocol_version"},
        {LEAF_GOOD, NULL, TLS1_2_VERSION, TLS1_3_VERSION, WW_MX_TRIAL_TLS_1_0, WW_MX_NO, 0, 0,
         "alert protocol_version"},
        {LEAF_GOOD, NULL, TLS1_2_VERSION, TLS1_3_VERSION, WW_MX_TRIAL_SSL_3, WW_MX_NO, 0, 0,
         "alert handshake_failure"},
        {LEAF_GOOD, NULL, TLS1_VERSION, TLS1_3_VERSION, WW_MX_TRIAL_TLS_1_1, WW_MX_YES, 0x0302, 0xc00a, ""},
        {LEAF_GOOD, NULL, TLS1_VERSION, TLS1_3_VERSION, WW_MX_TRIAL_TLS_1_0, WW_MX_YES, 0x0301, 0xc00a, ""},
        /* It answers 1.1 with 1.0. */
        {LEAF_GOOD, NULL, TLS1_VERSION, TLS1_VERSION, WW_MX_TRIAL_TLS_1_1, WW_MX_NO, 0, 0, ""},
        {LEAF_GOOD, NULL, TLS1_2_VERSION, TLS1_3_VERSION, WW_MX_TRIAL_WEAK, WW_MX_NO, 0, 0,
         "alert handshake_failure"},
        {LEAF_GOOD, "ALL:eNULL", TLS1_2_VERSION, TLS1_2_VERSION, WW_MX_TRIAL_WEAK, WW_MX_YES, 0x0303, 0xc006,
         ""},
        {LEAF_GOOD, "ALL:eNULL", TLS1_VERSION, TLS1_1_VERSION, WW_MX_TRIAL_WEAK, WW_MX_YES, 0x0302, 0xc006,
         ""},
        {LEAF_GOOD, NULL, TLS1_2_VERSION, TLS1_3_VERSION, WW_MX_TRIAL_SECRECY, WW_MX_NO, 0, 0,
         "alert handshake_failure"},
        {LEAF_RSA, "DEFAULT", TLS1_2_VERSION, TLS1_3_VERSION, WW_MX_TRIAL_SECRECY, WW_MX_YES, 0x0303, 0x009d,
         ""},
        {LEAF_RSA, "DEFAULT:!kRSA", TLS1_2_VERSION, TLS1_3_VERSION, WW_MX_TRIAL_SECRECY, WW_MX_NO, 0, 0,
         "alert handshake_failure"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SSL_CTX *ctx = server(cases[i].leaf, cases[i].ciphers, cases[i].from, cases[i].to);
        struct ww_mx_trial_result r = try_script(&good, ctx, cases[i].kind, DEADLINE_MS);
        if (r.verdict != cases[i].verdict || r.version != cases[i].version || r.suite != cases[i].suite ||
            (cases[i].verdict == WW_MX_NO && strcmp(r.detail, cases[i].detail) != 0 &&
             cases[i].detail[0] != '\0'))
            fail_msg("case %zu: verdict %d, version %04x, suite %04x, %s, \"%s\"", i, (int)r.verdict,
                     r.version, r.suite, ww_err_id(r.err), r.detail);
        SSL_CTX_free(ctx);
    }
}

static int answer_strangers(SSL *ssl, int *alert, void *arg)
{
    (void)alert;
    if (SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) == NULL)
        (void)SSL_set_SSL_CTX(ssl, arg);
    return SSL_TLSEXT_ERR_OK;
}

static void sees_the_certificate_for_strangers(void **state)
{
    (void)state;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    SSL_CTX *other = pki_server(pki, LEAF_WRONG_NAME, HOST);
    struct ww_mx_trial_result r = try_script(&good, ctx, WW_MX_TRIAL_NO_SNI, DEADLINE_MS);
    assert_int_equal(r.verdict, WW_MX_YES);
    assert_true(r.has_certificate);
    assert_string_equal(r.name, HOST);
    (void)SSL_CTX_set_tlsext_servername_callback(ctx, answer_strangers);
    (void)SSL_CTX_set_tlsext_servername_arg(ctx, other);
    r = try_script(&good, ctx, WW_MX_TRIAL_NO_SNI, DEADLINE_MS);
    assert_int_equal(r.verdict, WW_MX_YES);
    assert_string_equal(r.name, "another.example");
    r = try_script(&good, ctx, WW_MX_TRIAL_INJECT, DEADLINE_MS); /* this one has a name */
    assert_string_equal(r.name, HOST);
    SSL_CTX_free(ctx);
    SSL_CTX_free(other);
}

static void sees_what_is_let_in_before_tls(void **state)
{
    (void)state;
    static const struct {
        struct mx_script script;
        enum ww_mx_verdict verdict;
        enum ww_err err;
    } cases[] = {
        {{{"220 hi\r\n", OFFER, GO}, THEN_SHAKE}, WW_MX_NO, WW_OK},
        {{{"220 hi\r\n", OFFER, GO}, THEN_ADMIT}, WW_MX_YES, WW_OK},
        {{{"220 hi\r\n", OFFER, "554 5.5.0 synchronize\r\n"}, THEN_SILENT}, WW_MX_NO, WW_E_SMTP_STARTTLS},
        {{{"220 hi\r\n", OFFER, GO "250 ok\r\n"}, THEN_SHAKE}, WW_MX_NO, WW_E_SMTP_PLAIN},
        {{{"220 hi\r\n", OFFER, GO}, THEN_HANG_UP}, WW_MX_NO, WW_E_SMTP_CLOSED},
        {{{"421 busy\r\n", NULL, NULL}, THEN_SHAKE}, WW_MX_UNCLEAR, WW_E_SMTP_REFUSED},
        {{{"220 hi\r\n", "250 mx\r\n", NULL}, THEN_SHAKE}, WW_MX_UNCLEAR, WW_OK},
    };
    for (int tls = TLS1_2_VERSION; tls <= TLS1_3_VERSION; tls++) {
        for (size_t i = 0; i < COUNT(cases); i++) {
            SSL_CTX *ctx = server(LEAF_GOOD, NULL, tls, tls);
            struct ww_mx_trial_result r = try_script(&cases[i].script, ctx, WW_MX_TRIAL_INJECT, DEADLINE_MS);
            SSL_CTX_free(ctx);
            if (r.verdict != cases[i].verdict || r.err != cases[i].err)
                fail_msg("case %zu with %04x: verdict %d, %s, %s", i, (unsigned)tls, (int)r.verdict,
                         ww_err_id(r.err), r.detail);
        }
    }
}

/* What a host does to a ClientHello that it cannot like, or that comes at the wrong time. */
static void a_host_that_says_nothing_has_refused_nothing(void **state)
{
    (void)state;
    static const struct {
        struct mx_script script;
        enum ww_mx_verdict verdict;
        enum ww_err err;
    } cases[] = {
        {{{"220 hi\r\n", OFFER, GO}, THEN_HANG_UP}, WW_MX_NO, WW_E_SMTP_CLOSED},
        {{{"220 hi\r\n", OFFER, GO}, THEN_PLAIN}, WW_MX_NO, WW_E_SMTP_PLAIN},
        {{{"220 hi\r\n", OFFER, GO}, THEN_SILENT}, WW_MX_UNCLEAR, WW_E_SMTP_TIMEOUT},
        {{{"220 hi\r\n", OFFER, "454 no TLS now\r\n"}, THEN_SILENT}, WW_MX_UNCLEAR, WW_E_SMTP_STARTTLS},
        {{{"220 hi\r\n", OFFER, NULL}, THEN_SHAKE}, WW_MX_UNCLEAR, WW_E_SMTP_CLOSED},
        {{{"421 busy\r\n", NULL, NULL}, THEN_SHAKE}, WW_MX_UNCLEAR, WW_E_SMTP_REFUSED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_mx_trial_result r = try_script(&cases[i].script, NULL, WW_MX_TRIAL_TLS_1_0,
                                                 cases[i].err == WW_E_SMTP_TIMEOUT ? SHORT_MS : DEADLINE_MS);
        if (r.verdict != cases[i].verdict || r.err != cases[i].err)
            fail_msg("case %zu: verdict %d, %s, %s", i, (int)r.verdict, ww_err_id(r.err), r.detail);
    }
}

static void on_never(void *ctx, const struct ww_mx_trial_result *result)
{
    (void)ctx, (void)result;
    fail_msg("told after it was cancelled");
}

static void cancel_says_nothing(void **state)
{
    (void)state;
    struct ww_addr addr;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t pid = fake_mx(FIRST, &good, ctx, -1);
    struct ww_mx_prober *prober = prober_new(DEADLINE_MS);
    assert_int_equal(ww_addr_parse(ww_slice_str(FIRST), &addr), WW_OK);
    for (int turns = 0; turns < 6; turns++) {
        struct ww_mx_trial *t =
            ww_mx_trial(prober, (enum ww_mx_trial_kind)turns, HOST, &addr, DEADLINE_MS, on_never, NULL);
        assert_non_null(t);
        for (int i = 0; i < turns; i++)
            assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
        ww_mx_trial_cancel(t);
        assert_int_equal(event_base_dispatch(base), 1);
    }
    ww_mx_prober_free(prober);
    netns_end(pid);
    SSL_CTX_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_versions_and_ciphers),
        cmocka_unit_test(sees_the_certificate_for_strangers),
        cmocka_unit_test(sees_what_is_let_in_before_tls),
        cmocka_unit_test(a_host_that_says_nothing_has_refused_nothing),
        cmocka_unit_test(cancel_says_nothing),
    };
    return probing_run("mx_trial", tests, COUNT(tests));
}
