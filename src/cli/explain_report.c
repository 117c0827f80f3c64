#include "cli/explain.h"

#include "cli/query.h"

#include <stdio.h>
#include <string.h>

static const char *text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

static bool is(const json_t *json, const char *key, const char *value)
{
    return strcmp(text(json, key), value) == 0;
}

static bool is_any(const json_t *json, const char *key, const char *const *values)
{
    for (; *values != NULL; values++)
        if (is(json, key, *values))
            return true;
    return false;
}

static json_t *copy(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    return value != NULL ? json_deep_copy(value) : json_null();
}

/* What is answered where no dry run is on. */
static const json_t *answers(const json_t *explained)
{
    const json_t *would = json_object_get(explained, "would_answer");
    return json_is_object(would) ? would : json_object_get(explained, "postfix");
}

static bool same(const json_t *a, const json_t *b, const char *key)
{
    const json_t *one = json_object_get(a, key);
    const json_t *other = json_object_get(b, key);
    return one == other || json_equal(one, other) == 1;
}

static void add(json_t *list, const char *words, const char *more)
{
    (void)json_array_append_new(list, json_sprintf("%s%s", words, more));
}

static void add_until(json_t *list, const char *words, const char *until)
{
    (void)json_array_append_new(list,
                                json_sprintf("%s%s%s", words, until[0] != '\0' ? " until " : "", until));
}

static bool has_same_dane(const json_t *a, const json_t *b)
{
    const json_t *dane = json_object_get(a, "dane");
    const json_t *other = json_object_get(b, "dane");
    return same(dane, other, "mx") && same(dane, other, "hosts") && same(dane, other, "more");
}

/* Where the policy and DANE are not as they were seen now. */
static void add_sources(json_t *why, const json_t *daemon, const json_t *now)
{
    const json_t *dane = json_object_get(daemon, "dane");
    bool same_policy = same(daemon, now, "mode") && same(daemon, now, "mx");
    if (json_is_string(json_object_get(daemon, "mode")) && !same_policy)
        add_until(why, "it goes by its cached policy, valid", text(daemon, "expires"));
    else if (!same_policy)
        add_until(why, "it has found no policy, and does not look again", text(daemon, "next_check"));
    if (!json_is_object(dane))
        add(why, "it does not know whether DANE holds", "");
    else if (!has_same_dane(daemon, now))
        add_until(why, "it goes by the TLSA state that it has found, which counts", text(dane, "until"));
}

/* Why the daemon says something else than what was seen now; null when it says the same. */
static json_t *differs_json(const json_t *daemon, const json_t *now)
{
    const json_t *override = json_object_get(daemon, "override");
    if (!json_is_object(daemon) || !json_is_object(now))
        return json_null();
    if (same(answers(daemon), answers(now), "QUERY") && same(daemon, now, "dry_run"))
        return json_null();
    json_t *why = json_array();
    if (json_is_true(json_object_get(override, "applied")) && !same(daemon, now, "override"))
        add_until(why, "an override that was not read here counts", text(override, "until"));
    else
        add_sources(why, daemon, now);
    if (!same(daemon, now, "dry_run"))
        add(why, "its dry run is ", json_is_true(json_object_get(daemon, "dry_run")) ? "on" : "off");
    if (json_array_size(why) == 0)
        add(why, "its configuration is not the one that was read here", "");
    return json_pack("{s:o, s:o}", "now", copy(now, "level"), "why", why);
}

static json_t *told(const json_t *of_map)
{
    return json_pack("[{s:s, s:o}, {s:s, s:o}]", "question", "QUERY", "answer", copy(of_map, "QUERY"),
                     "question", "QUERYwithTLSRPT", "answer", copy(of_map, "QUERYwithTLSRPT"));
}

/* One object for each MTA that there is an answer for. */
static json_t *mtas_json(const json_t *decider)
{
    bool dry = json_is_true(json_object_get(decider, "dry_run"));
    return json_pack("[{s:s, s:o, s:o}]", "mta", "Postfix", "told", told(json_object_get(decider, "postfix")),
                     "without_dry_run", dry ? told(json_object_get(decider, "would_answer")) : json_null());
}

