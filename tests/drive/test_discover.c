#include "base/buf.h"
#include "drive/discover.h"

#include "fake_dns.h"
#include "netns.h"
#include "policy_host.h"

#include <event2/event.h>
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

#define RESOLVER "127.0.0.53"
#define TIMEOUT_MS 2000
#define DEADLINE_MS 1500
#define RECORD(domain)                                 \
    {                                                  \
        "_mta-sts." domain, FAKE_TXT, "v=STSv1; id=1;" \
    }

static struct event_base *base;
static struct ww_discoverer with;
static char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";

static const struct fake_name names[] = {
    RECORD("good"),
    {"mta-sts.good", FAKE_A, "127.2.0.1"},
    RECORD("alias"),
    {"mta-sts.alias", FAKE_CNAME, "policy.provider"},
    {"policy.provider", FAKE_A, "127.2.0.2"},
    RECORD("no-ipv6-dns"),
    {"mta-sts.no-ipv6-dns", FAKE_SERVFAIL, "AAAA"},
    {"mta-sts.no-ipv6-dns", FAKE_A, "127.2.0.3"},
    RECORD("slow-ipv6-dns"),
    {"mta-sts.slow-ipv6-dns", FAKE_SILENT, "AAAA"},
    {"mta-sts.slow-ipv6-dns", FAKE_A, "127.2.0.4"},
    RECORD("broken-ipv6"),
    {"mta-sts.broken-ipv6", FAKE_AAAA, "2001:2::dead"},
    {"mta-sts.broken-ipv6", FAKE_A, "127.2.0.5"},
    RECORD("half-private"),
    {"mta-sts.half-private", FAKE_A, "10.0.0.1"},
    {"mta-sts.half-private", FAKE_AAAA, "fd00::1"},
    {"mta-sts.half-private", FAKE_A, "127.2.0.6"},
    RECORD("private"),
    {"mta-sts.private", FAKE_A, "10.0.0.1"},
    {"mta-sts.private", FAKE_AAAA, "::1"},
    RECORD("mapped"),
    {"mta-sts.mapped", FAKE_AAAA, "::ffff:127.0.0.1"},
    RECORD("no-address"),
    {"mta-sts.no-address", FAKE_TXT, "x"},
    RECORD("no-host"),
    RECORD("dns-down"),
    {"mta-sts.dns-down", FAKE_SERVFAIL, NULL},
    RECORD("half-down"),
    {"mta-sts.half-down", FAKE_SERVFAIL, "AAAA"},
    RECORD("missing"),
    {"mta-sts.missing", FAKE_A, "127.2.0.7"},
    RECORD("expired"),
    {"mta-sts.expired", FAKE_A, "127.2.0.8"},
    RECORD("many"),
    {"mta-sts.many", FAKE_A, "127.2.1.1"},
    {"mta-sts.many", FAKE_A, "127.2.1.2"},
    {"mta-sts.many", FAKE_A, "127.2.1.3"},
    {"mta-sts.many", FAKE_A, "127.2.1.4"},
    {"mta-sts.many", FAKE_A, "127.2.1.5"},
    {"mta-sts.many", FAKE_A, "127.2.1.6"},
    {"mta-sts.many", FAKE_A, "127.2.1.7"},
    {"mta-sts.many", FAKE_A, "127.2.1.8"},
    {"mta-sts.many", FAKE_A, "127.2.1.9"},
    {"_mta-sts.failing", FAKE_SERVFAIL, NULL},
    {"_mta-sts.silent", FAKE_SILENT, NULL},
    {NULL, FAKE_TXT, NULL},
};

static const struct {
    const char *address;
    const char *name;
    enum leaf leaf;
    enum habit habit;
} hosts[] = {
    {"127.2.0.1", "mta-sts.good", LEAF_GOOD, HABIT_GOOD},
    {"127.2.0.2", "mta-sts.alias", LEAF_GOOD, HABIT_GOOD},
    {"127.2.0.3", "mta-sts.no-ipv6-dns", LEAF_GOOD, HABIT_GOOD},
    {"127.2.0.4", "mta-sts.slow-ipv6-dns", LEAF_GOOD, HABIT_GOOD},
    {"127.2.0.5", "mta-sts.broken-ipv6", LEAF_GOOD, HABIT_GOOD},
    {"2001:2::dead", "mta-sts.broken-ipv6", LEAF_GOOD, HABIT_DEAF},
    {"127.2.0.6", "mta-sts.half-private", LEAF_GOOD, HABIT_GOOD},
    {"127.2.0.7", "mta-sts.missing", LEAF_GOOD, HABIT_MISSING},
    {"127.2.0.8", "mta-sts.expired", LEAF_EXPIRED, HABIT_GOOD},
};

