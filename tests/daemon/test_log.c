#include "daemon/log.h"
#include "daemon/log_limit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIME "0000-00-00T00:00:00Z"

static int reader = -1;
static int saved = -1;
static char line[8192];

static int setup(void **state)
{
    (void)state;
    int fds[2];
    saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0 || dup2(fds[1], STDERR_FILENO) < 0)
        return -1;
    close(fds[1]);
    reader = fds[0];
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(reader);
    return 0;
}

/* What was logged; "" for nothing. */
static const char *raw(void)
{
    ssize_t n = read(reader, line, sizeof line - 1);
    line[n > 0 ? n : 0] = '\0';
    return line;
}

/* What was logged, with all digits of the time made zero. */
static const char *logged(bool json)
{
    size_t n = strlen(raw());
    char *stamp = line + (json ? strlen("{\"time\":\"") : 0);
    for (size_t i = 0; n > 0 && i < strlen(TIME); i++) {
        if (stamp[i] >= '0' && stamp[i] <= '9')
            stamp[i] = '0';
    }
    return line;
}

struct value_case {
    const char *value;
    const char *text;
    const char *json;
};

static const struct value_case values[] = {
    {"plain", "plain", "\"plain\""},
    {"inet:127.0.0.1:8461", "inet:127.0.0.1:8461", "\"inet:127.0.0.1:8461\""},
    {"", "\"\"", "\"\""},
    {"two words", "\"two words\"", "\"two words\""},
    {"a=b", "\"a=b\"", "\"a=b\""},
    {"say \"hi\"", "\"say \\\"hi\\\"\"", "\"say \\\"hi\\\"\""},
    {"back\\slash", "\"back\\\\slash\"", "\"back\\\\slash\""},
    {"x\n" TIME " front error forged", "\"x\\x0a" TIME " front error forged\"",
     "\"x\\u000a" TIME " front error forged\""},
    {"\x1b[2J\r\t\x7f", "\"\\x1b[2J\\x0d\\x09\\x7f\"", "\"\\u001b[2J\\u000d\\u0009\\u007f\""},
    {"b\xc3\xbc", "\"b\\xc3\\xbc\"", "\"b\\u00c3\\u00bc\""},
};

static void values_are_escaped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char wanted[512];
        ww_log_open("front", WW_LOG_INFO, WW_LOG_TEXT);
        ww_log_info("event", "key", values[i].value, "next", "x");
        snprintf(wanted, sizeof wanted, TIME " front info event key=%s next=x\n", values[i].text);
        assert_string_equal(logged(false), wanted);

        ww_log_open("front", WW_LOG_INFO, WW_LOG_JSON);
        ww_log_info("event", "key", values[i].value, "next", "x");
        snprintf(wanted, sizeof wanted,
                 "{\"time\":\"" TIME
                 "\",\"role\":\"front\",\"level\":\"info\",\"event\":\"event\",\"key\":%s,"
                 "\"next\":\"x\"}\n",
                 values[i].json);
        assert_string_equal(logged(true), wanted);
    }
}

static void missing_values_are_left_out(void **state)
{
    (void)state;
    ww_log_open("keeper", WW_LOG_INFO, WW_LOG_TEXT);
    ww_log_warning("event", "a", NULL, "b", "1");
    assert_string_equal(logged(false), TIME " keeper warning event b=1\n");
    ww_log_error("event");
    assert_string_equal(logged(false), TIME " keeper error event\n");
}

