#include "probe/mx_probe.h"

#include "fake_mx.h"
#include "netns.h"
#include "pki.h"

#include <event2/event.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define FIRST "127.0.0.25"
#define SECOND "127.0.0.26"
#define CLOSED "127.0.0.27"
#define HOST "mx.example"
#define DEADLINE_MS 10000
#define SHORT_MS 400
#define RECORDS_MAX 3

#define OFFER "250-mx.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n"
#define GO "220 go ahead\r\n"

static const struct mx_script good = {{"220 hi\r\n", OFFER, GO}, THEN_SHAKE};

static struct event_base *base;
static struct pki *pki;
static char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";

struct heard {
    bool called;
    struct ww_mx_probe_result result;
};

static void on_result(void *ctx, const struct ww_mx_probe_result *result)
{
    struct heard *h = ctx;
    assert_false(h->called);
    h->called = true;
    h->result = *result;
}

static struct ww_mx_prober *prober_new(unsigned deadline_ms)
{
    const struct ww_mx_probe_options options = {
        .ca_file = ca_file, .helo = "us.example", .deadline_ms = deadline_ms};
    const char *detail = NULL;
    struct ww_mx_prober *prober = ww_mx_prober_new(base, &options, &detail);
    assert_non_null(prober);
    return prober;
}

