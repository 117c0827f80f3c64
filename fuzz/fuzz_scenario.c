/* Scenarios: what is read is judged, and the result has a host for each host, with words that fit together.
 */
#include "check.h"
#include "codec/scenario.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_host(const json_t *host, const struct ww_seen_mx *mx)
{
    const char *action = json_string_value(json_object_get(host, "action"));
    const json_t *result = json_object_get(host, "result_type");
    CHECK(json_object_size(host) == 6 && action != NULL && result != NULL);
    CHECK(ww_slice_is(mx->host, json_string_value(json_object_get(host, "host"))));
    CHECK(strcmp(action, "deliver") == 0 || json_is_string(result));
    CHECK(json_string_length(json_object_get(host, "why")) > 0);
    CHECK(strncmp(json_string_value(json_object_get(host, "source")), "RFC ", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[WW_JSON_READ_WHY_SIZE] = "";
    size_t used = 0;
    struct ww_scenario *s = ww_scenario_read((const char *)data, size, &used, why);
    CHECK(used <= size);
    if (s == NULL) {
        CHECK(why[0] != '\0');
        return 0;
    }
    char *text = ww_scenario_result(s);
    CHECK(text != NULL && strchr(text, '\n') == NULL);
    json_t *root = json_loads(text, 0, NULL);
    const json_t *list = json_object_get(root, "mx");
    CHECK(json_object_size(root) == 2 && json_array_size(list) == s->mx_count);
    for (size_t i = 0; i < s->mx_count; i++)
        check_host(json_array_get(list, i), &s->mx[i]);
    json_decref(root);
    free(text);
    ww_scenario_free(s);
    return 0;
}
