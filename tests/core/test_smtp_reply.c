#include "core/smtp_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define S(text) text, sizeof(text) - 1
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *in;
    size_t n;
    enum ww_smtp_cut result;
    unsigned code;
    size_t used;
    bool starttls;
} cases[] = {
    {S("220 mx ESMTP\r\n"), WW_SMTP_WHOLE, 220, 14, false},
    {S("220 mx ESMTP\n"), WW_SMTP_WHOLE, 220, 13, false},
    {S("421\r\n"), WW_SMTP_WHOLE, 421, 5, false},
    {S("250-mx\r\n250-SIZE 1\r\n250-STARTTLS\r\n250 OK\r\n"), WW_SMTP_WHOLE, 250, 42, true},
    {S("250-mx\r\n250 starttls\r\n"), WW_SMTP_WHOLE, 250, 22, true},
    {S("250-mx\r\n250 STARTTLS now\r\n"), WW_SMTP_WHOLE, 250, 26, true},
    {S("250-mx\r\n250 STARTTLSX\r\n"), WW_SMTP_WHOLE, 250, 23, false},
    {S("250-mx\r\n250 XXXXXXXA\r\n"), WW_SMTP_WHOLE, 250, 22, false},
    {S("250-mx\r\n250 \r\n"), WW_SMTP_WHOLE, 250, 14, false},
    {S("250-mx\r\n250\r\n"), WW_SMTP_WHOLE, 250, 13, false},
    /* The first line is the server's name, whatever it is. */
    {S("250 STARTTLS\r\n"), WW_SMTP_WHOLE, 250, 14, false},
    {S("220 mx\r\n250 more\r\n"), WW_SMTP_WHOLE, 220, 8, false},

    {S(""), WW_SMTP_MORE, 0, 0, false},
    {S("2"), WW_SMTP_MORE, 0, 0, false},
    {S("220"), WW_SMTP_MORE, 0, 0, false},
    {S("220 mx"), WW_SMTP_MORE, 0, 0, false},
    {S("220-mx\r\n"), WW_SMTP_MORE, 0, 0, false},
    {S("220-mx\r\n220"), WW_SMTP_MORE, 0, 0, false},

    {S("\r\n"), WW_SMTP_MALFORMED, 0, 0, false},
    {S("HTTP/1.1 400\r\n"), WW_SMTP_MALFORMED, 0, 0, false},
    {S("S"), WW_SMTP_MALFORMED, 0, 0, false},
    {S("1"), WW_SMTP_MALFORMED, 0, 0, false},
    {S("6"), WW_SMTP_MALFORMED, 0, 0, false},
    {S("22a"), WW_SMTP_MALFORMED, 0, 0, false},
    {S("22\r\n"), WW_SMTP_MALFORMED, 0, 0, false},
    {S("2201 mx\r\n"), WW_SMTP_MALFORMED, 0, 0, false},
    {S("220_mx\r\n"), WW_SMTP_MALFORMED, 0, 0, false},
    {S("250-mx\r\n251 STARTTLS\r\n"), WW_SMTP_MALFORMED, 0, 0, false},
};

static void cuts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_smtp_reply reply;
        size_t used = 0;
        enum ww_smtp_cut cut = ww_smtp_reply_cut(cases[i].in, cases[i].n, &reply, &used);
        if (cut != cases[i].result)
            fail_msg("%s: %d", cases[i].in, (int)cut);
        if (cut != WW_SMTP_WHOLE)
            continue;
        if (reply.code != cases[i].code || used != cases[i].used || reply.lines.n != used ||
            ww_smtp_reply_offers(&reply, "starttls") != cases[i].starttls)
            fail_msg("%s: code %u, used %zu", cases[i].in, reply.code, used);
    }
}

static void gives_the_text_of_lines(void **state)
{
    (void)state;
    struct ww_slice lines = ww_slice_str("250-mx.example\r\n250-\r\n250\n250 A B\r\n");
    struct ww_slice text;
    static const char *const wanted[] = {"mx.example", "", "", "A B"};
    for (size_t i = 0; i < COUNT(wanted); i++) {
        assert_true(ww_smtp_reply_line(&lines, &text));
        assert_true(ww_slice_is(text, wanted[i]));
    }
    assert_false(ww_smtp_reply_line(&lines, &text));
}

