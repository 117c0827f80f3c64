#include "codec/explain.h"

#include "base/time.h"
#include "core/postfix.h"
#include "core/socketmap.h"

#include <jansson.h>
#include <stdlib.h>

/*
 * What the two parts without a small bound may take. A reply may double where quotation marks are escaped;
 * all together stays below WW_EXPLAIN_MAX.
 */
#define PATTERNS_MAX ((size_t)24 * 1024)
#define REPLY_SHOWN_MAX ((size_t)12 * 1024)

static json_t *time_or_null(int64_t seconds)
{
    char text[WW_TIME_SIZE];
    if (seconds == 0)
        return json_null();
    ww_time_format(seconds, text);
    return json_string(text);
}

static json_t *string_or_null(const char *s)
{
    return s != NULL && s[0] != '\0' ? json_string(s) : json_null();
}

static json_t *error_or_null(enum ww_err why)
{
    if (why == WW_OK)
        return json_null();
    return json_pack("{s:s, s:s, s:s}", "id", ww_err_id(why), "message", ww_err_message(why), "source",
                     ww_err_source(why));
}

static json_t *patterns(const struct ww_policy *policy, bool *truncated)
{
    json_t *list = json_array();
    struct ww_slice mx;
    size_t size = 0;
    for (size_t pos = 0; list != NULL && policy != NULL && ww_policy_next_mx(policy, &pos, &mx);) {
        size += mx.n + sizeof "\"\",";
        if (size > PATTERNS_MAX) {
            *truncated = true;
            break;
        }
        if (json_array_append_new(list, json_stringn(mx.p, mx.n)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *reply(const struct ww_decision *d, const struct ww_postfix_style *style, bool *truncated)
{
    char *text = malloc(WW_SOCKETMAP_REPLY_MAX);
    if (text == NULL)
        return NULL;
    struct ww_buf b = ww_buf(text, WW_SOCKETMAP_REPLY_MAX);
    ww_postfix_reply(&b, d, style);
    size_t shown = b.n < REPLY_SHOWN_MAX ? b.n : REPLY_SHOWN_MAX;
    if (shown < b.n)
        *truncated = true;
    json_t *string = json_stringn(text, shown);
    free(text);
    return string;
}

/* Sticky like the buffers: sets a member, and takes over its value; a value of NULL is a failure. */
static void set(json_t *object, const char *key, json_t *value, bool *failed)
{
    if (json_object_set_new(object, key, value) != 0)
        *failed = true;
}

static void set_policy(json_t *root, const struct ww_explain *e, bool *truncated, bool *failed)
{
    const struct ww_policy *p = e->policy;
    set(root, "mode", string_or_null(p != NULL ? ww_policy_mode_name(p->mode) : NULL), failed);
    set(root, "id", string_or_null(p != NULL ? e->id : NULL), failed);
    set(root, "max_age", p != NULL ? json_integer(p->max_age) : json_null(), failed);
    set(root, "fetched", time_or_null(p != NULL ? e->fetched : 0), failed);
    set(root, "expires", time_or_null(p != NULL ? e->expires : 0), failed);
    set(root, "mx", patterns(p, truncated), failed);
}

static json_t *replies(const struct ww_explain *e, const struct ww_decision *d, bool dry_run, bool *truncated,
                       bool *failed)
{
    struct ww_postfix_style style = {.testing_may = e->testing_may, .dry_run = dry_run};
    json_t *both = json_object();
    set(both, "QUERY", reply(d, &style, truncated), failed);
    style.tlsrpt = true;
    set(both, "QUERYwithTLSRPT", reply(d, &style, truncated), failed);
    return both;
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

static json_t *override_or_null(const struct ww_override *o, const struct ww_decision *d, bool *failed)
{
    if (o == NULL)
        return json_null();
    json_t *json = json_object();
    set(json, "key", json_string(o->key), failed);
    set(json, "level", json_string(ww_override_level_name(o->level)), failed);
    set(json, "applied", json_boolean(d->override == o), failed);
    set(json, "source", json_string(o->configured ? "configuration" : "run time"), failed);
    set(json, "until", time_or_null(o->until), failed);
    set(json, "reason", string_or_null(o->reason), failed);
    set(json, "who", string_or_null(o->who), failed);
    set(json, "set", time_or_null(o->set_at), failed);
    set(json, "mx", own_patterns(o), failed);
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

static json_t *dane_or_null(const struct ww_domain_dane *dane, bool *failed)
{
    if (dane == NULL)
        return json_null();
    json_t *json = json_object();
    set(json, "mx", json_string(ww_domain_mx_name(dane->mx)), failed);
    set(json, "until", time_or_null(dane->until), failed);
    set(json, "hosts", dane_hosts(dane), failed);
    set(json, "more", json_boolean(dane->more), failed);
    return json;
}

static json_t *explain(const struct ww_explain *e)
{
    bool truncated = false;
    bool failed = false;
    const struct ww_domain_case c = {.domain = e->domain,
                                     .policy = e->policy,
                                     .policy_until = e->next_check,
                                     .override = e->override,
                                     .dane = e->dane,
                                     .settings = e->settings};
    struct ww_decision d = ww_domain_decide(&c);
    json_t *root = json_object();
    set(root, "domain", json_string(e->domain), &failed);
    set(root, "level", json_string(ww_level_name(d.level)), &failed);
    set(root, "why", json_string(ww_rule_text(d.rule)), &failed);
    set(root, "section", json_string(ww_rule_source(d.rule)), &failed);
    set(root, "until", time_or_null(d.until), &failed);
    set(root, "source", json_string(e->source), &failed);
    set(root, "override", override_or_null(e->override, &d, &failed), &failed);
    set_policy(root, e, &truncated, &failed);
    set(root, "dane", dane_or_null(e->dane, &failed), &failed);
    set(root, "last", string_or_null(e->last), &failed);
    set(root, "error", error_or_null(e->why), &failed);
    set(root, "detail", string_or_null(e->detail), &failed);
    set(root, "checked", time_or_null(e->checked), &failed);
    set(root, "next_check", time_or_null(e->next_check), &failed);
    set(root, "postfix", replies(e, &d, e->dry_run, &truncated, &failed), &failed);
    set(root, "dry_run", json_boolean(e->dry_run), &failed);
    set(root, "would_answer", e->dry_run ? replies(e, &d, false, &truncated, &failed) : json_null(), &failed);
    set(root, "truncated", json_boolean(truncated), &failed);
    if (failed) {
        json_decref(root);
        return NULL;
    }
    return root;
}

void ww_explain_prepare(void)
{
    json_object_seed(0);
}

enum ww_err ww_explain_json(struct ww_buf *b, const struct ww_explain *e)
{
    size_t room = b->cap - b->n;
    if (room > WW_EXPLAIN_MAX)
        room = WW_EXPLAIN_MAX;
    json_t *root = explain(e);
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
