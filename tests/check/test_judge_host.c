#include "check/host_compare.h"
#include "check/host_faults.h"
#include "check/judges.h"

#include "found.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define NOW 1000000000
#define DAY 86400
#define GOOD "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 2592000\r\n"

static const char *const texts[] = {"2001:db8::1", "192.0.2.1"};

/* A policy host that is all well, on an IPv6 and an IPv4 address. */
static struct ww_sight *good(void)
{
    struct ww_sight *sight = ww_sight_new("example.com", NOW);
    assert_non_null(sight);
    struct ww_host_sight *host = &sight->host;
    host->looked = host->resolved = true;
    host->ipv6.ended = host->ipv4.ended = true;
    host->ipv6.count = host->ipv4.count = 1;
    host->count = 2;
    host->addresses = calloc(2, sizeof *host->addresses);
    assert_non_null(host->addresses);
    for (size_t i = 0; i < 2; i++) {
        struct ww_host_address_sight *a = &host->addresses[i];
        assert_int_equal(ww_addr_parse(ww_slice_str(texts[i]), &a->addr), WW_OK);
        a->tested = true;
        a->tls_version = 0x304;
        a->leaf.shown = true;
        a->leaf.cert.not_after = NOW + 60 * DAY;
        a->leaf.not_before = NOW - 30 * DAY;
        (void)strcpy(a->leaf.cert.issuer, "CN=CA");
        a->status = 200;
        (void)strcpy(a->type, "text/plain");
        a->size = strlen(GOOD);
    }
    host->body = ww_slice(strdup(GOOD), strlen(GOOD));
    return sight;
}

static void serves_nothing(struct ww_sight *sight)
{
    free((char *)(uintptr_t)sight->host.body.p);
    sight->host.body = ww_slice(NULL, 0);
    for (size_t i = 0; i < sight->host.count; i++)
        sight->host.addresses[i].size = 0;
}

/* Both addresses answer with an error, or a status. */
static void all_are(struct ww_sight *sight, enum ww_err err, unsigned status, const char *detail)
{
    serves_nothing(sight);
    for (size_t i = 0; i < 2; i++) {
        struct ww_host_address_sight *a = &sight->host.addresses[i];
        a->err = err;
        a->status = status;
        a->leaf.shown = strncmp(ww_err_id(err), "https-cert", 10) == 0 || err == WW_OK;
        (void)snprintf(a->detail, sizeof a->detail, "%s", detail);
    }
}

static void judge(struct ww_sight *sight, char found[FOUND_SIZE], struct ww_check_report *report)
{
    *report = (struct ww_check_report){.enforced = true};
    ww_judge_host(sight, report);
    ww_check_report_end(report);
    found_text(report, found);
    ww_sight_free(sight);
}

static void expect(struct ww_sight *sight, const char *expected, const char *where, const char *seen)
{
    struct ww_check_report report;
    char found[FOUND_SIZE];
    judge(sight, found, &report);
    assert_string_equal(found, expected);
    if (where != NULL)
        assert_string_equal(report.findings[0].where, where);
    if (seen != NULL)
        assert_string_equal(report.findings[0].seen, seen);
    ww_check_report_clear(&report);
}

static void a_good_host_has_every_check_made(void **state)
{
    static const enum ww_check all[] = {
#define WW_CHECK(name, ...) WW_CHECK_##name,
#include "check/table_host.h"
#undef WW_CHECK
    };
    struct ww_check_report report;
    char found[FOUND_SIZE];
    (void)state;
    judge(good(), found, &report);
    assert_string_equal(found, "");
    for (size_t i = 0; i < COUNT(all); i++)
        if (report.states[all[i]] != WW_CHECK_SILENT)
            fail_msg("%s was not made", ww_check_info(all[i])->id);
    ww_check_report_clear(&report);
}

