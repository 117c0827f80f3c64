#include "core/tls_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void names_are_those_of_the_protocol(void **state)
{
    (void)state;
    assert_string_equal(ww_tls_result_name(WW_RESULT_NONE), "success");
    assert_string_equal(ww_tls_result_name(WW_RESULT_TLSA_INVALID), "tlsa-invalid");
    for (int i = 1; i < WW_RESULT_MODES; i++)
        assert_string_not_equal(ww_result_mode_name((enum ww_result_mode)i), "");
    for (int i = 1; i < WW_TLS_SEEN_COUNT; i++)
        assert_string_not_equal(ww_tls_seen_name((enum ww_tls_seen)i), "");
    assert_string_equal(ww_result_mode_name(WW_RESULT_MODE_UNKNOWN), "");
    assert_string_equal(ww_tls_seen_name(WW_TLS_SEEN_UNKNOWN), "");
}

static void a_bad_text_changes_nothing(void **state)
{
    char name[WW_DNAME_SIZE] = "before.example", ip[WW_ADDR_TEXT_SIZE] = "192.0.2.1", word[4] = "abc";
    (void)state;
    assert_int_equal(ww_tls_result_name_put(name, ww_slice_str("a b")), WW_E_DNAME_CHARACTER);
    assert_string_equal(name, "before.example");
    assert_int_equal(ww_tls_result_ip_put(ip, ww_slice_str("192.0.2")), WW_E_ADDR);
    assert_string_equal(ip, "192.0.2.1");
    assert_int_equal(ww_tls_result_word_put(word, sizeof word, ww_slice_str("abcd")), WW_E_TOO_LONG);
    assert_int_equal(ww_tls_result_word_put(word, sizeof word, ww_slice_str("a\"")), WW_E_RESULT_VALUE);
    assert_int_equal(ww_tls_result_word_put(word, sizeof word, ww_slice_str("a ")), WW_E_RESULT_VALUE);
    assert_string_equal(word, "abc");
}

static void an_empty_text_empties(void **state)
{
    char name[WW_DNAME_SIZE] = "before.example", ip[WW_ADDR_TEXT_SIZE] = "192.0.2.1", word[4] = "abc";
    (void)state;
    assert_int_equal(ww_tls_result_name_put(name, ww_slice(NULL, 0)), WW_OK);
    assert_int_equal(ww_tls_result_ip_put(ip, ww_slice(NULL, 0)), WW_OK);
    assert_int_equal(ww_tls_result_word_put(word, sizeof word, ww_slice(NULL, 0)), WW_OK);
    assert_string_equal(name, "");
    assert_string_equal(ip, "");
    assert_string_equal(word, "");
}

/* No character is cut in two. */
static void a_long_text_is_cut(void **state)
{
    char text[WW_TLS_RESULT_TEXT_SIZE + 8];
    struct ww_tls_result r;
    (void)state;
    memset(text, 'a', sizeof text);
    ww_tls_result_text_put(&r, ww_slice(text, sizeof text));
    assert_int_equal(strlen(r.text), WW_TLS_RESULT_TEXT_SIZE - 1);
    memcpy(text + WW_TLS_RESULT_TEXT_SIZE - 2, "\xe2\x82\xac", 3);
    ww_tls_result_text_put(&r, ww_slice(text, sizeof text));
    assert_int_equal(strlen(r.text), WW_TLS_RESULT_TEXT_SIZE - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_protocol),
        cmocka_unit_test(a_bad_text_changes_nothing),
        cmocka_unit_test(an_empty_text_empties),
        cmocka_unit_test(a_long_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
