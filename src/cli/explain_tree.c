/* What `waxwing explain` tells, as a tree for people. */
#include "cli/explain_tree.h"

#include "base/time.h"
#include "cli/query.h"
#include "cli/when.h"

#include <string.h>

/* More than this is for programs: --json has it. */
#define PRELOAD_MX_SHOWN 20

/* More than these octets and policy strings of an answer are for programs: --json has them. */
#define ANSWER_SHOWN 400
#define STRINGS_SHOWN 8

const char *ww_tree_text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

bool ww_tree_is(const json_t *json, const char *key, const char *value)
{
    return strcmp(ww_tree_text(json, key), value) == 0;
}

json_int_t ww_tree_number(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

json_t *ww_tree_node(const char *head, const char *section)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:[], s:[]}", "head", head, "note", "", "state", "", "section",
                     section, "lines", "children");
}

void ww_tree_note(json_t *node, const char *state, json_t *note)
{
    (void)json_object_set_new(node, "note", note);
    (void)json_object_set_new(node, "state", json_string(state));
}

void ww_tree_line(json_t *node, json_t *line)
{
    (void)json_array_append_new(json_object_get(node, "lines"), line);
}

void ww_tree_child(json_t *node, json_t *child)
{
    (void)json_array_append_new(json_object_get(node, "children"), child);
}

json_t *ww_tree_time(const json_t *report, const char *time)
{
    char when[WW_WHEN_SIZE];
    int64_t then, now;
    if (!ww_time_parse(ww_slice_str(time), &then) ||
        !ww_time_parse(ww_slice_str(ww_tree_text(report, "at")), &now))
        return json_string(time);
    ww_when(then, now, when);
    return json_sprintf("%s (%s)", time, when);
}

void ww_tree_line_time(json_t *node, const json_t *report, const char *words, const char *time)
{
    json_t *when = ww_tree_time(report, time);
    if (time[0] != '\0')
        ww_tree_line(node, json_sprintf("%s %s", words, json_string_value(when)));
    json_decref(when);
}

void ww_tree_problem(json_t *node, const json_t *holder)
{
    const json_t *error = json_object_get(holder, "error");
    const char *detail = ww_tree_text(holder, "detail");
    if (!json_is_object(error))
        return;
    ww_tree_line(node, json_string(detail[0] != '\0' ? detail : ww_tree_text(error, "message")));
    if (ww_tree_text(error, "source")[0] != '\0')
        (void)json_object_set_new(node, "section", json_string(ww_tree_text(error, "source")));
}

const char *ww_tree_dnssec_state(const json_t *answer)
{
    if (json_is_object(json_object_get(answer, "error")) || ww_tree_is(answer, "dnssec", "bogus"))
        return "bad";
    return ww_tree_is(answer, "dnssec", "secure") ? "ok" : "mind";
}

static const char *dnssec_words(const json_t *answer)
{
    return ww_tree_is(answer, "dnssec", "unknown") ? "not validated" : ww_tree_text(answer, "dnssec");
}

void ww_tree_answer(json_t *node, const json_t *answer, const char *one, const char *many, const char *value)
{
    long long count = ww_tree_number(answer, "count");
    long long ttl = ww_tree_number(answer, "ttl");
    const json_t *error = json_object_get(answer, "error");
    const char *state = ww_tree_dnssec_state(answer);
    if (json_is_false(json_object_get(answer, "ended")))
        ww_tree_note(node, "faint", json_string("not waited for"));
    else if (json_is_object(error))
        ww_tree_note(node, "bad", json_string(ww_tree_text(error, "message")));
    else if (count == 0)
        ww_tree_note(node, state, json_sprintf("none, %s, TTL %lld", dnssec_words(answer), ttl));
    else if (value != NULL)
        ww_tree_note(node, state, json_sprintf("%s, %s, TTL %lld", value, dnssec_words(answer), ttl));
    else
        ww_tree_note(
            node, state,
            json_sprintf("%lld %s, %s, TTL %lld", count, count == 1 ? one : many, dnssec_words(answer), ttl));
}

