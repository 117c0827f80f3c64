#include "codec/journal_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define TIME "\"__REALTIME_TIMESTAMP\":\"1795951484123456\""
#define REST "\"_HOSTNAME\":\"out\",\"SYSLOG_IDENTIFIER\":\"postfix/smtp\",\"MESSAGE\":\"text\""

static char long_cursor[WW_JOURNAL_CURSOR_SIZE + 1];

/* The time, host, tag, pid, message, cursor. */
static const struct {
    const char *entry;
    const char *read; /* NULL: none */
} cases[] = {
    {"{\"__CURSOR\":\"s=1;i=2\"," TIME ",\"SYSLOG_PID\":\"338\",\"_PID\":\"1\"," REST "}",
     "1795951484|out|postfix/smtp|338|text|s=1;i=2"},
    {"{" TIME ",\"_PID\":\"338\"," REST "}", "1795951484|out|postfix/smtp|338|text|"},
    {"{" TIME ",\"SYSLOG_PID\":\"x\"," REST "}", "1795951484|out|postfix/smtp|0|text|"},
    {"{" TIME ",\"_PID\":\"4294967296\"," REST "}", "1795951484|out|postfix/smtp|0|text|"},
    {"{" TIME ",\"__CURSOR\":\"a b\"," REST "}", "1795951484|out|postfix/smtp|0|text|"},
    {"{" TIME ",\"__CURSOR\":[1]," REST "}", "1795951484|out|postfix/smtp|0|text|"},
    {"{" TIME ",\"MESSAGE\":\"text\"}", "1795951484|||0|text|"},
    /* What is no UTF-8 is told as octets, and what is too long not at all. */
    {"{" TIME ",\"MESSAGE\":[116,255]}", NULL},
    {"{" TIME ",\"MESSAGE\":null}", NULL},
    {"{" TIME ",\"MESSAGE\":\"\"}", NULL},
    {"{" TIME "}", NULL},
    {"{\"__REALTIME_TIMESTAMP\":1795951484123456," REST "}", NULL},
    {"{\"__REALTIME_TIMESTAMP\":\"\"," REST "}", NULL},
    {"{\"__REALTIME_TIMESTAMP\":\"-5\"," REST "}", NULL},
    {"{\"__REALTIME_TIMESTAMP\":\"9999999999999999999\"," REST "}", NULL},
    {"{" REST "}", NULL},
    {"["
     "]",
     NULL},
    {"{" TIME "," REST, NULL},
    {"", NULL},
};

static void reads_entries(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_journal_line line;
        char read[1024];
        bool good = ww_journal_line_parse(cases[i].entry, strlen(cases[i].entry), &line);
        if (good != (cases[i].read != NULL))
            fail_msg("%s", cases[i].entry);
        if (!good)
            continue;
        (void)snprintf(read, sizeof read, "%lld|%.*s|%.*s|%u|%.*s|%s", (long long)line.seconds,
                       (int)line.host.n, line.host.p, (int)line.tag.n, line.tag.p, line.pid,
                       (int)line.message.n, line.message.p, line.cursor);
        assert_string_equal(read, cases[i].read);
        ww_journal_line_free(&line);
    }
}

static void bounds_the_cursor(void **state)
{
    (void)state;
    memset(long_cursor, 'c', WW_JOURNAL_CURSOR_SIZE);
    for (size_t n = WW_JOURNAL_CURSOR_SIZE - 1; n <= WW_JOURNAL_CURSOR_SIZE; n++) {
        char entry[2048];
        struct ww_journal_line line;
        int length =
            snprintf(entry, sizeof entry, "{" TIME ",\"__CURSOR\":\"%.*s\"," REST "}", (int)n, long_cursor);
        assert_true(ww_journal_line_parse(entry, (size_t)length, &line));
        assert_int_equal(strlen(line.cursor), n < WW_JOURNAL_CURSOR_SIZE ? n : 0);
        ww_journal_line_free(&line);
    }
}

static void bounds_the_entry(void **state)
{
    static char entry[WW_JOURNAL_LINE_MAX + 1];
    struct ww_journal_line line;
    (void)state;
    memset(entry, ' ', sizeof entry);
    memcpy(entry, "{" TIME "," REST "}", sizeof("{" TIME "," REST "}") - 1);
    assert_true(ww_journal_line_parse(entry, WW_JOURNAL_LINE_MAX, &line));
    ww_journal_line_free(&line);
    assert_false(ww_journal_line_parse(entry, WW_JOURNAL_LINE_MAX + 1, &line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_entries),
        cmocka_unit_test(bounds_the_cursor),
        cmocka_unit_test(bounds_the_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
