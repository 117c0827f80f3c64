#include "codec/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const words[] = {"a", "b", NULL};

static json_t *parsed(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    return json;
}

static void reads_values_and_defaults(void **state)
{
    (void)state;
    struct ww_json_read r = {.n = 0};
    json_t *json =
        parsed("{\"o\":{},\"l\":[\"x\"],\"t\":true,\"i\":-7,\"s\":\"text\",\"w\":\"b\",\"null\":null}");
    assert_non_null(ww_json_object(&r, json, "o"));
    const json_t *list = ww_json_array(&r, json, "l");
    assert_true(ww_slice_is(ww_json_text_at(&r, list, 0), "x"));
    assert_true(ww_json_bool(&r, json, "t", false));
    assert_int_equal(ww_json_integer(&r, json, "i", 1), -7);
    assert_true(ww_slice_is(ww_json_text(&r, json, "s"), "text"));
    assert_int_equal(ww_json_word(&r, json, "w", words, 9), 1);
    static const char *const missing[] = {"null", "no-such"};
    for (size_t i = 0; i < 2; i++) {
        assert_null(ww_json_object(&r, json, missing[i]));
        assert_null(ww_json_array(&r, json, missing[i]));
        assert_true(ww_json_bool(&r, json, missing[i], true));
        assert_int_equal(ww_json_integer(&r, json, missing[i], 1), 1);
        assert_int_equal(ww_json_text(&r, json, missing[i]).n, 0);
        assert_int_equal(ww_json_word(&r, json, missing[i], words, 9), 9);
    }
    assert_null(ww_json_object(&r, NULL, "o"));
    assert_false(r.failed);
    json_decref(json);
}

static void names_the_place_of_the_first_error(void **state)
{
    (void)state;
    struct ww_json_read r = {.n = 0};
    json_t *json = parsed("{\"i\":1.0,\"t\":true,\"s\":\"text\"}");
    size_t top = ww_json_enter(&r, "list"), element = ww_json_enter_at(&r, 12);
    size_t inner = ww_json_enter(&r, "inner");
    ww_json_leave(&r, inner);
    assert_int_equal(ww_json_integer(&r, json, "i", 3), 3);
    assert_string_equal(r.why, "list[12].i: an integer is wanted");
    ww_json_leave(&r, element);
    ww_json_leave(&r, top);
    /* From here on, defaults; and the first error stays. */
    assert_false(ww_json_bool(&r, json, "t", false));
    assert_int_equal(ww_json_word(&r, json, "s", words, 9), 9);
    assert_string_equal(r.why, "list[12].i: an integer is wanted");
    json_decref(json);
}

static void shows_an_error_in_printable_characters(void **state)
{
    (void)state;
    struct ww_json_read r = {.n = 0};
    char words_of_another[2 * WW_JSON_READ_WHY_SIZE];
    memset(words_of_another, '\033', sizeof words_of_another - 1);
    words_of_another[sizeof words_of_another - 1] = '\0';
    ww_json_fail(&r, NULL, words_of_another);
    assert_memory_equal(r.why, "\\027\\027", 8);
    assert_string_equal(r.why + strlen(r.why) - 3, "...");
}

/* A place that is too long is cut at a whole step. */
static void cuts_a_place_that_is_too_long(void **state)
{
    (void)state;
    struct ww_json_read r = {.n = 0};
    for (size_t i = 0; i < 100; i++)
        (void)ww_json_enter(&r, "deeper");
    assert_true(r.n < sizeof r.place && r.n % 7 == 6);
    ww_json_fail(&r, NULL, "wrong");
    assert_string_equal(r.why + strlen(r.why) - 13, "deeper: wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values_and_defaults),
        cmocka_unit_test(names_the_place_of_the_first_error),
        cmocka_unit_test(shows_an_error_in_printable_characters),
        cmocka_unit_test(cuts_a_place_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
