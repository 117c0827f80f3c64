#include "engine/lmtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SIZE_LIMIT 64
#define GREETING "220 us LMTP Waxwing takes reports\r\n"
#define LHLO "LHLO c\r\n"
#define OFFER                                                                         \
    "250-us\r\n250-SIZE 64\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 " \
    "ENHANCEDSTATUSCODES\r\n"
#define MAIL "MAIL FROM:<a@b>\r\n"
#define MAILED "250 2.1.0 ok\r\n"
#define RCPT "RCPT TO:<r@us>\r\n"
#define RCPTED "250 2.1.5 ok\r\n"
#define GO_ON "354 go on, a dot on a line of its own ends it\r\n"
#define OK "250 2.0.0 ok\r\n"
#define WRONG "500 5.5.1 no such command\r\n"
#define BEGIN LHLO MAIL RCPT "DATA\r\n"
#define BEGUN OFFER MAILED RCPTED GO_ON
#define TOO_LARGE "552 5.3.4 the message is too large\r\n"

static const struct {
    const char *in;
    size_t n;         /* 0: up to the NUL */
    const char *out;  /* behind the greeting */
    const char *mail; /* all messages, each behind its sender and '|', and before '#' */
    bool closed;
} cases[] = {
    {LHLO, 0, OFFER, "", false},
    {"lhlo c\r\nnoop x\r\nrset\r\nvrfy x\r\n", 0, OFFER OK OK "252 2.1.5 send it, and see\r\n", "", false},
    {BEGIN "hi\r\n.\r\n", 0, BEGUN "250 2.0.0 hi\r\n", "a@b|hi\r\n#", false},
    {BEGIN ".\r\n", 0, BEGUN "250 2.0.0 none\r\n", "a@b|#", false},
    {BEGIN "hi\r\n.\r\nQUIT\r\n", 0, BEGUN "250 2.0.0 hi\r\n221 2.0.0 bye\r\n", "a@b|hi\r\n#", true},
    {BEGIN "1\r\n.\r\n" MAIL RCPT "DATA\r\n2\r\n.\r\n", 0,
     BEGUN "250 2.0.0 1\r\n" MAILED RCPTED GO_ON "250 2.0.0 2\r\n", "a@b|1\r\n#a@b|2\r\n#", false},
    {LHLO MAIL RCPT RCPT RCPT "DATA\r\nhi\r\n.\r\n", 0,
     OFFER MAILED RCPTED RCPTED RCPTED GO_ON "250 2.0.0 hi\r\n250 2.0.0 hi\r\n250 2.0.0 hi\r\n",
     "a@b|hi\r\n#", false},

    /* the end of a message, and dots */
    {BEGIN "..\r\n.a\r\n...b\r\n.\r\n", 0, BEGUN "250 2.0.0 .\r\n", "a@b|.\r\na\r\n..b\r\n#", false},
    {BEGIN "a\n.\nb\r\n.\r\n", 0, BEGUN "250 2.0.0 a\r\n", "a@b|a\n.\nb\r\n#", false},
    {BEGIN "a\r.\rb\r\n.\r\n", 0, BEGUN "250 2.0.0 a\r\n", "a@b|a\r.\rb\r\n#", false},
    {BEGIN "a\n.\r\nQUIT\r\n.\r\n", 0, BEGUN "250 2.0.0 a\r\n", "a@b|a\n.\r\nQUIT\r\n#", false},
    {BEGIN "a\r\n.\nQUIT\r\n.\r\n", 0, BEGUN "250 2.0.0 a\r\n", "a@b|a\r\n\nQUIT\r\n#", false},
    {BEGIN "a\r\n.\rQUIT\r\n.\r\n", 0, BEGUN "250 2.0.0 a\r\n", "a@b|a\r\n\rQUIT\r\n#", false},
    {BEGIN "a\r.\r\nQUIT\r\n.\r\n", 0, BEGUN "250 2.0.0 a\r\n", "a@b|a\r.\r\nQUIT\r\n#", false},
    {BEGIN "a\rb.\r\nQUIT\r\n.\r\n", 0, BEGUN "250 2.0.0 a\r\n", "a@b|a\rb.\r\nQUIT\r\n#", false},
    {BEGIN "a\r\r\n.\r\n", 0, BEGUN "250 2.0.0 a\r\n", "a@b|a\r\r\n#", false},
    {BEGIN "a\0b\xff\r\n.\r\n", sizeof BEGIN + 9, BEGUN "250 2.0.0 a\r\n", "a@b|a", false},
    {BEGIN "a\r\n.\r\n.\r\n", 0, BEGUN "250 2.0.0 a\r\n" WRONG, "a@b|a\r\n#", false},

    /* sizes: 64 octets are a message's most */
    {BEGIN "123456789 123456789 123456789 123456789 123456789 123456789 12\r\n.\r\n", 0,
     BEGUN "250 2.0.0 123456789 123456789 123456789 123456789 123456789 123456789 12\r\n",
     "a@b|123456789 123456789 123456789 123456789 123456789 123456789 12\r\n#", false},
    {BEGIN "123456789 123456789 123456789 123456789 123456789 123456789 123\r\n.\r\n" MAIL, 0,
     BEGUN TOO_LARGE MAILED, "", false},
    {LHLO MAIL RCPT RCPT "DATA\r\n123456789 123456789 123456789 123456789 123456789 123456789 123\r\n.\r\n",
     0, OFFER MAILED RCPTED RCPTED GO_ON TOO_LARGE TOO_LARGE, "", false},
    {LHLO "MAIL FROM:<a@b> SIZE=64\r\n", 0, OFFER MAILED, "", false},
    {LHLO "MAIL FROM:<a@b> SIZE=65\r\n", 0, OFFER TOO_LARGE, "", false},
    {LHLO "MAIL FROM:<a@b> SIZE=99999999999999999999\r\n", 0, OFFER TOO_LARGE, "", false},
    {LHLO "MAIL FROM:<a@b> SIZE=\r\n", 0, OFFER "501 5.5.4 SIZE is a number of octets\r\n", "", false},
    {LHLO "MAIL FROM:<a@b> SIZE=-1\r\n", 0, OFFER "501 5.5.4 SIZE is a number of octets\r\n", "", false},

    /* addresses */
    {LHLO "mail from:<>\r\n" RCPT "DATA\r\nx\r\n.\r\n", 0, OFFER MAILED RCPTED GO_ON "250 2.0.0 x\r\n",
     "|x\r\n#", false},
    {LHLO "MAIL FROM: <a@b> BODY=8BITMIME SMTPUTF8\r\n", 0, OFFER MAILED, "", false},
    {LHLO "MAIL FROM:<a@b> BODY=7BIT\r\n", 0, OFFER MAILED, "", false},
    {LHLO "MAIL FROM:<a@b> BODY=BINARYMIME\r\n", 0,
     OFFER "555 5.5.4 a parameter that is not offered here\r\n", "", false},
    {LHLO "MAIL FROM:<\"a> \\\" b\"@b>\r\n" RCPT "DATA\r\nx\r\n.\r\n", 0,
     OFFER MAILED RCPTED GO_ON "250 2.0.0 x\r\n", "\"a> \\\" b\"@b|x\r\n#", false},
    {LHLO "MAIL FROM:a@b\r\n", 0, OFFER "501 5.1.7 that is no address\r\n", "", false},
    {LHLO "MAIL FROM:<a@b\r\n", 0, OFFER "501 5.1.7 that is no address\r\n", "", false},
    {LHLO "MAIL FROM:<a@b>x\r\n", 0, OFFER "501 5.1.7 that is no address\r\n", "", false},
    {LHLO "MAIL FROM:<a b>\r\n", 0, OFFER "501 5.1.7 that is no address\r\n", "", false},
    {LHLO "MAIL FROM:<a<b>\r\n", 0, OFFER "501 5.1.7 that is no address\r\n", "", false},
    {LHLO "MAIL FROM:<\"a\\>\r\n", 0, OFFER "501 5.1.7 that is no address\r\n", "", false},
    {LHLO "MAIL <a@b>\r\n", 0, OFFER "501 5.5.4 MAIL FROM:<address>\r\n", "", false},
    {LHLO "MAIL FROM:<\xc3\xa4@b>\r\n", 0, OFFER "553 5.6.7 an address in UTF-8 needs SMTPUTF8\r\n", "",
     false},
    {LHLO "MAIL FROM:<\xc3\xa4@b> SMTPUTF8\r\nRCPT TO:<\xc3\xa4@b>\r\n", 0, OFFER MAILED RCPTED, "", false},
    {LHLO MAIL "RCPT TO:<\xc3\xa4@b>\r\n", 0, OFFER MAILED "553 5.6.7 an address in UTF-8 needs SMTPUTF8\r\n",
     "", false},
    {LHLO MAIL "RCPT TO:<>\r\n", 0, OFFER MAILED "501 5.1.3 that is no address\r\n", "", false},
    {LHLO MAIL "RCPT <r>\r\n", 0, OFFER MAILED "501 5.5.4 RCPT TO:<address>\r\n", "", false},
    {LHLO MAIL "RCPT TO:<r> NOTIFY=NEVER\r\n", 0,
     OFFER MAILED "555 5.5.4 a parameter that is not offered here\r\n", "", false},

    /* order */
    {MAIL, 0, "503 5.5.1 LHLO first\r\n", "", false},
    {LHLO RCPT, 0, OFFER "503 5.5.1 MAIL first\r\n", "", false},
    {LHLO MAIL MAIL, 0, OFFER MAILED "503 5.5.1 a mail has begun already\r\n", "", false},
    {LHLO MAIL "DATA\r\n", 0, OFFER MAILED "503 5.5.1 no recipient was taken\r\n", "", false},
    {LHLO "DATA\r\n", 0, OFFER "503 5.5.1 no recipient was taken\r\n", "", false},
    {LHLO MAIL RCPT "DATA x\r\n", 0, OFFER MAILED RCPTED "501 5.5.4 DATA takes no argument\r\n", "", false},
    {LHLO MAIL RCPT "RSET\r\nDATA\r\n", 0, OFFER MAILED RCPTED OK "503 5.5.1 no recipient was taken\r\n", "",
     false},
    {LHLO MAIL RCPT LHLO "DATA\r\n", 0, OFFER MAILED RCPTED OFFER "503 5.5.1 no recipient was taken\r\n", "",
     false},
    {BEGIN "x\r\n.\r\nDATA\r\n", 0, BEGUN "250 2.0.0 x\r\n503 5.5.1 no recipient was taken\r\n", "a@b|x\r\n#",
     false},

    /* what is no command here */
    {"EHLO c\r\n", 0, "500 5.5.1 this is LMTP: LHLO\r\n", "", false},
    {"HELO c\r\n", 0, "500 5.5.1 this is LMTP: LHLO\r\n", "", false},
    {"LHLO\r\n", 0, "501 5.5.4 LHLO and a name\r\n", "", false},
    {"\r\n", 0, WRONG, "", false},
    {"LHLOX c\r\n", 0, WRONG, "", false},
    {"NOOP\n", 0, "500 5.5.2 a line ends with CR LF\r\n", "", false},
    {"\n", 0, "500 5.5.2 a line ends with CR LF\r\n", "", false},
    {"NOOP\rQUIT\r\n", 0, "500 5.5.2 a control character\r\n", "", false},
    {"NOOP\0\r\n", 7, "500 5.5.2 a control character\r\n", "", false},
    {"NOOP \x7f\r\n", 0, "500 5.5.2 a control character\r\n", "", false},
    {"NOOP \xc3\r\n", 0, "500 5.5.2 no UTF-8\r\n", "", false},
    {"x\r\nx\r\nx\r\nx\r\nx\r\nx\r\nx\r\nx\r\nx\r\nx\r\nQUIT\r\n", 0,
     WRONG WRONG WRONG WRONG WRONG WRONG WRONG WRONG WRONG "421 4.7.0 too many commands that are wrong\r\n",
     "", true},
    {"QUIT\r\nNOOP\r\n", 0, "221 2.0.0 bye\r\n", "", true},
};

