#include "check/check.h"
#include "cli/check_output.h"
#include "cli/check_view.h"
#include "cli/markup.h"

#include <string.h>

static void put_attribute(FILE *to, const char *name, const char *value)
{
    (void)fprintf(to, " %s=\"", name);
    ww_markup_put(to, value);
    (void)fputc('"', to);
}

void ww_check_junit_begin(FILE *to)
{
    (void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"waxwing check\">\n", to);
}

void ww_check_junit_end(FILE *to)
{
    (void)fputs("</testsuites>\n", to);
}

static bool fails(const struct ww_check_options *options, const json_t *finding)
{
    return !options->never_fails && ww_view_severity(finding) <= options->fail_on;
}

/* Findings of one check are one test case. */
static size_t failures(const struct ww_check_options *options, const json_t *report, size_t *cases)
{
    size_t n = 0;
    size_t same;
    *cases = 0;
    for (size_t i = 0; i < ww_view_size(report, "findings"); i += same) {
        same = ww_view_same(report, i);
        n += fails(options, ww_view_at(report, "findings", i)) ? 1 : 0;
        ++*cases;
    }
    return n;
}

static void begin_case(FILE *to, const char *domain, const char *id)
{
    (void)fputs("  <testcase", to);
    put_attribute(to, "classname", domain);
    put_attribute(to, "name", id);
}

/* What was seen, why it matters and what to do. */
static void put_words(FILE *to, const json_t *report, size_t index, size_t count)
{
    const json_t *first = ww_view_at(report, "findings", index);
    for (size_t i = 0; i < count; i++) {
        const json_t *finding = ww_view_at(report, "findings", index + i);
        ww_markup_put(to, ww_view_text(finding, "where"));
        (void)fputs(": ", to);
        ww_markup_put(to, ww_view_text(finding, "seen"));
        (void)fputc('\n', to);
    }
    (void)fputs("why: ", to);
    ww_markup_put(to, ww_view_text(first, "why"));
    (void)fputs("\nfix: ", to);
    ww_markup_put(to, ww_view_text(first, "fix"));
    if (ww_view_text(first, "source")[0] != '\0')
        (void)fputs("\nsee: ", to);
    ww_markup_put(to, ww_view_text(first, "source"));
}

/* A finding that --fail-on does not ask for is told of, and passes. */
static void put_finding(FILE *to, const struct ww_check_options *options, const json_t *report, size_t index,
                        size_t count)
{
    const json_t *first = ww_view_at(report, "findings", index);
    bool failed = fails(options, first);
    char title[WW_VIEW_TITLE_SIZE];
    ww_view_title(first, title);
    begin_case(to, ww_view_text(report, "domain"), ww_view_text(first, "id"));
    (void)fputs(">\n    <", to);
    (void)fputs(failed ? "failure" : "system-out", to);
    if (failed) {
        put_attribute(to, "type", ww_severity_name(ww_view_severity(first)));
        put_attribute(to, "message", title);
    }
    (void)fputc('>', to);
    if (!failed) {
        (void)fprintf(to, "%s: ", ww_severity_name(ww_view_severity(first)));
        ww_markup_put(to, title);
        (void)fputc('\n', to);
    }
    put_words(to, report, index, count);
    (void)fprintf(to, "</%s>\n  </testcase>\n", failed ? "failure" : "system-out");
}

static void put_cases(FILE *to, const struct ww_check_options *options, const json_t *report)
{
    const char *domain = ww_view_text(report, "domain");
    size_t same;
    for (size_t i = 0; i < ww_view_size(report, "findings"); i += same) {
        same = ww_view_same(report, i);
        put_finding(to, options, report, i, same);
    }
    for (size_t i = 0; i < ww_view_size(report, "passed"); i++) {
        const char *id = json_string_value(ww_view_at(report, "passed", i));
        begin_case(to, domain, id != NULL ? id : "");
        (void)fputs("/>\n", to);
    }
    for (size_t i = 0; i < ww_view_size(report, "not_tested"); i++) {
        const json_t *check = ww_view_at(report, "not_tested", i);
        begin_case(to, domain, ww_view_text(check, "id"));
        (void)fputs(">\n    <skipped", to);
        put_attribute(to, "message", ww_view_text(check, "why"));
        (void)fputs("/>\n  </testcase>\n", to);
    }
}

static void put_missing(FILE *to, const char *domain, const char *why)
{
    (void)fputs(" <testsuite", to);
    put_attribute(to, "name", domain);
    (void)fputs(" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n", to);
    begin_case(to, domain, "inspection");
    (void)fputs(">\n    <error type=\"not-inspected\"", to);
    put_attribute(to, "message", why);
    (void)fputs("/>\n  </testcase>\n </testsuite>\n", to);
}

void ww_check_junit_domain(FILE *to, const struct ww_check_options *options, const char *domain,
                           const json_t *report, const char *why)
{
    if (report == NULL) {
        put_missing(to, domain, why);
        return;
    }
    size_t cases;
    size_t failed = failures(options, report, &cases);
    size_t skipped = ww_view_size(report, "not_tested");
    json_int_t ms = ww_view_number(report, "ms");
    (void)fputs(" <testsuite", to);
    put_attribute(to, "name", domain);
    (void)fprintf(to, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\"",
                  cases + ww_view_size(report, "passed") + skipped, failed, skipped, (double)ms / 1000);
    if (strlen(ww_view_text(report, "at")) == strlen("2026-11-29T12:00:00Z")) {
        char at[20];
        (void)snprintf(at, sizeof at, "%.19s", ww_view_text(report, "at"));
        put_attribute(to, "timestamp", at);
    }
    (void)fputs(">\n", to);
    put_cases(to, options, report);
    (void)fputs(" </testsuite>\n", to);
}
