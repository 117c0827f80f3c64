/* Decisions that the caller's own look-ups make; the rules themselves have their tables in tests/core. */
#include <waxwing/waxwing.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define HOSTS 20
static const char *const hosts[HOSTS] = {"mx.a.de", "mx.b.de", "c.de", "c.de", "c.de", "c.de", "c.de",
                                         "c.de",    "c.de",    "c.de", "c.de", "c.de", "c.de", "c.de",
                                         "c.de",    "c.de",    "c.de", "c.de", "c.de", "c.de"};
#define USABLE WAXWING_DANE_SECURE_USABLE
#define ALL(state)                                                                                           \
    state, state, state, state, state, state, state, state, state, state, state, state, state, state, state, \
        state, state, state, state, state
static const enum waxwing_dane usable[HOSTS] = {ALL(USABLE)}, none[HOSTS] = {ALL(WAXWING_DANE_NONE)},
                               unusable[HOSTS] = {ALL(WAXWING_DANE_SECURE_UNUSABLE)},
                               unknown[HOSTS] = {ALL(WAXWING_DANE_UNKNOWN)};

static const struct decide_case {
    bool enforced;
    enum waxwing_mx_security security;
    const enum waxwing_dane *dane;
    size_t count;
    enum waxwing_dane_use use;
    enum waxwing_level level;
    size_t mx, told; /* patterns, hosts */
} cases[] = {
    {false, WAXWING_MX_INSECURE, NULL, 0, WAXWING_DANE_USE_ON, WAXWING_LEVEL_NONE, 0, 0},
    {true, WAXWING_MX_INSECURE, NULL, 0, WAXWING_DANE_USE_ON, WAXWING_LEVEL_SECURE, 2, 0},
    {true, WAXWING_MX_NO_MAIL, NULL, 0, WAXWING_DANE_USE_ON, WAXWING_LEVEL_SECURE, 2, 0},
    {true, WAXWING_MX_NO_DNSSEC, NULL, 0, WAXWING_DANE_USE_ON, WAXWING_LEVEL_SECURE, 2, 0},
    {true, WAXWING_MX_BOGUS, NULL, 0, WAXWING_DANE_USE_ON, WAXWING_LEVEL_HOLD, 0, 0},
    {false, WAXWING_MX_UNKNOWN, NULL, 0, WAXWING_DANE_USE_ON, WAXWING_LEVEL_DANE, 0, 0},
    {true, WAXWING_MX_UNKNOWN, NULL, 0, WAXWING_DANE_USE_ON, WAXWING_LEVEL_DANE_ONLY, 2, 0},
    {true, WAXWING_MX_UNKNOWN, NULL, 0, WAXWING_DANE_USE_OFF, WAXWING_LEVEL_SECURE, 2, 0},
    {true, (enum waxwing_mx_security)9, NULL, 0, WAXWING_DANE_USE_ON, WAXWING_LEVEL_DANE_ONLY, 2, 0},
    {true, WAXWING_MX_UNKNOWN, NULL, 0, (enum waxwing_dane_use)9, WAXWING_LEVEL_DANE_ONLY, 2, 0},
    {true, WAXWING_MX_SECURE, usable, 2, WAXWING_DANE_USE_ON, WAXWING_LEVEL_DANE_ONLY, 2, 2},
    {false, WAXWING_MX_SECURE, usable, 2, WAXWING_DANE_USE_ON, WAXWING_LEVEL_DANE_ONLY, 0, 2},
    {false, WAXWING_MX_SECURE, none, 2, WAXWING_DANE_USE_ON, WAXWING_LEVEL_NONE, 0, 2},
    {false, WAXWING_MX_SECURE, unusable, 2, WAXWING_DANE_USE_ON, WAXWING_LEVEL_ENCRYPT, 0, 2},
    {false, WAXWING_MX_SECURE, usable, 2, WAXWING_DANE_USE_BLIND, WAXWING_LEVEL_ENCRYPT, 0, 0},
    /* A state that nobody has told, and hosts that nobody has looked at, count as failing. */
    {false, WAXWING_MX_SECURE, unknown, 1, WAXWING_DANE_USE_ON, WAXWING_LEVEL_DANE, 0, 1},
    {false, WAXWING_MX_SECURE, usable, 17, WAXWING_DANE_USE_ON, WAXWING_LEVEL_DANE, 0, 16},
};

