#include "report/bounce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ID "<2026-11-28.1.example.com.9f86d081884c7d65.0123456789abcdef@mx.reporter.example>"
#define HEAD "From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\nTo: tls@reporter.example\r\n"
#define REPORT                                                                                    \
    HEAD "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n " \
         "boundary=\"b\"\r\n\r\n"
#define TEXT "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n\r\n"
#define STATUS "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
#define ONE                                                                                                  \
    "Final-Recipient: rfc822; tls@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; " \
    "550 5.1.1 <tls@example.com>:\r\n    User unknown\r\n\r\n"
#define SAYS "550 5.1.1 <tls@example.com>: User unknown"
#define RETURNED                                                                                      \
    "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: tls@reporter.example\r\nMessage-ID: " ID "\r\n" \
    "Content-Type: multipart/report; report-type=tlsrpt; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n\r\n"
#define HEADERS "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nmessage-id:\r\n " ID "\r\n\r\n"
#define END "--b--\r\n"

static const struct sample {
    const char *what;
    const char *mail;
    enum ww_bounce_found found;
    size_t count;
    const char *first, *words;
} samples[] = {
    {"the whole mail returned", REPORT TEXT STATUS ONE RETURNED END, WW_BOUNCE_IS_ONE, 1, "tls@example.com",
     SAYS},
    {"its header returned", REPORT TEXT STATUS ONE HEADERS END, WW_BOUNCE_IS_ONE, 1, "tls@example.com", SAYS},
    {"a line of local(8) before it",
     "From MAILER-DAEMON Sun Nov 29 10:00:00 2026\n" REPORT TEXT STATUS ONE HEADERS END, WW_BOUNCE_IS_ONE, 1,
     "tls@example.com", SAYS},
    {"cut off after the header", REPORT TEXT STATUS ONE HEADERS, WW_BOUNCE_IS_ONE, 1, "tls@example.com",
     SAYS},
    {"cut off before it", REPORT TEXT STATUS ONE, WW_BOUNCE_NO_MESSAGE, 1, "tls@example.com", SAYS},
    {"cut off in the status", REPORT TEXT STATUS "Final-Recipient: rfc822; tls@example.com\r\nAction: fai",
     WW_BOUNCE_NOT_FOR_GOOD, 0, "", ""},
    {"no Message-ID",
     REPORT TEXT STATUS ONE
     "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n\r\nMessage-ID: " ID "\r\n" END,
     WW_BOUNCE_NO_MESSAGE, 1, "tls@example.com", SAYS},
    {"the original recipient counts",
     REPORT TEXT STATUS
     "Original-Recipient: RFC822;<tls@example.com>\r\nFinal-Recipient: rfc822;x@elsewhere.example\r\n"
     "Action: FAILED (for good)\r\nStatus: 5.0.0 (undeliverable)\r\n\r\n" HEADERS END,
     WW_BOUNCE_IS_ONE, 1, "tls@example.com", "5.0.0 (undeliverable)"},
    {"several recipients",
     REPORT TEXT STATUS
     "Final-Recipient: rfc822; a@example.com\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n"
     "Final-Recipient: rfc822; b@example.com\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n" ONE
     "Final-Recipient: rfc822; c@example.com\r\nAction: failed\r\nStatus: 5.2.1\r\n\r\n" HEADERS END,
     WW_BOUNCE_IS_ONE, 2, "tls@example.com", SAYS},
    {"failed after days",
     REPORT TEXT STATUS
     "Final-Recipient: rfc822; a@example.com\r\nAction: failed\r\nStatus: 4.4.1\r\n\r\n" HEADERS END,
     WW_BOUNCE_NOT_FOR_GOOD, 0, "", ""},
    {"delayed",
     REPORT TEXT STATUS
     "Final-Recipient: rfc822; a@example.com\r\nAction: delayed\r\nStatus: 5.4.1\r\n\r\n" HEADERS END,
     WW_BOUNCE_NOT_FOR_GOOD, 0, "", ""},
    {"no mailbox",
     REPORT TEXT STATUS
     "Final-Recipient: x400; /S=a/\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
     "Final-Recipient: rfc822; \"a b\"@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n" HEADERS END,
     WW_BOUNCE_NOT_FOR_GOOD, 0, "", ""},
    {"words that steer a terminal",
     REPORT TEXT STATUS "Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.1.1\n"
                        "Diagnostic-Code: smtp; \x1b[2J\n\n" HEADERS END,
     WW_BOUNCE_IS_ONE, 1, "a@example.com", "\\027[2J"},
    {"in base64",
     REPORT "--b\r\nContent-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "UmVwb3J0aW5nLU1UQTogZG5zOyBhCgpGaW5hbC1SZWNpcGllbnQ6IHJmYzgyMjthQGV4YW1wbGUuY29tCkFjdGlvbjogZmFp"
            "bGVkClN0YXR1czogNS4x"
            "LjEK\r\n" HEADERS END,
     WW_BOUNCE_IS_ONE, 1, "a@example.com", "5.1.1"},
    {"a report on TLS",
     HEAD
     "Content-Type: multipart/report; report-type=tlsrpt; boundary=b\r\n\r\n" TEXT STATUS ONE HEADERS END,
     WW_BOUNCE_NO_NOTIFICATION, 0, "", ""},
    {"mixed", HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n" TEXT STATUS ONE HEADERS END,
     WW_BOUNCE_NO_NOTIFICATION, 0, "", ""},
    {"forwarded inside of another",
     HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n"
          "\r\n" REPORT TEXT STATUS ONE HEADERS END "--a--\r\n",
     WW_BOUNCE_NO_NOTIFICATION, 0, "", ""},
    {"a person", HEAD "Subject: your report\r\n\r\nThank you.\r\n", WW_BOUNCE_NO_NOTIFICATION, 0, "", ""},
    {"nothing", "", WW_BOUNCE_NO_NOTIFICATION, 0, "", ""},
    {"no type", REPORT, WW_BOUNCE_NOT_FOR_GOOD, 0, "", ""},
};

