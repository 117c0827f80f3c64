#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t octets[] = {0x01, 0x80, 0xff, 0x7f, 0x00, 0xfe, 0xdc, 0xba, 0x98};

static uint64_t read_number(struct ww_cursor *c, size_t size)
{
    switch (size) {
    case 1:
        return ww_cursor_u8(c);
    case 2:
        return ww_cursor_u16(c);
    case 4:
        return ww_cursor_u32(c);
    default:
        return ww_cursor_u64(c);
    }
}

static const struct number_case {
    size_t input, size; /* bytes there are, bytes to read */
    uint64_t value;
    bool fails;
} number_cases[] = {
    {0, 1, 0, true},
    {1, 1, 0x01, false},
    {9, 1, 0x01, false},
    {1, 2, 0, true},
    {2, 2, 0x0180, false},
    {3, 4, 0, true},
    {4, 4, 0x0180ff7f, false},
    {7, 8, 0, true},
    {8, 8, UINT64_C(0x0180ff7f00fedcba), false},
    {9, 8, UINT64_C(0x0180ff7f00fedcba), false},
};

static void reads_network_byte_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof number_cases / sizeof number_cases[0]; i++) {
        const struct number_case *t = &number_cases[i];
        struct ww_cursor c = ww_cursor(octets, t->input);
        uint64_t value = read_number(&c, t->size);
        if (value != t->value || c.failed != t->fails)
            fail_msg("case %zu: value %llx, failed %d", i, (unsigned long long)value, c.failed);
        assert_int_equal(ww_cursor_left(&c), t->fails ? 0 : t->input - t->size);
    }
}

static void takes_slices_of_the_input(void **state)
{
    (void)state;
    struct ww_cursor c = ww_cursor(octets, sizeof octets);
    struct ww_slice s = ww_cursor_take(&c, 3);
    assert_ptr_equal(s.p, octets);
    assert_int_equal(s.n, 3);
    s = ww_cursor_take(&c, 0);
    assert_int_equal(s.n, 0);
    s = ww_cursor_take(&c, 6);
    assert_ptr_equal(s.p, octets + 3);
    assert_int_equal(s.n, 6);
    assert_int_equal(ww_cursor_left(&c), 0);
    assert_false(c.failed);
}

static void stays_failed(void **state)
{
    (void)state;
    struct ww_cursor c = ww_cursor(octets, 3);
    assert_int_equal(ww_cursor_u32(&c), 0);
    assert_true(c.failed);
    /* Three bytes are still there, but what follows a failure is not to be trusted. */
    assert_int_equal(ww_cursor_left(&c), 0);
    assert_int_equal(ww_cursor_u8(&c), 0);
    assert_int_equal(ww_cursor_take(&c, 1).n, 0);
    assert_non_null(ww_cursor_take(&c, 1).p);
    assert_true(c.failed);
}

static void refuses_sizes_that_would_wrap(void **state)
{
    (void)state;
    struct ww_cursor c = ww_cursor(octets, sizeof octets);
    assert_int_equal(ww_cursor_take(&c, SIZE_MAX).n, 0);
    assert_true(c.failed);
}

static void reads_nothing_from_nothing(void **state)
{
    (void)state;
    struct ww_cursor c = ww_cursor(NULL, 0);
    assert_int_equal(ww_cursor_left(&c), 0);
    assert_int_equal(ww_cursor_take(&c, 0).n, 0);
    assert_false(c.failed);
    assert_int_equal(ww_cursor_u8(&c), 0);
    assert_true(c.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_network_byte_order),
        cmocka_unit_test(takes_slices_of_the_input),
        cmocka_unit_test(stays_failed),
        cmocka_unit_test(refuses_sizes_that_would_wrap),
        cmocka_unit_test(reads_nothing_from_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