static const char *const class_names[WW_CLASSES] = {
    [WW_CLASS_AUTHENTICATED] = "authenticated",
    [WW_CLASS_OPEN] = "open",
    [WW_CLASS_PARTLY] = "partly",
    [WW_CLASS_HELD] = "held",
    [WW_CLASS_UNKNOWN] = "unknown",
};

static enum ww_explain_class class_of_level(const json_t *decider)
{
    static const char *const authenticated[] = {"secure", "dane-only", NULL};
    static const char *const partly[] = {"dane", "encrypt", NULL};
    if (is_any(decider, "level", authenticated))
        return WW_CLASS_AUTHENTICATED;
    if (is_any(decider, "level", partly))
        return WW_CLASS_PARTLY;
    if (is(decider, "level", "hold"))
        return WW_CLASS_HELD;
    return ww_query_is_temporary(decider) ? WW_CLASS_UNKNOWN : WW_CLASS_OPEN;
}

/* True when hosts were talked to, and none of them would take mail. */
static bool takes_none(const json_t *look)
{
    const json_t *hosts = json_object_get(json_object_get(look, "mx"), "hosts");
    bool probed = false;
    for (size_t i = 0; i < json_array_size(hosts); i++) {
        const json_t *host = json_array_get(hosts, i);
        const json_t *judgement = json_object_get(host, "judgement");
        probed = probed || json_is_object(json_object_get(host, "probe"));
        if (is(judgement, "action", "deliver"))
            return false;
    }
    return probed;
}

static enum ww_explain_class classify(const json_t *look, const json_t *decider, bool has_daemon)
{
    if (!json_is_object(decider))
        return WW_CLASS_UNKNOWN;
    enum ww_explain_class class = class_of_level(decider);
    if (class != WW_CLASS_HELD && !has_daemon && is(json_object_get(look, "dns"), "verdict", "unreachable"))
        return WW_CLASS_UNKNOWN;
    return takes_none(look) ? WW_CLASS_HELD : class;
}

json_t *ww_explain_report(const char *domain, int64_t at, json_t *look, const char *why_failed,
                          const json_t *daemon, const char *why_no_daemon)
{
    const json_t *now = json_object_get(look, "now");
    const json_t *decider = daemon != NULL ? daemon : now;
    bool known = json_is_object(decider);
    json_t *decision = known ? json_pack("{s:o, s:o, s:o, s:o, s:s}", "level", copy(decider, "level"), "why",
                                         copy(decider, "why"), "section", copy(decider, "section"), "until",
                                         copy(decider, "until"), "source", daemon != NULL ? "daemon" : "look")
                             : json_null();
    json_t *report = json_pack(
        "{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:s?, s:o, s:s?, s:o, s:o, s:b, s:o, s:s}", "version",
        WW_EXPLAIN_VERSION, "domain", domain, "at", ww_json_time(at), "dns", copy(look, "dns"), "mta_sts",
        copy(look, "mta_sts"), "mx", copy(look, "mx"), "now", copy(look, "now"), "look_failed",
        look != NULL ? NULL : why_failed, "daemon", daemon != NULL ? json_deep_copy(daemon) : json_null(),
        "no_daemon", daemon != NULL ? NULL : why_no_daemon, "decision", decision, "mtas",
        known ? mtas_json(decider) : json_array(), "dry_run",
        json_is_true(json_object_get(decider, "dry_run")), "differs", differs_json(daemon, now), "class",
        class_names[classify(look, decider, daemon != NULL)]);
    json_decref(look);
    return report;
}

enum ww_explain_class ww_explain_class(const json_t *report)
{
    for (int i = 0; i < WW_CLASSES; i++)
        if (is(report, "class", class_names[i]))
            return (enum ww_explain_class)i;
    return WW_CLASS_UNKNOWN;
}
