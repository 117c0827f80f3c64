#include "drive/mx_hosts.h"

#include "fake_dns.h"
#include "netns.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define RESOLVER "127.0.0.53"
#define TIMEOUT_MS 2000

static struct event_base *base;
static struct ww_dns *dns;

static const struct fake_name names[] = {
    {"listed", FAKE_MX, "10 MX.provider"},
    {"alias", FAKE_CNAME, "listed"},
    {"null", FAKE_MX, "0 "},
    {"implicit", FAKE_A, "192.0.2.1"},
    {"broken", FAKE_SERVFAIL, NULL},
    {"silent", FAKE_SILENT, NULL},
    {NULL, FAKE_TXT, NULL},
};

static const struct {
    const char *domain;
    enum ww_mx_outcome outcome;
    const char *host; /* the only one, or NULL */
} cases[] = {
    {"listed", WW_MX_LISTED, "mx.provider"},
    {"alias", WW_MX_LISTED, "mx.provider"},
    {"null", WW_MX_NULL, NULL},
    {"implicit", WW_MX_IMPLICIT, "implicit"},
    {"nowhere", WW_MX_NO_DOMAIN, NULL},
    {"broken", WW_MX_FAILED, NULL},
    {"silent", WW_MX_FAILED, NULL},
};

static void on_found(void *ctx, const struct ww_mx_hosts *found)
{
    *(struct ww_mx_hosts *)ctx = *found;
    (void)event_base_loopbreak(base);
}

static void hosts_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_mx_hosts found;
        enum ww_err err;
        assert_non_null(ww_mx_lookup(dns, cases[i].domain, on_found, &found, &err));
        (void)event_base_dispatch(base);
        if (found.outcome != cases[i].outcome || found.count != (cases[i].host != NULL ? 1 : 0))
            fail_msg("%s: %s, %zu hosts", cases[i].domain, ww_mx_outcome_name(found.outcome), found.count);
        assert_int_equal(found.why != WW_OK, cases[i].outcome == WW_MX_FAILED);
        assert_int_equal(found.dnssec, WW_DNSSEC_UNKNOWN); /* validation is off */
        assert_true(found.ttl <= FAKE_DNS_TTL && (found.ttl > 0) == (cases[i].outcome != WW_MX_FAILED));
        if (cases[i].host != NULL)
            assert_string_equal(found.hosts[0].name, cases[i].host);
    }
}

static void on_nothing(void *ctx, const struct ww_mx_hosts *found)
{
    (void)ctx;
    (void)found;
    fail_msg("it was cancelled");
}

static void it_can_be_cancelled(void **state)
{
    (void)state;
    struct ww_mx_hosts found;
    enum ww_err err;
    struct ww_mx_lookup *lookup = ww_mx_lookup(dns, "silent", on_nothing, NULL, &err);
    assert_non_null(lookup);
    assert_non_null(ww_mx_lookup(dns, "listed", on_found, &found, &err));
    ww_mx_lookup_cancel(lookup);
    (void)event_base_dispatch(base);
    assert_int_equal(found.outcome, WW_MX_LISTED);
}

static void what_cannot_be_asked_is_refused(void **state)
{
    (void)state;
    char name[WW_DNAME_SIZE + 1];
    enum ww_err err = WW_OK;
    memset(name, 'a', WW_DNAME_SIZE);
    name[WW_DNAME_SIZE] = '\0';
    assert_null(ww_mx_lookup(dns, name, on_nothing, NULL, &err));
    assert_int_equal(err, WW_E_DNS_NAME);
}

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    (void)detail;
    *(enum ww_dns_health *)ctx = health;
    (void)event_base_loopbreak(base);
}

static void open_dns(void)
{
    struct ww_addr forward;
    const char *detail;
    enum ww_dns_health health = WW_DNS_UNREACHABLE;
    if (ww_addr_parse(ww_slice_str(RESOLVER), &forward) != WW_OK)
        exit(1);
    const struct ww_dns_options options = {.forward = &forward, .forward_count = 1, .timeout_ms = TIMEOUT_MS};
    dns = ww_dns_new(base, &options, &detail);
    if (dns == NULL)
        exit(1);
    ww_dns_self_test(dns, on_health, &health);
    (void)event_base_dispatch(base);
    if (health != WW_DNS_STRIPPED)
        exit(1);
}

int main(void)
{
    netns_enter();
    pid_t pid = fake_dns(RESOLVER, NULL, names);
    base = event_base_new();
    open_dns();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_found),
        cmocka_unit_test(it_can_be_cancelled),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ww_dns_free(dns);
    event_base_free(base);
    netns_end(pid);
    return failed;
}