static void what_is_a_bounce(void **state)
{
    static struct ww_bounce b;
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *s = &samples[i];
        enum ww_bounce_found found = ww_bounce_read(ww_slice_str(s->mail), &b);
        if (found != s->found || b.count != s->count ||
            (s->count > 0 && strcmp(b.failed[0].mailbox, s->first) != 0) ||
            (s->count > 0 && strcmp(b.failed[0].words, s->words) != 0))
            fail_msg("%s: %s; %zu: %s: %s", s->what, ww_bounce_words(found), b.count, b.failed[0].mailbox,
                     b.failed[0].words);
        if (found == WW_BOUNCE_IS_ONE)
            assert_string_equal(b.message_id, ID);
    }
}

/* text, so many times. */
static char *repeated(const char *before, const char *text, size_t times, const char *after, size_t *n)
{
    size_t length = strlen(text);
    char *mail = malloc(strlen(before) + length * times + strlen(after) + 1);
    assert_non_null(mail);
    *n = (size_t)sprintf(mail, "%s", before);
    for (size_t i = 0; i < times; i++, *n += length)
        memcpy(mail + *n, text, length);
    *n += (size_t)sprintf(mail + *n, "%s", after);
    return mail;
}

static enum ww_bounce_found read_repeated(const char *before, const char *text, size_t times,
                                          const char *after, struct ww_bounce *b)
{
    size_t n;
    char *mail = repeated(before, text, times, after, &n);
    enum ww_bounce_found found = ww_bounce_read(ww_slice(mail, n), b);
    free(mail);
    return found;
}

static void what_is_too_much(void **state)
{
    static struct ww_bounce b;
    (void)state;
    /* a mail in a mail in a mail */
    assert_int_equal(read_repeated(REPORT TEXT STATUS ONE "--b\r\n", "Content-Type: message/rfc822\r\n\r\n",
                                   30000, HEADERS END, &b),
                     WW_BOUNCE_NO_NOTIFICATION);
    assert_int_equal(
        read_repeated("", "Content-Type: Multipart/mixed; boundary=a\r\n\r\n--a\r\n", 20000, "", &b),
        WW_BOUNCE_NO_NOTIFICATION);
    assert_int_equal(read_repeated(REPORT TEXT STATUS, ONE, 500, HEADERS END, &b), WW_BOUNCE_IS_ONE);
    assert_int_equal(b.count, WW_BOUNCE_RECIPIENTS_MAX);
    /* what follows the first parts, and the first MiB, is not looked at */
    assert_int_equal(read_repeated(REPORT, TEXT, 8, STATUS ONE HEADERS END, &b), WW_BOUNCE_NOT_FOR_GOOD);
    assert_int_equal(
        read_repeated(REPORT TEXT STATUS ONE HEADERS, "filled, and filled, and filled\r\n", 100000, END, &b),
        WW_BOUNCE_IS_ONE);
    assert_int_equal(
        read_repeated(REPORT TEXT, "filled, and filled, and filled\r\n", 100000, STATUS ONE HEADERS END, &b),
        WW_BOUNCE_NOT_FOR_GOOD);
    /* fields without an end */
    assert_int_equal(read_repeated(REPORT TEXT STATUS "Diagnostic-Code: smtp;", " x\r\n", 200000, "", &b),
                     WW_BOUNCE_NOT_FOR_GOOD);
    assert_int_equal(read_repeated(REPORT TEXT STATUS ONE
                                   "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: ",
                                   "x", 5000, "\r\n" END, &b),
                     WW_BOUNCE_IS_ONE);
    assert_in_range(strlen(b.message_id), 900, sizeof b.message_id - 1);
}

static int setup(void **state)
{
    (void)state;
    ww_bounce_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_bounce),
        cmocka_unit_test(what_is_too_much),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
