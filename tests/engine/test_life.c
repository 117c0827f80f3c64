#include "engine/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define NOW INT64_C(1000000)
#define DAY 86400

static const struct ww_life_rules rules = {
    .recheck = 300, .no_record_min = 60, .no_record_max = 3600, .fetch_retry = 400, .dns_retry = 30};

static const struct ww_policy enforce_week = {.mode = WW_MODE_ENFORCE, .max_age = 604800};

/* A policy with id 1 that was fetched at NOW. */
static struct ww_life with_policy(const struct ww_policy *policy)
{
    struct ww_life life = {.id = ""};
    const struct ww_discovery_result found = {.outcome = WW_FOUND_POLICY, .id = "1"};
    assert_int_equal(ww_life_apply(&life, &found, policy, NOW, &rules), WW_LIFE_REPLACED);
    return life;
}

static void knows_nothing_when_zeroed(void **state)
{
    (void)state;
    const struct ww_life life = {.id = ""};
    struct ww_discovery_ask ask;
    assert_false(ww_life_has_policy(&life, NOW));
    assert_false(ww_life_can_answer(&life, NOW));
    assert_true(ww_life_wants_flight(&life, NOW));
    assert_false(ww_life_wants_refresh(&life, NOW));
    ww_life_ask(&life, "example.com", NOW, &ask);
    assert_string_equal(ask.domain, "example.com");
    assert_string_equal(ask.known_id, "");
    assert_string_equal(ask.failed_id, "");
    assert_false(ask.refetch);
}

static void takes_over_a_policy(void **state)
{
    (void)state;
    struct ww_life life = with_policy(&enforce_week);
    assert_string_equal(life.id, "1");
    assert_int_equal(life.mode, WW_MODE_ENFORCE);
    assert_int_equal(life.fetched, NOW);
    assert_int_equal(life.expires, NOW + 604800);
    assert_int_equal(life.checked, NOW);
    assert_true(ww_life_has_policy(&life, NOW + 604799));
    assert_false(ww_life_has_policy(&life, NOW + 604800));
}

static const struct {
    struct ww_discovery_result result;
    int64_t pause_without; /* until the next flight, without a policy */
    int64_t pause_with;    /* and with one */
} pauses[] = {
    {{.outcome = WW_FOUND_NO_RECORD, .record_ttl = 0}, 60, 300},
    {{.outcome = WW_FOUND_NO_RECORD, .record_ttl = 59}, 60, 300},
    {{.outcome = WW_FOUND_NO_RECORD, .record_ttl = 61}, 61, 300},
    {{.outcome = WW_FOUND_NO_RECORD, .record_ttl = 3600}, 3600, 300},
    {{.outcome = WW_FOUND_NO_RECORD, .record_ttl = UINT32_MAX}, 3600, 300},
    {{.outcome = WW_FOUND_RECORD_INVALID, .record_ttl = 86400, .why = WW_E_STS_ID}, 300, 300},
    {{.outcome = WW_FOUND_DNS_FAILURE, .why = WW_E_DNS_RCODE}, 30, 30},
    {{.outcome = WW_FOUND_FETCH_FAILURE, .id = "2", .why = WW_E_HTTP_STATUS}, 300, 300},
    {{.outcome = WW_FOUND_POLICY_INVALID, .id = "2", .why = WW_E_POLICY_EMPTY}, 300, 300},
};

static void survives_every_failure(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pauses); i++) {
        const struct ww_discovery_result *r = &pauses[i].result;
        struct ww_life life = {.id = ""};
        assert_int_equal(ww_life_apply(&life, r, NULL, NOW, &rules), WW_LIFE_SAME);
        assert_int_equal(life.next_flight, NOW + pauses[i].pause_without);
        assert_false(ww_life_has_policy(&life, NOW));
        assert_true(ww_life_can_answer(&life, life.next_flight - 1));
        assert_false(ww_life_can_answer(&life, life.next_flight));

        life = with_policy(&enforce_week);
        struct ww_life before = life;
        assert_int_equal(ww_life_apply(&life, r, NULL, NOW + 1000, &rules), WW_LIFE_SAME);
        assert_int_equal(life.next_flight, NOW + 1000 + pauses[i].pause_with);
        assert_string_equal(life.id, "1");
        assert_int_equal(life.mode, before.mode);
        assert_int_equal(life.fetched, before.fetched);
        assert_int_equal(life.expires, before.expires);
        assert_int_equal(life.checked, NOW + 1000);
        assert_int_equal(life.last, r->outcome);
        assert_int_equal(life.why, r->why);
    }
}

