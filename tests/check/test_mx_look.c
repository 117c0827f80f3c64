#include "check/lists.h"
#include "check/looks.h"
#include "check/mx_common.h"

#include "fake_dns.h"
#include "fake_mx.h"
#include "netns.h"
#include "pki.h"

#include "net/clock.h"
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
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define HOST "mx.example"
#define ADDRESS "127.0.0.25"
#define DNS "127.0.0.53"
#define AUTHORITY "127.0.0.80"

#define OFFER "250-mx.example\r\n250 STARTTLS\r\n"
#define GO "220 go ahead\r\n"

static const struct mx_script good = {{"220 hi\r\n", OFFER, GO}, THEN_SHAKE};
static const struct mx_script tires = {{"220 hi\r\n", OFFER, GO}, THEN_TIRE};
static const struct mx_script plain = {{"220 hi\r\n", "250 mx.example\r\n", NULL}, THEN_SHAKE};

static const struct fake_name names[] = {
    {HOST, FAKE_A, ADDRESS},
    {"two.example", FAKE_A, ADDRESS},
    {"two.example", FAKE_AAAA, "2a00::25"},
    {"private.example", FAKE_A, "10.0.0.25"},
    {"mixed.example", FAKE_A, ADDRESS},
    {"mixed.example", FAKE_A, "10.0.0.25"},
    {"ca.example", FAKE_A, AUTHORITY},
    {NULL, FAKE_A, NULL},
};

static struct event_base *base;
static struct pki *pki;
static struct ww_check_env env;
static char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";
static char anchor_file[] = "/tmp/waxwing-test-anchor-XXXXXX";

static void on_looked(void *ctx)
{
    bool *ended = ctx;
    assert_false(*ended);
    *ended = true;
}

static struct ww_mx_sight *look(const char *name)
{
    struct ww_dane_host host = {.settled = true};
    struct ww_mx_sight *sight = ww_mx_sight_new(name);
    enum ww_err err;
    bool ended = false;
    (void)snprintf(host.name, sizeof host.name, "%s", name);
    assert_non_null(sight);
    assert_non_null(ww_mx_look(&env, &host, NULL, sight, on_looked, &ended, &err));
    assert_false(ended);
    while (!ended)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    return sight;
}

/* Serves a list to whoever connects, and writes an octet for each. */
static pid_t authority(const unsigned char *list, int n, int report)
{
    int listener = netns_listen(AUTHORITY, 80, SOCK_STREAM, 8);
    pid_t pid = netns_fork();
    if (pid == 0) {
        for (;;) {
            char request[1024];
            int fd = accept(listener, NULL, NULL);
            (void)!read(fd, request, sizeof request);
            (void)!write(report, "x", 1);
            (void)dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", n);
            (void)!write(fd, list, (size_t)n);
            (void)close(fd);
        }
    }
    (void)close(listener);
    return pid;
}

/* All that came so far. */
static void read_report(int fd, char *text, size_t size)
{
    size_t n = 0;
    ssize_t more;
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    while (n < size - 1 && (more = read(fd, text + n, size - 1 - n)) > 0)
        n += (size_t)more;
    text[n] = '\0';
}

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

static void asks_all_questions_and_no_more(void **state)
{
    (void)state;
    static const enum ww_mx_verdict verdicts[WW_MX_TRIALS] = {WW_MX_YES, WW_MX_NO, WW_MX_NO, WW_MX_NO,
                                                              WW_MX_NO,  WW_MX_NO, WW_MX_NO};
    char said[8192];
    int pipe_fds[2];
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t pid = fake_mx(ADDRESS, &good, ctx, pipe_fds[1]);
    struct ww_mx_sight *sight = look(HOST);
    assert_int_equal(sight->err, WW_OK);
    assert_int_equal(sight->count, 1);
    assert_true(sight->addresses[0].looked);
    assert_true(sight->addresses[0].first.handshake);
    assert_null(sight->addresses[0].first.chain);
    assert_true(sight->reached[WW_MX_IPV4]);
    assert_false(sight->reached[WW_MX_IPV6]);
    assert_false(sight->addresses[0].stopped);
    for (int i = 0; i < WW_MX_TRIALS; i++)
        if (sight->addresses[0].trials[i].verdict != verdicts[i])
            fail_msg("trial %d: %d, %s", i, (int)sight->addresses[0].trials[i].verdict,
                     ww_err_id(sight->addresses[0].trials[i].err));
    read_report(pipe_fds[0], said, sizeof said);
    assert_int_equal(count_of(said, "EHLO us.example\r\n"), 1 + WW_MX_TRIALS);
    assert_int_equal(count_of(said, "SNI -"), 1);
    ww_mx_sight_drop(sight);
    netns_end(pid);
    SSL_CTX_free(ctx);
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
}

