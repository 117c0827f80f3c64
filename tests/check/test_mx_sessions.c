/* Sessions with MX hosts, on real sockets; and who shares them. */
#include "check/mx_sessions.h"

#include "fake_dns.h"
#include "fake_mx.h"
#include "netns.h"
#include "pki.h"

#include "net/dns.h"
#include "net/tls_verify.h"

#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define HOST "mx.example"
#define ADDRESS "127.0.0.25"
#define DNS "127.0.0.53"
#define KEEP 3600

#define OFFER "250-mx.example at your service\r\n250 STARTTLS\r\n"
#define GO "220 go ahead\r\n"

static const struct mx_script good = {{"220 hi\r\n", OFFER, GO}, THEN_SHAKE};
static const struct mx_script plain = {{"220 hi\r\n", "250 mx.example\r\n", NULL}, THEN_SHAKE};
static const struct mx_script refuses = {{"220 hi\r\n", OFFER, GO}, THEN_REFUSE};
static const struct mx_script busy = {{"421 not now\r\n", NULL, NULL}, THEN_SHAKE};

static const struct fake_name names[] = {
    {HOST, FAKE_A, ADDRESS},
    {"deaf.example", FAKE_A, "127.0.0.99"},
    {"other.example", FAKE_A, ADDRESS},
    {"private.example", FAKE_A, "10.0.0.25"},
    {NULL, FAKE_A, NULL},
};

static struct event_base *base;
static struct pki *pki;
static struct ww_check_env env;
static struct ww_mx_sessions *sessions;
static char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";
static char anchor_file[] = "/tmp/waxwing-test-anchor-XXXXXX";

static int setup(void **state)
{
    (void)state;
    sessions = ww_mx_sessions_new(&env, KEEP);
    return sessions != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ww_mx_sessions_free(sessions);
    return 0;
}

struct waiting {
    struct ww_mx_session_waiter waiter;
    struct ww_mx_session session;
    bool ended;
};

static void on_session(void *ctx, const struct ww_mx_session *session)
{
    struct waiting *w = ctx;
    assert_false(w->ended);
    w->ended = true;
    w->session = *session;
}

static void ask(struct waiting *w, const char *host)
{
    memset(w, 0, sizeof *w);
    const struct ww_mx_session *known = ww_mx_sessions_ask(sessions, host, &w->waiter, on_session, w);
    assert_true((known != NULL) == (w->waiter.host == NULL));
    if (known != NULL)
        on_session(w, known);
}

static const struct ww_mx_session *session_with(const char *host)
{
    static struct waiting w;
    ask(&w, host);
    while (!w.ended)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    return &w.session;
}

