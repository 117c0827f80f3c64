#include "check/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ERROR WW_SEVERITY_ERROR
#define WARNING WW_SEVERITY_WARNING
#define INFO WW_SEVERITY_INFO

struct row {
    enum ww_err rule; /* WW_OK: the row has its own words */
    struct ww_check_info info;
};

static struct row rows[] = {
#define WW_CHECK(name, id, severity, otherwise, title, why, fix, source) \
    {WW_OK, {id, WW_CHECK_AREA, severity, otherwise, title, why, fix, source}},
#define WW_CHECK_RULE(name, severity, otherwise, why, fix) \
    {WW_E_##name, {NULL, WW_CHECK_AREA, severity, otherwise, NULL, why, fix, NULL}},
#include "check/check_table.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
};
_Static_assert(sizeof rows / sizeof *rows == WW_CHECKS, "each check has its row");

const char *ww_check_area_name(enum ww_check_area area)
{
    static const char *const names[] = {
        [WW_CHECK_AREA_NAMES] = "MTA-STS record", [WW_CHECK_AREA_HOST] = "Policy host",
        [WW_CHECK_AREA_POLICY] = "Policy",        [WW_CHECK_AREA_COVER] = "Policy and MX records",
        [WW_CHECK_AREA_MX] = "MX hosts",          [WW_CHECK_AREA_DANE] = "DNSSEC and DANE",
        [WW_CHECK_AREA_TLSRPT] = "TLS reports",   [WW_CHECK_AREA_HISTORY] = "History",
    };
    _Static_assert(sizeof names / sizeof *names == WW_CHECK_AREAS, "each has its name");
    return names[area];
}

const struct ww_check_info *ww_check_info(enum ww_check check)
{
    struct row *row = &rows[check];
    if (row->rule != WW_OK) {
        row->info.id = ww_err_id(row->rule);
        row->info.title = ww_err_message(row->rule);
        row->info.source = ww_err_source(row->rule);
    }
    return &row->info;
}

enum ww_check ww_check_find(const char *id)
{
    unsigned i = 0;
    while (i < WW_CHECKS && strcmp(ww_check_info((enum ww_check)i)->id, id) != 0)
        i++;
    return (enum ww_check)i;
}

enum ww_check ww_check_of_rule(enum ww_err rule)
{
    unsigned i = 0;
    while (i < WW_CHECKS && (rule == WW_OK || rows[i].rule != rule))
        i++;
    return (enum ww_check)i;
}

void ww_check_report_clear(struct ww_check_report *report)
{
    free(report->findings);
    *report = (struct ww_check_report){.count = 0};
}

void ww_check_made(struct ww_check_report *report, enum ww_check check)
{
    if (report->states[check] != WW_CHECK_FOUND)
        report->states[check] = WW_CHECK_SILENT;
}

void ww_check_not_tested(struct ww_check_report *report, enum ww_check check, const char *why)
{
    if (report->states[check] != WW_CHECK_NOT_MADE)
        return;
    report->states[check] = WW_CHECK_NOT_TESTED;
    report->not_tested[check] = why;
}

static void make_printable(char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

/* False: there is no room for it, or it is there already. */
static bool is_wanted(struct ww_check_report *report, const struct ww_check_finding *f)
{
    size_t same = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct ww_check_finding *other = &report->findings[i];
        if (other->check != f->check)
            continue;
        same++;
        if (strcmp(other->where, f->where) == 0 && strcmp(other->seen, f->seen) == 0)
            return false;
    }
    if (same < WW_CHECK_FINDINGS_PER_CHECK && report->count < WW_CHECK_FINDINGS_MAX)
        return true;
    report->left_out++;
    return false;
}

static bool make_room(struct ww_check_report *report)
{
    size_t n = report->count;
    if (n % 16 != 0)
        return true;
    struct ww_check_finding *more = reallocarray(report->findings, n + 16, sizeof *more);
    if (more != NULL)
        report->findings = more;
    else
        report->failed = true;
    return more != NULL;
}

void ww_check_found(struct ww_check_report *report, enum ww_check check, const char *where,
                    const char *format, ...)
{
    const struct ww_check_info *info = ww_check_info(check);
    struct ww_check_finding f = {.check = check};
    va_list list;
    va_start(list, format);
    (void)vsnprintf(f.seen, sizeof f.seen, format, list);
    va_end(list);
    (void)snprintf(f.where, sizeof f.where, "%s", where);
    make_printable(f.where);
    make_printable(f.seen);
    f.severity = report->enforced ? info->severity : info->otherwise;
    report->states[check] = WW_CHECK_FOUND;
    if (is_wanted(report, &f) && make_room(report))
        report->findings[report->count++] = f;
}

static int by_severity(const void *a, const void *b)
{
    const struct ww_check_finding *x = a, *y = b;
    if (x->severity != y->severity)
        return x->severity < y->severity ? -1 : 1;
    if (x->check != y->check)
        return x->check < y->check ? -1 : 1;
    int order = strcmp(x->where, y->where);
    return order != 0 ? order : strcmp(x->seen, y->seen);
}

void ww_check_report_end(struct ww_check_report *report)
{
    if (report->count > 0)
        qsort(report->findings, report->count, sizeof *report->findings, by_severity);
}

size_t ww_check_count(const struct ww_check_report *report, enum ww_severity severity)
{
    size_t n = 0;
    for (size_t i = 0; i < report->count; i++)
        n += report->findings[i].severity == severity;
    return n;
}
