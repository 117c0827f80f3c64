#include "cli/cli.h"
#include "cli/lint.h"
#include "cli/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of an excerpt to the left and right of its place. */
#define EXCERPT_SIDE 35

int ww_lint_exit(enum ww_verdict verdict)
{
    return verdict == WW_VERDICT_VALID || verdict == WW_VERDICT_MATCH ? WW_EXIT_OK : WW_EXIT_NOT;
}

int ww_lint_print_json(char *json, int status)
{
    if (json == NULL) {
        (void)fputs("waxwing: out of memory\n", stderr);
        return WW_EXIT_INTERNAL;
    }
    (void)puts(json);
    free(json);
    return status;
}

static void print_coloured(const char *colour, const char *text)
{
    if (ww_show_has_colour(stdout))
        (void)printf("\033[%sm%s\033[0m", colour, text);
    else
        (void)fputs(text, stdout);
}

void ww_lint_print_verdict(enum ww_verdict verdict)
{
    print_coloured(ww_lint_exit(verdict) == WW_EXIT_OK ? "1;32" : "1;31", ww_verdict_name(verdict));
}

/* The line of the input that holds an offset. */
static struct ww_slice line_at(struct ww_slice input, size_t offset, size_t *number, size_t *column)
{
    size_t start = 0, end = offset;
    *number = 1;
    for (size_t i = 0; i < offset; i++) {
        if (input.p[i] == '\n') {
            ++*number;
            start = i + 1;
        }
    }
    while (end < input.n && input.p[end] != '\n')
        end++;
    *column = offset - start;
    return ww_slice(input.p + start, end - start);
}

static void print_excerpt(struct ww_slice input, size_t offset)
{
    size_t number, column;
    if (offset > input.n)
        return;
    struct ww_slice line = line_at(input, offset, &number, &column);
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    size_t from = column > EXCERPT_SIDE ? column - EXCERPT_SIDE : 0;
    size_t to = line.n > column + EXCERPT_SIDE ? column + EXCERPT_SIDE : line.n;
    (void)printf("  line %zu, column %zu\n    ", number, column + 1);
    if (from < to)
        ww_show_columns(stdout, line.p + from, to - from);
    (void)printf("\n    %*s\n", (int)(column - from) + 1, "^");
}

void ww_lint_print_severity(enum ww_severity severity)
{
    static const char *const colours[] = {
        [WW_SEVERITY_ERROR] = "31", [WW_SEVERITY_WARNING] = "33", [WW_SEVERITY_INFO] = "36"};
    print_coloured(colours[severity], ww_severity_name(severity));
}

void ww_lint_print_finding(const struct ww_finding *finding, struct ww_slice input, const char *where)
{
    const char *source = ww_err_source(finding->rule);
    ww_lint_print_severity(finding->severity);
    (void)printf(" %zu: %s%s%s [%s]", finding->offset, where != NULL ? where : "", where != NULL ? ": " : "",
                 ww_err_message(finding->rule), ww_err_id(finding->rule));
    if (source[0] != '\0')
        (void)printf(" (%s)", source);
    (void)fputc('\n', stdout);
    if (ww_show_is_terminal(stdout))
        print_excerpt(input, finding->offset);
}

void ww_lint_print_findings(const struct ww_findings *findings, struct ww_slice input)
{
    for (size_t i = 0; i < findings->count; i++)
        ww_lint_print_finding(&findings->list[i], input, NULL);
    if (findings->left_out > 0)
        (void)printf("%zu more are not shown\n", findings->left_out);
}
