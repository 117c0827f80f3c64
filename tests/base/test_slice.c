#include "base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define SLICE(literal)                 \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

static const struct equal_case {
    struct ww_slice a, b;
    bool equal;
} equal_cases[] = {
    {SLICE(""), SLICE(""), true},         {{NULL, 0}, SLICE(""), true},
    {{NULL, 0}, {NULL, 0}, true},         {SLICE("mx"), SLICE("mx"), true},
    {SLICE("mx"), SLICE("MX"), false},    {SLICE("mx"), SLICE("mx1"), false},
    {SLICE("mx1"), SLICE("mx"), false},   {SLICE("mx"), SLICE(""), false},
    {SLICE("a\0b"), SLICE("a\0b"), true}, {SLICE("a\0b"), SLICE("a\0c"), false},
    {SLICE("a\0b"), SLICE("a"), false},
};

static void compares_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof equal_cases / sizeof equal_cases[0]; i++) {
        const struct equal_case *c = &equal_cases[i];
        if (ww_slice_eq(c->a, c->b) != c->equal || ww_slice_eq(c->b, c->a) != c->equal)
            fail_msg("case %zu: expected %d", i, c->equal);
    }
}

static void compares_with_a_string(void **state)
{
    (void)state;
    struct ww_slice line = ww_slice_str("mode: enforce");
    assert_true(ww_slice_is(line, "mode: enforce"));
    assert_false(ww_slice_is(line, "mode"));
    assert_true(ww_slice_is(ww_slice(line.p, 4), "mode"));
    assert_false(ww_slice_is(ww_slice("a\0b", 3), "a"));
    assert_true(ww_slice_is(ww_slice(NULL, 0), ""));
    assert_true(ww_slice_starts(line, "mode"));
    assert_true(ww_slice_starts(line, "mode: enforce"));
    assert_false(ww_slice_starts(line, "mode: enforced"));
    assert_false(ww_slice_starts(line, "Mode"));
    assert_true(ww_slice_starts(ww_slice(NULL, 0), ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_bytes),
        cmocka_unit_test(compares_with_a_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