static void leaves_a_tired_host_alone(void **state)
{
    (void)state;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t pid = fake_mx(ADDRESS, &tires, ctx, -1);
    struct ww_mx_sight *sight = look(HOST);
    const struct ww_mx_address_sight *a = &sight->addresses[0];
    size_t tried = 0;
    for (int i = 0; i < WW_MX_TRIALS; i++)
        tried += a->trials[i].verdict != WW_MX_NOT_TRIED;
    assert_true(a->first.handshake);
    assert_true(a->stopped);
    assert_int_equal(tried, 2); /* those that were under way */
    assert_int_equal(a->trials[0].verdict, WW_MX_UNCLEAR);
    assert_int_equal(a->trials[0].err, WW_E_SMTP_REFUSED);
    assert_int_equal(a->trials[0].code, 421);
    ww_mx_sight_drop(sight);
    netns_end(pid);
    SSL_CTX_free(ctx);
}

static void asks_no_more_where_there_is_no_tls(void **state)
{
    (void)state;
    pid_t pid = fake_mx(ADDRESS, &plain, NULL, -1);
    struct ww_mx_sight *sight = look(HOST);
    assert_int_equal(sight->addresses[0].first.err, WW_OK);
    assert_false(sight->addresses[0].first.starttls);
    assert_int_equal(sight->addresses[0].trials[0].verdict, WW_MX_NOT_TRIED);
    ww_mx_sight_drop(sight);
    netns_end(pid);
}

static void goes_only_where_it_may_and_can(void **state)
{
    (void)state;
    pid_t pid = fake_mx(ADDRESS, &plain, NULL, -1);
    struct ww_mx_sight *sight = look("nobody.example");
    assert_int_equal(sight->err, WW_E_MX_NO_ADDRESS);
    assert_int_equal(sight->count, 0);
    ww_mx_sight_drop(sight);
    sight = look("private.example");
    assert_int_equal(sight->err, WW_E_MX_ADDRESS_REFUSED);
    assert_string_equal(sight->detail, "10.0.0.25 is private-use");
    ww_mx_sight_drop(sight);
    sight = look("mixed.example");
    assert_int_equal(sight->count, 1);
    assert_int_equal(sight->refused, 1);
    ww_mx_sight_drop(sight);
    sight = look("two.example"); /* there is no IPv6 here */
    assert_int_equal(sight->count, 2);
    assert_true(sight->addresses[0].no_route);
    assert_false(sight->addresses[0].looked);
    assert_true(sight->addresses[1].looked);
    ww_mx_sight_drop(sight);
    netns_end(pid);
}

