#include "publish/certificate_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define DAY 86400

static void renewed_with_a_third_left(void **state)
{
    static const struct {
        int64_t from, to, renewed;
    } cases[] = {
        {0, 90 * DAY, 60 * DAY},
        {1000, 1000 + 6 * DAY, 1000 + 4 * DAY},
        {0, 365 * DAY, 365 * DAY - 365 * DAY / 3},
        {5, 5, 5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(ww_certificate_renew_at(cases[i].from, cases[i].to), cases[i].renewed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(renewed_with_a_third_left)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