static json_t *dns(const json_t *report)
{
    const json_t *seen = json_object_get(report, "dns");
    json_t *node = ww_tree_node("DNS", ww_tree_text(seen, "section"));
    bool forwarded = json_is_true(json_object_get(seen, "forwarded"));
    const char *way = forwarded ? "through dns.forward" : "from the root on";
    if (ww_tree_is(seen, "verdict", "validating"))
        ww_tree_note(node, "ok", json_sprintf("DNSSEC validates answers, %s", way));
    else if (ww_tree_is(seen, "verdict", "stripped"))
        ww_tree_note(node, "bad", json_string("DNSSEC does not get through: nothing is known of DANE"));
    else if (ww_tree_is(seen, "verdict", "anchor"))
        ww_tree_note(
            node, "bad",
            json_string("DNSSEC gets through, but the root's signatures do not fit the trust anchors: "
                        "nothing is known of DANE"));
    else
        ww_tree_note(node, "bad", json_sprintf("no answer comes %s", way));
    if (ww_tree_text(seen, "detail")[0] != '\0')
        ww_tree_line(node, json_string(ww_tree_text(seen, "detail")));
    return node;
}

static json_t * override(const json_t *report, const json_t *decider)
{
    const json_t *o = json_object_get(decider, "override");
    const char *who = ww_tree_text(o, "who");
    json_t *node = ww_tree_node("Override", "RFC 7435 section 3");
    if (!json_is_object(o)) {
        ww_tree_note(node, "faint", json_string("none"));
        (void)json_object_set_new(node, "section", json_string(""));
        return node;
    }
    ww_tree_note(node, "mind",
                 json_sprintf("%s for %s%s", ww_tree_text(o, "level"), ww_tree_text(o, "key"),
                              json_is_true(json_object_get(o, "applied")) ? "" : ", which changes nothing"));
    if (ww_tree_is(o, "source", "configuration"))
        ww_tree_line(node, json_string("in the configuration"));
    else
        ww_tree_line(node, json_sprintf("set at run time%s%s", who[0] != '\0' ? " by " : "", who));
    if (ww_tree_text(o, "reason")[0] != '\0')
        ww_tree_line(node, json_sprintf("reason: %s", ww_tree_text(o, "reason")));
    ww_tree_line_time(node, report, "until", ww_tree_text(o, "until"));
    return node;
}

/* NULL: the daemon has no list, or it does not name the domain. */
static json_t *preload(const json_t *report, const json_t *decider)
{
    const json_t *p = json_object_get(decider, "preload");
    const json_t *mx;
    size_t i;
    if (!json_is_object(p))
        return NULL;
    bool counts = json_is_true(json_object_get(p, "counts"));
    json_t *node = ww_tree_node("Preload list", "RFC 8461 section 10.2");
    ww_tree_note(node, counts ? "ok" : "faint",
                 json_sprintf("%s%s", ww_tree_text(p, "mode"),
                              counts ? ", and no MTA-STS policy is in force"
                                     : ": it does not count beside an MTA-STS policy"));
    json_array_foreach(json_object_get(p, "mx"), i, mx)
    {
        if (i < PRELOAD_MX_SHOWN && json_is_string(mx))
            ww_tree_line(node, json_sprintf("mx: %s", json_string_value(mx)));
    }
    ww_tree_line_time(node, report, "until", ww_tree_text(p, "expires"));
    return node;
}

static const char *class_state(const json_t *report)
{
    if (ww_tree_is(report, "class", "authenticated"))
        return "ok";
    if (ww_tree_is(report, "class", "held") || ww_tree_is(report, "class", "unknown"))
        return "bad";
    return "mind";
}

static const char *level_state(const json_t *decision)
{
    if (ww_tree_is(decision, "level", "secure") || ww_tree_is(decision, "level", "dane-only"))
        return "ok";
    return ww_tree_is(decision, "level", "hold") ? "bad" : "mind";
}

static json_t *decision(const json_t *report)
{
    const json_t *d = json_object_get(report, "decision");
    const json_t *differs = json_object_get(report, "differs");
    const json_t *why = json_object_get(differs, "why");
    json_t *node = ww_tree_node("Decision", ww_tree_text(d, "section"));
    ww_tree_note(node, level_state(d), json_string(ww_tree_text(d, "level")));
    ww_tree_line(node, json_string(ww_tree_text(d, "why")));
    ww_tree_line_time(node, report, "until", ww_tree_text(d, "until"));
    if (json_is_object(differs)) {
        json_t *other = ww_tree_node("By what was seen now", "");
        ww_tree_note(other, "mind",
                     json_sprintf("%s; the daemon says otherwise, for", ww_tree_text(differs, "now")));
        for (size_t i = 0; i < json_array_size(why); i++)
            ww_tree_line(other, json_incref(json_array_get(why, i)));
        ww_tree_child(node, other);
    }
    return node;
}

