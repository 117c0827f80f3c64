#include "check/check.h"
#include "cli/check_html.h"
#include "cli/check_print.h"
#include "cli/markup.h"

#include <string.h>

struct area {
    size_t of[3];
    size_t passed;
    size_t not_tested;
};

/* NULL: a check that this version does not know. */
static struct area *area_of(struct area areas[WW_CHECK_AREAS], const char *id)
{
    enum ww_check check = ww_check_find(id);
    return check != WW_CHECKS ? &areas[ww_check_info(check)->area] : NULL;
}

static void count(const json_t *report, struct area areas[WW_CHECK_AREAS])
{
    struct area *area;
    for (size_t i = 0; i < ww_view_size(report, "findings"); i++) {
        const json_t *finding = ww_view_at(report, "findings", i);
        area = area_of(areas, ww_view_text(finding, "id"));
        if (area != NULL)
            area->of[ww_view_severity(finding)]++;
    }
    for (size_t i = 0; i < ww_view_size(report, "passed"); i++) {
        const char *id = json_string_value(ww_view_at(report, "passed", i));
        area = id != NULL ? area_of(areas, id) : NULL;
        if (area != NULL)
            area->passed++;
    }
    for (size_t i = 0; i < ww_view_size(report, "not_tested"); i++) {
        area = area_of(areas, ww_view_text(ww_view_at(report, "not_tested", i), "id"));
        if (area != NULL)
            area->not_tested++;
    }
}

static const char *class_of(const struct area *a)
{
    if (a->of[WW_SEVERITY_ERROR] > 0)
        return "bad";
    if (a->of[WW_SEVERITY_WARNING] > 0)
        return "mind";
    return a->passed > 0 || a->of[WW_SEVERITY_INFO] > 0 ? "good" : "faint";
}

void ww_check_html_areas(FILE *to, const json_t *report)
{
    struct area areas[WW_CHECK_AREAS] = {{.passed = 0}};
    count(report, areas);
    (void)fputs("<ul class=\"areas\">\n", to);
    for (enum ww_check_area i = 0; i < WW_CHECK_AREAS; i++) {
        const struct area *a = &areas[i];
        char words[WW_VIEW_WORDS_SIZE];
        const struct ww_view_counts counts = {.of = {a->of[0], a->of[1], a->of[2]}};
        bool found = a->of[0] + a->of[1] + a->of[2] > 0;
        if (!found && a->passed + a->not_tested == 0)
            continue;
        ww_view_count_words(&counts, words);
        (void)fprintf(to, "<li class=\"%s\"><b>%s</b><span>%s", class_of(a), ww_check_area_name(i),
                      found ? words : "");
        if (a->passed > 0)
            (void)fprintf(to, "%s%zu passed", found ? ", " : "", a->passed);
        if (a->not_tested > 0)
            (void)fprintf(to, "%s%zu not tested", found || a->passed > 0 ? ", " : "", a->not_tested);
        (void)fputs("</span></li>\n", to);
    }
    (void)fputs("</ul>\n", to);
}

static void put_cell(FILE *to, const char *text, enum ww_view_state state)
{
    (void)fputs("<td class=\"tight\">", to);
    (void)fprintf(to, "<span class=\"%s ink\">", ww_check_html_class(state));
    ww_markup_put(to, text);
    (void)fputs("</span></td>", to);
}

static void put_host(FILE *to, const json_t *report, size_t i)
{
    struct ww_view_host h;
    ww_view_host(report, i, &h);
    (void)fputs(h.why[0] != '\0' ? "<tr class=\"told\">" : "<tr>", to);
    ww_check_html_put(to, "td", "mono", h.name);
    ww_check_html_put(to, "td", "number", h.preference);
    put_cell(to, h.tls, h.tls_state);
    put_cell(to, h.expires, h.expires_state);
    put_cell(to, h.dane, h.dane_state);
    (void)fprintf(to, "<td><span class=\"chip %s\">%s</span></td></tr>\n",
                  ww_check_html_class(h.verdict_state), h.verdict);
    if (h.why[0] == '\0')
        return;
    (void)fputs("<tr class=\"why\"><td colspan=\"6\">", to);
    ww_check_html_put(to, "span", "soft", h.why);
    (void)fputs("</td></tr>\n", to);
}

void ww_check_html_hosts(FILE *to, const json_t *report)
{
    size_t n = ww_view_host_count(report);
    if (n == 0)
        return;
    (void)fputs("<h3>What senders do, by MX host</h3>\n<div class=\"card scroll\"><table>\n<thead><tr>"
                "<th>MX host</th><th class=\"number\">Preference</th><th>TLS</th><th>Certificate until</th>"
                "<th>DANE</th><th>Senders</th></tr></thead>\n<tbody>\n",
                to);
    for (size_t i = 0; i < n; i++)
        put_host(to, report, i);
    (void)fputs("</tbody>\n</table></div>\n", to);
}

static void put_term(FILE *to, const char *term, const char *text)
{
    if (text[0] == '\0')
        return;
    ww_check_html_put(to, "dt", NULL, term);
    ww_check_html_put(to, "dd", NULL, text);
}

