#include "cli/check_print.h"

#include "cli/printing.h"
#include "cli/show.h"

#include <string.h>

static void put_verdict(struct printing *p, const json_t *report)
{
    char at[32];
    char took[32];
    enum ww_view_state state;
    const char *word = ww_view_outlook(report, &state);
    begin(p, 0);
    put_in(p, BOLD, ww_view_text(report, "domain"));
    (void)fputs(": ", p->wrap.to);
    p->wrap.column += 2;
    p->wrap.indent = p->wrap.column;
    paint(p, BOLD);
    put_in(p, colours[state], word);
    end(p);
    begin(p, INDENT);
    ww_wrap_put(&p->wrap, ww_view_outlook_words(report));
    end(p);
    begin(p, INDENT);
    ww_view_when(report, at, took);
    paint(p, FAINT);
    ww_wrap_put(&p->wrap, ww_view_mode(report));
    if (json_is_true(json_object_get(report, "offline")))
        ww_wrap_put(&p->wrap, "- made of files, nobody was asked");
    else if (at[0] != '\0')
        ww_wrap_put(&p->wrap, "- inspected");
    ww_wrap_put(&p->wrap, at);
    ww_wrap_put(&p->wrap, took[0] != '\0' ? "in" : "");
    ww_wrap_put(&p->wrap, took);
    paint(p, PLAIN);
    end(p);
}

enum ww_table_colour ww_check_table_colour(enum ww_view_state state)
{
    static const enum ww_table_colour of[WW_VIEW_STATES] = {
        [WW_VIEW_PLAIN] = WW_TABLE_PLAIN, [WW_VIEW_GOOD] = WW_TABLE_GOOD,   [WW_VIEW_MIND] = WW_TABLE_MIND,
        [WW_VIEW_BAD] = WW_TABLE_WRONG,   [WW_VIEW_FAINT] = WW_TABLE_FAINT,
    };
    return of[state];
}

/* Columns that the name of a host takes at least, beside those of the other cells. */
#define NAME_MIN 16
#define HOST_COLUMNS 6

static bool fits(const struct printing *p, const struct ww_table_column columns[HOST_COLUMNS],
                 const json_t *report)
{
    size_t widths[HOST_COLUMNS] = {NAME_MIN};
    size_t width = HOST_COLUMNS;
    for (size_t i = 1; i < HOST_COLUMNS; i++)
        widths[i] = strlen(columns[i].heading);
    for (size_t i = 0; i < ww_view_host_count(report); i++) {
        struct ww_view_host h;
        ww_view_host(report, i, &h);
        const char *const cells[HOST_COLUMNS] = {"", h.preference, h.tls, h.expires, h.dane, h.verdict};
        for (size_t c = 0; c < HOST_COLUMNS; c++)
            widths[c] = strlen(cells[c]) > widths[c] ? strlen(cells[c]) : widths[c];
    }
    for (size_t c = 0; c < HOST_COLUMNS; c++)
        width += widths[c];
    return p->wrap.width == 0 || width <= p->wrap.width;
}

static void put_host_lines(struct printing *p, const json_t *report)
{
    for (size_t i = 0; i < ww_view_host_count(report); i++) {
        struct ww_view_host h;
        ww_view_host(report, i, &h);
        end(p);
        begin(p, 0);
        ww_wrap_put(&p->wrap, h.name);
        ww_wrap_put(&p->wrap, h.preference);
        end(p);
        begin(p, INDENT);
        put_in(p, colours[h.verdict_state], h.verdict);
        put_in(p, colours[h.tls_state], h.tls);
        end(p);
        put_labelled(p, INDENT, "cert", h.expires);
        put_labelled(p, INDENT, "dane", h.dane);
    }
}

