/* Bars of what went well and what failed; fields of CSV. */
#include "cli/bars.h"
#include "cli/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define FULL "\xe2\x96\x88"
#define HALF "\xe2\x96\x8c"
#define EIGHTH "\xe2\x96\x8f"
#define BAD "\xe2\x96\x93"

static void bars(void **state)
{
    static const struct {
        struct ww_bars bars;
        uint64_t good, bad;
        const char *text;
    } cases[] = {
        {{.width = 8, .most = 8}, 8, 0, "########"},
        {{.width = 8, .most = 8}, 4, 4, "####xxxx"},
        {{.width = 8, .most = 8}, 0, 0, "        "},
        {{.width = 8, .most = 0}, 0, 0, "        "},
        {{.width = 8, .most = 0}, 1, 1, "        "},
        {{.width = 8, .most = 1000}, 1, 0, "#       "},
        {{.width = 8, .most = 1000}, 999, 1, "#######x"},
        {{.width = 8, .most = 1000}, 1, 1, "#x      "},
        {{.width = 8, .most = 1000}, 0, 1000, "xxxxxxxx"},
        {{.width = 8, .most = 1000}, 1, 999, "xxxxxxxx"},
        {{.width = 8, .most = UINT64_MAX}, UINT64_MAX, 0, "########"},
        {{.width = 8, .most = UINT64_MAX}, UINT64_MAX / 2, UINT64_MAX / 2, "####xxxx"},
        {{.width = 8, .most = 4}, 100, 100, "xxxxxxxx"}, /* more than the most there is */
        {{.width = 0, .most = 4}, 1, 1, ""},
        {{.width = 4, .most = 8, .blocks = true}, 8, 0, FULL FULL FULL FULL},
        {{.width = 4, .most = 8, .blocks = true}, 3, 0, FULL HALF "  "},
        {{.width = 4, .most = 8000, .blocks = true}, 1, 0, EIGHTH "   "},
        {{.width = 4, .most = 8, .blocks = true}, 3, 2, FULL FULL BAD " "},
        {{.width = 4, .most = 8000, .blocks = true}, 7999, 1, FULL FULL FULL BAD},
        {{.width = 4, .most = 4, .colour = true}, 1, 1, "\033[32m#\033[0m\033[31mx\033[0m  "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);
        assert_non_null(f);
        ww_bars_put(f, &cases[i].bars, cases[i].good, cases[i].bad);
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

static void fields(void **state)
{
    static const struct {
        const char *text;
        const char *safely; /* NULL: the same */
        const char *field;
    } cases[] = {
        {"", NULL, ""},
        {"mx1.example.com", NULL, "mx1.example.com"},
        {"a,b", NULL, "\"a,b\""},
        {"say \"no\"", NULL, "\"say \"\"no\"\"\""},
        {"\"", NULL, "\"\"\"\""},
        {"two\r\nlines", "\"two\\x0d\\x0alines\"", "\"two\r\nlines\""},
        {" a", NULL, "\" a\""},
        {"a ", NULL, "\"a \""},
        {"=1+1", NULL, "'=1+1"},
        {"+1", NULL, "'+1"},
        {"-1", NULL, "'-1"},
        {"@SUM(A1)", NULL, "'@SUM(A1)"},
        {"\t=1", "'\\x09=1", "'\t=1"},
        {"\r=1", "\"'\\x0d=1\"", "\"'\r=1\""},
        {"=HYPERLINK(\"x\",\"y\")", NULL, "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""},
        {"1=1", NULL, "1=1"},
        {"caf\xc3\xa9", "caf\\xc3\\xa9", "caf\xc3\xa9"},
        {"\033[2J", "\\x1b[2J", "\033[2J"},
    };
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        const char *wanted = cases[i / 2].field;
        char *text = NULL, line[128];
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);
        struct ww_csv csv = {.to = f, .safely = i % 2 == 1};
        assert_non_null(f);
        if (csv.safely && cases[i / 2].safely != NULL)
            wanted = cases[i / 2].safely;
        ww_csv_text(&csv, cases[i / 2].text, strlen(cases[i / 2].text));
        ww_csv_plain(&csv, "7");
        ww_csv_end(&csv);
        ww_csv_plain(&csv, "8");
        ww_csv_end(&csv);
        assert_int_equal(fclose(f), 0);
        (void)snprintf(line, sizeof line, "%s,7\r\n8\r\n", wanted);
        assert_string_equal(text, line);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bars), cmocka_unit_test(fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
