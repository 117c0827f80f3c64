#include "cli/check_show.h"

#include "check/report_json.h"
#include "cli/check_print.h"
#include "cli/check_view.h"
#include "cli/cli.h"

#include <string.h>

static const struct ww_table_column columns[] = {
    {.heading = "DOMAIN", .shortens = true},
    {.heading = "MAIL"},
    {.heading = "POLICY"},
    {.heading = "ERRORS", .right = true},
    {.heading = "WARNINGS", .right = true},
    {.heading = "INFO", .right = true},
};

#define COLUMNS (sizeof columns / sizeof columns[0])

int ww_check_show_begin(struct ww_check_show *show, const struct ww_check_options *options, FILE *to,
                        const struct ww_tree_style *style, size_t count)
{
    *show = (struct ww_check_show){.options = options, .to = to, .style = *style, .count = count};
    int status = ww_check_files_open(&show->files, options);
    if (status != WW_EXIT_OK || options->json || count == 1)
        return status;
    show->summary = ww_table_new(columns, COLUMNS);
    return show->summary != NULL ? WW_EXIT_OK : WW_EXIT_INTERNAL;
}

/* What is made of files tells nothing of servers. */
static bool is_unknown(const json_t *report)
{
    const char *kind = ww_view_text(json_object_get(report, "outlook"), "kind");
    return strcmp(kind, "unknown") == 0 && !json_is_true(json_object_get(report, "offline"));
}

static void see_worst(struct ww_check_show *show, const json_t *report)
{
    for (size_t i = 0; i < ww_view_size(report, "findings"); i++) {
        enum ww_severity severity = ww_view_severity(ww_view_at(report, "findings", i));
        if (!show->has_findings || severity < show->worst)
            show->worst = severity;
        show->has_findings = true;
    }
}

static void add_row(struct ww_check_show *show, const char *domain, const json_t *report)
{
    char numbers[3][24] = {"", "", ""};
    enum ww_view_state state = WW_VIEW_BAD;
    const char *word = report != NULL ? ww_view_outlook(report, &state) : "not inspected";
    const char *mode = ww_view_text(report, "mode");
    const struct ww_view_counts counts = ww_view_counts(report);
    for (size_t i = 0; i < 3 && report != NULL; i++)
        (void)snprintf(numbers[i], sizeof numbers[i], "%zu", counts.of[i]);
    const struct ww_table_cell cells[] = {
        {domain, WW_TABLE_PLAIN},
        {word, ww_check_table_colour(state)},
        {mode[0] != '\0' || report == NULL ? mode : "none valid", WW_TABLE_PLAIN},
        {numbers[0], counts.of[0] > 0 ? WW_TABLE_WRONG : WW_TABLE_FAINT},
        {numbers[1], counts.of[1] > 0 ? WW_TABLE_MIND : WW_TABLE_FAINT},
        {numbers[2], counts.of[2] > 0 ? WW_TABLE_PLAIN : WW_TABLE_FAINT},
    };
    ww_table_add(show->summary, cells);
}

static void print_json(FILE *to, const char *domain, const json_t *report, const char *why)
{
    json_t *missing = NULL;
    if (report == NULL)
        missing =
            json_pack("{s:i, s:s, s:s}", "version", WW_CHECK_JSON_VERSION, "domain", domain, "failed", why);
    (void)json_dumpf(report != NULL ? report : missing, to, JSON_COMPACT | JSON_ENSURE_ASCII);
    (void)fputc('\n', to);
    (void)fflush(to);
    json_decref(missing);
}

static void print(struct ww_check_show *show, const char *domain, const json_t *report, const char *why)
{
    if (show->shown++ > 0)
        (void)fputc('\n', show->to);
    if (report != NULL)
        ww_check_print(show->to, report, &show->style, show->options->verbose);
    else
        ww_check_print_missing(show->to, domain, why, &show->style);
    (void)fflush(show->to);
}

void ww_check_show_domain(void *ctx, const char *domain, const json_t *report, const char *why)
{
    struct ww_check_show *show = ctx;
    show->has_missing = show->has_missing || report == NULL;
    show->has_unknown = show->has_unknown || is_unknown(report);
    see_worst(show, report);
    ww_check_files_add(&show->files, domain, report, why);
    if (show->options->json)
        print_json(show->to, domain, report, why);
    else
        print(show, domain, report, why);
    if (show->summary != NULL)
        add_row(show, domain, report);
}

int ww_check_show_end(struct ww_check_show *show, int status, const char *only)
{
    if (status == WW_EXIT_OK && show->summary != NULL) {
        (void)fputc('\n', show->to);
        (void)ww_table_draw(show->summary, show->to, show->style.width, show->style.colour);
    }
    if (status == WW_EXIT_OK)
        status = ww_check_files_write(&show->files, only, show->count);
    ww_table_free(show->summary);
    ww_check_files_free(&show->files);
    if (status != WW_EXIT_OK)
        return status;
    if (show->has_missing)
        return WW_EXIT_TEMPORARY;
    status = show->has_findings ? ww_check_exit(show->options, show->worst) : WW_EXIT_OK;
    return status == WW_EXIT_OK && show->has_unknown ? WW_EXIT_TEMPORARY : status;
}