static void put_host_table(struct printing *p, const struct ww_table_column columns[HOST_COLUMNS],
                           const json_t *report)
{
    struct ww_table *table = ww_table_new(columns, HOST_COLUMNS);
    if (table == NULL)
        return;
    for (size_t i = 0; i < ww_view_host_count(report); i++) {
        struct ww_view_host h;
        ww_view_host(report, i, &h);
        const struct ww_table_cell cells[HOST_COLUMNS] = {
            {h.name, WW_TABLE_PLAIN},
            {h.preference, WW_TABLE_PLAIN},
            {h.tls, ww_check_table_colour(h.tls_state)},
            {h.expires, ww_check_table_colour(h.expires_state)},
            {h.dane, ww_check_table_colour(h.dane_state)},
            {h.verdict, ww_check_table_colour(h.verdict_state)},
        };
        ww_table_add(table, cells);
    }
    if (ww_table_rows(table) > 0)
        end(p);
    (void)ww_table_draw(table, p->wrap.to, p->wrap.width, p->colour);
    ww_table_free(table);
}

static void put_hosts(struct printing *p, const json_t *report)
{
    static const struct ww_table_column columns[HOST_COLUMNS] = {
        {.heading = "MX HOST", .shortens = true},
        {.heading = "PREF", .right = true},
        {.heading = "TLS"},
        {.heading = "CERTIFICATE"},
        {.heading = "DANE"},
        {.heading = "SENDERS"},
    };
    if (fits(p, columns, report))
        put_host_table(p, columns, report);
    else
        put_host_lines(p, report);
}

static const char *severity_colour(enum ww_severity severity)
{
    if (severity == WW_SEVERITY_ERROR)
        return colours[WW_VIEW_BAD];
    return colours[severity == WW_SEVERITY_WARNING ? WW_VIEW_MIND : WW_VIEW_PLAIN];
}

/* Columns of the word that says how bad it is. */
#define SEVERITY 9

/* Of the place of a finding so much is shown. */
#define WHERE_SIZE 400

/* "mx.example.com [192.0.2.1, 2001:db8::1]: what was seen", with all lines but the first set in. */
static void put_place(struct printing *p, const json_t *finding)
{
    char where[WHERE_SIZE];
    (void)snprintf(where, sizeof where, "%s:", ww_view_text(finding, "where"));
    char *rest = where + strcspn(where, " ");
    if (*rest == ' ')
        *rest++ = '\0';
    begin(p, SEVERITY);
    paint(p, FAINT);
    if (strcmp(where, ":") != 0)
        ww_wrap_put(&p->wrap, where);
    p->wrap.indent += INDENT;
    if (p->wrap.column < p->wrap.indent)
        p->wrap.column = p->wrap.indent; /* so that no space comes first */
    ww_wrap_put(&p->wrap, rest);
    paint(p, PLAIN);
    ww_wrap_put(&p->wrap, ww_view_text(finding, "seen"));
    end(p);
}

static void put_finding(struct printing *p, const json_t *report, size_t index, size_t count)
{
    const json_t *finding = ww_view_at(report, "findings", index);
    enum ww_severity severity = ww_view_severity(finding);
    char title[WW_VIEW_TITLE_SIZE];
    ww_view_title(finding, title);
    end(p);
    paint(p, severity_colour(severity));
    (void)fprintf(p->wrap.to, "%-*s", SEVERITY, ww_severity_name(severity));
    paint(p, PLAIN);
    p->wrap.indent = p->wrap.column = SEVERITY;
    put_in(p, BOLD, title);
    const char *id = ww_view_text(finding, "id");
    if (p->wrap.width == 0 || p->wrap.column + 2 + strlen(id) <= p->wrap.width) {
        (void)fputc(' ', p->wrap.to);
        p->wrap.column++;
    } else {
        ww_wrap_line(&p->wrap);
    }
    put_in(p, FAINT, id);
    end(p);
    for (size_t i = 0; i < count; i++) {
        const json_t *place = ww_view_at(report, "findings", index + i);
        const json_t *next = i + 1 < count ? ww_view_at(report, "findings", index + i + 1) : NULL;
        put_place(p, place);
        if (strcmp(ww_view_text(place, "since"), ww_view_text(next, "since")) != 0)
            put_labelled(p, SEVERITY, "since", ww_view_text(place, "since"));
    }
    if (p->verbose)
        put_labelled(p, SEVERITY, "why", ww_view_text(finding, "why"));
    put_labelled(p, SEVERITY, "fix", ww_view_text(finding, "fix"));
    if (p->verbose)
        put_labelled(p, SEVERITY, "see", ww_view_text(finding, "source"));
}