static void levels(void **state)
{
    (void)state;
    static const struct {
        enum ww_log_level level;
        const char *words[4]; /* in the order of the calls below; NULL: not logged */
    } cases[] = {
        {WW_LOG_ERROR, {"error", NULL, NULL, NULL}},
        {WW_LOG_WARNING, {"error", "warning", NULL, NULL}},
        {WW_LOG_INFO, {"error", "warning", "info", NULL}},
        {WW_LOG_DEBUG, {"error", "warning", "info", "debug"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ww_log_open("front", cases[i].level, WW_LOG_TEXT);
        for (int level = 0; level < 4; level++) {
            char wanted[64] = "";
            ww_log((enum ww_log_level)level, "event", (char *)NULL);
            if (cases[i].words[level] != NULL)
                snprintf(wanted, sizeof wanted, TIME " front %s event\n", cases[i].words[level]);
            assert_string_equal(logged(false), wanted);
        }
    }
}

/* A line is one write that a pipe takes whole, however long the values are; JSON stays JSON. */
static void long_values_are_cut(void **state)
{
    (void)state;
    static char big[5000];
    for (size_t n = 3900; n < 4200; n++) {
        for (int json = 0; json < 2; json++) {
            memset(big, n % 2 == 0 ? 'x' : '\n', n);
            big[n] = '\0';
            ww_log_open("front", WW_LOG_DEBUG, json == 1 ? WW_LOG_JSON : WW_LOG_TEXT);
            ww_log_debug("event", "key", big, "next", "value of the next");
            size_t length = strlen(logged(json == 1));
            assert_in_range(length, 3900, 4096);
            assert_ptr_equal(strchr(line, '\n'), line + length - 1);
            if (json == 1)
                assert_string_equal(line + length - 3, "\"}\n");
            size_t quotes = 0;
            for (size_t i = 0; i < length; i++)
                quotes += line[i] == '"';
            assert_int_equal(quotes % 2, 0);
        }
    }
}

/* As the journal's socket is announced to us; NULL: not at all. */
static void announce(const char *stream)
{
    if (stream != NULL)
        assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    else
        assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

static void for_the_journal(void **state)
{
    (void)state;
    struct stat st;
    char ours[48];
    assert_int_equal(fstat(STDERR_FILENO, &st), 0);
    snprintf(ours, sizeof ours, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    const struct {
        const char *stream;
        enum ww_log_format format;
        const char *wanted;
    } cases[] = {
        {ours, WW_LOG_AUTO, "<4>front warning event a=1\n"},
        {ours, WW_LOG_JOURNAL, "<4>front warning event a=1\n"},
        {NULL, WW_LOG_JOURNAL, "<4>front warning event a=1\n"},
        {NULL, WW_LOG_AUTO, TIME " front warning event a=1\n"},
        {"1:2", WW_LOG_AUTO, TIME " front warning event a=1\n"},
        {"", WW_LOG_AUTO, TIME " front warning event a=1\n"},
        {"1:2", WW_LOG_TEXT, TIME " front warning event a=1\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        announce(cases[i].stream);
        ww_log_open("front", WW_LOG_INFO, cases[i].format);
        ww_log_warning("event", "a", "1");
        bool stamped = cases[i].wanted[0] == '0';
        const char *got = stamped ? logged(false) : raw();
        assert_string_equal(got, cases[i].wanted);
    }
    /* Whoever wants another format there gets the level all the same. */
    announce(ours);
    ww_log_open("front", WW_LOG_INFO, WW_LOG_TEXT);
    ww_log_error("event");
    assert_memory_equal(raw(), "<3>2", 4);
    ww_log_open("front", WW_LOG_INFO, WW_LOG_JSON);
    ww_log_info("event");
    assert_memory_equal(raw(), "<6>{\"time\":", 11);
    announce(NULL);
}

static void too_many_lines_are_counted(void **state)
{
    (void)state;
    ww_log_open("front", WW_LOG_INFO, WW_LOG_JOURNAL);
    for (unsigned i = 0; i < WW_LOG_LINES_MAX; i++) {
        assert_true(ww_log_info("flood"));
        assert_string_equal(raw(), "<6>front info flood\n");
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_false(i == 1 ? ww_log_warning("flood") : ww_log_info("flood"));
        assert_true(ww_log_debug("flood"));
        assert_string_equal(raw(), "");
    }
    ww_log_flush(false);
    assert_string_equal(raw(), "");
    assert_true(ww_log_info("other"));
    assert_string_equal(raw(), "<6>front info other\n");
    ww_log_flush(true);
    assert_string_equal(raw(), "<4>front warning log-suppressed of=flood count=3\n");
    assert_true(ww_log_info("flood"));
    assert_string_equal(raw(), "<6>front info flood\n");
}

static void debugging_is_not_limited(void **state)
{
    (void)state;
    ww_log_open("front", WW_LOG_DEBUG, WW_LOG_JOURNAL);
    for (unsigned i = 0; i < 10 * WW_LOG_LINES_MAX; i++) {
        assert_true(ww_log_debug("much"));
        assert_string_equal(raw(), "<7>front debug much\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_escaped),
        cmocka_unit_test(missing_values_are_left_out),
        cmocka_unit_test(levels),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(for_the_journal),
        cmocka_unit_test(too_many_lines_are_counted),
        cmocka_unit_test(debugging_is_not_limited),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
