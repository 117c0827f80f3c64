#include "core/report_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define ID "2026-11-28.1.example.com.9f86d081884c7d65@reporter.example"
#define LEFT "2026-11-28.1.example.com.9f86d081884c7d65"

static void what_is_written_is_read(void **state)
{
    char text[WW_REPORT_MESSAGE_SIZE];
    struct ww_report_message m;
    (void)state;
    ww_report_message_id(ID, "tls@example.com", "mx.reporter.example", text);
    assert_string_equal(text, "<" LEFT ".91ded5f002743925@mx.reporter.example>");
    assert_true(ww_report_message_parse(ww_slice_str(text), &m));
    assert_string_equal(m.left, LEFT);
    assert_true(ww_report_message_is_to(&m, "tls@example.com"));
    assert_false(ww_report_message_is_to(&m, "tls@example.net"));
    assert_true(ww_report_message_parse(ww_slice(text + 1, strlen(text) - 2), &m));
    assert_string_equal(m.left, LEFT);
}

static void what_is_none_of_ours(void **state)
{
    static const char *const cases[] = {
        "",
        "<>",
        "@",
        "<20261129100000.ABCDEF@mx.example.com>",
        "0123456789abcdef@h",
        ".0123456789abcdef@h",
        "x.0123456789abcdeF@h",
        "x.0123456789abcdeg@h",
        "x-0123456789abcdef@h",
        "x..0123456789abcdef@h",
        "x y.0123456789abcdef@h",
        "x\"y.0123456789abcdef@h",
        "x.0123456789abcdef",
        "x.0123456789abcdef.h@",
    };
    static char large[2000];
    struct ww_report_message m;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (ww_report_message_parse(ww_slice_str(cases[i]), &m))
            fail_msg("%s", cases[i]);
    assert_false(ww_report_message_parse(ww_slice("x\0y.0123456789abcdef@h", 22), &m));
    assert_true(ww_report_message_parse(ww_slice_str("x.0123456789abcdef@h"), &m));
    assert_true(m.recipient == UINT64_C(0x0123456789abcdef));
    memset(large, 'x', sizeof large);
    memcpy(large + WW_REPORT_ID_SIZE, ".0123456789abcdef@h", 19);
    assert_false(ww_report_message_parse(ww_slice(large, sizeof large), &m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_none_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
