#include "net/https.h"

#include "net/tls_verify.h"
#include "netns.h"
#include "policy_host.h"

#include <errno.h>
#include <event2/event.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define DEADLINE_MS 3000
#define NAME "mta-sts.host.example"
#define PATH "/.well-known/mta-sts.txt"

static struct event_base *base;
static struct pki *pki;
static char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";

struct outcome {
    bool called;
    enum ww_err err;
    unsigned status;
    int64_t date;
    char detail[512];
    char type[64];
    struct ww_origin origin;
    struct ww_https_headers headers;
    struct ww_tls_leaf shown;
    unsigned tls_version;
    int os_error;
    char start[128]; /* of the body */
    size_t size;
};

static void copy(char *to, size_t size, const char *from, size_t n)
{
    n = n < size ? n : size - 1;
    memcpy(to, from, n);
    to[n] = '\0';
}

static void on_reply(void *ctx, const struct ww_https_reply *reply)
{
    struct outcome *o = ctx;
    assert_false(o->called);
    o->called = true;
    o->err = reply->err;
    o->status = reply->status;
    o->date = reply->date;
    o->size = reply->body.n;
    if (reply->detail != NULL)
        copy(o->detail, sizeof o->detail, reply->detail, strlen(reply->detail));
    if (reply->content_type != NULL)
        copy(o->type, sizeof o->type, reply->content_type, strlen(reply->content_type));
    o->origin = reply->origin;
    o->headers = reply->headers;
    o->shown = reply->shown;
    o->tls_version = reply->tls_version;
    o->os_error = reply->os_error;
    copy(o->start, sizeof o->start, reply->body.p, reply->body.n);
    (void)event_base_loopbreak(base);
}