static void sees_what_was_revoked_and_asks_once(void **state)
{
    (void)state;
    static const struct {
        bool revoked;
        bool garbage;
        enum ww_revocation revocation;
    } cases[] = {
        {true, false, WW_REVOCATION_REVOKED},
        {false, false, WW_REVOCATION_GOOD},
        {false, true, WW_REVOCATION_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned char *list;
        char asked[64];
        int pipe_fds[2];
        SSL_CTX *ctx = pki_server(pki, LEAF_LISTED, HOST);
        int n = pki_crl(pki, cases[i].revoked ? SSL_CTX_get0_certificate(ctx) : NULL, false, &list);
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t server = authority(list, cases[i].garbage ? n / 2 : n, pipe_fds[1]);
        pid_t mx = fake_mx(ADDRESS, &good, ctx, -1);
        ww_mx_common_free(env.mx);
        env.mx = ww_mx_common_new(&env);
        for (int times = 0; times < 2; times++) {
            struct ww_mx_sight *sight = look(HOST);
            assert_int_equal(sight->addresses[0].list_err, WW_OK);
            assert_int_equal(sight->addresses[0].revocation, cases[i].revocation);
            ww_mx_sight_drop(sight);
        }
        read_report(pipe_fds[0], asked, sizeof asked);
        assert_string_equal(asked, "x");
        netns_end(mx);
        netns_end(server);
        OPENSSL_free(list);
        SSL_CTX_free(ctx);
        (void)close(pipe_fds[0]);
        (void)close(pipe_fds[1]);
    }
}

/* A watcher goes on for months: a list gets old, and one that could not be had is tried again sooner. */
static void fetches_a_list_anew_in_time(void **state)
{
    (void)state;
    static const struct {
        bool served;
        int64_t kept_ms;
    } cases[] = {{true, WW_LISTS_KEPT_MS}, {false, WW_LISTS_FAILED_MS}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned char *list;
        char asked[64];
        int pipe_fds[2];
        SSL_CTX *ctx = pki_server(pki, LEAF_LISTED, HOST);
        int n = pki_crl(pki, NULL, false, &list);
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t server = cases[i].served ? authority(list, n, pipe_fds[1]) : -1;
        pid_t mx = fake_mx(ADDRESS, &good, ctx, -1);
        ww_mx_common_free(env.mx);
        env.mx = ww_mx_common_new(&env);
        for (int times = 0; times < 3; times++) {
            struct ww_mx_sight *sight = look(HOST);
            int64_t now = ww_clock_us();
            assert_int_equal(sight->addresses[0].list_err == WW_OK, times == 2 || cases[i].served);
            ww_mx_sight_drop(sight);
            if (!cases[i].served && times == 1)
                server = authority(list, n, pipe_fds[1]);
            ww_lists_expire(env.mx->lists, now + cases[i].kept_ms * 1000 * (times == 1 ? 2 : 1) / 2);
        }
        read_report(pipe_fds[0], asked, sizeof asked);
        assert_string_equal(asked, cases[i].served ? "xx" : "x");
        netns_end(mx);
        netns_end(server);
        OPENSSL_free(list);
        SSL_CTX_free(ctx);
        (void)close(pipe_fds[0]);
        (void)close(pipe_fds[1]);
    }
}

/* However many names lead to one address. */
static void presses_no_address_hard(void **state)
{
    (void)state;
    struct ww_mx_deep places[WW_MX_DEEP_AT_ADDRESS + 1] = {{.addr = NULL}};
    struct ww_addr addr, other;
    SSL_CTX *ctx = pki_server(pki, LEAF_GOOD, HOST);
    pid_t pid = fake_mx(ADDRESS, &good, ctx, -1);
    assert_int_equal(ww_addr_parse(ww_slice_str(ADDRESS), &addr), WW_OK);
    assert_int_equal(ww_addr_parse(ww_slice_str("2a00::25"), &other), WW_OK);
    for (size_t i = 0; i < WW_MX_DEEP_AT_ADDRESS; i++)
        assert_true(ww_mx_deep_enter(env.mx, &places[i], &addr));
    struct ww_mx_sight *sight = look(HOST);
    assert_true(sight->addresses[0].first.handshake);
    assert_int_equal(sight->addresses[0].trials[0].verdict, WW_MX_NOT_TRIED);
    ww_mx_sight_drop(sight);
    assert_true(ww_mx_deep_enter(env.mx, &places[WW_MX_DEEP_AT_ADDRESS], &other));
    ww_mx_deep_leave(&places[0]);
    for (int times = 0; times < 2; times++) { /* a look that has ended has left its place */
        sight = look(HOST);
        assert_int_equal(sight->addresses[0].trials[0].verdict, WW_MX_YES);
        ww_mx_sight_drop(sight);
    }
    for (size_t i = 0; i < COUNT(places); i++)
        ww_mx_deep_leave(&places[i]);
    netns_end(pid);
    SSL_CTX_free(ctx);
}

/* Port 25 may be closed to us later on. */
static void forgets_that_port_25_was_open(void **state)
{
    (void)state;
    struct ww_mx_common common = {.reached_at = {[WW_MX_IPV4] = 1}};
    const int64_t last = 1 + (int64_t)WW_MX_REACHED_MS * 1000;
    assert_true(ww_mx_was_reached(&common, WW_MX_IPV4, last));
    assert_false(ww_mx_was_reached(&common, WW_MX_IPV4, last + 1));
    assert_false(ww_mx_was_reached(&common, WW_MX_IPV6, 1));
}

static void on_never(void *ctx)
{
    (void)ctx;
    fail_msg("told after it was cancelled");
}

/* Cancelled at whatever the loop's next turn finds it at; and what it waited for goes on without it. */
static void cancel_says_nothing(void **state)
{
    (void)state;
    unsigned char *list;
    SSL_CTX *ctx = pki_server(pki, LEAF_LISTED, HOST);
    int n = pki_crl(pki, NULL, false, &list);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    pid_t server = authority(list, n, null);
    pid_t mx = fake_mx(ADDRESS, &good, ctx, -1);
    struct ww_dane_host host = {.name = HOST, .settled = true};
    for (int turns = 0; turns < 60; turns += 1 + turns / 8) {
        struct ww_mx_sight *sight = ww_mx_sight_new(HOST);
        enum ww_err err;
        ww_mx_common_free(env.mx);
        env.mx = ww_mx_common_new(&env);
        struct ww_mx_look *l = ww_mx_look(&env, &host, NULL, sight, on_never, NULL, &err);
        assert_non_null(l);
        for (int i = 0; i < turns; i++)
            assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
        ww_mx_look_cancel(l);
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
        ww_mx_sight_drop(sight);
    }
    netns_end(mx);
    netns_end(server);
    OPENSSL_free(list);
    SSL_CTX_free(ctx);
    (void)close(null);
}

static char *temporary(char *path)
{
    int fd = mkstemp(path);
    if (fd < 0)
        exit(1);
    (void)close(fd);
    return path;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_all_questions_and_no_more),
        cmocka_unit_test(leaves_a_tired_host_alone),
        cmocka_unit_test(asks_no_more_where_there_is_no_tls),
        cmocka_unit_test(goes_only_where_it_may_and_can),
        cmocka_unit_test(sees_what_was_revoked_and_asks_once),
        cmocka_unit_test(fetches_a_list_anew_in_time),
        cmocka_unit_test(presses_no_address_hard),
        cmocka_unit_test(forgets_that_port_25_was_open),
        cmocka_unit_test(cancel_says_nothing),
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
                                .web_ms = 10000,
                                .smtp_ms = 10000};
    env.mx = ww_mx_common_new(&env);
    if (env.dns == NULL || env.mx == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ww_mx_common_free(env.mx);
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
