/* Tables where they are read by programs, and on a terminal; times as people say them. */
#include "cli/table.h"
#include "cli/when.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct ww_table_column columns[] = {
    {.heading = "DOMAIN"}, {.heading = "N", .right = true}, {.heading = "DETAIL", .shortens = true}};

static struct ww_table *filled(void)
{
    static const struct ww_table_cell rows[][3] = {
        {{"b.example", WW_TABLE_GOOD}, {"1", WW_TABLE_PLAIN}, {"fine", WW_TABLE_PLAIN}},
        {{"a.example", WW_TABLE_WRONG},
         {"1000", WW_TABLE_PLAIN},
         {"\033[2J\ttab\nline \\x\377", WW_TABLE_PLAIN}},
        {{"c.example", WW_TABLE_PLAIN}, {NULL, WW_TABLE_PLAIN}, {NULL, WW_TABLE_PLAIN}},
    };
    struct ww_table *t = ww_table_new(columns, COUNT(columns));
    assert_non_null(t);
    for (size_t i = 0; i < COUNT(rows); i++)
        ww_table_add(t, rows[i]);
    return t;
}

static void programs_get_tabs(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0;
    FILE *f = tmpfile();
    struct ww_table *t = filled();
    assert_int_equal(ww_table_rows(t), 3);
    assert_true(ww_table_print(t, f));
    ww_table_sort(t, 0);
    assert_true(ww_table_print(t, f));
    ww_table_free(t);
    t = ww_table_new(columns, COUNT(columns));
    assert_true(ww_table_print(t, f)); /* without rows */
    ww_table_free(t);
    rewind(f);
    assert_true(getdelim(&text, &n, '\0', f) > 0);
    assert_string_equal(text, "DOMAIN\tN\tDETAIL\n"
                              "b.example\t1\tfine\n"
                              "a.example\t1000\t\\x1b[2J\\x09tab\\x0aline \\\\x\\xff\n"
                              "c.example\t\t\n"
                              "DOMAIN\tN\tDETAIL\n"
                              "a.example\t1000\t\\x1b[2J\\x09tab\\x0aline \\\\x\\xff\n"
                              "b.example\t1\tfine\n"
                              "c.example\t\t\n");
    free(text);
    (void)fclose(f);
}

/* What a terminal of so many columns gets. */
static const char *on_terminal(unsigned short width, const char *no_colour)
{
    static char text[4096];
    const struct winsize size = {.ws_row = 24, .ws_col = width};
    int ours;
    int theirs;
    assert_int_equal(openpty(&ours, &theirs, NULL, NULL, &size), 0);
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    assert_int_equal(setenv("NO_COLOR", no_colour, 1), 0);
    int kept = dup(1);
    (void)fflush(stdout);
    assert_int_equal(dup2(theirs, 1), 1); /* libsmartcols asks standard output for its width */
    struct ww_table *t = filled();
    ww_table_sort(t, 0);
    bool good = ww_table_print(t, stdout);
    (void)fflush(stdout);
    ww_table_free(t);
    assert_int_equal(dup2(kept, 1), 1);
    (void)close(kept);
    assert_true(good);
    ssize_t n = read(ours, text, sizeof text - 1);
    assert_true(n > 0);
    text[n] = '\0';
    (void)close(ours);
    (void)close(theirs);
    return text;
}

static void people_get_columns(void **state)
{
    (void)state;
    assert_string_equal(on_terminal(80, "1"), "DOMAIN       N DETAIL\r\n"
                                              "a.example 1000 \\x1b[2J\\x09tab\\x0aline \\\\x\\xff\r\n"
                                              "b.example    1 fine\r\n"
                                              "c.example      \r\n");
    assert_string_equal(on_terminal(25, "1"), "DOMAIN       N DETAIL\r\n"
                                              "a.example 1000 \\x1b[2J\\x0\r\n"
                                              "b.example    1 fine\r\n"
                                              "c.example      \r\n");
    const char *coloured = on_terminal(80, "");
    assert_non_null(strstr(coloured, "\033[31ma.example"));
    assert_non_null(strstr(coloured, "\033[32mb.example"));
    assert_null(strstr(coloured, "\033[2J"));
}

static void times_as_people_say_them(void **state)
{
    static const struct {
        int64_t time;
        const char *text;
    } cases[] = {
        {0, "now"},
        {1, "in 1 s"},
        {-59, "59 s ago"},
        {60, "in 1 min"},
        {61, "in 1 min 1 s"},
        {-3599, "59 min ago"},
        {9 * 60 + 59, "in 9 min 59 s"},
        {3600, "in 1 h"},
        {3660, "in 1 h 1 min"},
        {3601, "in 1 h"},
        {-86400 * 6 - 3600 * 3 - 100, "6 d 3 h ago"},
        {86400 * 31 + 3600, "in 31 d"},
        {INT64_MAX - 1000, "in 106751991167300 d"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[WW_WHEN_SIZE];
        ww_when(1000 + cases[i].time, 1000, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_get_tabs),
        cmocka_unit_test(people_get_columns),
        cmocka_unit_test(times_as_people_say_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