/* A long answer in lines: each policy string is one. */
static void add_answer(json_t *node, const char *answer)
{
    static const char brace[] = " { ";
    const char *at = strstr(answer, brace);
    unsigned shown = 0;
    size_t n = at != NULL ? (size_t)(at - answer) : strlen(answer);
    while (n > 0 && answer[n - 1] == ' ') /* as of "NOTFOUND " */
        n--;
    if (n > ANSWER_SHOWN)
        ww_tree_note(node, "", json_sprintf("%.*s ...", ANSWER_SHOWN, answer));
    else
        ww_tree_note(node, "", json_sprintf("%.*s", (int)n, answer));
    while (at != NULL && shown++ < STRINGS_SHOWN) {
        const char *next = strstr(at + 1, brace);
        n = next != NULL ? (size_t)(next - at) : strlen(at);
        ww_tree_line(node, json_sprintf("%.*s", (int)(n < ANSWER_SHOWN ? n : ANSWER_SHOWN) - 1, at + 1));
        at = next;
    }
    if (at != NULL)
        ww_tree_line(node, json_string("and more (--json has them)"));
}

static void add_answers(json_t *node, const json_t *told)
{
    for (size_t i = 0; i < json_array_size(told); i++) {
        const json_t *one = json_array_get(told, i);
        json_t *child = ww_tree_node(ww_tree_text(one, "question"), "");
        add_answer(child, ww_tree_text(one, "answer"));
        ww_tree_child(node, child);
    }
}

static json_t *mta(const json_t *report, const json_t *one)
{
    const json_t *without = json_object_get(one, "without_dry_run");
    bool daemon = json_is_object(json_object_get(report, "daemon"));
    json_t *node = ww_tree_node("", "");
    (void)json_object_set_new(node, "head", json_sprintf("%s is told", ww_tree_text(one, "mta")));
    ww_tree_note(node, "faint",
                 json_string(daemon ? "by the running daemon" : "by what was seen, without a daemon"));
    add_answers(node, json_object_get(one, "told"));
    if (json_is_array(without)) {
        json_t *dry = ww_tree_node("Dry run", "");
        ww_tree_note(dry, "mind", json_string("it is on; without it, this would be told"));
        add_answers(dry, without);
        ww_tree_child(node, dry);
    }
    return node;
}

static const char *headline(const json_t *report, const json_t *decider)
{
    const json_t *d = json_object_get(report, "decision");
    if (ww_tree_is(report, "class", "held") && !ww_tree_is(d, "level", "hold"))
        return "no MX host would take mail now";
    return json_is_object(d) ? ww_query_demand(decider) : "it could not be found out now";
}

json_t *ww_explain_tree(const json_t *report)
{
    const json_t *daemon = json_object_get(report, "daemon");
    const json_t *decider = json_is_object(daemon) ? daemon : json_object_get(report, "now");
    const json_t *mtas = json_object_get(report, "mtas");
    json_t *root = ww_tree_node(ww_tree_text(report, "domain"), "");
    ww_tree_note(root, class_state(report), json_string(headline(report, decider)));
    if (json_is_object(json_object_get(report, "dns"))) {
        ww_tree_child(root, dns(report));
        ww_tree_child(root, ww_tree_mta_sts(report));
        ww_tree_child(root, ww_tree_mx(report));
    } else {
        json_t *failed = ww_tree_node("Look", "");
        ww_tree_note(failed, "bad", json_string(ww_tree_text(report, "look_failed")));
        ww_tree_child(root, failed);
    }
    if (json_is_object(json_object_get(report, "decision"))) {
        ww_tree_child(root, override(report, decider));
        json_t *listed = preload(report, decider);
        if (listed != NULL)
            ww_tree_child(root, listed);
        ww_tree_child(root, decision(report));
    }
    for (size_t i = 0; i < json_array_size(mtas); i++)
        ww_tree_child(root, mta(report, json_array_get(mtas, i)));
    return root;
}
