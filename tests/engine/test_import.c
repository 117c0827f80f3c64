/* What may come from another cache, and how long it lives then. */
#include "engine/import.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOW 1000000000
#define AGE 86400

static const struct ww_life_rules rules = {.recheck = 300, .fetch_retry = 300};
static const char good[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";
static const char page[] = "<html></html>";
#define ID32 "12345678901234567890123456789012"

static void each_rule_has_its_error(void **state)
{
    static const struct {
        const char *domain;
        const char *id;
        const char *body;
        int64_t fetched;
        int64_t expires;
        enum ww_err err;
        int64_t life_fetched; /* when it is taken */
        int64_t life_expires;
    } cases[] = {
        {"example.com", "1", good, NOW - 10, NOW + 10, WW_OK, NOW - 10, NOW + 10},
        {"example.com", ID32, good, NOW - 10, NOW - 10 + AGE, WW_OK, NOW - 10, NOW - 10 + AGE},
        /* names */
        {"Example.com", "1", good, NOW - 10, NOW + 10, WW_E_IMPORT_DOMAIN, 0, 0},
        {"example.com.", "1", good, NOW - 10, NOW + 10, WW_E_IMPORT_DOMAIN, 0, 0},
        {"", "1", good, NOW - 10, NOW + 10, WW_E_DNAME_EMPTY, 0, 0},
        {"a_b.example", "1", good, NOW - 10, NOW + 10, WW_E_DNAME_CHARACTER, 0, 0},
        {"192.0.2.1", "1", good, NOW - 10, NOW + 10, WW_E_DNAME_NUMERIC, 0, 0},
        {"example.com", "", good, NOW - 10, NOW + 10, WW_E_STS_ID, 0, 0},
        {"example.com", "a-b", good, NOW - 10, NOW + 10, WW_E_STS_ID, 0, 0},
        {"example.com", ID32 "3", good, NOW - 10, NOW + 10, WW_E_STS_ID, 0, 0},
        /* bodies */
        {"example.com", "1", "", NOW - 10, NOW + 10, WW_E_POLICY_EMPTY, 0, 0},
        {"example.com", "1", page, NOW - 10, NOW + 10, WW_E_POLICY_KEY, 0, 0},
        /* times */
        {"example.com", "1", good, NOW - 10, NOW - 10 + AGE + 1, WW_E_IMPORT_LIFETIME, 0, 0},
        {"example.com", "1", good, INT64_MIN, INT64_MAX, WW_E_IMPORT_TIMES, 0, 0},
        {"example.com", "1", good, 0, 0, WW_E_IMPORT_TIMES, 0, 0},
        {"example.com", "1", good, 1, INT64_MAX, WW_E_IMPORT_LIFETIME, 0, 0},
        {"example.com", "1", good, NOW - 10, NOW - 11, WW_E_IMPORT_TIMES, 0, 0},
        {"example.com", "1", good, NOW - 10, NOW, WW_E_IMPORT_EXPIRED, 0, 0},
        {"example.com", "1", good, NOW - AGE, NOW, WW_E_IMPORT_EXPIRED, 0, 0},
        {"example.com", "1", good, INT64_MAX, INT64_MAX, WW_E_IMPORT_FUTURE, 0, 0},
        {"example.com", "1", good, NOW + 301, NOW + 302, WW_E_IMPORT_FUTURE, 0, 0},
        /* what a clock that is ahead by a little gives does not live longer for that */
        {"example.com", "1", good, NOW + 300, NOW + 300 + AGE, WW_OK, NOW, NOW + AGE},
        {"example.com", "1", good, NOW + 300, NOW + 301, WW_OK, NOW, NOW + 301},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct ww_stored_policy policy = {
            .domain = cases[i].domain,
            .id = cases[i].id,
            .body = ww_slice_str(cases[i].body),
            .fetched = cases[i].fetched,
            .expires = cases[i].expires,
            .checked = NOW + 1000,
        };
        struct ww_life life;
        enum ww_err err = ww_import_policy(&policy, NULL, NOW, &rules, &life);
        if (err != cases[i].err)
            fail_msg("%zu: %s", i, ww_err_id(err));
        if (err != WW_OK)
            continue;
        assert_string_equal(life.id, cases[i].id);
        assert_int_equal(life.mode, WW_MODE_ENFORCE);
        assert_int_equal(life.fetched, cases[i].life_fetched);
        assert_int_equal(life.expires, cases[i].life_expires);
        assert_int_equal(life.checked, NOW);
        assert_true(ww_life_has_policy(&life, NOW));
    }
}

static void what_is_known_gives_way_to_newer_alone(void **state)
{
    static const struct {
        int64_t fetched;
        int64_t expires;
        enum ww_err err;
    } known[] = {
        {NOW - 20, NOW + 5, WW_OK},
        {NOW - 10, NOW + 5, WW_E_IMPORT_OLDER},
        {NOW - 5, NOW + 5, WW_E_IMPORT_OLDER},
        {NOW - 5, NOW - 1, WW_OK}, /* it has expired */
    };
    const struct ww_stored_policy policy = {.domain = "example.com",
                                            .id = "1",
                                            .body = ww_slice_str(good),
                                            .fetched = NOW - 10,
                                            .expires = NOW + 10,
                                            .checked = NOW};
    struct ww_life life;
    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        const struct ww_life before = {.id = "2", .fetched = known[i].fetched, .expires = known[i].expires};
        assert_int_equal(ww_import_policy(&policy, &before, NOW, &rules, &life), known[i].err);
    }
    const struct ww_life nothing = {.last = WW_FOUND_NO_RECORD, .checked = NOW - 1, .next_flight = NOW + 1};
    assert_int_equal(ww_import_policy(&policy, &nothing, NOW, &rules, &life), WW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_has_its_error),
        cmocka_unit_test(what_is_known_gives_way_to_newer_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
