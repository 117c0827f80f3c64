/* The branch of the MX records: each host with what DNS and DANE say of it, and what follows. */
#include "cli/explain_tree.h"

#include <string.h>

static const char *named(const char *const *names, size_t count, json_int_t i)
{
    return i >= 0 && (size_t)i < count ? names[i] : "unknown";
}

/* By their names in RFC 7218. */
static json_t *record_words(const json_t *r)
{
    static const char *const usages[] = {"PKIX-TA", "PKIX-EE", "DANE-TA", "DANE-EE"};
    static const char *const selectors[] = {"Cert", "SPKI"};
    static const char *const matchings[] = {"Full", "SHA2-256", "SHA2-512"};
    json_int_t usage = ww_tree_number(r, "usage");
    json_int_t selector = ww_tree_number(r, "selector");
    json_int_t matching = ww_tree_number(r, "matching");
    return json_sprintf("%s(%d) %s(%d) %s(%d)", named(usages, 4, usage), (int)usage,
                        named(selectors, 2, selector), (int)selector, named(matchings, 3, matching),
                        (int)matching);
}

static void add_records(json_t *node, const json_t *host)
{
    const json_t *records = json_object_get(host, "records");
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *r = json_array_get(records, i);
        const json_t *unusable = json_object_get(r, "unusable");
        json_t *child = ww_tree_node("", ww_tree_text(unusable, "source"));
        (void)json_object_set_new(child, "head", record_words(r));
        ww_tree_note(child, json_is_object(unusable) ? "bad" : "ok",
                     json_string(json_is_object(unusable) ? "unusable" : "usable"));
        if (json_is_object(unusable))
            ww_tree_line(child, json_string(ww_tree_text(unusable, "message")));
        ww_tree_line(child, json_string(ww_tree_text(r, "data")));
        ww_tree_child(node, child);
    }
}

static void add_questions(json_t *node, const json_t *host)
{
    const json_t *questions = json_object_get(host, "questions");
    const char *base = ww_tree_text(host, "base");
    for (size_t i = 0; i < json_array_size(questions); i++) {
        const json_t *q = json_array_get(questions, i);
        const char *name = ww_tree_text(q, "name");
        bool tlsa = ww_tree_is(q, "type", "TLSA");
        bool address = ww_tree_is(q, "type", "A") || ww_tree_is(q, "type", "AAAA");
        json_t *child = ww_tree_node("", tlsa ? ww_tree_text(q, "section") : "");
        (void)json_object_set_new(
            child, "head",
            json_sprintf("%s%s%s", ww_tree_text(q, "type"), tlsa ? " " : "", tlsa ? name : ""));
        ww_tree_answer(child, q, address ? "address" : "record", address ? "addresses" : "records", NULL);
        const char *of = strncmp(name, "_25._tcp.", 9) == 0 ? name + 9 : name;
        if (tlsa && base[0] != '\0' && strcmp(of, base) == 0)
            add_records(child, host);
        ww_tree_child(node, child);
    }
}

static void add_policy(json_t *node, const json_t *report, const json_t *host)
{
    const json_t *policy = json_object_get(json_object_get(report, "mta_sts"), "policy");
    const char *pattern = ww_tree_text(host, "pattern");
    if (!json_is_object(policy) || json_array_size(json_object_get(policy, "mx")) == 0)
        return;
    json_t *child = ww_tree_node("MTA-STS policy", "RFC 8461 section 4.1");
    if (pattern[0] != '\0')
        ww_tree_note(child, "ok", json_sprintf("names it by %s", pattern));
    else
        ww_tree_note(child, ww_tree_is(policy, "mode", "enforce") ? "bad" : "mind",
                     json_string("does not name it"));
    ww_tree_child(node, child);
}

