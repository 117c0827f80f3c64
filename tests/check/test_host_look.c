#include "check/looks.h"
#include "net/tls_verify.h"

#include "fake_dns.h"
#include "netns.h"
#include "policy_host.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define RESOLVER "127.0.0.53"
#define DNS_MS 2000
#define WEB_MS 1500

static struct event_base *base;
static struct pki *pki;
static struct ww_check_env env;
static char ca_file[] = "/tmp/waxwing-test-ca-XXXXXX";

static const struct fake_name names[] = {
    {"mta-sts.both.example", FAKE_AAAA, "2001:2::43"}, {"mta-sts.both.example", FAKE_A, "127.2.0.1"},
    {"mta-sts.half.example", FAKE_A, "10.0.0.1"},      {"mta-sts.half.example", FAKE_A, "127.2.0.2"},
    {"mta-sts.private.example", FAKE_A, "10.0.0.1"},   {"mta-sts.alias.example", FAKE_CNAME, "gone.example"},
    {"mta-sts.slow.example", FAKE_SILENT, "AAAA"},     {"mta-sts.slow.example", FAKE_A, "127.2.0.3"},
    {"mta-sts.dark.example", FAKE_SILENT, NULL},       {NULL, FAKE_TXT, NULL},
};

static void on_done(void *ctx)
{
    *(bool *)ctx = true;
}

static void look(const char *domain, struct ww_host_sight *sight)
{
    enum ww_err err;
    bool done = false;
    *sight = (struct ww_host_sight){.looked = false};
    assert_non_null(ww_host_look(&env, domain, sight, on_done, &done, &err));
    assert_false(done);
    while (!done)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    assert_true(sight->looked && sight->resolved);
}

static pid_t host(const char *address, const char *domain, enum leaf leaf, enum habit habit)
{
    char name[WW_DNAME_SIZE];
    (void)snprintf(name, sizeof name, "mta-sts.%s", domain);
    return policy_host(pki, address, name, leaf, habit);
}

static void each_address_is_looked_at(void **state)
{
    struct ww_host_sight sight;
    (void)state;
    pid_t pids[] = {host("2001:2::43", "both.example", LEAF_GOOD, HABIT_GOOD),
                    host("127.2.0.1", "both.example", LEAF_GOOD, HABIT_CACHED)};
    look("both.example", &sight);
    assert_int_equal(sight.count, 2);
    assert_true(ww_slice_is(sight.body, POLICY_HOST_BODY));
    assert_int_equal(sight.body_from, 0);
    for (size_t i = 0; i < 2; i++) {
        const struct ww_host_address_sight *a = &sight.addresses[i];
        assert_true(a->tested && a->err == WW_OK && a->status == 200 && a->leaf.shown && a->size > 0);
        assert_string_equal(a->type, "text/plain");
        assert_int_equal(a->as_browser, 0);
    }
    assert_int_equal(sight.addresses[0].other_line, 0);
    assert_int_equal(sight.addresses[1].other_line, 2);
    assert_string_equal(sight.addresses[1].headers.age, "7");
    ww_host_sight_clear(&sight);
    netns_end(pids[0]);
    netns_end(pids[1]);
}

static void a_fault_of_one_address_hides_nothing(void **state)
{
    struct ww_host_sight sight;
    (void)state;
    pid_t pids[] = {host("2001:2::43", "both.example", LEAF_EXPIRED, HABIT_GOOD),
                    host("127.2.0.1", "both.example", LEAF_GOOD, HABIT_GOOD)};
    look("both.example", &sight);
    assert_int_equal(sight.addresses[0].err, WW_E_HTTPS_CERT_EXPIRED);
    assert_true(sight.addresses[0].leaf.shown);
    assert_int_equal(sight.addresses[1].err, WW_OK);
    assert_int_equal(sight.body_from, 1);
    assert_non_null(sight.body.p);
    ww_host_sight_clear(&sight);
    netns_end(pids[0]);
    netns_end(pids[1]);
}

static void a_filter_is_asked_as_a_browser(void **state)
{
    struct ww_host_sight sight;
    (void)state;
    pid_t pids[] = {host("2001:2::43", "both.example", LEAF_GOOD, HABIT_FILTER),
                    host("127.2.0.1", "both.example", LEAF_GOOD, HABIT_MISSING)};
    look("both.example", &sight);
    assert_int_equal(sight.addresses[0].status, 403);
    assert_int_equal(sight.addresses[0].as_browser, 200);
    assert_int_equal(sight.addresses[1].status, 404);
    assert_int_equal(sight.addresses[1].as_browser, 0);
    assert_null(sight.body.p);
    ww_host_sight_clear(&sight);
    netns_end(pids[0]);
    netns_end(pids[1]);
}

/* A special address is told of, and nobody connects to it; the good one beside it is looked at. */
static void special_addresses_are_left_alone(void **state)
{
    struct ww_host_sight sight;
    (void)state;
    pid_t pid = host("127.2.0.2", "half.example", LEAF_GOOD, HABIT_GOOD);
    look("half.example", &sight);
    netns_end(pid);
    assert_int_equal(sight.count, 1);
    assert_int_equal(sight.ipv4.refused, 1);
    assert_string_equal(sight.ipv4.refused_as, "private-use");
    assert_non_null(sight.body.p);
    ww_host_sight_clear(&sight);

    look("private.example", &sight);
    assert_int_equal(sight.count, 0);
    assert_int_equal(sight.dns_err, WW_E_FETCH_ADDRESS_REFUSED);
    ww_host_sight_clear(&sight);
}