static void put_finding(FILE *to, const json_t *report, size_t index, size_t same)
{
    static const struct {
        const char *class;
        const char *word;
    } severities[] = {{"bad", "Error"}, {"mind", "Warning"}, {"note", "Info"}};
    const json_t *first = ww_view_at(report, "findings", index);
    enum ww_severity severity = ww_view_severity(first);
    char title[WW_VIEW_TITLE_SIZE];
    ww_view_title(first, title);
    (void)fprintf(to, "<article class=\"card finding %s\"><h4><span class=\"chip %s\">%s</span>",
                  severities[severity].class, severities[severity].class, severities[severity].word);
    ww_check_html_put(to, "span", NULL, title);
    ww_check_html_put(to, "code", NULL, ww_view_text(first, "id"));
    (void)fputs("</h4>\n<ul>", to);
    for (size_t i = 0; i < same; i++) {
        const json_t *finding = ww_view_at(report, "findings", index + i);
        (void)fputs("<li>", to);
        ww_check_html_put(to, "code", NULL, ww_view_text(finding, "where"));
        (void)fputs(" ", to);
        ww_markup_put(to, ww_view_text(finding, "seen"));
        (void)fputs("</li>", to);
    }
    (void)fputs("</ul>\n<dl>", to);
    put_term(to, "Why it matters", ww_view_text(first, "why"));
    put_term(to, "What to do", ww_view_text(first, "fix"));
    put_term(to, "Source", ww_view_text(first, "source"));
    (void)fputs("</dl></article>\n", to);
}

void ww_check_html_findings(FILE *to, const json_t *report)
{
    size_t same;
    json_int_t left_out = ww_view_number(report, "left_out");
    if (ww_view_size(report, "findings") > 0)
        (void)fputs("<h3>What was found</h3>\n", to);
    for (size_t i = 0; i < ww_view_size(report, "findings"); i += same) {
        same = ww_view_same(report, i);
        put_finding(to, report, i, same);
    }
    if (left_out > 0)
        (void)fprintf(to, "<p class=\"soft\">%lld more findings are left out.</p>\n", (long long)left_out);
}

static void put_passed(FILE *to, const json_t *report)
{
    size_t n = ww_view_size(report, "passed");
    if (n == 0)
        return;
    (void)fprintf(to, "<details><summary>%zu %s passed</summary>\n<ul class=\"ids\">", n,
                  n == 1 ? "check" : "checks");
    for (size_t i = 0; i < n; i++) {
        const char *id = json_string_value(ww_view_at(report, "passed", i));
        (void)fputs("<li>", to);
        ww_check_html_put(to, "code", NULL, id != NULL ? id : "");
        (void)fputs("</li>", to);
    }
    (void)fputs("</ul></details>\n", to);
}

static void put_not_tested(FILE *to, const json_t *report)
{
    size_t n = ww_view_size(report, "not_tested");
    if (n == 0)
        return;
    (void)fprintf(to, "<details><summary>%zu not tested</summary>\n<ul>", n);
    for (size_t i = 0; i < n; i++) {
        const json_t *check = ww_view_at(report, "not_tested", i);
        (void)fputs("<li>", to);
        ww_check_html_put(to, "code", NULL, ww_view_text(check, "id"));
        (void)fputs(" ", to);
        ww_check_html_put(to, "span", "soft", ww_view_text(check, "why"));
        (void)fputs("</li>", to);
    }
    (void)fputs("</ul></details>\n", to);
}

static const char *state_class(const json_t *node)
{
    const char *state = ww_view_text(node, "state");
    return strcmp(state, "bad") == 0 ? "bad ink" : strcmp(state, "faint") == 0 ? "soft" : NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): the tree of ww_check_details is bounded */
static void put_node(FILE *to, const json_t *node)
{
    const char *head = ww_view_text(node, "head");
    const char *note = ww_view_text(node, "note");
    (void)fputs("<li>", to);
    if (head[0] != '\0')
        ww_check_html_put(to, note[0] != '\0' ? "span" : "b", note[0] != '\0' ? "soft" : NULL, head);
    if (head[0] != '\0' && note[0] != '\0')
        (void)fputs(" ", to);
    if (note[0] != '\0')
        ww_check_html_put(to, "span", state_class(node), note);
    for (size_t i = 0; i < ww_view_size(node, "lines"); i++) {
        const char *line = json_string_value(ww_view_at(node, "lines", i));
        (void)fputs("<br/>", to);
        ww_check_html_put(to, "code", NULL, line != NULL ? line : "");
    }
    if (ww_view_size(node, "children") > 0) {
        (void)fputs("<ul>", to);
        for (size_t i = 0; i < ww_view_size(node, "children"); i++)
            put_node(to, ww_view_at(node, "children", i));
        (void)fputs("</ul>", to);
    }
    (void)fputs("</li>\n", to);
}

void ww_check_html_details(FILE *to, const json_t *report)
{
    put_passed(to, report);
    put_not_tested(to, report);
    json_t *details = ww_check_details(report);
    (void)fputs("<details><summary>What was seen</summary>\n<ul class=\"seen\">", to);
    for (size_t i = 0; i < ww_view_size(details, "children"); i++)
        put_node(to, ww_view_at(details, "children", i));
    (void)fputs("</ul></details>\n", to);
    json_decref(details);
}