/* One session, and what has come out of it. */
struct session {
    struct ww_lmtp lmtp;
    char out[65536];
    size_t out_n;
    char mail[4096];
    size_t mail_n;
    bool closed;
};

static void begin(struct session *s)
{
    struct ww_buf out = ww_buf(s->out, sizeof s->out);
    ww_lmtp_begin(&s->lmtp, "us", SIZE_LIMIT, &out);
    s->out_n = out.n;
    s->mail_n = 0;
    s->closed = false;
}

/* The message is answered by its first line. */
static void answer(struct session *s, struct ww_slice message)
{
    char line[WW_LMTP_REPLY_MAX];
    size_t n = strcspn(message.p, "\r\n");
    struct ww_buf b = ww_buf(s->mail + s->mail_n, sizeof s->mail - s->mail_n);
    ww_buf_str(&b, s->lmtp.sender);
    ww_buf_char(&b, '|');
    ww_buf_slice(&b, message);
    ww_buf_char(&b, '#');
    assert_false(b.failed);
    s->mail_n += b.n;
    (void)snprintf(line, sizeof line, "250 2.0.0 %.*s", message.n > 0 ? (int)n : 4,
                   message.n > 0 ? message.p : "none");
    ww_lmtp_answer(&s->lmtp, line);
}

