#include "codec/json_scan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const good[] = {
    "{}",
    "[]",
    " [ 1 , -0.5e+10, 0, 1E9, true, false, null, \"\" ]\r\n\t",
    "{\"a\": {\"b\": [[]]}, \"c\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"}",
    "\"\xc3\xa9\x7f\"",
    "-0",
};

static const struct {
    const char *text;
    size_t at;
    const char *wrong;
} bad[] = {
    {"", 0, "a value is wanted"},
    {"nul", 0, "a value is wanted"},
    {"True", 0, "a value is wanted"},
    {"'a'", 0, "a value is wanted"},
    {"{} x", 3, "something stands behind the end"},
    {"[1", 2, "a comma or a closing bracket is wanted"},
    {"[1 2]", 3, "a comma or a closing bracket is wanted"},
    {"[1,]", 3, "a value is wanted after the comma"},
    {"[,1]", 1, "a value is wanted"},
    {"{\"a\":1,}", 7, "a key in quotes is wanted"},
    {"{a:1}", 1, "a key in quotes is wanted"},
    {"{\"a\" 1}", 5, "a colon is wanted"},
    {"{\"a\":}", 5, "a value is wanted"},
    {"{\"a\":1 \"b\":2}", 7, "a comma or a closing brace is wanted"},
    {"[1}", 2, "a comma or a closing bracket is wanted"},
    {"\"a", 2, "the text ends within a string"},
    {"\"a\nb\"", 2, "a control character in a string"},
    {"\"\xff\"", 1, "octets that are no UTF-8"},
    {"\"\xc3\"", 1, "octets that are no UTF-8"},
    {"\"\\x\"", 2, "an escape that JSON does not know"},
    {"\"\\", 2, "an escape that JSON does not know"},
    {"\"\\u12g4\"", 5, "four hexadecimal digits are wanted"},
    {"\"\\ud83d\"", 7, "half of a surrogate pair"},
    {"\"\\ud83d\\u0041\"", 13, "half of a surrogate pair"},
    {"\"\\ude00\"", 7, "half of a surrogate pair"},
    {"\"\\u0000\"", 7, "a NUL character in a string"},
    {"01", 2, "a number begins with a needless zero"},
    {"-", 1, "a digit is wanted"},
    {"1.", 2, "a digit is wanted"},
    {"1e", 2, "a digit is wanted"},
    {"+1", 0, "a value is wanted"},
    {"// x\n1", 0, "a value is wanted"},
    {"\xef\xbb\xbf{}", 0, "a value is wanted"},
};

static void texts_are_taken_whole_or_told_where_they_break(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct ww_json_scan s = ww_json_scan(good[i], strlen(good[i]));
        if (!ww_json_scan_skip(&s) || !ww_json_scan_end(&s))
            fail_msg("%s: %s at %zu", good[i], s.wrong, s.at);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct ww_json_scan s = ww_json_scan(bad[i].text, strlen(bad[i].text));
        if (ww_json_scan_skip(&s) && ww_json_scan_end(&s))
            fail_msg("%s is taken", bad[i].text);
        if (s.at != bad[i].at || strcmp(s.wrong, bad[i].wrong) != 0)
            fail_msg("%s: %s at %zu", bad[i].text, s.wrong, s.at);
    }
}

static void a_text_may_end_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        for (size_t n = 0; n < strlen(good[i]); n++) {
            struct ww_json_scan s = ww_json_scan(good[i], n);
            if (ww_json_scan_skip(&s) && ww_json_scan_end(&s))
                assert_true(strspn(good[i] + n, " \r\n\t") == strlen(good[i] + n));
        }
    }
}

static void what_nests_too_deep_is_refused(void **state)
{
    (void)state;
    char text[2 * WW_JSON_SCAN_DEPTH + 2];
    memset(text, '[', WW_JSON_SCAN_DEPTH);
    memset(text + WW_JSON_SCAN_DEPTH, ']', WW_JSON_SCAN_DEPTH);
    struct ww_json_scan s = ww_json_scan(text, 2 * WW_JSON_SCAN_DEPTH);
    assert_true(ww_json_scan_skip(&s) && ww_json_scan_end(&s));
    memset(text, '[', WW_JSON_SCAN_DEPTH + 1);
    memset(text + WW_JSON_SCAN_DEPTH + 1, ']', WW_JSON_SCAN_DEPTH + 1);
    s = ww_json_scan(text, sizeof text);
    assert_false(ww_json_scan_skip(&s));
    assert_string_equal(s.wrong, "values nest too deep");
}

