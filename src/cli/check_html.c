#include "cli/check_html.h"

#include "cli/check_output.h"
#include "cli/markup.h"

#include <string.h>

const char *ww_check_html_class(enum ww_view_state state)
{
    static const char *const classes[WW_VIEW_STATES] = {
        [WW_VIEW_PLAIN] = "plain", [WW_VIEW_GOOD] = "good",   [WW_VIEW_MIND] = "mind",
        [WW_VIEW_BAD] = "bad",     [WW_VIEW_FAINT] = "faint",
    };
    return classes[state];
}

void ww_check_html_put(FILE *to, const char *name, const char *class, const char *text)
{
    (void)fprintf(to, "<%s", name);
    if (class != NULL)
        (void)fprintf(to, " class=\"%s\"", class);
    (void)fputc('>', to);
    ww_markup_put(to, text);
    (void)fprintf(to, "</%s>", name);
}

/* Neither scripts nor anything from elsewhere, whatever should have got into the page. */
#define POLICY "default-src 'none'; style-src 'unsafe-inline'"

void ww_check_html_begin(FILE *to, const char *title, const char *rows)
{
    (void)fputs("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
                "<meta charset=\"utf-8\"/>\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\"/>\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                "<meta name=\"referrer\" content=\"no-referrer\"/>\n",
                to);
    ww_check_html_put(to, "title", NULL, title);
    (void)fprintf(to, "\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>\n", ww_check_html_style);
    ww_check_html_put(to, "p", "brand", "Waxwing inspection");
    ww_check_html_put(to, "h1", NULL, title);
    (void)fputs("\n</header>\n", to);
    if (rows[0] == '\0')
        return;
    (void)fprintf(to,
                  "<div class=\"card scroll\"><table>\n<thead><tr><th>Domain</th><th>Mail</th><th>Policy</th>"
                  "<th class=\"number\">Errors</th><th class=\"number\">Warnings</th>"
                  "<th class=\"number\">Info</th></tr></thead>\n<tbody>\n%s</tbody>\n</table></div>\n",
                  rows);
}

static void put_number(FILE *to, size_t n, enum ww_view_state state)
{
    (void)fprintf(to, "<td class=\"number\"><span class=\"%s ink\">%zu</span></td>",
                  ww_check_html_class(n > 0 ? state : WW_VIEW_FAINT), n);
}

void ww_check_html_row(FILE *to, const char *domain, const json_t *report)
{
    enum ww_view_state state = WW_VIEW_BAD;
    const char *word = report != NULL ? ww_view_outlook(report, &state) : "not inspected";
    (void)fputs("<tr><td><a href=\"#d-", to);
    ww_markup_put(to, domain);
    (void)fputs("\">", to);
    ww_markup_put(to, domain);
    (void)fprintf(to, "</a></td><td><span class=\"chip %s\">%s</span></td>", ww_check_html_class(state),
                  word);
    if (report == NULL) {
        (void)fputs("<td colspan=\"4\"></td></tr>\n", to);
        return;
    }
    const struct ww_view_counts counts = ww_view_counts(report);
    const char *mode = ww_view_text(report, "mode");
    ww_check_html_put(to, "td", NULL, mode[0] != '\0' ? mode : "none valid");
    put_number(to, counts.of[WW_SEVERITY_ERROR], WW_VIEW_BAD);
    put_number(to, counts.of[WW_SEVERITY_WARNING], WW_VIEW_MIND);
    put_number(to, counts.of[WW_SEVERITY_INFO], WW_VIEW_PLAIN);
    (void)fputs("</tr>\n", to);
}

static const char *mark_of(enum ww_view_state state)
{
    static const char *const marks[WW_VIEW_STATES] = {
        [WW_VIEW_PLAIN] = "",     [WW_VIEW_GOOD] = "&#10003;", [WW_VIEW_MIND] = "!",
        [WW_VIEW_BAD] = "&#215;", [WW_VIEW_FAINT] = "&#8211;",
    };
    return marks[state];
}

static void begin_domain(FILE *to, const char *domain, enum ww_view_state state, const char *word,
                         const char *sentence)
{
    (void)fputs("<section class=\"domain\" id=\"d-", to);
    ww_markup_put(to, domain);
    (void)fputs("\">\n", to);
    ww_check_html_put(to, "h2", NULL, domain);
    (void)fprintf(to,
                  "\n<div class=\"card verdict %s\"><div class=\"mark\" aria-hidden=\"true\">%s</div><div>",
                  ww_check_html_class(state), mark_of(state));
    (void)fprintf(to, "<div class=\"word\">%c%s</div>", word[0] - ('a' - 'A'), word + 1);
    ww_check_html_put(to, "p", NULL, sentence);
}

static void put_circumstances(FILE *to, const json_t *report)
{
    char at[32];
    char took[32];
    ww_view_when(report, at, took);
    (void)fprintf(to, "<p class=\"soft\">%s", ww_view_mode(report));
    if (json_is_true(json_object_get(report, "offline")))
        (void)fputs(" &#183; made of files, nobody was asked", to);
    else if (at[0] != '\0')
        (void)fputs(" &#183; inspected ", to);
    ww_markup_put(to, at);
    (void)fprintf(to, "%s%s", took[0] != '\0' ? " in " : "", took);
    (void)fputs("</p></div></div>\n", to);
}

void ww_check_html_domain(FILE *to, const char *domain, const json_t *report, const char *why)
{
    enum ww_view_state state;
    if (report == NULL) {
        begin_domain(to, domain, WW_VIEW_BAD, "not inspected", why);
        (void)fputs("</div></div>\n</section>\n", to);
        return;
    }
    const char *word = ww_view_outlook(report, &state);
    begin_domain(to, domain, state, word, ww_view_outlook_words(report));
    put_circumstances(to, report);
    ww_check_html_areas(to, report);
    ww_check_html_hosts(to, report);
    ww_check_html_findings(to, report);
    ww_check_html_details(to, report);
    (void)fputs("</section>\n", to);
}

void ww_check_html_end(FILE *to)
{
    (void)fputs(
        "<footer>Made by <code>waxwing check</code>, version " WW_VERSION
        ". An error loses mail or protection, or will; a warning is a "
        "fault that can wait; an info is worth knowing. \"Mail\" says what senders do that obey MTA-STS "
        "and DANE and have nothing cached.</footer>\n</main>\n</body>\n</html>\n",
        to);
}
