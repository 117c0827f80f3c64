/* The answer of keeper_advise.h as JSON. It fits into a message of control whatever is in the store. */
#include "advise/advise.h"
#include "codec/json_values.h"
#include "core/sessions.h"
#include "daemon/keeper_advise.h"

/* Rows that are told; more are counted. */
#define SENDERS 100
#define CAUSES 40
#define PATTERNS 100

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

/* "2026-11-28" */
static json_t *day_json(int64_t day)
{
    json_t *time = ww_json_time(day * WW_DAY_SECONDS);
    const char *text = json_string_value(time);
    json_t *json = text != NULL ? json_stringn(text, 10) : json_null();
    json_decref(time);
    return json;
}

static json_t *patterns_json(const struct ww_evidence_version *v)
{
    json_t *list = json_array();
    struct ww_slice pattern;
    size_t pos = 0;
    while (v->has_policy && json_array_size(list) < PATTERNS && ww_policy_next_mx(&v->policy, &pos, &pattern))
        (void)json_array_append_new(list, json_stringn(pattern.p, pattern.n));
    return list;
}

static json_t *policy_json(const struct ww_evidence *e, const struct ww_advice *a)
{
    const struct ww_evidence_version *v = e->version_count > 0 ? &e->versions[0] : NULL;
    if (a->mode[0] == '\0')
        return json_null();
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "mode", a->mode, "id",
                     v != NULL ? text_or_null(v->id) : json_null(), "since", ww_json_time(a->since),
                     "max_age",
                     v != NULL && v->has_policy ? json_integer((json_int_t)v->policy.max_age) : json_null(),
                     "mx", v != NULL ? patterns_json(v) : json_array());
}

static json_t *look_json(const struct ww_evidence_look *look)
{
    if (!look->looked)
        return json_null();
    return json_pack("{s:o, s:s, s:s}", "at", ww_json_time(look->at), "by", look->watched ? "watch" : "asker",
                     "outlook", look->outlook);
}

static json_t *reasons_json(const struct ww_advice *a)
{
    json_t *list = json_array();
    for (size_t i = 0; i < a->reason_count; i++) {
        const struct ww_advice_reason *r = &a->reasons[i];
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:o}", "id", r->id, "severity",
                                              ww_advice_weight_name(r->weight), "words", r->words, "sessions",
                                              (json_int_t)r->sessions, "senders", (json_int_t)r->senders,
                                              "days", (json_int_t)r->days, "until", ww_json_time(r->until)));
    }
    return list;
}

static json_t *breaks_json(const struct ww_advice *a)
{
    json_t *list = json_array();
    for (size_t i = 0; i < a->break_count; i++) {
        const struct ww_advice_break *b = &a->breaks[i];
        (void)json_array_append_new(
            list, json_pack("{s:o, s:s, s:o, s:s, s:I, s:I, s:o, s:o}", "id", ww_json_words(b->id), "source",
                            b->reported ? "reports" : "inspection", "where", ww_json_words(b->where), "words",
                            b->words, "sessions", (json_int_t)b->sessions, "senders", (json_int_t)b->senders,
                            "last", b->reported ? day_json(b->last_day) : json_null(), "since",
                            ww_json_time(b->since)));
    }
    return list;
}

static json_t *sender_json(const struct ww_evidence_sender *s)
{
    return json_pack("{s:o, s:b, s:o, s:o, s:I, s:I, s:I, s:I}", "sender", ww_json_words(s->name), "verified",
                     1, "first", day_json(s->first_day), "last", day_json(s->last_day), "days",
                     (json_int_t)s->days, "reports", (json_int_t)s->reports, "success",
                     (json_int_t)s->success, "failure", (json_int_t)s->failure);
}

static json_t *senders_json(const struct ww_evidence *e, const struct ww_advice *a, bool silent)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->sender_count && json_array_size(list) < SENDERS; i++)
        if (!silent || a->silent[i])
            (void)json_array_append_new(list, sender_json(&e->senders[i]));
    return list;
}