/* Up to two addresses; with a target whose host and addresses are filled in here. */
static const struct ww_mx_probe_result *probe(struct ww_mx_probe_target target, const char *first,
                                              const char *second, unsigned deadline_ms)
{
    static struct heard h;
    struct ww_addr addrs[2];
    enum ww_err err;
    struct ww_mx_prober *prober = prober_new(deadline_ms);
    h = (struct heard){.called = false};
    assert_int_equal(ww_addr_parse(ww_slice_str(first), &addrs[0]), WW_OK);
    assert_int_equal(ww_addr_parse(ww_slice_str(second != NULL ? second : first), &addrs[1]), WW_OK);
    target.host = target.host != NULL ? target.host : HOST;
    target.addrs = addrs;
    target.addr_count = second != NULL ? 2 : 1;
    assert_non_null(ww_mx_probe(prober, &target, on_result, &h, &err));
    assert_false(h.called);
    while (!h.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    ww_mx_prober_free(prober);
    return &h.result;
}

static const struct ww_mx_probe_result *probe_script(const struct mx_script *script, unsigned deadline_ms)
{
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t pid = fake_mx(FIRST, script, ctx, -1);
    const struct ww_mx_probe_result *r = probe((struct ww_mx_probe_target){0}, FIRST, NULL, deadline_ms);
    netns_end(pid);
    SSL_CTX_free(ctx);
    return r;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const struct {
    struct mx_script script;
    enum ww_err err, tls_err;
    unsigned code;
    bool starttls, handshake;
    const char *detail;
} sessions[] = {
    {{{"220 hi\r\n", OFFER, GO}, THEN_SHAKE}, WW_OK, WW_OK, 220, true, true, ""},
    {{{"220-hi\r\n220 there\r\n", OFFER, GO}, THEN_SHAKE}, WW_OK, WW_OK, 220, true, true, ""},
    {{{"220 hi\r\n", "250 mx\r\n", NULL}, THEN_SHAKE}, WW_OK, WW_OK, 250, false, false, ""},
    {{{"220 hi\r\n", OFFER, "454 4.7.0 no \033 TLS\r\n"}, THEN_SILENT},
     WW_OK,
     WW_E_SMTP_STARTTLS,
     454,
     true,
     false,
     "the MX host offers STARTTLS and then refuses it: 454 4.7.0 no \\027 TLS"},
    {{{"220 hi\r\n", OFFER, "what?\r\n"}, THEN_SILENT},
     WW_OK,
     WW_E_SMTP_PROTOCOL,
     250,
     true,
     false,
     "the MX host does not speak SMTP: after STARTTLS"},
    {{{"220 hi\r\n", OFFER, NULL}, THEN_SHAKE},
     WW_OK,
     WW_E_SMTP_CLOSED,
     250,
     true,
     false,
     "the MX host broke the connection off: after STARTTLS"},
    {{{"220 hi\r\n", OFFER, GO "250 \201injected\r\n"}, THEN_SHAKE},
     WW_OK,
     WW_E_SMTP_PLAIN,
     220,
     true,
     false,
     "plain text came where TLS has to begin: somebody may have put it there: "
     "250 \\129injected\\013\\010"},
    {{{"220 hi\r\n", OFFER GO, GO}, THEN_SHAKE},
     WW_OK,
     WW_E_SMTP_PLAIN,
     250,
     true,
     false,
     "plain text came where TLS has to begin: somebody may have put it there: 220 go ahead\\013\\010"},
    {{{"220 hi\r\n", OFFER, GO}, THEN_PLAIN},
     WW_OK,
     WW_E_SMTP_TLS,
     220,
     true,
     false,
     "the TLS handshake with the MX host failed: wrong version number"},
    {{{"220 hi\r\n", OFFER, GO}, THEN_REFUSE},
     WW_OK,
     WW_E_SMTP_TLS,
     220,
     true,
     false,
     "the TLS handshake with the MX host failed: *alert handshake failure"},
    {{{"220 hi\r\n", OFFER, GO}, THEN_HANG_UP},
     WW_OK,
     WW_E_SMTP_CLOSED,
     220,
     true,
     false,
     "the MX host broke the connection off: in the TLS handshake"},
    {{{"554 go \033 away\r\n", NULL, NULL}, THEN_SHAKE},
     WW_E_SMTP_REFUSED,
     WW_OK,
     554,
     false,
     false,
     FIRST ": 554 go \\027 away"},
    {{{"220 hi\r\n", "502 what\r\n", NULL}, THEN_SHAKE},
     WW_E_SMTP_REFUSED,
     WW_OK,
     502,
     false,
     false,
     FIRST ": 502 what"},
    {{{NULL, NULL, NULL}, THEN_SHAKE}, WW_E_SMTP_CLOSED, WW_OK, 0, false, false, FIRST ": before a greeting"},
    {{{"220-on and on-\r\n", NULL, NULL}, THEN_SHAKE},
     WW_E_SMTP_PROTOCOL,
     WW_OK,
     0,
     false,
     false,
     FIRST ": before a greeting"},
    {{{"HTTP/1.1 400\r\n", NULL, NULL}, THEN_SHAKE},
     WW_E_SMTP_PROTOCOL,
     WW_OK,
     0,
     false,
     false,
     FIRST ": before a greeting"},
};

/* OpenSSL's words for an alert begin differently by version: an asterisk stands for that. */
static bool says(const char *text, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    if (star == NULL)
        return strcmp(text, pattern) == 0;
    size_t head = (size_t)(star - pattern);
    size_t tail = strlen(star + 1);
    return strlen(text) >= head + tail && strncmp(text, pattern, head) == 0 &&
           strcmp(text + strlen(text) - tail, star + 1) == 0;
}

static void sees_how_far_a_host_goes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sessions); i++) {
        const struct ww_mx_probe_result *r = probe_script(&sessions[i].script, DEADLINE_MS);
        if (r->err != sessions[i].err || r->tls_err != sessions[i].tls_err ||
            r->smtp_code != sessions[i].code || r->starttls != sessions[i].starttls ||
            r->handshake != sessions[i].handshake || !says(r->detail, sessions[i].detail))
            fail_msg("case %zu: %s, %s, code %u, starttls %d, handshake %d, \"%s\"", i, ww_err_id(r->err),
                     ww_err_id(r->tls_err), r->smtp_code, r->starttls, r->handshake, r->detail);
        assert_true(r->us > 0 && r->us < (int64_t)DEADLINE_MS * 1000);
    }
}

