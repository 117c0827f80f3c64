#include "core/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void every_row_names_its_section(void **state)
{
    (void)state;
    for (int i = 0; i < WW_RULE_COUNT; i++) {
        unsigned rfc, section;
        const char *source = ww_rule_source((enum ww_rule)i);
        if (sscanf(source, "RFC %4u section %2u", &rfc, &section) != 2)
            fail_msg("row %d: source \"%s\"", i, source);
    }
    /* Never the one that decides, but told beside others. */
    assert_string_equal(ww_rule_source(WW_RULE_DANE_ABSENT), "RFC 7672 section 2.2");
}

static void every_text_is_a_clause(void **state)
{
    (void)state;
    for (int i = 0; i < WW_RULE_COUNT; i++) {
        const char *text = ww_rule_text((enum ww_rule)i);
        size_t n = strlen(text);
        if (n < 10 || n > 120 || text[n - 1] == '.' || strpbrk(text, "\r\n\t\"") != NULL)
            fail_msg("row %d: \"%s\"", i, text);
    }
}

static void knows_the_words_of_reports(void **state)
{
    (void)state;
    static const char *const results[WW_RESULT_TYPES] = {
        NULL,
        "starttls-not-supported",
        "certificate-host-mismatch",
        "certificate-expired",
        "certificate-not-trusted",
        "validation-failure",
        "tlsa-invalid",
        "dnssec-invalid",
        "dane-required",
        "sts-policy-fetch-error",
        "sts-policy-invalid",
        "sts-webpki-invalid",
    };
    assert_null(ww_result_type_name(WW_RESULT_NONE));
    for (int i = 1; i < WW_RESULT_TYPES; i++)
        assert_string_equal(ww_result_type_name((enum ww_result_type)i), results[i]);
    assert_string_equal(ww_policy_type_name(WW_POLICY_TYPE_NONE), "no-policy-found");
    assert_string_equal(ww_policy_type_name(WW_POLICY_TYPE_STS), "sts");
    assert_string_equal(ww_policy_type_name(WW_POLICY_TYPE_TLSA), "tlsa");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_names_its_section),
        cmocka_unit_test(every_text_is_a_clause),
        cmocka_unit_test(knows_the_words_of_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
