#include "core/syslog_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define REST " out postfix/smtp[338]: text of it"

/* What was read: the time, host, tag, pid, message. */
static const struct {
    const char *line;
    const char *read; /* NULL: it is no such line */
} cases[] = {
    {"Nov 29 11:24:44" REST, "11-29 11:24:44|out|postfix/smtp|338|text of it"},
    {"Jan  1 00:00:00" REST, "01-01 00:00:00|out|postfix/smtp|338|text of it"},
    {"Dec 31 23:59:60" REST, "12-31 23:59:60|out|postfix/smtp|338|text of it"},
    {"2026-11-29T11:24:44+00:00" REST, "1795951484|out|postfix/smtp|338|text of it"},
    {"2026-11-29T12:24:44.123456+01:00" REST, "1795951484|out|postfix/smtp|338|text of it"},
    {"2026-11-29T11:24:44Z" REST, "1795951484|out|postfix/smtp|338|text of it"},
    {"2026-11-29T12:24:44+0100" REST, "1795951484|out|postfix/smtp|338|text of it"},
    {"2026-11-29T06:24:44-0500" REST, "1795951484|out|postfix/smtp|338|text of it"},
    {"Nov 29 11:24:44 out postfix/smtp: text", "11-29 11:24:44|out|postfix/smtp|0|text"},
    {"Nov 29 11:24:44 out postfix/smtp[1]: ", "11-29 11:24:44|out|postfix/smtp|1|"},
    {"Nov 29 11:24:44 2001:db8::1 postfix-out/relay/smtp[4194304]: a: b",
     "11-29 11:24:44|2001:db8::1|postfix-out/relay/smtp|4194304|a: b"},
    {"", NULL},
    {"Nov 29 11:24:44", NULL},
    {"Nov 29 11:24:44 ", NULL},
    {"Nov 29 11:24:44 out", NULL},
    {"Nov 29 11:24:44 out text without a tag", NULL},
    {"Nov 29 11:24:44  postfix/smtp[1]: no host", NULL},
    {"Nov 29 11:24:44 out : text", NULL},
    {"Nov 29 11:24:44 out [1]: text", NULL},
    {"Nov 29 11:24:44 out smtp[]: text", NULL},
    {"Nov 29 11:24:44 out smtp[x]: text", NULL},
    {"Nov 29 11:24:44 out smtp[1x]: text", NULL},
    {"Nov 29 11:24:44 out smtp1]: text", NULL},
    {"Nov 29 11:24:44 out smtp[42949672960]: text", NULL},
    {"Nov 00 11:24:44" REST, NULL},
    {"Nov 32 11:24:44" REST, NULL},
    {"Nom 29 11:24:44" REST, NULL},
    {"Nov 29 24:24:44" REST, NULL},
    {"Nov 29 11:60:44" REST, NULL},
    {"Nov 29 11:24:61" REST, NULL},
    {"Nov 29 1 :24:44" REST, NULL},
    {"Nov 29 11.24.44" REST, NULL},
    {"2026-11-31T11:24:44Z" REST, NULL},
    {"2026-11-29T11:24:44" REST, NULL},
    {"2026-11-29T11:24:44+1" REST, NULL},
    {"2026-11-29T11:24:44.000000000000000000000+00:00" REST, NULL},
    {" 2026-11-29T11:24:44Z" REST, NULL},
    {"+0000 out smtp[1]: text", NULL},
};

static void write_time(const struct ww_syslog_line *line, char *out, size_t size)
{
    const struct ww_wall_time *w = &line->wall;
    if (line->is_wall)
        (void)snprintf(out, size, "%02d-%02d %02d:%02d:%02d", w->month, w->day, w->hour, w->minute,
                       w->second);
    else
        (void)snprintf(out, size, "%lld", (long long)line->seconds);
}

static void reads_the_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_syslog_line line;
        char time[80], read[512];
        bool good = ww_syslog_line_parse(cases[i].line, strlen(cases[i].line), &line);
        if (good != (cases[i].read != NULL))
            fail_msg("%s: %s", cases[i].line, good ? "it is a line" : "it is none");
        if (!good)
            continue;
        write_time(&line, time, sizeof time);
        (void)snprintf(read, sizeof read, "%s|%.*s|%.*s|%u|%.*s", time, (int)line.host.n, line.host.p,
                       (int)line.tag.n, line.tag.p, line.pid, (int)line.message.n, line.message.p);
        assert_string_equal(read, cases[i].read);
    }
}

static void bounds_the_line(void **state)
{
    static const char begin[] = "Nov 29 11:24:44 out smtp[1]: ";
    static char line[WW_SYSLOG_LINE_MAX + 1];
    struct ww_syslog_line out;
    (void)state;
    memset(line, 'x', sizeof line);
    memcpy(line, begin, sizeof begin - 1);
    assert_true(ww_syslog_line_parse(line, WW_SYSLOG_LINE_MAX, &out));
    assert_false(ww_syslog_line_parse(line, WW_SYSLOG_LINE_MAX + 1, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_forms),
        cmocka_unit_test(bounds_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
