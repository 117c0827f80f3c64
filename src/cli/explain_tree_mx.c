/* The branch of the MX records: each host with what DNS and DANE say of it, and what follows. */
#include "cli/explain_tree.h"
#include "cli/query.h"

#include <string.h>

#define NAMES_SHOWN 4

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

/* The names of a certificate, a few of them. */
static json_t *names_words(const json_t *certificate)
{
    const json_t *names = json_object_get(certificate, "names");
    size_t count = json_array_size(names);
    json_t *words = json_string("certificate for ");
    if (count == 0) {
        json_decref(words);
        return json_sprintf("certificate without DNS names, common name %s",
                            ww_tree_text(certificate, "common_name"));
    }
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        json_t *longer = json_sprintf("%s%s%s", json_string_value(words), i > 0 ? ", " : "",
                                      json_string_value(json_array_get(names, i)));
        json_decref(words);
        words = longer;
    }
    if (count > NAMES_SHOWN) {
        json_t *longer = json_sprintf("%s and %zu more", json_string_value(words), count - NAMES_SHOWN);
        json_decref(words);
        words = longer;
    }
    return words;
}

static void add_certificate(json_t *node, const json_t *report, const json_t *probe)
{
    const json_t *certificate = json_object_get(probe, "certificate");
    const char *status = ww_tree_text(certificate, "status");
    const char *usage = ww_tree_number(probe, "tlsa_usage") == 2 ? "DANE-TA(2)" : "DANE-EE(3)";
    if (!json_is_object(certificate))
        return;
    bool good = strcmp(status, "ok") == 0;
    bool match = json_is_true(json_object_get(probe, "tlsa_match"));
    json_t *child = ww_tree_node("Chain", "");
    ww_tree_note(child, good ? "ok" : "mind", json_string(good ? "trusted" : status));
    ww_tree_line(child, names_words(certificate));
    if (ww_tree_text(certificate, "issuer")[0] != '\0')
        ww_tree_line(child, json_sprintf("by %s", ww_tree_text(certificate, "issuer")));
    ww_tree_line_time(child, report, "good until", ww_tree_text(certificate, "not_after"));
    ww_tree_child(node, child);
    if (ww_tree_number(probe, "tlsa_readable") == 0)
        return;
    json_t *tlsa = ww_tree_node("TLSA", "RFC 7672 section 3.1");
    ww_tree_note(tlsa, match ? "ok" : "bad",
                 match ? json_sprintf("a %s record matches", usage) : json_string("no record matches"));
    ww_tree_child(node, tlsa);
}

static void add_probe(json_t *node, const json_t *report, const json_t *host)
{
    const json_t *probe = json_object_get(host, "probe");
    bool starttls = json_is_true(json_object_get(probe, "starttls"));
    long long ms = ww_tree_number(probe, "ms");
    if (!json_is_object(probe))
        return;
    json_t *child = ww_tree_node("Probe", "RFC 3207 section 4");
    if (!json_is_true(json_object_get(probe, "reached")))
        ww_tree_note(child, "bad", json_string("the host was not reached"));
    else if (!starttls)
        ww_tree_note(child, "bad", json_sprintf("no STARTTLS is offered, after %lld ms", ms));
    else if (!json_is_true(json_object_get(probe, "handshake")))
        ww_tree_note(child, "bad", json_sprintf("the TLS handshake fails, after %lld ms", ms));
    else
        ww_tree_note(child, "ok", json_sprintf("TLS %s in %lld ms", ww_tree_text(probe, "tls_version"), ms));
    if (ww_tree_text(probe, "address")[0] != '\0')
        ww_tree_line(child, json_sprintf("at %s", ww_tree_text(probe, "address")));
    if (ww_tree_text(probe, "cipher")[0] != '\0')
        ww_tree_line(child, json_string(ww_tree_text(probe, "cipher")));
    if (json_is_object(json_object_get(probe, "error")))
        ww_tree_problem(child, probe);
    else if (ww_tree_text(probe, "detail")[0] != '\0')
        ww_tree_line(child, json_string(ww_tree_text(probe, "detail")));
    add_certificate(child, report, probe);
    ww_tree_child(node, child);
}

static void add_judgement(json_t *node, const json_t *host)
{
    const json_t *j = json_object_get(host, "judgement");
    const char *result = ww_tree_text(j, "result_type");
    json_t *child = ww_tree_node("Delivery", ww_tree_text(j, "source"));
    if (ww_tree_is(j, "action", "skip"))
        ww_tree_note(child, "bad", json_string("none for now, the host is skipped"));
    else if (json_is_true(json_object_get(j, "live")))
        ww_tree_note(child, result[0] != '\0' ? "mind" : "ok", json_string("it would be delivered"));
    else
        ww_tree_note(child, "", json_sprintf("needs %s", ww_tree_text(j, "needs")));
    if (ww_tree_text(j, "why")[0] != '\0')
        ww_tree_line(child, json_string(ww_tree_text(j, "why")));
    if (result[0] != '\0')
        ww_tree_line(child, json_sprintf("reported as %s", result));
    ww_tree_child(node, child);
}

static const char *dane_looks(const json_t *host)
{
    if (ww_tree_is(host, "dane", "secure-usable"))
        return "ok";
    return ww_tree_is(host, "dane", "bogus") || ww_tree_is(host, "dane", "lookup-failed") ? "bad" : "mind";
}

static json_t *host_node(const json_t *report, const json_t *host)
{
    json_t *node = ww_tree_node("", "");
    (void)json_object_set_new(
        node, "head",
        json_sprintf("%lld %s", (long long)ww_tree_number(host, "preference"), ww_tree_text(host, "host")));
    ww_tree_note(node, dane_looks(host), json_string(ww_query_dane_words(ww_tree_text(host, "dane"))));
    if (json_is_true(json_object_get(host, "no_address")))
        ww_tree_note(node, "bad", json_string("no address"));
    else if (ww_tree_is(host, "dane", "bogus") || ww_tree_is(host, "dane", "lookup-failed"))
        ww_tree_problem(node, host);
    if (ww_tree_text(host, "alias")[0] != '\0')
        ww_tree_line(node, json_sprintf("alias of %s", ww_tree_text(host, "alias")));
    add_questions(node, host);
    add_policy(node, report, host);
    add_probe(node, report, host);
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