static void put_findings(struct printing *p, const json_t *report)
{
    size_t same;
    for (size_t i = 0; i < ww_view_size(report, "findings"); i += same) {
        same = ww_view_same(report, i);
        put_finding(p, report, i, same);
    }
}

/* "dane-a, dane-b": of those that were not tested for this reason. */
static void put_ids(struct printing *p, const json_t *report, const char *why)
{
    for (size_t i = 0; i < ww_view_size(report, "not_tested"); i++) {
        const json_t *check = ww_view_at(report, "not_tested", i);
        if (strcmp(ww_view_text(check, "why"), why) != 0)
            continue;
        begin(p, 2 * INDENT);
        put_in(p, FAINT, ww_view_text(check, "id"));
        end(p);
    }
}

static void put_not_tested(struct printing *p, const json_t *report)
{
    for (size_t i = 0; i < ww_view_size(report, "not_tested"); i++) {
        char number[32];
        size_t count;
        const char *why = ww_view_reason(report, i, &count);
        if (why == NULL)
            continue;
        (void)snprintf(number, sizeof number, "%zu not tested:", count);
        begin(p, INDENT);
        put_in(p, colours[WW_VIEW_MIND], number);
        ww_wrap_put(&p->wrap, why);
        end(p);
        if (p->verbose)
            put_ids(p, report, why);
    }
}

static void put_counts(struct printing *p, const json_t *report)
{
    char words[WW_VIEW_WORDS_SIZE];
    char more[128];
    const struct ww_view_counts counts = ww_view_counts(report);
    json_int_t left_out = ww_view_number(report, "left_out");
    ww_view_count_words(&counts, words);
    end(p);
    begin(p, 0);
    bool bad = counts.of[WW_SEVERITY_ERROR] > 0;
    bool mind = counts.of[WW_SEVERITY_WARNING] > 0;
    paint(p, BOLD);
    put_in(p, colours[bad ? WW_VIEW_BAD : mind ? WW_VIEW_MIND : WW_VIEW_GOOD], words);
    (void)snprintf(more, sizeof more, "%s; %zu %s passed", left_out > 0 ? " (and more, left out)" : "",
                   counts.passed, counts.passed == 1 ? "check" : "checks");
    (void)fputs(more, p->wrap.to);
    end(p);
    put_not_tested(p, report);
}

static struct printing printing(FILE *to, const struct ww_tree_style *style, bool verbose)
{
    unsigned width = style->width < WIDTH_MAX ? style->width : WIDTH_MAX;
    return (struct printing){.wrap = {.to = to, .width = width}, .colour = style->colour, .verbose = verbose};
}

void ww_check_print(FILE *to, const json_t *report, const struct ww_tree_style *style, bool verbose)
{
    struct printing p = printing(to, style, verbose);
    put_verdict(&p, report);
    put_hosts(&p, report);
    put_findings(&p, report);
    put_counts(&p, report);
    json_t *details = verbose ? ww_check_details(report) : NULL;
    if (details == NULL)
        return;
    end(&p);
    ww_tree_draw(to, details, style);
    json_decref(details);
}

void ww_check_print_missing(FILE *to, const char *domain, const char *why, const struct ww_tree_style *style)
{
    struct printing p = printing(to, style, false);
    begin(&p, 0);
    put_in(&p, BOLD, domain);
    (void)fputs(": ", to);
    p.wrap.column += 2;
    p.wrap.indent = p.wrap.column;
    paint(&p, BOLD);
    put_in(&p, colours[WW_VIEW_BAD], "not inspected");
    end(&p);
    begin(&p, INDENT);
    ww_wrap_put(&p.wrap, why);
    end(&p);
}
