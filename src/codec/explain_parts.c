#include "codec/explain_parts.h"

#include "base/time.h"

json_t *ww_part_time(int64_t seconds)
{
    char text[WW_TIME_SIZE];
    if (seconds == 0)
        return json_null();
    ww_time_format(seconds, text);
    return json_string(text);
}

json_t *ww_part_string(const char *s)
{
    return s != NULL && s[0] != '\0' ? json_string(s) : json_null();
}

json_t *ww_part_error(enum ww_err why)
{
    if (why == WW_OK)
        return json_null();
    return json_pack("{s:s, s:s, s:s}", "id", ww_err_id(why), "message", ww_err_message(why), "source",
                     ww_err_source(why));
}

void ww_part_set(json_t *object, const char *key, json_t *value, bool *failed)
{
    if (json_object_set_new(object, key, value) != 0)
        *failed = true;
}

void ww_part_policy(json_t *object, const struct ww_explain *e, bool *failed)
{
    const struct ww_policy *p = e->policy;
    ww_part_set(object, "mode", ww_part_string(p != NULL ? ww_policy_mode_name(p->mode) : NULL), failed);
    ww_part_set(object, "id", ww_part_string(p != NULL ? e->id : NULL), failed);
    ww_part_set(object, "max_age", p != NULL ? json_integer(p->max_age) : json_null(), failed);
    ww_part_set(object, "fetched", ww_part_time(p != NULL ? e->fetched : 0), failed);
    ww_part_set(object, "expires", ww_part_time(p != NULL ? e->expires : 0), failed);
}

struct ww_domain_case ww_part_case(const struct ww_explain *e)
{
    return (struct ww_domain_case){
        .domain = e->domain,
        .policy = e->policy,
        .policy_until = e->next_check,
        .listed = e->listed,
        .listed_until = e->listed != NULL ? e->listed_until : 0,
        .override = e->override,
        .dane = e->dane,
        .settings = e->settings,
    };
}

json_t *ww_part_source(const struct ww_explain *e, const struct ww_decision *d)
{
    return json_string(d->listed != NULL ? "preload" : e->source);
}

static json_t *own_patterns(const struct ww_override *o)
{
    json_t *list = json_array();
    struct ww_slice mx;
    for (size_t pos = 0; list != NULL && ww_override_next_mx(o->mx, &pos, &mx);) {
        if (json_array_append_new(list, json_stringn(mx.p, mx.n)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *ww_part_override(const struct ww_override *o, const struct ww_decision *d, bool *failed)
{
    if (o == NULL)
        return json_null();
    json_t *json = json_object();
    ww_part_set(json, "key", json_string(o->key), failed);
    ww_part_set(json, "level", json_string(ww_override_level_name(o->level)), failed);
    ww_part_set(json, "applied", json_boolean(d->override == o), failed);
    ww_part_set(json, "source", json_string(o->configured ? "configuration" : "run time"), failed);
    ww_part_set(json, "until", ww_part_time(o->until), failed);
    ww_part_set(json, "reason", ww_part_string(o->reason), failed);
    ww_part_set(json, "who", ww_part_string(o->who), failed);
    ww_part_set(json, "set", ww_part_time(o->set_at), failed);
    ww_part_set(json, "mx", own_patterns(o), failed);
    return json;
}

static json_t *dane_hosts(const struct ww_domain_dane *dane)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < dane->count; i++) {
        json_t *host = json_pack("{s:s, s:s}", "host", dane->hosts[i].name, "dane",
                                 ww_dane_state_name(dane->hosts[i].dane));
        if (json_array_append_new(list, host) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *ww_part_dane(const struct ww_domain_dane *dane, bool *failed)
{
    if (dane == NULL)
        return json_null();
    json_t *json = json_object();
    ww_part_set(json, "mx", json_string(ww_domain_mx_name(dane->mx)), failed);
    ww_part_set(json, "until", ww_part_time(dane->until), failed);
    ww_part_set(json, "hosts", dane_hosts(dane), failed);
    ww_part_set(json, "more", json_boolean(dane->more), failed);
    return json;
}

enum ww_err ww_part_put(struct ww_buf *b, json_t *root, size_t room)
{
    if (root == NULL)
        return WW_E_NO_MEMORY;
    size_t n = json_dumpb(root, b->p + b->n, room, JSON_COMPACT);
    json_decref(root);
    if (n == 0)
        return WW_E_NO_MEMORY;
    if (n > room) {
        b->failed = true;
        return WW_E_TOO_LONG;
    }
    b->n += n;
    return WW_OK;
}