static const struct {
    const char *domain;
    enum ww_discovery_outcome outcome;
    const char *why;  /* id */
    const char *says; /* in the detail */
} cases[] = {
    /* First, for a resolver that was silent twice is asked less often. */
    {"silent", WW_FOUND_DNS_FAILURE, "dns-timeout", "after 2000 ms"},
    {"good", WW_FOUND_POLICY, "ok", ""},
    {"alias", WW_FOUND_POLICY, "ok", ""},
    {"no-ipv6-dns", WW_FOUND_POLICY, "ok", ""},
    {"slow-ipv6-dns", WW_FOUND_POLICY, "ok", ""},
    {"broken-ipv6", WW_FOUND_POLICY, "ok", ""},
    {"half-private", WW_FOUND_POLICY, "ok", ""},
    {"private", WW_FOUND_FETCH_FAILURE, "fetch-address-refused", "10.0.0.1 is private-use"},
    {"mapped", WW_FOUND_FETCH_FAILURE, "fetch-address-refused", "::ffff:127.0.0.1 is loopback"},
    {"no-address", WW_FOUND_FETCH_FAILURE, "fetch-no-address", "mta-sts.no-address"},
    {"no-host", WW_FOUND_FETCH_FAILURE, "fetch-no-address", "mta-sts.no-host"},
    {"dns-down", WW_FOUND_FETCH_FAILURE, "dns-servfail", "A of mta-sts.dns-down"},
    {"half-down", WW_FOUND_FETCH_FAILURE, "dns-servfail", "AAAA of mta-sts.half-down"},
    {"missing", WW_FOUND_FETCH_FAILURE, "http-status", "404"},
    {"expired", WW_FOUND_FETCH_FAILURE, "https-cert-expired", "certificate has expired"},
    {"many", WW_FOUND_FETCH_FAILURE, "https-connect", "and 7 more"},
    {"failing", WW_FOUND_DNS_FAILURE, "dns-servfail", "_mta-sts.failing"},
    {"nowhere", WW_FOUND_NO_RECORD, "ok", ""},
};

struct landing {
    bool called;
    struct ww_discovery_result result;
    char body[512];
};

static void on_result(void *ctx, const struct ww_discovery_result *result)
{
    struct landing *l = ctx;
    assert_false(l->called);
    l->called = true;
    l->result = *result;
    assert_true(result->body.n < sizeof l->body);
    if (result->body.n > 0)
        memcpy(l->body, result->body.p, result->body.n);
    (void)event_base_loopbreak(base);
}

static struct ww_flight *begin(const char *domain, struct landing *l)
{
    struct ww_discovery_ask ask = {.known_id = ""};
    (void)snprintf(ask.domain, sizeof ask.domain, "%s", domain);
    memset(l, 0, sizeof *l);
    struct ww_flight *f = ww_discover(&with, &ask, on_result, l);
    assert_non_null(f);
    assert_false(l->called);
    return f;
}

static void domains_are_discovered(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct landing l;
        struct timespec start, end;
        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        (void)begin(cases[i].domain, &l);
        while (!l.called)
            assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
        (void)clock_gettime(CLOCK_MONOTONIC, &end);
        if (l.result.outcome != cases[i].outcome || strcmp(ww_err_id(l.result.why), cases[i].why) != 0 ||
            strstr(l.result.detail, cases[i].says) == NULL)
            fail_msg("%s: %s, %s, \"%s\"", cases[i].domain, ww_discovery_outcome_name(l.result.outcome),
                     ww_err_id(l.result.why), l.result.detail);
        if (l.result.outcome == WW_FOUND_POLICY) {
            assert_string_equal(l.body, POLICY_HOST_BODY);
            if (end.tv_sec - start.tv_sec > 1)
                fail_msg("%s was slow", cases[i].domain);
        }
    }
}

static void flights_can_be_cancelled_at_any_turn(void **state)
{
    (void)state;
    for (int turns = 0; turns < 12; turns++) {
        struct landing l;
        struct ww_flight *f = begin("slow-ipv6-dns", &l);
        for (int i = 0; i < turns && !l.called; i++)
            (void)event_base_loop(base, EVLOOP_ONCE);
        if (!l.called)
            ww_discover_cancel(f);
        l.called = false;
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
        assert_false(l.called);
    }
}