static struct ww_https *client(void)
{
    static struct ww_addr source;
    assert_int_equal(ww_addr_parse(ww_slice_str("127.5.5.5"), &source), WW_OK);
    const struct ww_https_options options = {
        .ca_file = ca_file,
        .sources = &source,
        .source_count = 1,
        .deadline_ms = DEADLINE_MS,
        .body_max = 65536,
    };
    const char *detail = NULL;
    struct ww_https *https = ww_https_new(base, &options, &detail);
    assert_non_null(https);
    return https;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A list of addresses, "" at its end. */
static struct ww_https_get *begin(struct ww_https *https, const char *host, const char *const *list,
                                  struct outcome *o)
{
    struct ww_addr addrs[4];
    size_t n = 0;
    enum ww_err err;
    for (; list[n] != NULL; n++)
        assert_int_equal(ww_addr_parse(ww_slice_str(list[n]), &addrs[n]), WW_OK);
    memset(o, 0, sizeof *o);
    struct ww_https_get *get = ww_https_get(https, host, PATH, addrs, n, on_reply, o, &err);
    assert_non_null(get);
    assert_false(o->called);
    return get;
}

/* Returns how long it took. */
static int64_t fetch(struct ww_https *https, const char *const *list, struct outcome *o)
{
    int64_t start = now_ms();
    (void)begin(https, NAME, list, o);
    while (!o->called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    return now_ms() - start;
}

static const struct sample {
    const char *what;
    enum leaf leaf;
    enum habit habit;
    const char *err;  /* id */
    const char *says; /* in the detail of an error, or the start of the body */
    unsigned status;
} samples[] = {
    {"good", LEAF_GOOD, HABIT_GOOD, "ok", "version: STSv1\r\n", 200},
    {"good in chunks", LEAF_GOOD, HABIT_CHUNKED, "ok", "version:", 200},
    {"64 KiB", LEAF_GOOD, HABIT_FULL, "ok", "0123456789abcdef", 200},
    {"64 KiB and one octet", LEAF_GOOD, HABIT_LARGE, "https-too-large", "", 0},
    {"endless body", LEAF_GOOD, HABIT_ENDLESS, "https-too-large", "", 0},
    {"endless 404", LEAF_GOOD, HABIT_MISSING, "ok", "", 404},
    {"redirect", LEAF_GOOD, HABIT_REDIRECT, "ok", "", 301},
    {"gzip", LEAF_GOOD, HABIT_CODED, "https-coding", "", 0},
    {"404 in a coding", LEAF_GOOD, HABIT_GONE, "ok", "", 404},
    {"endless headers", LEAF_GOOD, HABIT_HEADERS, "https-headers-too-large", "", 0},
    {"endless header line", LEAF_GOOD, HABIT_HEADER_LINE, "https-headers-too-large", "", 0},
    {"slow drip", LEAF_GOOD, HABIT_DRIP, "https-timeout", "in the midst of the answer", 0},
    {"TLS, then silence", LEAF_GOOD, HABIT_SPEECHLESS, "https-timeout", "while waiting for an answer", 0},
    {"silence", LEAF_GOOD, HABIT_SILENT, "https-timeout", "during the TLS handshake", 0},
    {"deaf", LEAF_GOOD, HABIT_DEAF, "https-timeout", "while connecting", 0},
    {"no answer", LEAF_GOOD, HABIT_EMPTY, "https-empty", "", 0},
    {"half a body", LEAF_GOOD, HABIT_CUT, "https-cut", "", 0},
    {"no length", LEAF_GOOD, HABIT_UNFRAMED, "ok", "version: STSv1\r\n", 200},
    {"no length and no goodbye", LEAF_GOOD, HABIT_TORN, "https-cut", "", 0},
    {"a chunk without length", LEAF_GOOD, HABIT_BAD_CHUNK, "https-protocol", "", 0},
    {"HTTP/0.9", LEAF_GOOD, HABIT_HTTP09, "https-protocol", "", 0},
    {"reset after the request", LEAF_GOOD, HABIT_RESET_LATE, "https-reset", "", 0},
    {"reset", LEAF_GOOD, HABIT_RESET, "https-reset", "", 0},
    {"closed", LEAF_GOOD, HABIT_CLOSED, "https-reset", "", 0},
    {"no TLS", LEAF_GOOD, HABIT_NO_TLS, "https-tls", "wrong version number", 0},
    {"TLS 1.1", LEAF_GOOD, HABIT_TLS11, "https-tls-version", "protocol", 0},
    {"wildcard", LEAF_WILDCARD, HABIT_GOOD, "ok", "version", 200},
    {"partial wildcard", LEAF_PARTIAL_WILDCARD, HABIT_GOOD, "https-cert-name", "it is for mta*.host.example",
     0},
    {"wrong name", LEAF_WRONG_NAME, HABIT_GOOD, "https-cert-name", "it is for another.example", 0},
    {"common name alone", LEAF_CN_ONLY, HABIT_GOOD, "https-cert-no-san", "", 0},
    {"expired", LEAF_EXPIRED, HABIT_GOOD, "https-cert-expired", "certificate has expired on 20", 0},
    {"not yet valid", LEAF_EARLY, HABIT_GOOD, "https-cert-not-yet-valid", "not yet valid before 20", 0},
    {"self-signed", LEAF_SELF_SIGNED, HABIT_GOOD, "https-cert-self-signed", "/CN=" NAME, 0},
    {"untrusted", LEAF_UNTRUSTED, HABIT_GOOD, "https-cert-untrusted", "/CN=Nobody's CA", 0},
    {"chain", LEAF_CHAIN, HABIT_GOOD, "ok", "version", 200},
    {"incomplete chain", LEAF_CHAIN_BROKEN, HABIT_GOOD, "https-cert-incomplete-chain",
     "/CN=Test Intermediate", 0},
};

/* Of an answer the certificate is known; of a bad certificate nothing is kept. */
static void check_certificate(const struct sample *s, const struct ww_origin_cert *cert)
{
    static const struct ww_origin_cert none;
    const char *issuer = s->leaf == LEAF_CHAIN ? "CN=Test Intermediate" : "CN=Test CA";
    int64_t left = cert->not_after - (int64_t)time(NULL);
    if (strncmp(s->err, "https-cert", strlen("https-cert")) == 0 && memcmp(cert, &none, sizeof none) != 0)
        fail_msg("%s: a bad certificate is kept", s->what);
    if (s->status != 0 && (strcmp(cert->issuer, issuer) != 0 || left < 29 * 86400 || left > 30 * 86400 ||
                           memcmp(cert->fingerprint, none.fingerprint, sizeof none.fingerprint) == 0))
        fail_msg("%s: issued by %s, good for %d s", s->what, cert->issuer, (int)left);
}

static void hosts_are_told_apart(void **state)
{
    struct ww_https *https = client();
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        const struct sample *s = &samples[i];
        char address[32];
        const char *const list[] = {address, NULL};
        struct outcome o;
        (void)snprintf(address, sizeof address, "127.1.2.%zu", i + 1);
        pid_t pid = policy_host(pki, list[0], NAME, s->leaf, s->habit);
        int64_t took = fetch(https, list, &o);
        netns_end(pid);
        const char *says = o.err == WW_OK ? o.start : o.detail;
        if (strcmp(ww_err_id(o.err), s->err) != 0 || o.status != s->status || strstr(says, s->says) == NULL)
            fail_msg("%s: %s, %u, \"%s\"", s->what, ww_err_id(o.err), o.status, says);
        if (took > DEADLINE_MS + 2000 || (o.err == WW_E_HTTPS_TIMEOUT && took < DEADLINE_MS - 50) ||
            (o.err != WW_E_HTTPS_TIMEOUT && took > DEADLINE_MS - 200))
            fail_msg("%s: took %d ms", s->what, (int)took);
        if (o.status == 200)
            assert_string_equal(o.type, "text/plain");
        check_certificate(s, &o.origin.cert);
    }
    ww_https_free(https);
}

/* A certificate is told of whether or not it is good, and so are some headers. */
static void more_is_told_for_who_wants_to_know(void **state)
{
    static const char *const list[] = {"127.1.1.12", NULL};
    static const struct {
        enum leaf leaf;
        enum habit habit;
        const char *name, *location, *cache_control, *age;
    } cases[] = {
        {LEAF_GOOD, HABIT_GOOD, NAME, "", "", ""},
        {LEAF_EXPIRED, HABIT_GOOD, NAME, "", "", ""},
        {LEAF_WRONG_NAME, HABIT_GOOD, "another.example", "", "", ""},
        {LEAF_GOOD, HABIT_REDIRECT, NAME, "https://mta-sts.good.example/", "", ""},
        {LEAF_GOOD, HABIT_CACHED, NAME, "", "public, max-age=604800", "7"},
    };
    struct ww_https *https = client();
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome o;
        pid_t pid = policy_host(pki, list[0], NAME, cases[i].leaf, cases[i].habit);
        (void)fetch(https, list, &o);
        netns_end(pid);
        assert_true(o.shown.shown);
        assert_int_equal(o.tls_version, 0x304);
        assert_int_equal(o.shown.name_count, 1);
        assert_string_equal(o.shown.names[0], cases[i].name);
        assert_true(o.shown.not_before > 0 && o.shown.not_before < o.shown.cert.not_after);
        assert_string_equal(o.headers.location, cases[i].location);
        assert_string_equal(o.headers.cache_control, cases[i].cache_control);
        assert_string_equal(o.headers.age, cases[i].age);
        assert_int_equal(o.os_error, 0);
    }
    ww_https_free(https);
}

