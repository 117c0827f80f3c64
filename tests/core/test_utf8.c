#include "core/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Encodes any value in a form of `length` octets, also where that is not well-formed. */
static void encode(uint32_t value, size_t length, char *out)
{
    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length; i-- > 1; value >>= 6)
        out[i] = (char)(0x80 | (value & 0x3f));
    out[0] = (char)(first[length] | value);
}

/* Every value in every form: well-formed is only the shortest, and no surrogate, and nothing above U+10FFFF.
 */
static void takes_the_shortest_form_only(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        uint32_t low, high, space;
    } forms[] = {{2, 0x80, 0x7ff, 0x800}, {3, 0x800, 0xffff, 0x10000}, {4, 0x10000, 0x10ffff, 0x200000}};
    for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        for (uint32_t value = 0; value < forms[f].space; value++) {
            char text[4];
            size_t length = forms[f].length;
            bool good = value >= forms[f].low && value <= forms[f].high && (value < 0xd800 || value > 0xdfff);
            encode(value, length, text);
            if (ww_utf8_length(text, length) != (good ? length : 0) || ww_utf8_length(text, length - 1) != 0)
                fail_msg("U+%04X in %zu octets", (unsigned)value, length);
        }
    }
}

static void refuses_what_is_no_beginning(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        char text[] = {(char)c, 'a', 'a', 'a'};
        assert_int_equal(ww_utf8_length(text, 4), c < 0x80 ? 1 : 0);
    }
    assert_int_equal(ww_utf8_length("", 0), 0);
    assert_int_equal(ww_utf8_length("\xe2\x82\x2c", 3), 0);
    assert_int_equal(ww_utf8_length("\xf5\x80\x80\x80", 4), 0);
    assert_int_equal(ww_utf8_length("\xf8\x88\x80\x80", 4), 0);
}

static void a_clean_text_is_harmless(void **state)
{
    static const struct {
        const char *text;
        size_t cap;
        const char *clean;
    } cases[] = {
        {"", 9, ""},
        {"plain {text}~", 13, "plain {text}~"},
        {"plain", 4, "plai"},
        {"a\x1b[2J\r\n\x7f", 9, "a [2J   "},
        {"\xc2\x9bx\xc2\xa0y", 9, " x\xc2\xa0y"},
        {"\xff\xe2\x82", 9, "???"},
        {"\xd8\x9b\xd8\x9c", 9, "\xd8\x9b "},
        {"\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90", 9, "\xe2\x80\x8d  \xe2\x80\x90"},
        {"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xac\xe2\x80\xac\xe2\x80\xaf", 11,
         "\xe2\x80\xa7     \xe2\x80\xaf"},
        {"\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa", 9, "\xe2\x81\xa5  \xe2\x81\xaa"},
        {"\xe3\x80\x8e\xe2\x82\xa8", 9, "\xe3\x80\x8e\xe2\x82\xa8"},
        {"a\xe2\x82\xac", 3, "a"},
        {"a\xe2\x82\xac", 4, "a\xe2\x82\xac"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char room[32];
        size_t n = ww_utf8_clean(cases[i].text, strlen(cases[i].text), room, cases[i].cap);
        room[n] = '\0';
        assert_string_equal(room, cases[i].clean);
        /* in its own place, too */
        memcpy(room, cases[i].text, strlen(cases[i].text));
        n = ww_utf8_clean(room, strlen(cases[i].text), room, cases[i].cap);
        room[n] = '\0';
        assert_string_equal(room, cases[i].clean);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_shortest_form_only),
        cmocka_unit_test(refuses_what_is_no_beginning),
        cmocka_unit_test(a_clean_text_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
