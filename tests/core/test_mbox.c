#include "core/mbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    const char *line;
    bool separator;
    bool quoted;
} cases[] = {
    {"From a@b.example Sun Nov 29 22:23:14 2026", true, false},
    {"From a@b.example  Sun Nov  1 22:23:14 2026\n", true, false},
    {"From MAILER-DAEMON Sun Nov 29 22:23 2026\r\n", true, false},
    {"From a Sun Nov 29 22:23:14 +0100 2026", true, false},
    {"From a Sun Nov 29 22:23:14 2026 +0100", true, false},
    {"From a Sun Nov 29 22:23:14 CET 2026 remote from b", true, false},
    {"From \"a b\"@c Sun Nov 29 22:23:14 2026", true, false},
    {"From Google, with a report of Nov 29", false, false},
    {"From here on 22:23:14 it went well in 2026", false, false},
    {"From a Sun Nov 29 22:23:14", false, false},
    {"From a Sun Nov 29 22:23:14 20266", false, false},
    {"From a Sun Nov 29 22-23-14 2026", false, false},
    {"From a Sun Nov 29 22:23:1x 2026", false, false},
    {"From a Sun Foo 29 22:23:14 2026", false, false},
    {"From a Sun Nov 129 22:23:14 2026", false, false},
    {"From a Sun Nov 29 22:23:14 \x01 2026", false, false},
    {"From: a@b.example Sun Nov 29 22:23:14 2026", false, false},
    {"from a@b.example Sun Nov 29 22:23:14 2026", false, false},
    {" From a@b.example Sun Nov 29 22:23:14 2026", false, false},
    {"From ", false, false},
    {"From", false, false},
    {"", false, false},
    {">From a", false, true},
    {">>>From a", false, true},
    {">From", false, false},
    {"> From a", false, false},
    {">", false, false},
};

static void tells_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_slice line = ww_slice_str(cases[i].line);
        if (ww_mbox_is_separator(line) != cases[i].separator || ww_mbox_is_quoted(line) != cases[i].quoted)
            fail_msg("%s", cases[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tells_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
