#include "core/media_type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct {
    struct ww_slice value;
    bool plain;
} cases[] = {
    {S("text/plain"), true},
    {S("Text/PLAIN"), true},
    {S(" \ttext/plain\t "), true},
    {S("text/plain;charset=utf-8"), true},
    {S("text/plain; charset=\"US-ASCII\""), true},
    {S("text/plain ; charset=utf-8; format=flowed"), true},
    /* All other parameters are ignored, and so is what is wrong with them. */
    {S("text/plain; charset=iso-8859-1"), true},
    {S("text/plain;"), true},
    {S("text/plain; ;;=\""), true},

    {S(""), false},
    {S(" "), false},
    {S("text"), false},
    {S("text/plai"), false},
    {S("text/plain2"), false},
    {S("text/plain+json"), false},
    {S("text/plain, text/html"), false},
    {S("text/plain text/html"), false},
    {S("text /plain"), false},
    {S("text/ plain"), false},
    {S("text/plain\0"), false},
    {S("text/html; x=text/plain"), false},
    {S("text/html"), false},
    {S("application/octet-stream"), false},
};

static void knows_plain_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (ww_media_type_is_text_plain(cases[i].value) != cases[i].plain)
            fail_msg("case %zu: \"%s\"", i, cases[i].value.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_plain_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
