#include "cli/query.h"

#include "cli/explain.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum ww_query_outcome ww_query_direct(const struct ww_config *config, const char *domain, json_t **json,
                                      char why[WW_QUERY_WHY_SIZE])
{
    const struct ww_look_at order = {
        .config = config,
        .domain = domain,
        .only_decide = true,
        .at = time(NULL),
    };
    json_t *look = ww_look_apart(&order, why);
    const char *verdict = json_string_value(json_object_get(json_object_get(look, "dns"), "verdict"));
    if (verdict != NULL && strcmp(verdict, "stripped") == 0)
        (void)fputs("waxwing query: DNSSEC does not get through to here: answers are not validated\n",
                    stderr);
    else if (verdict != NULL && strcmp(verdict, "anchor") == 0)
        (void)fputs(
            "waxwing query: the root's signatures do not fit the trust anchors: answers are not validated\n",
            stderr);
    *json = json_incref(json_object_get(look, "now"));
    json_decref(look);
    return *json != NULL ? WW_QUERY_ANSWER : WW_QUERY_FAILED;
}
