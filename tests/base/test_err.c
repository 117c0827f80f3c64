#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The ids are in reports and scripts of others, so they are held to one form. */
static void every_row_has_a_plain_id(void **state)
{
    (void)state;
    for (int e = 0; e < WW_ERR_COUNT; e++) {
        const char *id = ww_err_id((enum ww_err)e);
        if (id[0] == '\0' || id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
            fail_msg("row %d: id \"%s\"", e, id);
    }
}

static void no_id_occurs_twice(void **state)
{
    (void)state;
    for (int a = 0; a < WW_ERR_COUNT; a++)
        for (int b = a + 1; b < WW_ERR_COUNT; b++)
            assert_string_not_equal(ww_err_id((enum ww_err)a), ww_err_id((enum ww_err)b));
}

static void every_message_is_a_clause(void **state)
{
    (void)state;
    for (int e = 0; e < WW_ERR_COUNT; e++) {
        const char *message = ww_err_message((enum ww_err)e);
        size_t n = strlen(message);
        if (n == 0 || message[n - 1] == '.' || strpbrk(message, "\r\n\t") != NULL)
            fail_msg("%s: message \"%s\"", ww_err_id((enum ww_err)e), message);
    }
}

static void every_source_is_known_or_empty(void **state)
{
    (void)state;
    for (int e = 0; e < WW_ERR_COUNT; e++)
        assert_non_null(ww_err_source((enum ww_err)e));
}

static void success_is_zero(void **state)
{
    (void)state;
    assert_int_equal(WW_OK, 0);
    assert_string_equal(ww_err_id(WW_OK), "ok");
}

static void values_outside_the_table_are_safe(void **state)
{
    (void)state;
    const int values[] = {-1, WW_ERR_COUNT, WW_ERR_COUNT + 1, 0x7fffffff};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        volatile int value = values[i]; /* as if it came from a message of another process */
        assert_string_equal(ww_err_id((enum ww_err)value), "unknown");
        assert_string_equal(ww_err_message((enum ww_err)value), "unknown error");
        assert_string_equal(ww_err_source((enum ww_err)value), "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_plain_id),  cmocka_unit_test(no_id_occurs_twice),
        cmocka_unit_test(every_message_is_a_clause), cmocka_unit_test(every_source_is_known_or_empty),
        cmocka_unit_test(success_is_zero),           cmocka_unit_test(values_outside_the_table_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
