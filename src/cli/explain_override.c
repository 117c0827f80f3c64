/* Which override counts for a domain: the configuration's, or one that was set at run time. */
#include "cli/explain.h"

#include "daemon/front_overrides.h"

#include <stdio.h>
#include <string.h>

static const char *text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

/* One that was set at run time: only the daemon knows it. It is borrowed from the daemon's answer. */
static bool take_daemons(struct ww_look *look, const json_t *json)
{
    const json_t *mx = json_object_get(json, "mx");
    struct ww_override *o = &look->daemons;
    struct ww_buf b = ww_buf(look->daemons_mx, sizeof look->daemons_mx - 1);
    if (strcmp(text(json, "source"), "run time") != 0 ||
        ww_override_level_parse(ww_slice_str(text(json, "level")), &o->level) != WW_OK)
        return false;
    for (size_t i = 0; i < json_array_size(mx); i++) {
        const char *pattern = json_string_value(json_array_get(mx, i));
        ww_buf_str(&b, i > 0 ? " " : "");
        ww_buf_str(&b, pattern != NULL ? pattern : "");
    }
    look->daemons_mx[b.n] = '\0';
    o->key = text(json, "key");
    o->mx = look->daemons_mx;
    o->until = ww_json_time_of(json, "until");
    o->reason = text(json, "reason");
    o->who = text(json, "who");
    o->set_at = ww_json_time_of(json, "set");
    return !b.failed && ww_override_check(o) == WW_OK && ww_override_counts(o, look->order->at);
}

/* The patterns of an override are a policy's. False: memory is short. */
static bool order_patterns(struct ww_look *look)
{
    struct ww_slice mx;
    size_t n = 0, offset;
    FILE *f = open_memstream(&look->ordered_body, &n);
    if (f == NULL)
        return false;
    (void)fputs("version: STSv1\nmode: enforce\nmax_age: 1\n", f);
    for (size_t pos = 0; ww_override_next_mx(look->override->mx, &pos, &mx);)
        (void)fprintf(f, "mx: %.*s\n", (int)mx.n, mx.p);
    bool good = ferror(f) == 0;
    if (fclose(f) != 0 || !good)
        return false;
    look->has_ordered = ww_policy_parse(look->ordered_body, n, &look->ordered, &offset) == WW_OK;
    return true;
}

bool ww_look_override(struct ww_look *look)
{
    static const struct ww_hash_key key; /* the keys are the operator's own */
    const struct ww_look_at *order = look->order;
    look->overrides = ww_overrides_new(&key);
    if (look->overrides == NULL || !ww_overrides_configure(look->overrides, order->config->overrides,
                                                           order->config->override_count, order->at))
        return false;
    look->override = ww_overrides_find(look->overrides, ww_slice_str(order->domain), order->at);
    if (take_daemons(look, json_object_get(order->daemon, "override")))
        look->override = &look->daemons;
    return look->override == NULL || look->override->mx[0] == '\0' || order_patterns(look);
}