/* The authorities may come from a store that is open already, and the name of the client be another. */
static void a_client_may_be_given_its_parts(void **state)
{
    static const char *const list[] = {"127.1.1.13", NULL};
    static const char *const agents[] = {NULL, "Mozilla/5.0"};
    const char *detail;
    struct ww_https_options options = {.ca_file = "/nonexistent",
                                       .store = ww_tls_store_new(ca_file),
                                       .deadline_ms = DEADLINE_MS,
                                       .body_max = 65536};
    pid_t pid = policy_host(pki, list[0], NAME, LEAF_GOOD, HABIT_FILTER);
    (void)state;
    for (size_t i = 0; i < COUNT(agents); i++) {
        struct outcome o;
        options.user_agent = agents[i];
        struct ww_https *https = ww_https_new(base, &options, &detail);
        assert_non_null(https);
        (void)fetch(https, list, &o);
        assert_int_equal(o.status, i == 0 ? 403 : 200);
        ww_https_free(https);
    }
    netns_end(pid);
    X509_STORE_free(options.store);
}

static void what_time_a_host_has_is_told(void **state)
{
    static const char *const list[] = {"127.1.1.7", NULL};
    static const struct {
        enum habit habit;
        int64_t date;
    } cases[] = {{HABIT_GOOD, 784111777}, {HABIT_MISSING, 0}, {HABIT_CUT, 0}};
    struct ww_https *https = client();
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome o;
        pid_t pid = policy_host(pki, list[0], NAME, LEAF_GOOD, cases[i].habit);
        (void)fetch(https, list, &o);
        netns_end(pid);
        assert_int_equal(o.date, cases[i].date);
    }
    ww_https_free(https);
}