static void decides_as_waxwingd_does(void **state)
{
    static const char body[] = "version: STSv1\nmode: enforce\nmx: mx.a.de\nmx: *.b.de\nmax_age: 86400\n";
    struct waxwing_policy *policy;
    (void)state;
    assert_null(waxwing_policy_parse(body, sizeof body - 1, &policy, NULL));
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct decide_case *c = &cases[i];
        const struct waxwing_domain about = {.size = sizeof about,
                                             .name = "A.de.",
                                             .policy = c->enforced ? policy : NULL,
                                             .policy_until = 5000,
                                             .mx_security = c->security,
                                             .hosts = hosts,
                                             .dane = c->dane,
                                             .host_count = c->count,
                                             .mx_until = 4000,
                                             .dane_use = c->use};
        struct waxwing_decision *d;
        assert_null(waxwing_decide(&about, &d));
        if (waxwing_decision_level(d) != c->level || waxwing_decision_mx_count(d) != c->mx ||
            waxwing_decision_host_count(d) != c->told)
            fail_msg("case %zu: %s, %zu, %zu", i, waxwing_level_name(waxwing_decision_level(d)),
                     waxwing_decision_mx_count(d), waxwing_decision_host_count(d));
        assert_string_equal(waxwing_decision_domain(d), "a.de");
        assert_int_equal(waxwing_decision_source(d), WAXWING_SOURCE_CALLER);
        assert_int_equal(waxwing_decision_until(d), c->use == WAXWING_DANE_USE_OFF ? 5000 : 4000);
        assert_true(waxwing_decision_why(d)[0] != '\0');
        waxwing_decision_free(d);
    }
    waxwing_policy_free(policy);
}

static void what_is_wrong_is_refused(void **state)
{
    static const char *const odd[] = {"a..b"};
    const struct waxwing_domain small = {.size = 4}, nameless = {.size = sizeof nameless},
                                bad = {.size = sizeof bad, .name = "a_b.de"},
                                lost = {.size = sizeof lost, .name = "a.de", .host_count = 1, .hosts = hosts},
                                host = {.size = sizeof host,
                                        .name = "a.de",
                                        .mx_security = WAXWING_MX_SECURE,
                                        .host_count = 1,
                                        .hosts = odd,
                                        .dane = none};
    const struct {
        const struct waxwing_domain *domain;
        const char *id;
    } wrong[] = {
        {NULL, "argument"},        {&small, "argument"}, {&nameless, "argument"},
        {&bad, "dname-character"}, {&lost, "argument"},  {&host, "dname-label-empty"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct waxwing_decision *d;
        assert_string_equal(waxwing_error_id(waxwing_decide(wrong[i].domain, &d)), wrong[i].id);
        assert_null(d);
    }
    waxwing_decision_free(NULL);
}

static void names_of_what_nobody_knows_are_unknown(void **state)
{
    (void)state;
    assert_string_equal(waxwing_level_name(WAXWING_LEVEL_DANE_ONLY), "dane-only");
    assert_string_equal(waxwing_level_name((enum waxwing_level)8), "unknown");
    assert_string_equal(waxwing_source_name(WAXWING_SOURCE_PRELOAD), "preload");
    assert_string_equal(waxwing_source_name(WAXWING_SOURCE_REMEMBERED), "remembered");
    assert_string_equal(waxwing_source_name((enum waxwing_source)7), "unknown");
    assert_string_equal(waxwing_dane_name(WAXWING_DANE_SECURE_USABLE), "secure-usable");
    assert_string_equal(waxwing_dane_name(WAXWING_DANE_UNKNOWN), "unknown");
    assert_string_equal(waxwing_dane_name((enum waxwing_dane)7), "unknown");
    assert_string_equal(waxwing_mode_name(WAXWING_MODE_TESTING), "testing");
    assert_string_equal(waxwing_mode_name((enum waxwing_mode)3), "unknown");
    assert_string_equal(waxwing_policy_type_name(WAXWING_POLICY_TYPE_NONE), "no-policy-found");
    assert_string_equal(waxwing_policy_type_name((enum waxwing_policy_type)3), "unknown");
    assert_string_equal(waxwing_result_name(WAXWING_RESULT_STS_WEBPKI_INVALID), "sts-webpki-invalid");
    assert_string_equal(waxwing_result_name(WAXWING_RESULT_NONE), "");
    assert_string_equal(waxwing_result_name((enum waxwing_result)12), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_as_waxwingd_does),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(names_of_what_nobody_knows_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
