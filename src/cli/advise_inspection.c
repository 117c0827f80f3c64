#include "cli/advise.h"

#include "cli/check_view.h"
#include "proc/msg_intake.h"

static json_t *findings_of(const json_t *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ww_view_size(report, "findings") && i < WW_MSG_ADVISE_FAULTS_MAX; i++) {
        const json_t *f = ww_view_at(report, "findings", i);
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s, s:s, s:s}", "id", ww_view_text(f, "id"), "severity",
                                              ww_view_text(f, "severity"), "where", ww_view_text(f, "where"),
                                              "seen", ww_view_text(f, "seen")));
    }
    return list;
}

/* Names with a space between them, as far as there is room. */
static void join_names(const json_t *facts, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < ww_view_size(facts, "mx"); i++) {
        const char *name = json_string_value(ww_view_at(facts, "mx", i));
        size_t length = name != NULL ? strlen(name) : 0;
        if (length == 0 || n + length + 2 > size)
            continue;
        if (n > 0)
            out[n++] = ' ';
        memcpy(out + n, name, length + 1);
        n += length;
    }
}

json_t *ww_advise_inspection(const json_t *report)
{
    char mx[WW_MSG_ADVISE_MX_SIZE];
    const json_t *facts = json_object_get(report, "facts"), *policy = json_object_get(report, "policy");
    bool valid = json_is_true(json_object_get(policy, "valid"));
    join_names(facts, mx, sizeof mx);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "at", ww_view_text(report, "at"), "outlook",
                     ww_view_text(json_object_get(report, "outlook"), "kind"), "mode",
                     ww_view_text(report, "mode"), "id", ww_view_text(facts, "id"), "mx", mx, "policy",
                     valid ? ww_view_text(policy, "body") : "", "findings", findings_of(report));
}
