#include "core/netstring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define S(text) text, sizeof(text) - 1
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *in;
    size_t n;
    size_t max;
    enum ww_netstring result;
    const char *payload;
    size_t payload_n;
    size_t used;
} cut_cases[] = {
    {S("5:hello,"), 10, WW_NETSTRING_WHOLE, S("hello"), 8},
    {S("0:,"), 10, WW_NETSTRING_WHOLE, S(""), 3},
    {S("0:,"), 0, WW_NETSTRING_WHOLE, S(""), 3},
    {S("1:a,1:b,"), 10, WW_NETSTRING_WHOLE, S("a"), 4},
    {S("3:\0:,,"), 10, WW_NETSTRING_WHOLE, S("\0:,"), 6},
    {S("10:0123456789,"), 10, WW_NETSTRING_WHOLE, S("0123456789"), 14},

    {S(""), 10, WW_NETSTRING_MORE, NULL, 0, 0},
    {S("1"), 10, WW_NETSTRING_MORE, NULL, 0, 0},
    {S("10"), 10, WW_NETSTRING_MORE, NULL, 0, 0},
    {S("0"), 10, WW_NETSTRING_MORE, NULL, 0, 0},
    {S("0:"), 10, WW_NETSTRING_MORE, NULL, 0, 0},
    {S("5:"), 10, WW_NETSTRING_MORE, NULL, 0, 0},
    {S("5:hello"), 10, WW_NETSTRING_MORE, NULL, 0, 0},

    {S(":a,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S(":,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("1;a,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("a"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S(" 1:a,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("+1:a,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("-1:a,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("1 :a,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("01:a,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("00:,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("00"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("1:ab"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("0:a"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("1\0:a,"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},

    /* The limit, while the digits arrive. */
    {S("11"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("20"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("100"), 10, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("9"), 8, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("1"), 0, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("10000:"), 10000, WW_NETSTRING_MORE, NULL, 0, 0},
    {S("10001"), 10000, WW_NETSTRING_MALFORMED, NULL, 0, 0},

    /* 2^64 + 1 and 2^64 * 10 would wrap to something small. */
    {S("18446744073709551617:a,"), SIZE_MAX, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("184467440737095516160:,"), SIZE_MAX, WW_NETSTRING_MALFORMED, NULL, 0, 0},
    {S("18446744073709551615:a,"), SIZE_MAX, WW_NETSTRING_MORE, NULL, 0, 0},
};

static void cuts_the_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cut_cases); i++) {
        struct ww_slice payload = {NULL, 0};
        size_t used = 0;
        enum ww_netstring r =
            ww_netstring_cut(cut_cases[i].in, cut_cases[i].n, cut_cases[i].max, &payload, &used);
        if (r != cut_cases[i].result || used != cut_cases[i].used ||
            !ww_slice_eq(payload, ww_slice(cut_cases[i].payload, cut_cases[i].payload_n)))
            fail_msg("case %zu \"%s\": result %d, %zu octets used", i, cut_cases[i].in, r, used);
    }
}

static void cuts_a_stream_at_any_break(void **state)
{
    static const char stream[] = "5:hello,0:,3:a,b,12:QUERY a.test,";
    static const char *const payloads[] = {"hello", "", "a,b", "QUERY a.test"};
    (void)state;
    for (size_t first = 0; first < sizeof stream; first++) {
        /* At first only a part of the stream is there, then all of it. */
        size_t there = first;
        size_t at = 0;
        size_t count = 0;
        while (at < sizeof stream - 1) {
            struct ww_slice payload;
            size_t used;
            enum ww_netstring r = ww_netstring_cut(stream + at, there - at, 100, &payload, &used);
            assert_int_not_equal(r, WW_NETSTRING_MALFORMED);
            if (r == WW_NETSTRING_MORE) {
                assert_int_not_equal(there, sizeof stream - 1);
                there = sizeof stream - 1;
                continue;
            }
            assert_true(ww_slice_is(payload, payloads[count++]));
            at += used;
        }
        assert_int_equal(count, COUNT(payloads));
    }
}

static void puts_what_it_cuts(void **state)
{
    (void)state;
    char room[32];
    struct ww_buf b = ww_buf(room, sizeof room);
    ww_netstring_put(&b, ww_slice_str("NOTFOUND "));
    ww_netstring_put(&b, ww_slice("", 0));
    assert_true(ww_slice_is(ww_slice(b.p, b.n), "9:NOTFOUND ,0:,"));
    assert_false(b.failed);
    ww_netstring_put(&b, ww_slice_str("a payload with no room left"));
    assert_true(b.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_the_first),
        cmocka_unit_test(cuts_a_stream_at_any_break),
        cmocka_unit_test(puts_what_it_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
