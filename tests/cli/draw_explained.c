/*
 * For test_explain.py: the pure parts of `waxwing explain`. Reads JSON from standard input.
 *   draw_explained draw WIDTH   a list of reports: their trees, plain without wrapping for 0, else with boxes
 *   draw_explained report       {"look", "daemon"}, each or null: the report
 */
#include "cli/explain.h"
#include "cli/tree.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    json_t *json = json_loadf(stdin, 0, NULL);
    json_t *out = NULL;
    if (argc == 3 && strcmp(argv[1], "draw") == 0) {
        const struct ww_tree_style style = {.width = (unsigned)strtoul(argv[2], NULL, 10),
                                            .boxes = strcmp(argv[2], "0") != 0,
                                            .colour = false};
        for (size_t i = 0; i < json_array_size(json); i++) {
            json_decref(out);
            out = ww_explain_tree(json_array_get(json, i));
            ww_tree_draw(stdout, out, &style);
        }
    } else if (argc == 2 && strcmp(argv[1], "report") == 0) {
        json_t *look = json_object_get(json, "look");
        json_t *daemon = json_object_get(json, "daemon");
        out = ww_explain_report("a.example", 1700000000, json_is_null(look) ? NULL : json_incref(look),
                                "it failed", json_is_null(daemon) ? NULL : daemon, "none answers");
        (void)json_dumpf(out, stdout, JSON_ENSURE_ASCII);
    } else {
        return 64;
    }
    json_decref(out);
    json_decref(json);
    return 0;
}
