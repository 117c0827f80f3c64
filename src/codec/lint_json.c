#include "codec/lint_json.h"

#include <jansson.h>

/* The object with its result. All that follows is set in it and checked once, when it is written. */
struct object {
    json_t *json;
    bool failed;
};

static void set(struct object *o, const char *key, json_t *value)
{
    if (json_object_set_new(o->json, key, value) != 0)
        o->failed = true;
}

/* Takes over the value; the array is set by its caller. */
static void append(struct object *o, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        o->failed = true;
}

static struct object begin(enum ww_verdict verdict)
{
    struct object o = {json_object(), false};
    set(&o, "result", json_string(ww_verdict_name(verdict)));
    return o;
}

static char *end(struct object *o, const struct ww_findings *findings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        const struct ww_finding *f = &findings->list[i];
        append(o, list,
               json_pack("{s:s, s:s, s:I, s:s, s:s}", "id", ww_err_id(f->rule), "severity",
                         ww_severity_name(f->severity), "offset", (json_int_t)f->offset, "message",
                         ww_err_message(f->rule), "source", ww_err_source(f->rule)));
    }
    set(o, "findings", list);
    char *text = o->failed ? NULL : json_dumps(o->json, JSON_COMPACT);
    json_decref(o->json);
    return text;
}

char *ww_lint_sts_json(const struct ww_lint_record *lint)
{
    struct object o = begin(lint->verdict);
    if (lint->verdict == WW_VERDICT_VALID)
        set(&o, "id", json_string(lint->record.sts.id));
    return end(&o, &lint->findings);
}

char *ww_lint_tlsrpt_json(const struct ww_lint_record *lint)
{
    struct object o = begin(lint->verdict);
    if (lint->verdict == WW_VERDICT_VALID) {
        json_t *list = json_array();
        struct ww_slice uri;
        enum ww_rua_scheme scheme;
        for (size_t pos = 0; ww_tlsrpt_next_rua(&lint->record.tlsrpt, &pos, &uri, &scheme);)
            append(&o, list, json_stringn(uri.p, uri.n));
        set(&o, "rua", list);
    }
    return end(&o, &lint->findings);
}

static void set_policy(struct object *o, const struct ww_policy *policy)
{
    set(o, "version", json_string("STSv1"));
    set(o, "mode", json_string(ww_policy_mode_name(policy->mode)));
    set(o, "max_age", json_integer((json_int_t)policy->max_age));
    json_t *list = json_array();
    struct ww_slice pattern;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &pattern);)
        append(o, list, json_stringn(pattern.p, pattern.n));
    set(o, "mx", list);
}

char *ww_lint_policy_json(const struct ww_lint_policy *lint)
{
    struct object o = begin(lint->verdict);
    if (lint->verdict == WW_VERDICT_VALID)
        set_policy(&o, &lint->policy);
    return end(&o, &lint->findings);
}

char *ww_lint_mx_json(const struct ww_lint_mx *lint)
{
    struct object o = begin(lint->verdict);
    return end(&o, &lint->findings);
}