static void a_closed_port_is_named(void **state)
{
    static const char *const list[] = {"127.1.1.2", "127.1.1.3", NULL};
    struct ww_https *https = client();
    struct outcome o;
    (void)state;
    (void)fetch(https, list, &o);
    assert_int_equal(o.err, WW_E_HTTPS_CONNECT);
    assert_string_equal(o.detail, "127.1.1.2 and 1 more: Connection refused");
    assert_string_equal(o.origin.address, "");
    assert_int_equal(o.os_error, ECONNREFUSED);
    assert_false(o.shown.shown);
    ww_https_free(https);
}

/* Every road to the good address: past a deaf IPv6 address, a closed one, and a closed one of the same
 * family. */
static void a_broken_address_is_passed_by(void **state)
{
    static const char *const lists[][4] = {
        {"2001:2::dead", "127.1.1.4", NULL},
        {"2001:2::1", "127.1.1.4", NULL},
        {"127.1.1.5", "127.1.1.4", NULL},
        {"127.1.1.4", "2001:2::dead", NULL},
    };
    struct ww_https *https = client();
    (void)state;
    netns_add_ipv6("2001:2::1");
    netns_add_ipv6("2001:2::dead");
    pid_t deaf = policy_host(pki, "2001:2::dead", NAME, LEAF_GOOD, HABIT_DEAF);
    pid_t good = policy_host(pki, "127.1.1.4", NAME, LEAF_GOOD, HABIT_GOOD);
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct outcome o;
        int64_t took = fetch(https, lists[i], &o);
        if (o.err != WW_OK || strcmp(o.origin.address, "127.1.1.4") != 0 || took > 1000)
            fail_msg("%zu: %s after %d ms", i, ww_err_id(o.err), (int)took);
    }
    netns_end(deaf);
    netns_end(good);
    ww_https_free(https);
}

static void the_source_address_is_used_and_the_proxy_is_not(void **state)
{
    static const char *const list[] = {"127.1.1.6", NULL};
    struct outcome o;
    (void)state;
    assert_int_equal(setenv("https_proxy", "http://127.9.9.9:1", 1), 0);
    assert_int_equal(setenv("ALL_PROXY", "http://127.9.9.9:1", 1), 0);
    struct ww_https *https = client();
    pid_t pid = policy_host(pki, list[0], NAME, LEAF_GOOD, HABIT_CALLER);
    (void)fetch(https, list, &o);
    netns_end(pid);
    assert_string_equal(o.start, "127.5.5.5");
    ww_https_free(https);
    assert_int_equal(unsetenv("https_proxy"), 0);
    assert_int_equal(unsetenv("ALL_PROXY"), 0);
}

/* Of one name, each GET goes to the addresses it was given, whatever an earlier one was given. */
static void addresses_are_not_remembered(void **state)
{
    static const char *const first[] = {"127.1.1.7", NULL};
    static const char *const second[] = {"127.1.1.8", NULL};
    struct ww_https *https = client();
    struct outcome o;
    (void)state;
    pid_t pids[] = {policy_host(pki, first[0], NAME, LEAF_GOOD, HABIT_GOOD),
                    policy_host(pki, second[0], NAME, LEAF_GOOD, HABIT_GOOD)};
    (void)fetch(https, first, &o);
    assert_string_equal(o.origin.address, first[0]);
    (void)fetch(https, second, &o);
    assert_string_equal(o.origin.address, second[0]);
    netns_end(pids[0]);
    (void)fetch(https, first, &o);
    assert_int_equal(o.err, WW_E_HTTPS_CONNECT);
    netns_end(pids[1]);
    ww_https_free(https);
}

static size_t used_after(struct ww_https *https, int from, int to)
{
    static const char *const closed[] = {"127.1.1.9", NULL};
    struct outcome o;
    for (int i = from; i < to; i++) {
        char host[64];
        (void)snprintf(host, sizeof host, "mta-sts.a-name-of-some-length-%d.example", i);
        (void)begin(https, host, closed, &o);
        while (!o.called)
            assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
        assert_int_equal(o.err, WW_E_HTTPS_CONNECT);
    }
    return mallinfo2().uordblks;
}

/* Two hundred names more must leave less behind than one entry each would be. */
static void names_leave_nothing_behind(void **state)
{
    struct ww_https *https = client();
    (void)state;
    size_t before = used_after(https, 0, 100);
    size_t after = used_after(https, 100, 300);
    if (after > before + (size_t)200 * 32)
        fail_msg("%zu octets more", after - before);
    ww_https_free(https);
}