/* One octet more than the longest is too long, whether its end has come or not. */
static void limits_a_line(void **state)
{
    (void)state;
    char in[WW_SMTP_LINE_MAX + 1];
    struct ww_smtp_reply reply;
    size_t used;
    memset(in, 'x', sizeof in);
    memcpy(in, "220 ", 4);
    assert_int_equal(ww_smtp_reply_cut(in, WW_SMTP_LINE_MAX - 1, &reply, &used), WW_SMTP_MORE);
    assert_int_equal(ww_smtp_reply_cut(in, WW_SMTP_LINE_MAX, &reply, &used), WW_SMTP_MALFORMED);
    in[WW_SMTP_LINE_MAX] = '\n';
    assert_int_equal(ww_smtp_reply_cut(in, sizeof in, &reply, &used), WW_SMTP_MALFORMED);
    in[WW_SMTP_LINE_MAX - 1] = '\n';
    assert_int_equal(ww_smtp_reply_cut(in, WW_SMTP_LINE_MAX, &reply, &used), WW_SMTP_WHOLE);
}

static void limits_a_reply(void **state)
{
    (void)state;
    static char in[WW_SMTP_REPLY_MAX + 8];
    struct ww_smtp_reply reply;
    size_t used;
    size_t n = 0;
    for (; n + 8 <= WW_SMTP_REPLY_MAX; n += 8)
        memcpy(in + n, "250-abc\n", 8);
    memcpy(in + n - 8, "250 abc\n", 8);
    assert_int_equal(ww_smtp_reply_cut(in, n, &reply, &used), WW_SMTP_WHOLE);
    memcpy(in + n - 8, "250-abc\n", 8);
    assert_int_equal(ww_smtp_reply_cut(in, n, &reply, &used), WW_SMTP_MALFORMED);
    memcpy(in + n, "250 abc\n", 8);
    assert_int_equal(ww_smtp_reply_cut(in, n + 8, &reply, &used), WW_SMTP_MALFORMED);
}

static void whom_a_refusal_is_about(void **state)
{
    static const struct {
        const char *line;
        bool recipient;
    } lines[] = {
        {"550 5.1.1 <a@example.com>: Recipient address rejected: User unknown", true},
        {"550-5.1.1 The email account that you tried to reach does not exist", true},
        {"553 5.1.2 no such domain", true},
        {"556 5.1.10 it takes no mail", true},
        {"552 5.2.2 mailbox full", true},
        {"554 5.2.1", true},
        {"550 5.4.1 Recipient address rejected: Access denied", true},
        {"550 no such user here", true},
        {"551 not local", true},
        {"553", true},
        {"550 5.1 and no more", true},
        {"554 5.7.1 <a@example.com>: Relay access denied", false},
        {"550 5.7.1 relaying denied", false},
        {"550 5.1.0 <us@example.org>: Sender address rejected: User unknown in local recipient table", false},
        {"553 5.1.7 sender's address", false},
        {"550 5.1.8 sender's domain", false},
        {"550 5.5.1 out of order", false},
        {"552 5.3.4 too large", false},
        {"550 4.1.1 who knows", false},
        {"554 transaction failed", false},
        {"530 Must issue a STARTTLS command first", false},
        {"501 syntax", false},
        {"450 4.1.1 not yet", false},
        {"450 no", false},
        {"250 2.1.5 ok", false},
        {"55", false},
        {"", false},
        {"xyz", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (ww_smtp_refuses_recipient(ww_slice_str(lines[i].line)) != lines[i].recipient)
            fail_msg("%s", lines[i].line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts),
        cmocka_unit_test(gives_the_text_of_lines),
        cmocka_unit_test(limits_a_line),
        cmocka_unit_test(limits_a_reply),
        cmocka_unit_test(whom_a_refusal_is_about),
    };
    return cmocka_run_group_tests_name("smtp_reply", tests, NULL, NULL);
}