static json_t *cause_json(const struct ww_keeper_evidence *k, const struct ww_evidence_cause *c,
                          enum ww_cause_verdict verdict)
{
    const struct ww_evidence *e = ww_keeper_evidence_of(k);
    const struct ww_evidence_use *u = &e->uses[c->use];
    const struct ww_use use = ww_use_of(e->versions, e->version_count, u->type, u->strings, u->mx_hosts);
    bool has_version = use.kind == WW_USE_NOW || use.kind == WW_USE_BEFORE;
    const struct ww_known_failure failure = {.result = c->result,
                                             .mx = c->mx,
                                             .type = u->type,
                                             .strings = u->strings,
                                             .mx_hosts = u->mx_hosts,
                                             .day = c->last_day};
    return json_pack("{s:o, s:o, s:o, s:s, s:o, s:s, s:o, s:I, s:I, s:I, s:o, s:o, s:o}", "result",
                     ww_json_words(c->result), "mx", ww_json_words(c->mx), "policy_type",
                     ww_json_words(u->type), "policy", ww_use_name(use.kind), "policy_id",
                     has_version ? json_string(e->versions[use.version].id) : json_null(), "verdict",
                     ww_cause_verdict_name(verdict), "sender", ww_json_words(c->sender), "senders",
                     (json_int_t)c->senders, "sessions", (json_int_t)c->sessions, "recent",
                     (json_int_t)c->recent, "first", day_json(c->first_day), "last", day_json(c->last_day),
                     "known", ww_keeper_known_json(k, &failure));
}

static json_t *causes_json(const struct ww_keeper_evidence *k, const struct ww_advice *a)
{
    const struct ww_evidence *e = ww_keeper_evidence_of(k);
    json_t *list = json_array();
    for (size_t i = 0; i < e->cause_count && i < CAUSES; i++)
        (void)json_array_append_new(list, cause_json(k, &e->causes[i], a->verdicts[i]));
    return list;
}

static json_t *evidence_json(const struct ww_keeper_evidence *k, const struct ww_advice *a)
{
    const struct ww_evidence *e = ww_keeper_evidence_of(k);
    const struct ww_evidence_unverified *u = ww_keeper_evidence_unverified(k);
    int64_t success = 0, failure = 0;
    for (size_t i = 0; i < e->day_count; i++) {
        success += e->day_list[i].success;
        failure += e->day_list[i].failure;
    }
    json_t *days = json_pack(
        "{s:I, s:I, s:I, s:i}", "with_reports", (json_int_t)e->day_count, "of", (json_int_t)e->days, "recent",
        (json_int_t)ww_evidence_days_told(e, WW_ADVISE_WINDOW_DAYS), "recent_of", WW_ADVISE_WINDOW_DAYS);
    json_t *not_counted = json_pack("{s:I, s:I, s:I, s:I}", "reports", (json_int_t)u->reports, "senders",
                                    (json_int_t)u->senders, "success", (json_int_t)u->success, "failure",
                                    (json_int_t)u->failure);
    json_t *left_out = json_pack(
        "{s:I, s:I}", "senders", (json_int_t)(e->sender_count > SENDERS ? e->sender_count - SENDERS : 0),
        "causes", (json_int_t)(e->cause_count > CAUSES ? e->cause_count - CAUSES : 0));
    return json_pack("{s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "days", days, "success", (json_int_t)success,
                     "failure", (json_int_t)failure, "senders", senders_json(e, a, false), "causes",
                     causes_json(k, a), "silent", senders_json(e, a, true), "not_counted", not_counted,
                     "left_out", left_out);
}

json_t *ww_keeper_advise_json(const struct ww_keeper_evidence *k, const struct ww_advice *advice)
{
    const struct ww_evidence *e = ww_keeper_evidence_of(k);
    return json_pack("{s:s, s:o, s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "domain", e->domain,
                     "at", ww_json_time(e->now), "days", (json_int_t)e->days, "recommendation",
                     ww_advice_name(advice->kind), "words", advice->words, "next", text_or_null(advice->next),
                     "until", ww_json_time(advice->until), "policy", policy_json(e, advice), "inspected",
                     look_json(&e->look), "reasons", reasons_json(advice), "breaks", breaks_json(advice),
                     "breaks_left_out", (json_int_t)advice->breaks_left_out, "evidence",
                     evidence_json(k, advice));
}
