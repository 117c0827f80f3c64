/*
 * For test_check.py: how `waxwing check` shows what came of domains, without looking at any.
 *   draw_check WIDTH COLOUR OPTION...   reads a list of reports from standard input, or of {"domain", "why"}
 * where none came; WIDTH 0: no terminal. Its exit status is that of `waxwing check`.
 */
#include "cli/check_options.h"
#include "cli/check_show.h"
#include "cli/check_view.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct ww_check_options options;
    struct ww_check_show show;
    json_t *reports = json_loadf(stdin, 0, NULL);
    if (argc < 3 || ww_check_options_read(argc - 2, argv + 2, &options) != -1)
        return 70;
    const struct ww_tree_style style = {
        .width = (unsigned)strtoul(argv[1], NULL, 10),
        .boxes = strcmp(argv[1], "0") != 0,
        .colour = strcmp(argv[2], "colour") == 0,
    };
    size_t count = json_array_size(reports);
    const char *only = count == 1 ? ww_view_text(json_array_get(reports, 0), "domain") : NULL;
    int status = ww_check_show_begin(&show, &options, stdout, &style, count);
    for (size_t i = 0; i < count; i++) {
        const json_t *report = json_array_get(reports, i);
        const char *why = json_string_value(json_object_get(report, "why"));
        ww_check_show_domain(&show, ww_view_text(report, "domain"), why == NULL ? report : NULL, why);
    }
    status = ww_check_show_end(&show, status, only);
    json_decref(reports);
    return status;
}