/* Each error of an exchange is one finding, at both addresses together. */
static void no_failure_is_silent(void **state)
{
    static const char *const both = "mta-sts.example.com [2001:db8::1, 192.0.2.1]";
    (void)state;
    for (unsigned i = 0; i < WW_ERR_COUNT; i++) {
        if (strncmp(ww_err_id((enum ww_err)i), "https-", 6) != 0)
            continue;
        struct ww_check_report report;
        char found[FOUND_SIZE];
        struct ww_sight *sight = good();
        all_are(sight, (enum ww_err)i, 0, "so it was");
        judge(sight, found, &report);
        if (report.count != 1 || strcmp(report.findings[0].where, both) != 0)
            fail_msg("%s: %s", ww_err_id((enum ww_err)i), found);
        ww_check_report_clear(&report);
    }
}

static void errors_have_their_names(void **state)
{
    static const struct {
        enum ww_err err;
        const char *found;
        const char *seen;
    } cases[] = {
        {WW_E_HTTPS_CONNECT, "error host-unreachable", "x"},
        {WW_E_HTTPS_TIMEOUT, "error host-timeout", "x"},
        {WW_E_HTTPS_RESET, "error host-broken-off", "x"},
        {WW_E_HTTPS_TLS_VERSION, "error host-tls-version", "x"},
        {WW_E_HTTPS_CERT_CHAIN, "warning host-cert-incomplete-chain", "x"},
        {WW_E_HTTPS_CERT_NAME, "error host-cert-name", "x"},
        {WW_E_HTTPS_TOO_LARGE, "error policy-too-long", "more than 65536 octets"},
        {WW_E_HTTPS_CODING, "error host-content-coding", "x"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = good();
        all_are(sight, cases[i].err, 0, "x");
        expect(sight, cases[i].found, NULL, cases[i].seen);
    }
}

static void statuses_are_told_apart(void **state)
{
    static const struct {
        unsigned status, as_browser;
        const char *found;
        const char *seen;
    } cases[] = {
        {404, 0, "error host-not-found", "status 404 for /.well-known/mta-sts.txt"},
        {410, 0, "error host-status", "status 410 for /.well-known/mta-sts.txt"},
        {500, 0, "error host-status", "status 500 for /.well-known/mta-sts.txt"},
        {204, 0, "error host-status", "status 204 for /.well-known/mta-sts.txt"},
        {302, 0, "error host-redirect", "status 302, to https://elsewhere.example/"},
        {403, 200, "error host-blocked", "status 403 for Waxwing, 200 for a web browser"},
        {403, 403, "error host-status", "status 403 for /.well-known/mta-sts.txt"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = good();
        all_are(sight, WW_OK, cases[i].status, "");
        for (size_t k = 0; k < 2; k++) {
            sight->host.addresses[k].as_browser = cases[i].as_browser;
            if (cases[i].status == 302)
                (void)strcpy(sight->host.addresses[k].headers.location, "https://elsewhere.example/");
        }
        expect(sight, cases[i].found, NULL, cases[i].seen);
    }
}

static void each_address_is_judged_on_its_own(void **state)
{
    (void)state;
    struct ww_sight *sight = good();
    struct ww_host_address_sight *a = &sight->host.addresses[0];
    sight->host.body_from = 1;
    a->err = WW_E_HTTPS_CONNECT;
    a->status = 0;
    a->size = 0;
    a->leaf.shown = false;
    (void)strcpy(a->detail, "Connection refused");
    expect(sight, "error host-unreachable", "mta-sts.example.com [2001:db8::1]",
           "Connection refused; [192.0.2.1] serves the policy");

    sight = good();
    a = &sight->host.addresses[0];
    a->err = WW_E_HTTPS_CONNECT;
    a->from_us = true;
    a->size = 0;
    (void)strcpy(a->detail, "Network is unreachable");
    expect(sight, "info our-host-no-route", "mta-sts.example.com [2001:db8::1]", NULL);

    sight = good();
    sight->host.addresses[1].leaf.cert.fingerprint[0] = 1;
    expect(sight, "info host-cert-differs", "mta-sts.example.com",
           "[2001:db8::1]: by CN=CA, until 2001-11-08T01:46:40Z; "
           "[192.0.2.1]: by CN=CA, until 2001-11-08T01:46:40Z");

    sight = good();
    sight->host.addresses[1].other_line = 2;
    sight->host.addresses[1].leaf.cert.fingerprint[0] = 1; /* which says no more */
    (void)strcpy(sight->host.addresses[1].here, "mode: none");
    (void)strcpy(sight->host.addresses[1].there, "mode: enforce");
    expect(sight, "error host-body-differs", "mta-sts.example.com [192.0.2.1]",
           "line 2 is \"mode: none\" here, and \"mode: enforce\" at [2001:db8::1]");
}

static void what_is_late_is_not_tested(void **state)
{
    (void)state;
    struct ww_check_report report;
    char found[FOUND_SIZE];
    struct ww_sight *sight = good();
    sight->host.addresses[1].tested = false;
    judge(sight, found, &report);
    assert_string_equal(found, "");
    assert_int_equal(report.states[WW_CHECK_HOST_NOT_FOUND], WW_CHECK_NOT_TESTED);
    ww_check_report_clear(&report);

    sight = good();
    sight->host.resolved = false;
    judge(sight, found, &report);
    assert_string_equal(found, "");
    assert_int_equal(report.states[WW_CHECK_HOST_UNRESOLVED], WW_CHECK_NOT_TESTED);
    ww_check_report_clear(&report);

    /* What follows from a failure is not made at all. */
    sight = good();
    all_are(sight, WW_E_HTTPS_CONNECT, 0, "x");
    judge(sight, found, &report);
    assert_int_equal(report.states[WW_CHECK_HOST_TIMEOUT], WW_CHECK_SILENT);
    assert_int_equal(report.states[WW_CHECK_HOST_CERT_EXPIRED], WW_CHECK_NOT_TESTED);
    assert_int_equal(report.states[WW_CHECK_HOST_TYPE], WW_CHECK_NOT_TESTED);
    ww_check_report_clear(&report);
}

static void who_does_not_take_part_has_no_host(void **state)
{
    (void)state;
    struct ww_check_report report;
    char found[FOUND_SIZE];
    struct ww_sight *sight = good();
    all_are(sight, WW_OK, 404, "");
    sight->names.looked = true;
    sight->names.texts[WW_NAMES_STS].ended = true;
    sight->names.record = WW_TXT_ABSENT;
    judge(sight, found, &report);
    assert_string_equal(found, "");
    assert_int_equal(report.states[WW_CHECK_HOST_NOT_FOUND], WW_CHECK_NOT_TESTED);
    ww_check_report_clear(&report);
    sight = good();
    all_are(sight, WW_OK, 404, "");
    sight->names.looked = true;
    sight->names.texts[WW_NAMES_STS].ended = true;
    sight->names.record = WW_TXT_INVALID;
    expect(sight, "error host-not-found", NULL, NULL);
    /* Whether there is a record is not known. */
    sight = good();
    all_are(sight, WW_OK, 404, "");
    sight->names.looked = true;
    sight->names.texts[WW_NAMES_STS].ended = true;
    sight->names.texts[WW_NAMES_STS].err = WW_E_DNS_SERVFAIL;
    expect(sight, "error host-not-found", NULL, NULL);
}

static void certificates_end(void **state)
{
    static const struct {
        int64_t before, after; /* days from now */
        const char *found;
    } cases[] = {
        {-76, 14, ""},
        {-77, 13, "warning host-cert-expires-soon"},
        {-3, 3, ""}, /* of six days: not yet in its last third */
        {-5, 1, "warning host-cert-expires-soon"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = good();
        for (size_t k = 0; k < 2; k++) {
            sight->host.addresses[k].leaf.not_before = NOW + cases[i].before * DAY;
            sight->host.addresses[k].leaf.cert.not_after = NOW + cases[i].after * DAY;
        }
        expect(sight, cases[i].found, NULL, NULL);
    }
}

static void types_and_caches(void **state)
{
    static const struct {
        const char *type, *cache_control, *age;
        const char *found;
    } cases[] = {
        {"Text/Plain; charset=utf-8", "max-age=60, public", "5", ""},
        {"", "", "", "warning host-content-type"},
        {"text/html", "", "", "warning host-content-type"},
        {"text/plain", "public, MAX-AGE=86401", "", "info host-cached"},
        {"text/plain", "max-age=86400", "86400", ""},
        {"text/plain", "", "86401", "info host-cached"},
        {"text/plain", "no-cache, max-age=31536000", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_sight *sight = good();
        for (size_t k = 0; k < 2; k++) {
            struct ww_host_address_sight *a = &sight->host.addresses[k];
            (void)strcpy(a->type, cases[i].type);
            (void)strcpy(a->headers.cache_control, cases[i].cache_control);
            (void)strcpy(a->headers.age, cases[i].age);
        }
        expect(sight, cases[i].found, NULL, NULL);
    }
    /* A page for people is found as such. */
    struct ww_sight *sight = good();
    serves_nothing(sight);
    sight->host.body = ww_slice(strdup("<html>"), 6);
    (void)strcpy(sight->host.addresses[0].type, "text/html");
    expect(sight, "", NULL, NULL);
}

static void cache_control_is_read(void **state)
{
    static const struct {
        const char *value;
        int64_t seconds;
    } cases[] = {
        {"", 0},
        {",, ,", 0},
        {"max-age=10", 10},
        {"max-age=10 , s-maxage=20", 20},
        {"s-maxage=0, max-age=10", 0},
        {"max-age", 0},
        {"max-age=", 0},
        {"max-age=1x", 0},
        {"max-aged=5", 0},
        {"max-age=99999999999999999999999999", 31622400},
        {"private, max-age=10", 0},
        {"no-store", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (ww_host_cache_seconds(cases[i].value) != cases[i].seconds)
            fail_msg("%s: %d", cases[i].value, (int)ww_host_cache_seconds(cases[i].value));
    assert_int_equal(ww_host_seconds("-1"), -1);
    assert_int_equal(ww_host_seconds(""), -1);
    assert_int_equal(ww_host_seconds("007"), 7);
}

/* What DNS says, when there is nothing to connect to. */
static struct ww_sight *without_addresses(void)
{
    struct ww_sight *sight = good();
    serves_nothing(sight);
    sight->host.count = sight->host.ipv6.count = sight->host.ipv4.count = 0;
    sight->host.dns_err = WW_E_FETCH_NO_ADDRESS;
    return sight;
}

static void names_that_lead_nowhere(void **state)
{
    (void)state;
    struct ww_sight *sight = without_addresses();
    expect(sight, "error host-unresolved", "mta-sts.example.com", "the name has neither A nor AAAA records");

    sight = without_addresses();
    sight->host.ipv6.rcode = sight->host.ipv4.rcode = 3;
    expect(sight, "error host-unresolved", NULL, "NXDOMAIN: there is no such name");

    sight = without_addresses();
    sight->host.ipv6.rcode = sight->host.ipv4.rcode = 3;
    (void)strcpy(sight->host.ipv4.owner, "gone.provider.example");
    expect(sight, "error host-dangling-alias", NULL, "it is an alias of gone.provider.example: NXDOMAIN");

    sight = without_addresses();
    (void)strcpy(sight->host.ipv4.owner, "bare.provider.example");
    expect(sight, "error host-unresolved", NULL,
           "it is an alias of bare.provider.example, which has neither A nor AAAA records");

    sight = without_addresses();
    sight->host.dns_err = sight->host.ipv4.err = sight->host.ipv6.err = WW_E_DNS_SERVFAIL;
    expect(sight, "error host-unresolved", NULL, "A and AAAA: DNS servers failed, or could not be reached");

    sight = without_addresses();
    sight->host.dns_err = sight->host.ipv4.err = sight->host.ipv6.err = WW_E_DNS_SERVFAIL;
    sight->surveyed = true;
    sight->survey.why = WW_E_DNS_SERVFAIL;
    expect(sight, "", NULL, NULL);

    sight = without_addresses();
    sight->host.dns_err = sight->host.ipv4.err = sight->host.ipv6.err = WW_E_DNS_BUSY;
    expect(sight, "", NULL, NULL);

    sight = good();
    sight->host.ipv6.err = WW_E_DNS_SERVFAIL;
    expect(sight, "error host-unresolved", NULL,
           "AAAA: DNS servers failed, or could not be reached; the other family has addresses");
}

/* What follows from a finding of the record's is not found again. */
static void a_name_that_is_told_of_already(void **state)
{
    static const enum ww_check already[] = {WW_CHECK_RECORD_WITHOUT_POLICY, WW_CHECK_RECORD_HALF_DELEGATED};
    (void)state;
    for (size_t i = 0; i < COUNT(already); i++) {
        struct ww_check_report report = {.enforced = true};
        struct ww_sight *sight = without_addresses();
        sight->host.ipv6.rcode = sight->host.ipv4.rcode = 3;
        ww_check_found(&report, already[i], "_mta-sts.example.com", "so it is");
        ww_judge_host(sight, &report);
        assert_int_equal(report.count, 1);
        ww_check_report_clear(&report);
        ww_sight_free(sight);
    }
}

static void addresses_of_a_special_kind(void **state)
{
    (void)state;
    struct ww_sight *sight = without_addresses();
    sight->host.dns_err = WW_E_FETCH_ADDRESS_REFUSED;
    sight->host.ipv4.refused = 1;
    assert_int_equal(ww_addr_parse(ww_slice_str("10.0.0.1"), &sight->host.ipv4.refused_addr), WW_OK);
    sight->host.ipv4.refused_as = "private-use";
    sight->host.ipv6.refused = 3;
    assert_int_equal(ww_addr_parse(ww_slice_str("::1"), &sight->host.ipv6.refused_addr), WW_OK);
    sight->host.ipv6.refused_as = "loopback";
    expect(sight, "error host-special-address", "mta-sts.example.com",
           "10.0.0.1 is private-use, and ::1 is loopback (and 2 more of its family are special); nobody "
           "connected to it");

    sight = good();
    sight->host.ipv4.count = 0;
    sight->host.count = 1;
    expect(sight, "warning host-ipv6-only", "mta-sts.example.com", "1 AAAA records, and no A record");
}

static void bodies_are_compared(void **state)
{
    static const struct {
        const char *first, *other;
        size_t line;
        const char *here, *there;
    } cases[] = {
        {"a\r\nb\r\n", "a\r\nb\r\n", 0, "", ""},
        {"a\nb\n", "a\nc\n", 2, "c", "b"},
        {"a\r\nb\r\n", "a\nb\r\n", 1, "a", "a\\013"},
        {"a\nb\n", "a\n", 2, "", "b"},
        {"a\n", "a\nb\n", 2, "b", ""},
        {"a", "a\n", 2, "", ""},
        {"", "a", 1, "a", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_host_address_sight addresses[3] = {{.tested = true}, {.tested = true}, {.tested = true}};
        struct ww_host_sight sight = {.count = 3, .addresses = addresses};
        const struct ww_slice bodies[] = {ww_slice(NULL, 0), ww_slice_str(cases[i].first),
                                          ww_slice_str(cases[i].other)};
        ww_host_compare(&sight, bodies);
        assert_int_equal(sight.body_from, 1);
        assert_ptr_equal(sight.body.p, cases[i].first);
        assert_int_equal(addresses[2].other_line, cases[i].line);
        assert_string_equal(addresses[2].here, cases[i].here);
        assert_string_equal(addresses[2].there, cases[i].there);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_host_has_every_check_made),
        cmocka_unit_test(no_failure_is_silent),
        cmocka_unit_test(errors_have_their_names),
        cmocka_unit_test(statuses_are_told_apart),
        cmocka_unit_test(each_address_is_judged_on_its_own),
        cmocka_unit_test(what_is_late_is_not_tested),
        cmocka_unit_test(who_does_not_take_part_has_no_host),
        cmocka_unit_test(certificates_end),
        cmocka_unit_test(types_and_caches),
        cmocka_unit_test(cache_control_is_read),
        cmocka_unit_test(names_that_lead_nowhere),
        cmocka_unit_test(a_name_that_is_told_of_already),
        cmocka_unit_test(addresses_of_a_special_kind),
        cmocka_unit_test(bodies_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