static size_t told(int fd, const char *what)
{
    char text[8192];
    size_t n = 0, count = 0;
    ssize_t more;
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    while (n < sizeof text - 1 && (more = read(fd, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)more;
    text[n] = '\0';
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        count++;
    return count;
}

static const struct {
    enum leaf leaf;
    const struct mx_script *script;
    enum ww_rule rule;
    const char *reason; /* begins so */
} hosts[] = {
    {LEAF_GOOD, &good, WW_RULE_STS_HOLDS, ""},
    {LEAF_WRONG_NAME, &good, WW_RULE_STS_NAME,
     "no DNS name of the certificate is that of the MX host (its common name never counts): it is for "},
    {LEAF_CN_ONLY, &good, WW_RULE_STS_NAME, "no DNS name of the certificate"},
    {LEAF_EXPIRED, &good, WW_RULE_STS_EXPIRED, "the certificate has expired"},
    {LEAF_UNTRUSTED, &good, WW_RULE_STS_UNTRUSTED, "the certificate comes from no authority"},
    {LEAF_SELF_SIGNED, &good, WW_RULE_STS_SELF_SIGNED, "the certificate is self-signed"},
    {LEAF_GOOD, &plain, WW_RULE_STS_STARTTLS, "the MX host does not offer STARTTLS"},
    {LEAF_GOOD, &refuses, WW_RULE_STS_HANDSHAKE, "the TLS handshake fails: "},
};

static void a_host_is_judged_as_a_sender_would(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        (void)teardown(NULL);
        (void)setup(NULL);
        SSL_CTX *ctx = pki_server(pki, hosts[i].leaf, HOST);
        pid_t mx = fake_mx(ADDRESS, hosts[i].script, ctx, -1);
        const struct ww_mx_session *s = session_with(HOST);
        assert_true(s->reached);
        if (s->rule != hosts[i].rule)
            fail_msg("row %zu: %s", i, ww_rule_text(s->rule));
        if (strncmp(s->reason, hosts[i].reason, strlen(hosts[i].reason)) != 0)
            fail_msg("row %zu: %s", i, s->reason);
        assert_int_equal(s->reason[0] == '\0', s->rule == WW_RULE_STS_HOLDS);
        assert_string_equal(s->ip, ADDRESS);
        assert_string_equal(s->from, "127.0.0.1");
        assert_string_equal(s->helo, hosts[i].script == &plain ? "mx.example" : "mx.example at your service");
        assert_in_range((int64_t)time(NULL) - s->at, 0, 60);
        netns_end(mx);
        SSL_CTX_free(ctx);
    }
}

static void who_cannot_be_talked_to_says_nothing(void **state)
{
    static const char *const silent[] = {"nobody.example", "private.example", "deaf.example", HOST};
    (void)state;
    pid_t mx = fake_mx(ADDRESS, &busy, NULL, -1);
    for (size_t i = 0; i < COUNT(silent); i++)
        assert_false(session_with(silent[i])->reached);
    netns_end(mx);
}

static void one_session_is_shared(void **state)
{
    struct waiting first, second, third;
    int pipe_fds[2];
    (void)state;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t mx = fake_mx(ADDRESS, &good, ctx, pipe_fds[1]);
    ask(&first, HOST);
    ask(&second, HOST);
    ask(&third, HOST);
    ww_mx_sessions_leave(&third.waiter);
    while (!first.ended || !second.ended)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    assert_false(third.ended);
    ask(&third, HOST); /* it is known */
    assert_true(third.ended);
    assert_int_equal(third.session.rule, WW_RULE_STS_HOLDS);
    assert_int_equal(told(pipe_fds[0], "EHLO us.example\r\n"), 1);
    (void)session_with("other.example");
    assert_int_equal(told(pipe_fds[0], "EHLO us.example\r\n"), 1);
    ww_mx_sessions_keep(sessions, 0); /* time has passed */
    (void)session_with(HOST);
    assert_int_equal(told(pipe_fds[0], "EHLO us.example\r\n"), 1);
    netns_end(mx);
    SSL_CTX_free(ctx);
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
}

/* Left at whatever the loop's next turn finds it at. */
static void who_leaves_hears_nothing(void **state)
{
    (void)state;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t mx = fake_mx(ADDRESS, &good, ctx, -1);
    for (int turns = 0; turns < 40; turns++) {
        struct waiting w;
        (void)teardown(NULL);
        (void)setup(NULL);
        ask(&w, HOST);
        for (int i = 0; i < turns && !w.ended; i++)
            assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
        bool ended = w.ended;
        ww_mx_sessions_leave(&w.waiter);
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
        assert_int_equal(w.ended, ended);
    }
    netns_end(mx);
    SSL_CTX_free(ctx);
}

static char *temporary(char *path)
{
    int fd = mkstemp(path);
    if (fd < 0)
        exit(1);
    (void)close(fd);
    return path;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_host_is_judged_as_a_sender_would),
        CASE(who_cannot_be_talked_to_says_nothing),
        CASE(one_session_is_shared),
        CASE(who_leaves_hears_nothing),
    };
    static const struct ww_prefix allowed = {.addr = {.octets = {127}, .length = 4}, .bits = 8};
    const char *detail;
    struct ww_addr resolver;
    netns_enter();
    struct fake_key *key = fake_key_new();
    fake_key_publish(key, temporary(anchor_file));
    pid_t dns = fake_dns(DNS, key, names);
    base = event_base_new();
    pki = pki_new(temporary(ca_file));
    if (ww_addr_parse(ww_slice_str(DNS), &resolver) != WW_OK)
        return 1;
    const struct ww_dns_options options = {
        .forward = &resolver, .forward_count = 1, .trust_anchor = anchor_file, .timeout_ms = 10000};
    env = (struct ww_check_env){.base = base,
                                .dns = ww_dns_new(base, &options, &detail),
                                .allow = &allowed,
                                .allow_count = 1,
                                .store = ww_tls_store_new(ca_file),
                                .helo = "us.example",
                                .smtp_ms = 10000};
    if (env.dns == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    X509_STORE_free(env.store);
    ww_dns_free(env.dns);
    pki_free(pki);
    event_base_free(base);
    netns_end(dns);
    fake_key_free(key);
    (void)unlink(anchor_file);
    (void)unlink(ca_file);
    return failed;
}