/* 127.0.0.0/8 is where all hosts of these tests live. */
static void without_leave_no_special_address_is_used(void **state)
{
    struct landing l;
    size_t allowed = with.allow_count;
    (void)state;
    with.allow_count = 0;
    (void)begin("good", &l);
    while (!l.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    with.allow_count = allowed;
    assert_int_equal(l.result.why, WW_E_FETCH_ADDRESS_REFUSED);
    assert_non_null(strstr(l.result.detail, "127.2.0.1 is loopback"));
}

/* What was observed of one flight, in short. */
static void note(void *ctx, const struct ww_observation *o)
{
    struct ww_buf *b = ctx;
    const struct ww_addresses_reply *a = o->addresses;
    char text[200] = "";
    if (o->record != NULL)
        (void)snprintf(text, sizeof text, "record %s %s %zu;", o->name, ww_dnssec_name(o->record->dnssec),
                       o->record->packet.n > 0 ? (size_t)1 : 0);
    else if (a != NULL)
        (void)snprintf(text, sizeof text, "addresses %s AAAA %d %s %zu %zu A %d %s %zu %zu %d;", o->name,
                       a->ipv6.ended, ww_err_id(a->ipv6.err), a->ipv6.count, a->ipv6.refused, a->ipv4.ended,
                       ww_err_id(a->ipv4.err), a->ipv4.count, a->ipv4.refused, a->ipv4.ttl > 0);
    else if (o->fetch != NULL)
        (void)snprintf(text, sizeof text, "fetch %s %s %u %s;", o->name, ww_err_id(o->err), o->fetch->status,
                       o->fetch->origin.address);
    ww_buf_str(b, text);
}

static const struct {
    const char *domain;
    const char *observed;
} observed[] = {
    {"good", "record _mta-sts.good unknown 1;addresses mta-sts.good AAAA 1 ok 0 0 A 1 ok 1 0 1;"
             "fetch mta-sts.good ok 200 127.2.0.1;"},
    {"half-private", "record _mta-sts.half-private unknown 1;"
                     "addresses mta-sts.half-private AAAA 1 ok 0 1 A 1 ok 1 1 1;"
                     "fetch mta-sts.half-private ok 200 127.2.0.6;"},
    {"half-down", "record _mta-sts.half-down unknown 1;"
                  "addresses mta-sts.half-down AAAA 1 dns-servfail 0 0 A 1 ok 0 0 1;"},
    {"missing", "record _mta-sts.missing unknown 1;addresses mta-sts.missing AAAA 1 ok 0 0 A 1 ok 1 0 1;"
                "fetch mta-sts.missing ok 404 127.2.0.7;"},
    {"failing", "record _mta-sts.failing unknown 0;"},
};

static void each_step_can_be_observed(void **state)
{
    (void)state;
    with.observe = note;
    for (size_t i = 0; i < COUNT(observed); i++) {
        struct landing l;
        char text[1024];
        struct ww_buf b = ww_buf(text, sizeof text - 1);
        with.observe_ctx = &b;
        (void)begin(observed[i].domain, &l);
        while (!l.called)
            assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
        text[b.n] = '\0';
        assert_string_equal(text, observed[i].observed);
    }
    with.observe = NULL;
}

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    *(enum ww_dns_health *)ctx = health;
    (void)detail;
    (void)event_base_loopbreak(base);
}

static void open_all(void)
{
    static struct ww_prefix allow[2];
    static struct ww_addr forward;
    const char *detail;
    enum ww_dns_health health = WW_DNS_UNREACHABLE;
    if (ww_prefix_parse(ww_slice_str("127.2.0.0/16"), &allow[0]) != WW_OK ||
        ww_prefix_parse(ww_slice_str("2001:2::/48"), &allow[1]) != WW_OK ||
        ww_addr_parse(ww_slice_str(RESOLVER), &forward) != WW_OK)
        exit(1);
    const struct ww_dns_options dns = {.forward = &forward, .forward_count = 1, .timeout_ms = TIMEOUT_MS};
    const struct ww_https_options https = {.ca_file = ca_file, .deadline_ms = DEADLINE_MS, .body_max = 65536};
    with.dns = ww_dns_new(base, &dns, &detail);
    with.https = ww_https_new(base, &https, &detail);
    with.allow = allow;
    with.allow_count = COUNT(allow);
    if (with.dns == NULL || with.https == NULL)
        exit(1);
    ww_dns_self_test(with.dns, on_health, &health);
    (void)event_base_dispatch(base);
    if (health != WW_DNS_STRIPPED)
        exit(1);
}

int main(void)
{
    pid_t pids[COUNT(hosts) + 1];
    netns_enter();
    netns_add_ipv6("2001:2::dead");
    int fd = mkstemp(ca_file);
    if (fd < 0)
        return 1;
    (void)close(fd);
    struct pki *pki = pki_new(ca_file);
    for (size_t i = 0; i < COUNT(hosts); i++)
        pids[i] = policy_host(pki, hosts[i].address, hosts[i].name, hosts[i].leaf, hosts[i].habit);
    pids[COUNT(hosts)] = fake_dns(RESOLVER, NULL, names);
    base = event_base_new();
    open_all();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_are_discovered),
        cmocka_unit_test(each_step_can_be_observed),
        cmocka_unit_test(flights_can_be_cancelled_at_any_turn),
        cmocka_unit_test(without_leave_no_special_address_is_used),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ww_https_free(with.https);
    ww_dns_free(with.dns);
    event_base_free(base);
    for (size_t i = 0; i < COUNT(pids); i++)
        netns_end(pids[i]);
    pki_free(pki);
    (void)unlink(ca_file);
    return failed;
}
