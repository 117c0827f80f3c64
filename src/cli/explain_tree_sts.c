/* The branch of MTA-STS: record, addresses of the policy host, fetch, policy. */
#include "cli/explain_tree.h"

#define PATTERNS_SHOWN 6

static void add_record(json_t *node, const json_t *sts)
{
    const json_t *record = json_object_get(sts, "record");
    const json_t *texts = json_object_get(record, "texts");
    if (!json_is_object(record))
        return;
    json_t *child = ww_tree_node("", ww_tree_text(record, "section"));
    (void)json_object_set_new(child, "head", json_sprintf("TXT %s", ww_tree_text(record, "name")));
    ww_tree_answer(child, record, "record", "records", NULL);
    if (ww_tree_text(record, "alias")[0] != '\0')
        ww_tree_line(child, json_sprintf("alias of %s", ww_tree_text(record, "alias")));
    for (size_t i = 0; i < json_array_size(texts); i++)
        ww_tree_line(child, json_incref(json_array_get(texts, i)));
    ww_tree_child(node, child);
}

static void add_addresses(json_t *node, const json_t *sts)
{
    const json_t *families = json_object_get(sts, "addresses");
    for (size_t i = 0; i < json_array_size(families); i++) {
        const json_t *family = json_array_get(families, i);
        const json_t *list = json_object_get(family, "addresses");
        json_int_t refused = ww_tree_number(family, "refused");
        json_t *child = ww_tree_node("", "");
        (void)json_object_set_new(
            child, "head", json_sprintf("%s %s", ww_tree_text(family, "type"), ww_tree_text(family, "name")));
        const char *only = json_array_size(list) == 1 ? json_string_value(json_array_get(list, 0)) : NULL;
        ww_tree_answer(child, family, "address", "addresses", only);
        for (size_t k = 0; only == NULL && k < json_array_size(list); k++)
            ww_tree_line(child, json_incref(json_array_get(list, k)));
        if (refused > 0) {
            ww_tree_note(child, "bad",
                         json_sprintf("%lld that is not to be connected to", (long long)refused));
            (void)json_object_set_new(child, "section", json_string("RFC 6890"));
        }
        ww_tree_child(node, child);
    }
}

static void add_fetch(json_t *node, const json_t *report, const json_t *sts)
{
    const json_t *fetch = json_object_get(sts, "fetch");
    const json_t *certificate = json_object_get(fetch, "certificate");
    const char *address = ww_tree_text(fetch, "address");
    json_int_t status = ww_tree_number(fetch, "status");
    if (!json_is_object(fetch))
        return;
    json_t *child = ww_tree_node("Fetch", ww_tree_text(fetch, "section"));
    if (status > 0)
        ww_tree_note(child, status == 200 ? "ok" : "bad",
                     json_sprintf("status %lld in %lld ms", (long long)status,
                                  (long long)ww_tree_number(fetch, "ms")));
    else
        ww_tree_note(child, "bad",
                     json_sprintf("failed after %lld ms", (long long)ww_tree_number(fetch, "ms")));
    ww_tree_line(child, json_string(ww_tree_text(fetch, "url")));
    if (address[0] != '\0')
        ww_tree_line(child, json_sprintf("from %s", address));
    if (json_is_object(certificate)) {
        ww_tree_line(child, json_sprintf("certificate by %s", ww_tree_text(certificate, "issuer")));
        ww_tree_line_time(child, report, "good until", ww_tree_text(certificate, "not_after"));
    }
    ww_tree_problem(child, fetch);
    ww_tree_child(node, child);
}

static void add_policy(json_t *node, const json_t *report, const json_t *sts)
{
    const json_t *policy = json_object_get(sts, "policy");
    const json_t *mx = json_object_get(policy, "mx");
    size_t count = json_array_size(mx);
    bool cached = json_is_true(json_object_get(policy, "cached"));
    if (!json_is_object(policy))
        return;
    json_t *child = ww_tree_node(cached ? "Cached policy" : "Policy", ww_tree_text(policy, "section"));
    ww_tree_note(child, ww_tree_is(policy, "mode", "enforce") ? "ok" : "mind",
                 json_sprintf("mode %s, id %s, max_age %lld", ww_tree_text(policy, "mode"),
                              ww_tree_text(policy, "id"), (long long)ww_tree_number(policy, "max_age")));
    for (size_t i = 0; i < count && i < PATTERNS_SHOWN; i++)
        ww_tree_line(child, json_sprintf("mx %s", json_string_value(json_array_get(mx, i))));
    if (count > PATTERNS_SHOWN)
        ww_tree_line(child, json_sprintf("and %zu more", count - PATTERNS_SHOWN));
    ww_tree_line_time(child, report, "valid until", ww_tree_text(policy, "until"));
    ww_tree_child(node, child);
}

json_t *ww_tree_mta_sts(const json_t *report)
{
    const json_t *sts = json_object_get(report, "mta_sts");
    const json_t *policy = json_object_get(sts, "policy");
    bool failed = json_is_object(json_object_get(sts, "error"));
    json_t *node = ww_tree_node("MTA-STS", "");
    if (json_is_object(policy))
        ww_tree_note(node, ww_tree_is(policy, "mode", "enforce") ? "ok" : "mind",
                     json_sprintf("%s%s", ww_tree_text(policy, "mode"),
                                  json_is_true(json_object_get(policy, "cached"))
                                      ? ", from the daemon's cache: nothing was found now"
                                      : ""));
    else
        ww_tree_note(node, failed ? "bad" : "mind",
                     json_string(failed ? "no policy can be had" : "no policy"));
    if (failed)
        ww_tree_problem(node, sts);
    add_record(node, sts);
    add_addresses(node, sts);
    add_fetch(node, report, sts);
    add_policy(node, report, sts);
    return node;
}