static void a_get_can_be_cancelled(void **state)
{
    static const char *const list[] = {"127.1.1.10", NULL};
    static const char *const slow[] = {"127.1.1.11", NULL};
    struct ww_https *https = client();
    struct outcome cancelled;
    struct outcome o;
    (void)state;
    pid_t pid = policy_host(pki, list[0], NAME, LEAF_GOOD, HABIT_GOOD);
    pid_t slow_pid = policy_host(pki, slow[0], NAME, LEAF_GOOD, HABIT_DRIP);
    ww_https_cancel(begin(https, NAME, list, &cancelled)); /* before it begins */
    struct ww_https_get *get = begin(https, NAME, slow, &cancelled);
    for (int i = 0; i < 8; i++)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    ww_https_cancel(get); /* in its midst */
    (void)fetch(https, list, &o);
    assert_int_equal(o.err, WW_OK);
    assert_false(cancelled.called);
    (void)begin(https, NAME, list, &cancelled);
    ww_https_free(https); /* with all that is under way */
    assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 1);
    assert_false(cancelled.called);
    netns_end(pid);
    netns_end(slow_pid);
}

static struct ww_https_get *victim;

static void free_all(void *ctx, const struct ww_https_reply *reply)
{
    (void)reply;
    ww_https_cancel(victim);
    ww_https_free(ctx);
    (void)event_base_loopbreak(base);
}

static void a_callback_may_free_the_client(void **state)
{
    static const char *const silent[] = {"127.1.1.11", NULL};
    struct ww_https *https = client();
    struct outcome o;
    struct ww_addr closed;
    enum ww_err err;
    (void)state;
    pid_t pid = policy_host(pki, silent[0], NAME, LEAF_GOOD, HABIT_SILENT);
    victim = begin(https, NAME, silent, &o);
    assert_int_equal(ww_addr_parse(ww_slice_str("127.1.1.12"), &closed), WW_OK);
    assert_non_null(ww_https_get(https, NAME, PATH, &closed, 1, free_all, https, &err));
    assert_int_equal(event_base_dispatch(base), 0);
    assert_false(o.called);
    netns_end(pid);
}

static void what_cannot_begin_is_refused_at_once(void **state)
{
    static const char *const hosts[] = {"",
                                        "mta-sts..example",
                                        "mta-sts.exa mple",
                                        "user@mta-sts.example",
                                        "mta-sts.example:8443",
                                        "mta-sts.example/x",
                                        "127.0.0.1"};
    struct ww_https *https = client();
    struct ww_addr addr = {.length = 4};
    struct outcome o;
    enum ww_err err;
    (void)state;
    assert_null(ww_https_get(https, NAME, PATH, NULL, 0, on_reply, &o, &err));
    assert_int_equal(err, WW_E_HTTPS_ADDRESS);
    for (size_t i = 0; i < COUNT(hosts); i++) {
        assert_null(ww_https_get(https, hosts[i], PATH, &addr, 1, on_reply, &o, &err));
        assert_int_not_equal(err, WW_OK);
    }
    ww_https_free(https);
}

static void a_missing_ca_file_is_told(void **state)
{
    const char *const files[] = {"/nonexistent/ca.pem", "/dev/null"};
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        const struct ww_https_options options = {.ca_file = files[i], .deadline_ms = 1000, .body_max = 1};
        const char *detail = NULL;
        assert_null(ww_https_new(base, &options, &detail));
        assert_non_null(strstr(detail, "trusted authorities"));
    }
}

int main(void)
{
    netns_enter();
    int fd = mkstemp(ca_file);
    if (fd < 0)
        return 1;
    (void)close(fd);
    base = event_base_new();
    pki = pki_new(ca_file);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_told_apart),
        cmocka_unit_test(more_is_told_for_who_wants_to_know),
        cmocka_unit_test(a_client_may_be_given_its_parts),
        cmocka_unit_test(what_time_a_host_has_is_told),
        cmocka_unit_test(a_closed_port_is_named),
        cmocka_unit_test(a_broken_address_is_passed_by),
        cmocka_unit_test(the_source_address_is_used_and_the_proxy_is_not),
        cmocka_unit_test(addresses_are_not_remembered),
        cmocka_unit_test(names_leave_nothing_behind),
        cmocka_unit_test(a_get_can_be_cancelled),
        cmocka_unit_test(a_callback_may_free_the_client),
        cmocka_unit_test(what_cannot_begin_is_refused_at_once),
        cmocka_unit_test(a_missing_ca_file_is_told),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pki_free(pki);
    event_base_free(base);
    (void)unlink(ca_file);
    return failed;
}
