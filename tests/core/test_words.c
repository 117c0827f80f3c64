#include "core/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct {
    struct ww_slice in;
    const char *out;
} cases[] = {
    {S(""), ""},
    {S("certificate has expired (1)"), "certificate has expired (1)"},
    {S("a\nb\r\0c"), "a\\010b\\013\\000c"},
    {S("\x1b[2J\x7f"), "\\027[2J\\127"},
    {S("\xc3\xa9\xff"), "\\195\\169\\255"},
    {S("\\010"), "\\092010"},
};

static void leaves_printable_ascii_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char room[64];
        struct ww_buf b = ww_buf(room, sizeof room);
        ww_words_put(&b, cases[i].in);
        if (b.failed || !ww_slice_is(ww_slice(b.p, b.n), cases[i].out))
            fail_msg("case %zu: %.*s", i, (int)b.n, b.p);
    }
}

static void never_cuts_an_escape(void **state)
{
    (void)state;
    char room[6];
    struct ww_buf b = ww_buf(room, sizeof room);
    ww_words_put(&b, ww_slice_str("abc\ndef"));
    assert_true(b.failed);
    assert_true(ww_slice_is(ww_slice(b.p, b.n), "abc"));
}

static void says_that_a_text_goes_on(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t room;
        const char *out;
        bool failed;
    } rows[] = {
        {"", 0, "", false},
        {"abcdef", 6, "abcdef", false},
        {"abcdefg", 6, "abc...", false},
        {"ab\ncdef", 8, "ab...", false},
        {"ab\n", 6, "ab\\010", false},
        {"abcdef", 3, "...", false},
        {"abc", 2, "", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char room[16];
        struct ww_buf b = ww_buf(room, rows[i].room);
        ww_words_put_cut(&b, ww_slice_str(rows[i].in));
        if (b.failed != rows[i].failed || !ww_slice_is(ww_slice(b.p, b.n), rows[i].out))
            fail_msg("case %zu: %.*s", i, (int)b.n, b.p);
    }
}

static void keeps_the_right_end_of_a_long_name(void **state)
{
    (void)state;
    char name[253];
    char room[WW_WORDS_DOMAIN_MAX];
    memset(name, 'a', sizeof name);
    memcpy(name + sizeof name - 12, ".example.com", 12);

    struct ww_buf b = ww_buf(room, sizeof room);
    ww_words_put_domain(&b, ww_slice(name, sizeof name));
    assert_false(b.failed);
    assert_int_equal(b.n, WW_WORDS_DOMAIN_MAX);
    assert_memory_equal(b.p, "...aaa", 6);
    assert_memory_equal(b.p + b.n - 12, ".example.com", 12);

    b = ww_buf(room, sizeof room);
    ww_words_put_domain(&b, ww_slice(name, WW_WORDS_DOMAIN_MAX));
    assert_int_equal(b.n, WW_WORDS_DOMAIN_MAX);
    assert_memory_equal(b.p, name, WW_WORDS_DOMAIN_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_printable_ascii_alone),
        cmocka_unit_test(never_cuts_an_escape),
        cmocka_unit_test(says_that_a_text_goes_on),
        cmocka_unit_test(keeps_the_right_end_of_a_long_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