static void strings_come_without_their_escapes(void **state)
{
    (void)state;
    static const char text[] = " \"a\\\"\\u00e9\\u20ac\\ud83d\\ude00\\n\xc3\xa9\" ";
    char room[32];
    struct ww_buf b = ww_buf(room, sizeof room), small = ww_buf(room, 3);
    struct ww_json_scan s = ww_json_scan(text, strlen(text)), again = s;
    assert_int_equal(ww_json_scan_kind(&s), WW_JSON_STRING);
    assert_true(ww_json_scan_string(&s, &b) && ww_json_scan_end(&s));
    assert_true(ww_slice_is(ww_slice(room, b.n), "a\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n\xc3\xa9"));
    assert_true(ww_json_scan_string(&again, &small) && small.failed && ww_json_scan_end(&again));
}

static void any_octets_pass_when_they_may(void **state)
{
    (void)state;
    static const char text[] = "\"a\xff\\n\xe2\x82\"";
    char room[8];
    struct ww_buf b = ww_buf(room, sizeof room);
    struct ww_json_scan s = ww_json_scan(text, strlen(text));
    s.any_octets = true;
    assert_true(ww_json_scan_string(&s, &b) && ww_json_scan_end(&s));
    assert_true(ww_slice_is(ww_slice(room, b.n), "a\xff\n\xe2\x82"));
    s = ww_json_scan("\"\x01\"", 3);
    s.any_octets = true;
    assert_false(ww_json_scan_skip(&s));
}

static void members_and_elements_are_walked(void **state)
{
    (void)state;
    static const char text[] = "{\"a\": [1, 2.5], \"b\": {}}";
    struct ww_json_scan s = ww_json_scan(text, strlen(text));
    char room[8];
    struct ww_buf key = ww_buf(room, sizeof room);
    struct ww_slice number = ww_slice("", 0);
    bool first = true, first_element = true;
    assert_true(ww_json_scan_open(&s, WW_JSON_OBJECT));
    assert_true(ww_json_scan_member(&s, &first, &key) && ww_slice_is(ww_slice(room, key.n), "a"));
    assert_int_equal(ww_json_scan_kind(&s), WW_JSON_ARRAY);
    assert_true(ww_json_scan_open(&s, WW_JSON_ARRAY));
    assert_true(ww_json_scan_element(&s, &first_element) && ww_json_scan_number(&s, &number));
    assert_true(ww_slice_is(number, "1"));
    assert_true(ww_json_scan_element(&s, &first_element) && ww_json_scan_number(&s, &number));
    assert_true(ww_slice_is(number, "2.5"));
    assert_false(ww_json_scan_element(&s, &first_element));
    key = ww_buf(room, sizeof room);
    assert_true(ww_json_scan_member(&s, &first, &key) && ww_slice_is(ww_slice(room, key.n), "b"));
    assert_true(ww_json_scan_skip(&s));
    assert_false(ww_json_scan_member(&s, &first, &key));
    assert_true(ww_json_scan_end(&s) && s.wrong == NULL);
}

static void the_first_error_sticks(void **state)
{
    (void)state;
    static const char text[] = "[1]\n [x, 1]";
    struct ww_json_scan s = ww_json_scan(text + 3, strlen(text + 3));
    struct ww_slice number;
    bool first = true;
    size_t line, column;
    assert_true(ww_json_scan_open(&s, WW_JSON_ARRAY) && ww_json_scan_element(&s, &first));
    assert_false(ww_json_scan_number(&s, &number));
    assert_false(ww_json_scan_skip(&s) || ww_json_scan_element(&s, &first) || ww_json_scan_end(&s));
    assert_string_equal(s.wrong, "a number is wanted");
    ww_json_scan_place(&s, s.at, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_taken_whole_or_told_where_they_break),
        cmocka_unit_test(a_text_may_end_anywhere),
        cmocka_unit_test(what_nests_too_deep_is_refused),
        cmocka_unit_test(strings_come_without_their_escapes),
        cmocka_unit_test(any_octets_pass_when_they_may),
        cmocka_unit_test(members_and_elements_are_walked),
        cmocka_unit_test(the_first_error_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