static void waits_no_longer_than_its_deadline(void **state)
{
    (void)state;
    static const struct {
        struct mx_script script;
        enum ww_err err, tls_err;
        const char *detail;
    } cases[] = {
        {{{"", NULL, NULL}, THEN_SHAKE}, WW_E_SMTP_TIMEOUT, WW_OK, FIRST ": before a greeting"},
        {{{"220 hi\r\n", "", NULL}, THEN_SHAKE}, WW_E_SMTP_TIMEOUT, WW_OK, FIRST ": after EHLO"},
        {{{"220 hi\r\n", OFFER, ""}, THEN_SHAKE},
         WW_OK,
         WW_E_SMTP_TIMEOUT,
         "the MX host did not answer in time: after STARTTLS"},
        {{{"220 hi\r\n", OFFER, GO}, THEN_SILENT},
         WW_OK,
         WW_E_SMTP_TIMEOUT,
         "the MX host did not answer in time: in the TLS handshake"},
        {{{"220 hi\r\n", OFFER, GO}, THEN_STAY}, WW_OK, WW_OK, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t begun = now_ms();
        const struct ww_mx_probe_result *r = probe_script(&cases[i].script, SHORT_MS);
        int64_t took = now_ms() - begun;
        if (r->err != cases[i].err || r->tls_err != cases[i].tls_err ||
            strcmp(r->detail, cases[i].detail) != 0)
            fail_msg("case %zu: %s, %s, \"%s\"", i, ww_err_id(r->err), ww_err_id(r->tls_err), r->detail);
        assert_true(took >= SHORT_MS - 50 && took < 10L * SHORT_MS);
    }
}

static void read_report(int fd, char *text, size_t size)
{
    ssize_t n = read(fd, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
}

static void waits_a_moment_for_a_goodbye(void **state)
{
    (void)state;
    static const struct mx_script stays = {{"220 hi\r\n", OFFER, GO}, THEN_STAY};
    int64_t begun = now_ms();
    assert_true(probe_script(&stays, DEADLINE_MS)->handshake);
    assert_true(now_ms() - begun < DEADLINE_MS / 2);
}

/* What is in the buffers of the system has been sent as well, but that is some megabytes. */
static void hears_no_endless_goodbye(void **state)
{
    (void)state;
    static const struct mx_script babbles = {{"220 hi\r\n", OFFER, GO}, THEN_BABBLE};
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    char said[512];
    const char *babbled = NULL;
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t pid = fake_mx(FIRST, &babbles, ctx, pipe_fds[1]);
    assert_true(probe((struct ww_mx_probe_target){0}, FIRST, NULL, DEADLINE_MS)->handshake);
    while (babbled == NULL) {
        read_report(pipe_fds[0], said, sizeof said);
        babbled = strstr(said, "babbled ");
    }
    if (strtoul(babbled + strlen("babbled "), NULL, 10) > 16UL * 1024 * 1024)
        fail_msg("%s", babbled);
    netns_end(pid);
    SSL_CTX_free(ctx);
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
}

static void tries_one_address_after_the_other(void **state)
{
    (void)state;
    static const struct mx_script plain = {{"220 hi\r\n", "250 mx\r\n", NULL}, THEN_SHAKE};
    static const struct mx_script silent = {{"", NULL, NULL}, THEN_SHAKE};
    static const struct mx_script refuses = {{"554 no\r\n", NULL, NULL}, THEN_SHAKE};
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    char text[WW_ADDR_TEXT_SIZE];
    pid_t second = fake_mx(SECOND, &good, ctx, -1);
    const struct ww_mx_probe_target target = {.host = HOST};
    const struct ww_mx_probe_result *r = probe(target, CLOSED, SECOND, DEADLINE_MS);
    assert_int_equal(r->err, WW_OK);
    ww_addr_format(&r->addr, text);
    assert_string_equal(text, SECOND);
    assert_true(r->handshake);
    assert_string_equal(r->detail, "");
    /* One that answers nothing takes half of the time. */
    int deaf = netns_listen(FIRST, 25, SOCK_STREAM, 0);
    r = probe(target, FIRST, SECOND, 2000);
    assert_int_equal(r->err, WW_OK);
    assert_true(r->handshake);
    assert_true(r->us < 900000);
    r = probe(target, FIRST, NULL, SHORT_MS);
    assert_int_equal(r->err, WW_E_SMTP_TIMEOUT);
    assert_string_equal(r->detail, FIRST ": while connecting");
    (void)close(deaf);
    /* The one that came furthest says what is wrong. */
    pid_t first = fake_mx(FIRST, &refuses, NULL, -1);
    r = probe(target, FIRST, CLOSED, DEADLINE_MS);
    assert_int_equal(r->err, WW_E_SMTP_REFUSED);
    assert_int_equal(r->smtp_code, 554);
    assert_string_equal(r->detail, FIRST ": 554 no; " CLOSED ": Connection refused");
    r = probe(target, FIRST, SECOND, DEADLINE_MS);
    assert_int_equal(r->err, WW_OK);
    netns_end(first);
    netns_end(second);
    second = fake_mx(SECOND, &plain, ctx, -1);
    r = probe(target, CLOSED, SECOND, DEADLINE_MS);
    assert_int_equal(r->err, WW_OK);
    assert_string_equal(r->detail, "");
    netns_end(second);
    /* One that takes the connection may have all of the time. */
    first = fake_mx(FIRST, &silent, ctx, -1);
    r = probe(target, FIRST, CLOSED, SHORT_MS);
    assert_int_equal(r->err, WW_E_SMTP_TIMEOUT);
    assert_string_equal(r->detail, FIRST ": before a greeting");
    netns_end(first);
    SSL_CTX_free(ctx);
}

static void asks_for_the_base_domain_and_says_goodbye(void **state)
{
    (void)state;
    static const struct {
        const char *base;
        const char *said;
    } cases[] = {
        {NULL, "EHLO us.example\r\nSTARTTLS\r\nSNI mx.example\r\nQUIT\r\n"},
        {"real.example", "EHLO us.example\r\nSTARTTLS\r\nSNI real.example\r\nQUIT\r\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char said[512];
        int pipe_fds[2];
        SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t pid = fake_mx(FIRST, &good, ctx, pipe_fds[1]);
        const struct ww_mx_probe_target target = {.base = cases[i].base};
        assert_true(probe(target, FIRST, NULL, DEADLINE_MS)->handshake);
        read_report(pipe_fds[0], said, sizeof said);
        assert_string_equal(said, cases[i].said);
        netns_end(pid);
        SSL_CTX_free(ctx);
        (void)close(pipe_fds[0]);
        (void)close(pipe_fds[1]);
    }
}

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
        SSL_CTX_free(ctx);
    }
}

static void on_never(void *ctx, const struct ww_mx_probe_result *result)
{
    (void)ctx, (void)result;
    fail_msg("told after it was cancelled");
}

/* Cancelled at whatever the loop's next turn finds it at. */
static void cancel_says_nothing(void **state)
{
    (void)state;
    struct ww_addr addr;
    enum ww_err err;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t pid = fake_mx(FIRST, &good, ctx, -1);
    struct ww_mx_prober *prober = prober_new(DEADLINE_MS);
    assert_int_equal(ww_addr_parse(ww_slice_str(FIRST), &addr), WW_OK);
    const struct ww_mx_probe_target target = {.host = HOST, .addrs = &addr, .addr_count = 1};
    for (int turns = 0; turns < 6; turns++) {
        struct ww_mx_probe *p = ww_mx_probe(prober, &target, on_never, NULL, &err);
        assert_non_null(p);
        for (int i = 0; i < turns; i++)
            assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
        ww_mx_probe_cancel(p);
        assert_int_equal(event_base_dispatch(base), 1);
    }
    ww_mx_prober_free(prober);
    netns_end(pid);
    SSL_CTX_free(ctx);
}

static void free_prober(void *ctx, const struct ww_mx_probe_result *result)
{
    struct ww_mx_prober **prober = ctx;
    assert_true(result->handshake);
    ww_mx_prober_free(*prober);
    *prober = NULL;
}

static void a_callback_may_free_the_prober(void **state)
{
    (void)state;
    struct ww_addr addr;
    enum ww_err err;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t pid = fake_mx(FIRST, &good, ctx, -1);
    struct ww_mx_prober *prober = prober_new(DEADLINE_MS);
    assert_int_equal(ww_addr_parse(ww_slice_str(FIRST), &addr), WW_OK);
    const struct ww_mx_probe_target target = {.host = HOST, .addrs = &addr, .addr_count = 1};
    assert_non_null(ww_mx_probe(prober, &target, free_prober, &prober, &err));
    while (prober != NULL)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    assert_int_equal(event_base_dispatch(base), 1);
    netns_end(pid);
    SSL_CTX_free(ctx);
}

static void what_cannot_begin_is_refused_at_once(void **state)
{
    (void)state;
    static const char *const files[] = {"/nonexistent/ca.pem", "/dev/null"};
    char name[WW_MX_PROBE_NAME_SIZE + 10];
    const char *detail = NULL;
    enum ww_err err;
    struct ww_addr addr;
    struct ww_mx_prober *prober = prober_new(DEADLINE_MS);
    assert_int_equal(ww_addr_parse(ww_slice_str(FIRST), &addr), WW_OK);
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct ww_mx_probe_target target = {.host = HOST};
    assert_null(ww_mx_probe(prober, &target, on_never, NULL, &err));
    assert_int_equal(err, WW_E_MX_NO_ADDRESS);
    target = (struct ww_mx_probe_target){.host = name, .addrs = &addr, .addr_count = 1};
    assert_null(ww_mx_probe(prober, &target, on_never, NULL, &err));
    assert_int_equal(err, WW_E_DNAME_TOO_LONG);
    target.host = "";
    assert_null(ww_mx_probe(prober, &target, on_never, NULL, &err));
    assert_int_equal(err, WW_E_DNAME_EMPTY);
    ww_mx_prober_free(prober);
    for (size_t i = 0; i < COUNT(files); i++) {
        const struct ww_mx_probe_options options = {.ca_file = files[i], .deadline_ms = 1000};
        assert_null(ww_mx_prober_new(base, &options, &detail));
        assert_non_null(strstr(detail, "trusted authorities"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_how_far_a_host_goes),
        cmocka_unit_test(waits_no_longer_than_its_deadline),
        cmocka_unit_test(waits_a_moment_for_a_goodbye),
        cmocka_unit_test(hears_no_endless_goodbye),
        cmocka_unit_test(tries_one_address_after_the_other),
        cmocka_unit_test(asks_for_the_base_domain_and_says_goodbye),
        cmocka_unit_test(sees_what_pkix_says_of_the_chain),
        cmocka_unit_test(sees_old_versions),
        cmocka_unit_test(sees_what_dane_says_of_the_chain),
        cmocka_unit_test(cancel_says_nothing),
        cmocka_unit_test(a_callback_may_free_the_prober),
        cmocka_unit_test(what_cannot_begin_is_refused_at_once),
    };
    netns_enter();
    int fd = mkstemp(ca_file);
    if (fd < 0)
        return 1;
    (void)close(fd);
    base = event_base_new();
    pki = pki_new(ca_file);
    int failed = cmocka_run_group_tests_name("mx_probe", tests, NULL, NULL);
    pki_free(pki);
    event_base_free(base);
    (void)unlink(ca_file);
    return failed;
}
