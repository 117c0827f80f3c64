#include "base/buf.h"
#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct decimal_case {
    uint64_t value;
    const char *text;
} decimal_cases[] = {
    {0, "0"},
    {7, "7"},
    {10, "10"},
    {604800, "604800"},
    {31557600, "31557600"},
    {UINT32_MAX, "4294967295"},
    {UINT64_MAX, "18446744073709551615"},
};

static void writes_decimals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decimal_cases / sizeof decimal_cases[0]; i++) {
        const struct decimal_case *c = &decimal_cases[i];
        char text[32];
        struct ww_buf b = ww_buf(text, strlen(c->text)); /* exactly as much as it needs */
        ww_buf_decimal(&b, c->value);
        if (b.failed || !ww_slice_is(ww_slice(b.p, b.n), c->text))
            fail_msg("%s: wrote %.*s", c->text, (int)b.n, b.p);
    }
}

static void writes_text(void **state)
{
    (void)state;
    char text[64];
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_buf_str(&b, "match=");
    ww_buf_slice(&b, ww_slice_str("mx.example"));
    ww_buf_char(&b, ':');
    ww_buf_bytes(&b, "a\0b", 3);
    ww_buf_slice(&b, ww_slice(NULL, 0));
    assert_false(b.failed);
    assert_true(ww_slice_eq(ww_slice(b.p, b.n), ww_slice("match=mx.example:a\0b", 20)));
}

static const struct fit_case {
    size_t cap;
    const char *first, *second;
    const char *written;
    bool failed;
} fit_cases[] = {
    {0, "", "", "", false},         {0, "a", "", "", true},      {4, "abcd", "", "abcd", false},
    {4, "abc", "d", "abcd", false}, {4, "abcde", "", "", true},  /* what does not fit is left out whole */
    {4, "abc", "de", "abc", true},  {4, "abcde", "f", "", true}, /* and nothing is written after it */
};

static void leaves_out_whole_what_does_not_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fit_cases / sizeof fit_cases[0]; i++) {
        const struct fit_case *c = &fit_cases[i];
        char text[8] = "-------";
        struct ww_buf b = ww_buf(text, c->cap);
        ww_buf_str(&b, c->first);
        ww_buf_str(&b, c->second);
        if (b.failed != c->failed || !ww_slice_is(ww_slice(b.p, b.n), c->written))
            fail_msg("case %zu: wrote %.*s, failed %d", i, (int)b.n, b.p, b.failed);
        for (size_t past = b.n; past < sizeof text - 1; past++)
            assert_int_equal(text[past], '-');
    }
}

static void refuses_sizes_that_would_wrap(void **state)
{
    (void)state;
    char text[4];
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_buf_str(&b, "ab");
    ww_buf_bytes(&b, text, SIZE_MAX - 1);
    assert_true(b.failed);
    assert_int_equal(b.n, 2);
}

static void numbers_come_back_from_a_cursor(void **state)
{
    (void)state;
    char octets[15];
    struct ww_buf b = ww_buf(octets, sizeof octets);
    ww_buf_u8(&b, 0xfe);
    ww_buf_u16(&b, 0xfedc);
    ww_buf_u32(&b, 0xfedcba98);
    ww_buf_u64(&b, UINT64_C(0xfedcba9876543210));
    assert_false(b.failed);
    assert_int_equal(b.n, sizeof octets);
    assert_memory_equal(octets, "\xfe\xfe\xdc\xfe\xdc\xba\x98\xfe\xdc\xba\x98\x76\x54\x32\x10",
                        sizeof octets);

    struct ww_cursor c = ww_cursor(octets, b.n);
    assert_int_equal(ww_cursor_u8(&c), 0xfe);
    assert_int_equal(ww_cursor_u16(&c), 0xfedc);
    assert_int_equal(ww_cursor_u32(&c), 0xfedcba98);
    assert_true(ww_cursor_u64(&c) == UINT64_C(0xfedcba9876543210));
    assert_false(c.failed);
    assert_int_equal(ww_cursor_left(&c), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_decimals),
        cmocka_unit_test(writes_text),
        cmocka_unit_test(leaves_out_whole_what_does_not_fit),
        cmocka_unit_test(refuses_sizes_that_would_wrap),
        cmocka_unit_test(numbers_come_back_from_a_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