/* In pieces of so many octets; room: of the replies, and of the message. */
static void feed(struct session *s, struct ww_slice in, size_t piece, size_t room, size_t message_room)
{
    static char octets[4096];
    char replies[2048];
    struct ww_buf message = ww_buf(octets, message_room);
    while (in.n > 0 && !s->closed) {
        struct ww_slice part = ww_slice(in.p, piece < in.n ? piece : in.n);
        enum ww_lmtp_want want;
        in = ww_slice(in.p + part.n, in.n - part.n);
        do {
            struct ww_buf out = ww_buf(replies, room);
            want = ww_lmtp_take(&s->lmtp, &part, &message, &out);
            assert_false(out.failed);
            memcpy(s->out + s->out_n, replies, out.n);
            s->out_n += out.n;
            if (want == WW_LMTP_SUBMIT) {
                octets[message.n] = '\0';
                answer(s, ww_slice(message.p, message.n));
            }
        } while (want == WW_LMTP_SUBMIT || want == WW_LMTP_WRITE);
        s->closed = want == WW_LMTP_CLOSE;
        assert_true(s->closed || part.n == 0);
    }
    s->out[s->out_n] = '\0';
    s->mail[s->mail_n] = '\0';
}

static void test_dialogues(void **state)
{
    static struct session s;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_slice in = cases[i].n > 0 ? ww_slice(cases[i].in, cases[i].n) : ww_slice_str(cases[i].in);
        for (size_t piece = 1; piece <= in.n; piece = piece < 4 ? piece + 1 : piece * 3) {
            begin(&s);
            feed(&s, in, piece, piece % 2 == 0 ? WW_LMTP_REPLY_MAX : 2048, 4095);
            if (strncmp(s.out, GREETING, sizeof GREETING - 1) != 0 ||
                strcmp(s.out + sizeof GREETING - 1, cases[i].out) != 0 ||
                strcmp(s.mail, cases[i].mail) != 0 || s.closed != cases[i].closed)
                fail_msg("case %zu, pieces of %zu: %s\nmail: %s", i, piece, s.out, s.mail);
        }
    }
}