static void add_judgement(json_t *node, const json_t *host)
{
    const json_t *j = json_object_get(host, "judgement");
    json_t *child = ww_tree_node("Delivery", ww_tree_text(j, "source"));
    if (ww_tree_is(j, "action", "skip")) {
        ww_tree_note(child, "bad", json_string("none for now, the host is skipped"));
        ww_tree_line(child, json_string(ww_tree_text(j, "why")));
    } else
        ww_tree_note(child, "", json_sprintf("needs %s", ww_tree_text(j, "needs")));
    ww_tree_child(node, child);
}

/* What a state of DANE is called, and how it looks. */
static const struct state {
    const char *name;
    const char *words;
    const char *looks;
} states[] = {
    {"none", "no TLSA records", "mind"},
    {"insecure", "no DANE: not signed all the way", "mind"},
    {"secure-usable", "usable TLSA records", "ok"},
    {"secure-unusable", "TLSA records, none of them usable", "mind"},
    {"bogus", "does not stand up to DNSSEC", "bad"},
    {"lookup-failed", "the look-up failed", "bad"},
};

static json_t *host_node(const json_t *report, const json_t *host)
{
    json_t *node = ww_tree_node("", "");
    (void)json_object_set_new(
        node, "head",
        json_sprintf("%lld %s", (long long)ww_tree_number(host, "preference"), ww_tree_text(host, "host")));
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (ww_tree_is(host, "dane", states[i].name))
            ww_tree_note(node, states[i].looks, json_string(states[i].words));
    if (json_is_true(json_object_get(host, "no_address")))
        ww_tree_note(node, "bad", json_string("no address"));
    else if (ww_tree_text(host, "detail")[0] != '\0')
        ww_tree_line(node, json_string(ww_tree_text(host, "detail")));
    if (ww_tree_text(host, "alias")[0] != '\0')
        ww_tree_line(node, json_sprintf("alias of %s", ww_tree_text(host, "alias")));
    add_questions(node, host);
    add_policy(node, report, host);
    add_judgement(node, host);
    return node;
}

static json_t *mx_note(const json_t *mx)
{
    size_t count = json_array_size(json_object_get(mx, "hosts"));
    const char *dnssec = ww_tree_is(mx, "dnssec", "unknown") ? "not validated" : ww_tree_text(mx, "dnssec");
    long long ttl = (long long)ww_tree_number(mx, "ttl");
    if (ww_tree_is(mx, "outcome", "implicit"))
        return json_sprintf("none, %s, TTL %lld: the domain itself is the host", dnssec, ttl);
    if (ww_tree_is(mx, "outcome", "null"))
        return json_sprintf("null MX, %s, TTL %lld: the domain takes no mail", dnssec, ttl);
    if (ww_tree_is(mx, "outcome", "no-domain"))
        return json_sprintf("there is no such domain, %s, TTL %lld", dnssec, ttl);
    if (ww_tree_is(mx, "outcome", "failed"))
        return json_string(ww_tree_text(json_object_get(mx, "error"), "message"));
    return json_sprintf("%zu%s host%s, %s, TTL %lld", count,
                        json_is_true(json_object_get(mx, "more")) ? " and more" : "", count == 1 ? "" : "s",
                        dnssec, ttl);
}

static const char *mx_section(const json_t *mx)
{
    if (ww_tree_is(mx, "outcome", "implicit"))
        return "RFC 5321 section 5.1";
    return ww_tree_is(mx, "outcome", "null") ? "RFC 7505 section 3" : ww_tree_text(mx, "section");
}

json_t *ww_tree_mx(const json_t *report)
{
    const json_t *mx = json_object_get(report, "mx");
    const json_t *hosts = json_object_get(mx, "hosts");
    const char *detail = ww_tree_text(mx, "detail");
    json_t *node = ww_tree_node("", mx_section(mx));
    (void)json_object_set_new(node, "head", json_sprintf("MX %s", ww_tree_text(mx, "name")));
    ww_tree_note(node, ww_tree_dnssec_state(mx), mx_note(mx));
    if (detail[0] != '\0')
        ww_tree_line(node, json_string(detail));
    for (size_t i = 0; i < json_array_size(hosts); i++)
        ww_tree_child(node, host_node(report, json_array_get(hosts, i)));
    return node;
}
