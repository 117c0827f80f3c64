#include "core/dane_survey.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Only what is secure has a TLSA base domain (RFC 7672 section 2.2.3). */
static void base_domains(void **state)
{
    static struct ww_dane_host h = {.name = "mx.example", .alias = "host.example"};
    (void)state;
    for (unsigned i = 0; i < WW_DANE_STATES; i++) {
        h.state = (enum ww_dane_state)i;
        bool secure = h.state == WW_DANE_SECURE_USABLE || h.state == WW_DANE_SECURE_UNUSABLE;
        h.base = WW_DANE_ASK_TLSA;
        assert_true((ww_dane_host_base(&h) != NULL) == secure);
        if (!secure)
            continue;
        assert_string_equal(ww_dane_host_base(&h), "mx.example");
        h.base = WW_DANE_ASK_TLSA_ALIAS;
        assert_string_equal(ww_dane_host_base(&h), "host.example");
    }
}

static void questions_have_names(void **state)
{
    (void)state;
    assert_string_equal(ww_dane_question_name(WW_DANE_ASK_A), "A");
    assert_string_equal(ww_dane_question_name(WW_DANE_ASK_AAAA), "AAAA");
    assert_string_equal(ww_dane_question_name(WW_DANE_ASK_CNAME), "CNAME");
    assert_string_equal(ww_dane_question_name(WW_DANE_ASK_TLSA_ALIAS), "TLSA");
    assert_string_equal(ww_dane_question_name(WW_DANE_ASK_TLSA), "TLSA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_domains),
        cmocka_unit_test(questions_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
