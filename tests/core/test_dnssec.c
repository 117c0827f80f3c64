#include "core/dnssec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void has_names(void **state)
{
    (void)state;
    assert_string_equal(ww_dnssec_name(WW_DNSSEC_UNKNOWN), "unknown");
    assert_string_equal(ww_dnssec_name(WW_DNSSEC_INSECURE), "insecure");
    assert_string_equal(ww_dnssec_name(WW_DNSSEC_SECURE), "secure");
    assert_string_equal(ww_dnssec_name(WW_DNSSEC_BOGUS), "bogus");
}

/* What nobody has said anything about is not taken for unsigned. */
static void zero_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(WW_DNSSEC_UNKNOWN, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_names),
        cmocka_unit_test(zero_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