/* A record is looked at again after the grace, but not before its TTL ends, and at least daily. */
static void waits_for_the_ttl_of_the_record(void **state)
{
    (void)state;
    static const struct {
        uint32_t ttl;
        int64_t pause;
    } cases[] = {{0, 300}, {299, 300}, {301, 301}, {3600, 3600}, {86400, 86400}, {UINT32_MAX, 86400}};
    static const enum ww_discovery_outcome outcomes[] = {WW_FOUND_POLICY, WW_FOUND_UNCHANGED};
    for (size_t i = 0; i < COUNT(cases) * COUNT(outcomes); i++) {
        const struct ww_discovery_result r = {.outcome = outcomes[i % COUNT(outcomes)],
                                              .id = "1",
                                              .record_ttl = cases[i / COUNT(outcomes)].ttl};
        struct ww_life life = with_policy(&enforce_week);
        (void)ww_life_apply(&life, &r, &enforce_week, NOW, &rules);
        assert_int_equal(life.next_flight, NOW + cases[i / COUNT(outcomes)].pause);
    }
}

static void holds_off_the_id_that_failed(void **state)
{
    (void)state;
    struct ww_life life = {.id = ""};
    struct ww_discovery_ask ask;
    const struct ww_discovery_result failed = {.outcome = WW_FOUND_FETCH_FAILURE, .id = "2"};
    const struct ww_discovery_result waits = {.outcome = WW_FOUND_WAITING, .id = "2"};
    const struct ww_discovery_result found = {.outcome = WW_FOUND_POLICY, .id = "2"};
    (void)ww_life_apply(&life, &failed, NULL, NOW, &rules);
    ww_life_ask(&life, "example.com", NOW + 399, &ask);
    assert_string_equal(ask.failed_id, "2");
    assert_int_equal(ask.retry_at, NOW + 400);
    ww_life_ask(&life, "example.com", NOW + 400, &ask);
    assert_string_equal(ask.failed_id, "");

    /* What had to wait is tried as soon as it may, and not put off again. */
    (void)ww_life_apply(&life, &waits, NULL, NOW + 300, &rules);
    assert_int_equal(life.next_flight, NOW + 400);
    assert_int_equal(life.retry_at, NOW + 400);
    (void)ww_life_apply(&life, &waits, NULL, NOW + 500, &rules);
    assert_int_equal(life.next_flight, NOW + 501);

    (void)ww_life_apply(&life, &found, &enforce_week, NOW + 502, &rules);
    assert_string_equal(life.failed_id, "");
    ww_life_ask(&life, "example.com", NOW + 503, &ask);
    assert_string_equal(ask.failed_id, "");
    assert_string_equal(ask.known_id, "2");
}

static void takes_an_unparsed_policy_for_none(void **state)
{
    (void)state;
    struct ww_life life = with_policy(&enforce_week);
    const struct ww_discovery_result found = {.outcome = WW_FOUND_POLICY, .id = "2"};
    assert_int_equal(ww_life_apply(&life, &found, NULL, NOW + 1, &rules), WW_LIFE_SAME);
    assert_string_equal(life.id, "1");
    assert_string_equal(life.failed_id, "2");
    assert_int_equal(life.last, WW_FOUND_POLICY_INVALID);
}

static const struct {
    int64_t at;
    const char *id;
    enum ww_life_change change;
    int64_t next_flight;
} confirmations[] = {
    {NOW + 1000, "1", WW_LIFE_CHECKED, NOW + 1300},
    {NOW + DAY - 100, "1", WW_LIFE_CHECKED, NOW + DAY},       /* early enough for the refresh */
    {NOW + 604800 - 100, "1", WW_LIFE_CHECKED, NOW + 604800}, /* the end */
    {NOW + 604800, "1", WW_LIFE_SAME, NOW + 604800},          /* over while the flight was under way */
    {NOW + 1000, "2", WW_LIFE_SAME, NOW + 1000},              /* not of the policy that is here */
};

static void confirms_without_prolonging(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(confirmations); i++) {
        struct ww_life life = with_policy(&enforce_week);
        struct ww_discovery_result same = {.outcome = WW_FOUND_UNCHANGED};
        memcpy(same.id, confirmations[i].id, strlen(confirmations[i].id));
        assert_int_equal(ww_life_apply(&life, &same, NULL, confirmations[i].at, &rules),
                         confirmations[i].change);
        assert_int_equal(life.next_flight, confirmations[i].next_flight);
        assert_int_equal(life.fetched, NOW);
        assert_int_equal(life.expires, NOW + 604800);
        assert_int_equal(life.checked, confirmations[i].at);
    }
}

static const struct {
    uint32_t max_age;
    int64_t age; /* from which on a refresh is due */
} refreshes[] = {
    {604800, DAY}, {WW_POLICY_MAX_AGE_MAX, DAY}, {2 * DAY, DAY}, {2 * DAY - 2, DAY - 1}, {3600, 1800}, {2, 1},
    {1, 0},
};

