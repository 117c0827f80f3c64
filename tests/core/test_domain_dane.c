#include "core/domain_dane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct ww_dane_survey survey;
static struct ww_domain_host room[WW_DANE_HOSTS_MAX];

static const struct {
    enum ww_mx_outcome outcome;
    enum ww_dnssec dnssec;
    bool validating;
    enum ww_domain_mx mx;
} mx_cases[] = {
    {WW_MX_LISTED, WW_DNSSEC_SECURE, true, WW_DOMAIN_MX_SECURE},
    {WW_MX_LISTED, WW_DNSSEC_INSECURE, true, WW_DOMAIN_MX_INSECURE},
    {WW_MX_LISTED, WW_DNSSEC_UNKNOWN, true, WW_DOMAIN_MX_FAILED},
    {WW_MX_LISTED, WW_DNSSEC_UNKNOWN, false, WW_DOMAIN_MX_FAILED},
    {WW_MX_LISTED, WW_DNSSEC_INSECURE, false, WW_DOMAIN_MX_FAILED},
    {WW_MX_LISTED, WW_DNSSEC_BOGUS, true, WW_DOMAIN_MX_BOGUS},
    {WW_MX_IMPLICIT, WW_DNSSEC_SECURE, true, WW_DOMAIN_MX_SECURE},
    {WW_MX_IMPLICIT, WW_DNSSEC_INSECURE, true, WW_DOMAIN_MX_INSECURE},
    {WW_MX_NULL, WW_DNSSEC_SECURE, true, WW_DOMAIN_MX_NULL},
    {WW_MX_NULL, WW_DNSSEC_INSECURE, true, WW_DOMAIN_MX_NULL},
    {WW_MX_NULL, WW_DNSSEC_BOGUS, true, WW_DOMAIN_MX_BOGUS},
    {WW_MX_NO_DOMAIN, WW_DNSSEC_SECURE, true, WW_DOMAIN_MX_NULL},
    {WW_MX_NO_DOMAIN, WW_DNSSEC_UNKNOWN, true, WW_DOMAIN_MX_FAILED},
    {WW_MX_FAILED, WW_DNSSEC_UNKNOWN, true, WW_DOMAIN_MX_FAILED},
    {WW_MX_FAILED, WW_DNSSEC_BOGUS, true, WW_DOMAIN_MX_BOGUS},
    {WW_MX_FAILED, WW_DNSSEC_INSECURE, true, WW_DOMAIN_MX_FAILED},
};

static void reads_the_state_of_mx_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mx_cases); i++) {
        survey = (struct ww_dane_survey){.outcome = mx_cases[i].outcome,
                                         .mx_dnssec = mx_cases[i].dnssec,
                                         .validating = mx_cases[i].validating};
        const enum ww_domain_mx mx = ww_domain_dane_read(&survey, 0, room).mx;
        if (mx != mx_cases[i].mx)
            fail_msg("case %zu: %s", i, ww_domain_mx_name(mx));
    }
}

/* Where no answer was ever validated, nothing that is said of DNSSEC counts. */
static void reads_that_there_is_no_dnssec(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mx_cases); i++) {
        survey = (struct ww_dane_survey){.outcome = mx_cases[i].outcome,
                                         .mx_dnssec = mx_cases[i].dnssec,
                                         .validating = mx_cases[i].validating,
                                         .never_validated = true};
        assert_int_equal(ww_domain_dane_read(&survey, 0, room).mx, WW_DOMAIN_MX_NO_DNSSEC);
    }
}

static void reads_the_hosts_that_there_are(void **state)
{
    (void)state;
    survey = (struct ww_dane_survey){
        .outcome = WW_MX_LISTED,
        .mx_dnssec = WW_DNSSEC_SECURE,
        .validating = true,
        .more = true,
        .lifetime = 300,
        .count = 4,
        .hosts = {{.name = "a.example", .settled = true, .state = WW_DANE_SECURE_USABLE},
                  {.name = "b.example", .settled = true, .no_address = true, .state = WW_DANE_INSECURE},
                  {.name = "c.example", .no_address = true, .state = WW_DANE_NONE},
                  {.name = "d.example", .settled = true, .state = WW_DANE_BOGUS}},
    };
    const struct ww_domain_dane dane = ww_domain_dane_read(&survey, 1000, room);
    assert_int_equal(dane.count, 3);
    assert_true(dane.more);
    assert_int_equal(dane.until, 1300);
    assert_ptr_equal(dane.hosts, room);
    assert_string_equal(room[0].name, "a.example");
    assert_int_equal(room[0].dane, WW_DANE_SECURE_USABLE);
    assert_string_equal(room[1].name, "c.example");
    assert_int_equal(room[1].dane, WW_DANE_LOOKUP_FAILED);
    assert_string_equal(room[2].name, "d.example");
    assert_int_equal(room[2].dane, WW_DANE_BOGUS);
}

static void has_room_for_all_of_them(void **state)
{
    (void)state;
    survey = (struct ww_dane_survey){.count = WW_DANE_HOSTS_MAX};
    assert_int_equal(ww_domain_dane_read(&survey, 0, room).count, WW_DANE_HOSTS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_state_of_mx_records),
        cmocka_unit_test(reads_that_there_is_no_dnssec),
        cmocka_unit_test(reads_the_hosts_that_there_are),
        cmocka_unit_test(has_room_for_all_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
