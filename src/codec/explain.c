#include "codec/explain.h"

#include "codec/explain_parts.h"
#include "core/postfix.h"
#include "core/socketmap.h"

#include <stdlib.h>

/*
 * What the parts without a small bound may take. A reply may double where quotation marks are escaped;
 * all together stays below WW_EXPLAIN_MAX.
 */
#define PATTERNS_MAX ((size_t)24 * 1024)
#define LISTED_PATTERNS_MAX ((size_t)8 * 1024)
#define REPLY_SHOWN_MAX ((size_t)12 * 1024)

/* False: there is no room for more of them, or (the list is NULL then) memory is short. */
static bool put_pattern(json_t **list, struct ww_slice mx, size_t *room, bool *truncated)
{
    size_t size = mx.n + sizeof "\"\",";
    if (*list != NULL && size > *room) {
        *truncated = true;
        return false;
    }
    *room -= size;
    if (*list != NULL && json_array_append_new(*list, json_stringn(mx.p, mx.n)) != 0) {
        json_decref(*list);
        *list = NULL;
    }
    return *list != NULL;
}

static json_t *patterns(const struct ww_policy *policy, bool *truncated)
{
    json_t *list = json_array();
    struct ww_slice mx;
    size_t room = PATTERNS_MAX;
    for (size_t pos = 0; policy != NULL && ww_policy_next_mx(policy, &pos, &mx);) {
        if (!put_pattern(&list, mx, &room, truncated))
            break;
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

static json_t *replies(const struct ww_explain *e, const struct ww_decision *d, bool dry_run, bool *truncated,
                       bool *failed)
{
    struct ww_postfix_style style = {.testing_may = e->testing_may, .dry_run = dry_run};
    json_t *both = json_object();
    ww_part_set(both, "QUERY", reply(d, &style, truncated), failed);
    style.tlsrpt = true;
    ww_part_set(both, "QUERYwithTLSRPT", reply(d, &style, truncated), failed);
    return both;
}

static json_t *listed_patterns(const struct ww_preload_entry *entry, bool *truncated)
{
    json_t *list = json_array();
    struct ww_slice mx;
    size_t room = LISTED_PATTERNS_MAX;
    for (size_t pos = 0; ww_preload_next_mx(entry, &pos, &mx);) {
        if (!put_pattern(&list, mx, &room, truncated))
            break;
    }
    return list;
}

static json_t *preload_or_null(const struct ww_explain *e, bool *truncated, bool *failed)
{
    const struct ww_preload_entry *entry = e->listed;
    if (entry == NULL)
        return json_null();
    json_t *json = json_object();
    ww_part_set(json, "mode", json_string(ww_policy_mode_name(entry->mode)), failed);
    ww_part_set(json, "mx", listed_patterns(entry, truncated), failed);
    ww_part_set(json, "alias",
                entry->alias.n > 0 ? json_stringn(entry->alias.p, entry->alias.n) : json_null(), failed);
    ww_part_set(json, "expires", ww_part_time(e->listed_until), failed);
    ww_part_set(json, "counts", json_boolean(e->policy == NULL), failed);
    return json;
}

static json_t *explain(const struct ww_explain *e)
{
    bool truncated = false;
    bool failed = false;
    const struct ww_domain_case c = ww_part_case(e);
    struct ww_decision d = ww_domain_decide(&c);
    json_t *root = json_object();
    ww_part_set(root, "domain", json_string(e->domain), &failed);
    ww_part_set(root, "level", json_string(ww_level_name(d.level)), &failed);
    ww_part_set(root, "why", json_string(ww_rule_text(d.rule)), &failed);
    ww_part_set(root, "section", json_string(ww_rule_source(d.rule)), &failed);
    ww_part_set(root, "until", ww_part_time(d.until), &failed);
    ww_part_set(root, "source", ww_part_source(e, &d), &failed);
    ww_part_set(root, "override", ww_part_override(e->override, &d, &failed), &failed);
    ww_part_policy(root, e, &failed);
    ww_part_set(root, "mx", patterns(e->policy, &truncated), &failed);
    ww_part_set(root, "preload", preload_or_null(e, &truncated, &failed), &failed);
    ww_part_set(root, "dane", ww_part_dane(e->dane, &failed), &failed);
    ww_part_set(root, "last", ww_part_string(e->last), &failed);
    ww_part_set(root, "error", ww_part_error(e->why), &failed);
    ww_part_set(root, "detail", ww_part_string(e->detail), &failed);
    ww_part_set(root, "checked", ww_part_time(e->checked), &failed);
    ww_part_set(root, "next_check", ww_part_time(e->next_check), &failed);
    ww_part_set(root, "postfix", replies(e, &d, e->dry_run, &truncated, &failed), &failed);
    ww_part_set(root, "dry_run", json_boolean(e->dry_run), &failed);
    ww_part_set(root, "would_answer", e->dry_run ? replies(e, &d, false, &truncated, &failed) : json_null(),
                &failed);
    ww_part_set(root, "truncated", json_boolean(truncated), &failed);
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
    return ww_part_put(b, explain(e), room);
}