static unsigned occurrences(const char *text, const char *part)
{
    unsigned n = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

static void test_recipients(void **state)
{
    static struct session s;
    (void)state;
    begin(&s);
    feed(&s, ww_slice_str(LHLO MAIL), 4096, 2048, 4095);
    for (int i = 0; i < WW_LMTP_RECIPIENTS_MAX + 1; i++)
        feed(&s, ww_slice_str(RCPT), 4096, 2048, 4095);
    assert_int_equal(occurrences(s.out, RCPTED), WW_LMTP_RECIPIENTS_MAX);
    assert_int_equal(occurrences(s.out, "452 4.5.3"), 1);
    feed(&s, ww_slice_str("DATA\r\nhi\r\n.\r\nQUIT\r\n"), 4096, WW_LMTP_REPLY_MAX, 4095);
    assert_int_equal(occurrences(s.out, "250 2.0.0 hi\r\n"), WW_LMTP_RECIPIENTS_MAX);
    assert_true(s.closed);
}

static void test_long_lines(void **state)
{
    static struct session s;
    static char line[3000];
    (void)state;
    static const struct {
        size_t n; /* without its end */
        const char *answer;
    } lines[] = {
        {WW_LMTP_LINE_MAX - 2, OK},
        {WW_LMTP_LINE_MAX - 1, "500 5.5.2 the line is too long\r\n"},
        {sizeof line - 3, "500 5.5.2 the line is too long\r\n"},
    };
    memset(line, 'x', sizeof line);
    memcpy(line, "NOOP ", 5);
    for (size_t i = 0; i < COUNT(lines); i++) {
        for (size_t piece = 1; piece < 2000; piece = piece * 40 + 1) {
            begin(&s);
            feed(&s, ww_slice(line, lines[i].n), piece, 2048, 4095);
            feed(&s, ww_slice_str("\r\nNOOP\r\n"), piece, 2048, 4095);
            char wanted[256];
            (void)snprintf(wanted, sizeof wanted, GREETING "%s" OK, lines[i].answer);
            assert_string_equal(s.out, wanted);
        }
    }
    /* a path */
    for (int more = 0; more < 2; more++) {
        char mail[WW_LMTP_PATH_MAX + 32];
        (void)snprintf(mail, sizeof mail, LHLO "MAIL FROM:<%.*s>\r\n", WW_LMTP_PATH_MAX - 2 + more, line + 5);
        begin(&s);
        feed(&s, ww_slice_str(mail), 4096, 2048, 4095);
        assert_int_equal(occurrences(s.out, more ? "501 5.1.7" : MAILED), 1);
    }
}

/* A message that has no room is read away, and what follows is taken. */
static void test_no_room(void **state)
{
    static struct session s;
    (void)state;
    begin(&s);
    feed(&s, ww_slice_str(BEGIN "0123456789\r\n01\r\n.\r\n" MAIL RCPT "DATA\r\nhi\r\n.\r\n"), 5, 2048, 15);
    assert_string_equal(s.mail, "a@b|hi\r\n#");
    assert_int_equal(occurrences(s.out, "452 4.3.1 "), 1);
    assert_int_equal(occurrences(s.out, "250 2.0.0 hi\r\n"), 1);
}

/* Commands that are right are no way to stay for ever either; a mail is. */
static void test_idle_commands(void **state)
{
    static struct session s;
    (void)state;
    begin(&s);
    feed(&s, ww_slice_str(LHLO), 4096, 2048, 4095);
    for (int i = 1; i < WW_LMTP_COMMANDS_MAX; i++)
        feed(&s, ww_slice_str("NOOP\r\n"), 4096, 2048, 4095);
    assert_false(s.closed);
    feed(&s, ww_slice_str("NOOP\r\n"), 4096, 2048, 4095);
    assert_int_equal(occurrences(s.out, "421 4.7.0 too many commands without a mail\r\n"), 1);
    assert_true(s.closed);
    begin(&s);
    feed(&s, ww_slice_str(LHLO), 4096, 2048, 4095);
    for (int i = 0; i < WW_LMTP_COMMANDS_MAX; i++) {
        feed(&s, ww_slice_str(MAIL RCPT "DATA\r\n\r\n.\r\n"), 4096, 2048, 4095);
        s.out_n = s.mail_n = 0;
    }
    assert_false(s.closed);
}

/* Where a message begins there is room already. */
static enum ww_lmtp_want take(struct ww_lmtp *lmtp, struct ww_slice *in, struct ww_buf *message,
                              struct ww_buf *out)
{
    enum ww_lmtp_want want;
    do
        want = ww_lmtp_take(lmtp, in, message, out);
    while (want == WW_LMTP_WRITE);
    return want;
}

static void test_answer(void **state)
{
    static struct session s;
    static char longer[WW_LMTP_REPLY_MAX * 2];
    char replies[2048], octets[64];
    struct ww_buf message = ww_buf(octets, sizeof octets);
    struct ww_buf out = ww_buf(replies, sizeof replies);
    struct ww_slice in = ww_slice_str(BEGIN "x\r\n.\r\nNOOP\r\n");
    (void)state;
    begin(&s);
    assert_int_equal(take(&s.lmtp, &in, &message, &out), WW_LMTP_SUBMIT);
    assert_false(ww_lmtp_is_in_message(&s.lmtp));
    assert_int_equal(in.n, 6);
    out.n = 0;
    /* nothing is taken before the answer */
    assert_int_equal(take(&s.lmtp, &in, &message, &out), WW_LMTP_SUBMIT);
    assert_int_equal(out.n + in.n, 6);
    ww_lmtp_answer(&s.lmtp, "250 a\r\nb\xff");
    assert_int_equal(take(&s.lmtp, &in, &message, &out), WW_LMTP_READ);
    assert_true(ww_slice_is(ww_slice(out.p, out.n), "250 a??b?\r\n" OK));
    in = ww_slice_str(MAIL RCPT "DATA\r\nx\r\n.\r\n");
    assert_int_equal(take(&s.lmtp, &in, &message, &out), WW_LMTP_SUBMIT);
    out.n = 0;
    memset(longer, 'x', sizeof longer - 1);
    ww_lmtp_answer(&s.lmtp, longer);
    assert_int_equal(take(&s.lmtp, &in, &message, &out), WW_LMTP_READ);
    assert_true(out.n <= WW_LMTP_REPLY_MAX && replies[out.n - 1] == '\n');
    out.n = 0;
    ww_lmtp_end(&s.lmtp, "4.3.2 later", &out);
    ww_lmtp_end(&s.lmtp, "4.3.2 later", &out);
    assert_true(ww_slice_is(ww_slice(out.p, out.n), "421 4.3.2 later\r\n"));
    assert_int_equal(take(&s.lmtp, &in, &message, &out), WW_LMTP_CLOSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogues),     cmocka_unit_test(test_recipients),
        cmocka_unit_test(test_long_lines),    cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_idle_commands), cmocka_unit_test(test_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