static void where_an_alias_leads_is_told(void **state)
{
    struct ww_host_sight sight;
    (void)state;
    look("alias.example", &sight);
    assert_int_equal(sight.dns_err, WW_E_FETCH_NO_ADDRESS);
    assert_string_equal(sight.ipv4.owner, "gone.example");
    assert_int_equal(sight.ipv4.rcode, 3);
    ww_host_sight_clear(&sight);
    look("nothing.example", &sight);
    assert_string_equal(sight.ipv4.owner, "");
    assert_int_equal(sight.ipv4.rcode, 3);
    ww_host_sight_clear(&sight);
}

/* A family is not given up half a second after the other one has come. */
static void both_families_are_waited_for(void **state)
{
    struct ww_host_sight sight;
    (void)state;
    look("slow.example", &sight);
    assert_true(sight.ipv6.ended && sight.ipv4.ended);
    assert_int_not_equal(sight.ipv6.err, WW_OK);
    assert_int_equal(sight.count, 1);
    assert_int_equal(sight.addresses[0].err, WW_E_HTTPS_CONNECT);
    assert_string_equal(sight.addresses[0].detail, "Connection refused");
    assert_false(sight.addresses[0].from_us);
    ww_host_sight_clear(&sight);
}

static void what_was_seen_stays_when_it_is_cancelled(void **state)
{
    struct ww_host_sight sight = {.looked = false};
    enum ww_err err;
    bool done = false;
    (void)state;
    pid_t pids[] = {host("2001:2::43", "both.example", LEAF_GOOD, HABIT_SPEECHLESS),
                    host("127.2.0.1", "both.example", LEAF_GOOD, HABIT_GOOD)};
    struct ww_host_look *under_way = ww_host_look(&env, "both.example", &sight, on_done, &done, &err);
    assert_non_null(under_way);
    while (sight.count == 0 || !sight.addresses[1].tested)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    ww_host_look_cancel(under_way);
    assert_false(done);
    assert_false(sight.addresses[0].tested);
    assert_int_equal(sight.body_from, 1);
    assert_true(ww_slice_is(sight.body, POLICY_HOST_BODY));
    ww_host_sight_clear(&sight);
    netns_end(pids[0]);
    netns_end(pids[1]);

    under_way = ww_host_look(&env, "dark.example", &sight, on_done, &done, &err);
    assert_non_null(under_way);
    ww_host_look_cancel(under_way);
    assert_true(sight.looked && !sight.resolved);
    ww_host_sight_clear(&sight);
}

static void a_name_that_is_too_long_has_no_host(void **state)
{
    struct ww_host_sight sight = {.looked = false};
    char domain[WW_DNAME_SIZE];
    enum ww_err err = WW_OK;
    bool done = false;
    (void)state;
    for (size_t i = 0; i + 2 < sizeof domain; i += 2)
        memcpy(domain + i, "a.", 3);
    domain[250] = '\0';
    assert_null(ww_host_look(&env, domain, &sight, on_done, &done, &err));
    assert_int_not_equal(err, WW_OK);
    assert_false(sight.looked);
}

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    (void)detail;
    *(enum ww_dns_health *)ctx = health;
    (void)event_base_loopbreak(base);
}

static struct ww_dns *open_dns(void)
{
    struct ww_addr forward;
    const char *detail;
    enum ww_dns_health health = WW_DNS_UNREACHABLE;
    if (ww_addr_parse(ww_slice_str(RESOLVER), &forward) != WW_OK)
        exit(1);
    const struct ww_dns_options options = {.forward = &forward, .forward_count = 1, .timeout_ms = DNS_MS};
    struct ww_dns *dns = ww_dns_new(base, &options, &detail);
    if (dns == NULL)
        exit(1);
    ww_dns_self_test(dns, on_health, &health);
    (void)event_base_dispatch(base);
    if (health != WW_DNS_STRIPPED)
        exit(1);
    return dns;
}

int main(void)
{
    struct ww_prefix allow[2];
    netns_enter();
    netns_add_ipv6("2001:2::43");
    int fd = mkstemp(ca_file);
    if (fd < 0 || close(fd) != 0 || ww_prefix_parse(ww_slice_str("127.0.0.0/8"), &allow[0]) != WW_OK ||
        ww_prefix_parse(ww_slice_str("2001:2::/48"), &allow[1]) != WW_OK)
        return 1;
    pki = pki_new(ca_file);
    pid_t pid = fake_dns(RESOLVER, NULL, names);
    base = event_base_new();
    env = (struct ww_check_env){.base = base,
                                .dns = open_dns(),
                                .allow = allow,
                                .allow_count = COUNT(allow),
                                .store = ww_tls_store_new(ca_file),
                                .dns_timeout_ms = DNS_MS,
                                .web_ms = WEB_MS};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_is_looked_at),
        cmocka_unit_test(a_fault_of_one_address_hides_nothing),
        cmocka_unit_test(a_filter_is_asked_as_a_browser),
        cmocka_unit_test(special_addresses_are_left_alone),
        cmocka_unit_test(where_an_alias_leads_is_told),
        cmocka_unit_test(both_families_are_waited_for),
        cmocka_unit_test(what_was_seen_stays_when_it_is_cancelled),
        cmocka_unit_test(a_name_that_is_too_long_has_no_host),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ww_dns_free(env.dns);
    X509_STORE_free(env.store);
    event_base_free(base);
    pki_free(pki);
    netns_end(pid);
    (void)unlink(ca_file);
    return failed;
}