static void refreshes_daily_or_at_half_of_the_lifetime(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refreshes); i++) {
        struct ww_discovery_ask ask;
        const struct ww_policy policy = {.mode = WW_MODE_ENFORCE, .max_age = refreshes[i].max_age};
        struct ww_life life = with_policy(&policy);
        int64_t due = NOW + refreshes[i].age;
        if (due > NOW)
            assert_false(ww_life_wants_refresh(&life, due - 1));
        assert_true(ww_life_wants_refresh(&life, due));
        ww_life_ask(&life, "example.com", due, &ask);
        assert_true(ask.refetch);
        assert_string_equal(ask.known_id, "1");
        assert_false(ww_life_wants_refresh(&life, life.expires));
        assert_true(life.next_flight <= (due > NOW + 1 ? due : NOW + 1));
    }
}

static const struct {
    const char *id;
    int64_t fetched, expires, checked;
    bool good;
    int64_t next_flight;
} kept[] = {
    {"1", NOW - 100, NOW + 100, NOW - 50, true, NOW}, /* refresh at half of the lifetime */
    {"1", NOW - 100, NOW + 604700, NOW - 50, true, NOW + 250},
    {"1", NOW - 100, NOW + 604700, 0, true, NOW + 200},
    {"1", NOW - 100, NOW + 604700, INT64_MAX / 4, true, INT64_MAX / 4 + 300},
    {"1", NOW - 100, NOW + 1, NOW - 50, true, NOW + 1},
    {"1", NOW - 100, NOW, NOW - 50, false, 0},
    {"", NOW - 100, NOW + 100, NOW - 50, false, 0},
    {"1", 0, NOW + 100, NOW - 50, false, 0},
    {"1", INT64_MIN, INT64_MAX, NOW - 50, false, 0},
    {"1", 1, INT64_MAX, NOW - 50, false, 0},
    {"1", NOW + 200, NOW + 100, NOW - 50, false, 0},
    {"1", NOW - 1, NOW - 1 + WW_POLICY_MAX_AGE_MAX, NOW - 1, true, NOW + 299},
    {"1", NOW - 1, NOW + WW_POLICY_MAX_AGE_MAX, NOW - 1, false, 0},
    /* From a time that is still to come: the clock was set back. */
    {"1", NOW + 100, NOW + 200, NOW + 150, true, NOW + 200},
};

static void takes_from_a_store_only_what_makes_sense(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kept); i++) {
        struct ww_life life = {.mode = WW_MODE_ENFORCE,
                               .fetched = kept[i].fetched,
                               .expires = kept[i].expires,
                               .checked = kept[i].checked};
        memcpy(life.id, kept[i].id, strlen(kept[i].id));
        bool good = ww_life_restore(&life, NOW, &rules);
        if (good != kept[i].good || life.next_flight != kept[i].next_flight)
            fail_msg("case %zu: %d, next flight at %lld", i, good, (long long)life.next_flight);
        assert_int_equal(ww_life_has_policy(&life, NOW), good);
        if (good)
            assert_true(life.checked >= life.fetched);
        else
            assert_true(ww_life_wants_flight(&life, NOW));
        if (life.checked > NOW)
            assert_true(ww_life_wants_flight(&life, NOW));
    }
}

static void moves_no_dates_because_of_the_clock(void **state)
{
    (void)state;
    const struct ww_discovery_result failed = {.outcome = WW_FOUND_DNS_FAILURE};
    const struct ww_discovery_result unchanged = {.outcome = WW_FOUND_UNCHANGED, .id = "1"};
    static const int64_t back[] = {1, 86400, WW_POLICY_MAX_AGE_MAX, 99999999};
    for (size_t i = 0; i < 2 * COUNT(back); i++) {
        struct ww_life life = {.id = "1", .fetched = 100000000, .expires = 100604800, .checked = 100000000};
        int64_t now = 100000000 - back[i / 2];
        assert_true(ww_life_has_policy(&life, now));
        assert_true(ww_life_wants_flight(&life, now));
        assert_true(ww_life_wants_refresh(&life, now));
        (void)ww_life_apply(&life, i % 2 == 0 ? &failed : &unchanged, NULL, now, &rules);
        assert_int_equal(life.fetched, 100000000);
        assert_int_equal(life.expires, 100604800);
        assert_true(ww_life_has_policy(&life, now));
        assert_true(ww_life_wants_refresh(&life, now));
        assert_int_equal(life.checked, now);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_nothing_when_zeroed),
        cmocka_unit_test(takes_over_a_policy),
        cmocka_unit_test(survives_every_failure),
        cmocka_unit_test(waits_for_the_ttl_of_the_record),
        cmocka_unit_test(holds_off_the_id_that_failed),
        cmocka_unit_test(takes_an_unparsed_policy_for_none),
        cmocka_unit_test(confirms_without_prolonging),
        cmocka_unit_test(refreshes_daily_or_at_half_of_the_lifetime),
        cmocka_unit_test(takes_from_a_store_only_what_makes_sense),
        cmocka_unit_test(moves_no_dates_because_of_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
