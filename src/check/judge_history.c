#include "check/judges.h"

#include "base/time.h"
#include "core/mx_match.h"

#include <stdio.h>

#define TESTING_LONG (INT64_C(90) * 86400)

/* What is published now, beside what was. */
struct present {
    const struct ww_sight *sight;
    const struct ww_past *past;
    struct ww_check_report *report;
    bool known; /* record and policy are there */
    bool gone;  /* the record is not, for sure */
    uint8_t hash[WW_VERSION_HASH_SIZE];
    char record[WW_DNAME_SIZE + 16]; /* where it stands */
};

static const char no_policy[] = "no record and policy that are valid were seen together";

static bool same_body(const struct present *p, const struct ww_past_version *v)
{
    return memcmp(v->hash, p->hash, sizeof p->hash) == 0;
}

static bool same_id(const struct present *p, const struct ww_past_version *v)
{
    return strcmp(v->id, p->sight->names.sts.id) == 0;
}

static void judge_id_unchanged(const struct present *p)
{
    char until[WW_TIME_SIZE];
    ww_check_made(p->report, WW_CHECK_HISTORY_ID_UNCHANGED);
    for (size_t i = 0; i < p->past->count; i++) {
        const struct ww_past_version *v = &p->past->versions[i];
        if (!same_id(p, v) || same_body(p, v))
            continue;
        ww_time_format(v->last_seen, until);
        ww_check_found(p->report, WW_CHECK_HISTORY_ID_UNCHANGED, p->record,
                       "id %s stood for another policy of mode %s, last seen %s", v->id,
                       ww_policy_mode_name(v->mode), until);
        return;
    }
}

static void judge_id_changed(const struct present *p)
{
    ww_check_made(p->report, WW_CHECK_HISTORY_ID_CHANGED);
    for (size_t i = 0; i < p->past->count; i++) {
        const struct ww_past_version *v = &p->past->versions[i];
        if (same_id(p, v) && same_body(p, v))
            continue;
        if (same_body(p, v))
            ww_check_found(p->report, WW_CHECK_HISTORY_ID_CHANGED, p->record,
                           "id %s has the same policy as id %s before it", p->sight->names.sts.id, v->id);
        return;
    }
}

/* Senders that have seen it may still obey it. */
static bool may_be_cached(const struct present *p, const struct ww_past_version *v)
{
    return v->mode == WW_MODE_ENFORCE && v->last_seen + v->max_age > p->sight->at;
}

static void judge_weaker(const struct present *p)
{
    char seen[WW_TIME_SIZE], until[WW_TIME_SIZE];
    ww_check_made(p->report, WW_CHECK_HISTORY_WEAKER);
    if (!p->gone && p->sight->policy.mode == WW_MODE_ENFORCE)
        return;
    for (size_t i = 0; i < p->past->count; i++) {
        const struct ww_past_version *v = &p->past->versions[i];
        char words[64];
        if (!may_be_cached(p, v))
            continue;
        (void)snprintf(words, sizeof words, "%s%s", p->gone ? "there is no record any more" : "the mode is ",
                       p->gone ? "" : ww_policy_mode_name(p->sight->policy.mode));
        ww_time_format(v->last_seen, seen);
        ww_time_format(v->last_seen + v->max_age, until);
        ww_check_found(p->report, WW_CHECK_HISTORY_WEAKER, p->record,
                       "%s; a policy of mode enforce was seen until %s, and may be obeyed until %s", words,
                       seen, until);
        return;
    }
}

static void judge_max_age(const struct present *p)
{
    ww_check_made(p->report, WW_CHECK_HISTORY_MAX_AGE_SHORTER);
    if (p->sight->policy.mode != WW_MODE_ENFORCE)
        return;
    for (size_t i = 0; i < p->past->count; i++) {
        const struct ww_past_version *v = &p->past->versions[i];
        if (same_body(p, v))
            continue;
        if (may_be_cached(p, v) && p->sight->policy.max_age < v->max_age)
            ww_check_found(p->report, WW_CHECK_HISTORY_MAX_AGE_SHORTER, p->record,
                           "max_age is %u seconds; it was %u under id %s", p->sight->policy.max_age,
                           v->max_age, v->id);
        return;
    }
}

static void judge_testing(const struct present *p)
{
    int64_t since = p->past->testing_since;
    char text[WW_TIME_SIZE];
    ww_check_made(p->report, WW_CHECK_HISTORY_TESTING_LONG);
    if (p->sight->policy.mode != WW_MODE_TESTING || since == 0 || p->sight->at - since <= TESTING_LONG)
        return;
    ww_time_format(since, text);
    ww_check_found(p->report, WW_CHECK_HISTORY_TESTING_LONG, p->record, "mode testing since %s, %d days",
                   text, (int)((p->sight->at - since) / 86400));
}

static bool covers_all(const struct present *p, const struct ww_past_mx *mx)
{
    bool covers = true;
    for (size_t i = 0; covers && i < mx->count; i++)
        covers = ww_mx_match_policy(&p->sight->policy, ww_slice_str(mx->names[i]));
    return covers;
}

static void list(const struct ww_past_mx *mx, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < mx->count && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 ? " " : "", mx->names[i]);
}

/* A host that no pattern covers is an error of its own, which says more. */
static void judge_mx(const struct present *p)
{
    struct ww_past_mx now;
    char before[280], after[280];
    if (!p->sight->surveyed || p->sight->survey.why != WW_OK) {
        ww_check_not_tested(p->report, WW_CHECK_HISTORY_MX_DRIFT, "the MX hosts could not be found out");
        return;
    }
    ww_check_made(p->report, WW_CHECK_HISTORY_MX_DRIFT);
    ww_past_mx_of(p->sight, &now);
    if (p->past->mx.count == 0 || memcmp(p->past->mx_hash, p->hash, sizeof p->hash) != 0 ||
        p->sight->policy.mode == WW_MODE_NONE || ww_past_mx_equal(&p->past->mx, &now) || !covers_all(p, &now))
        return;
    list(&p->past->mx, before, sizeof before);
    list(&now, after, sizeof after);
    ww_check_found(p->report, WW_CHECK_HISTORY_MX_DRIFT, p->sight->domain,
                   "the policy was first seen with the hosts %s; now they are %s", before, after);
}

static void judge_known(const struct present *p)
{
    judge_id_unchanged(p);
    judge_id_changed(p);
    judge_max_age(p);
    judge_testing(p);
    judge_mx(p);
}

void ww_judge_history(const struct ww_sight *sight, const struct ww_past *past,
                      struct ww_check_report *report)
{
    static const enum ww_check of_known[] = {WW_CHECK_HISTORY_ID_UNCHANGED, WW_CHECK_HISTORY_ID_CHANGED,
                                             WW_CHECK_HISTORY_MAX_AGE_SHORTER, WW_CHECK_HISTORY_TESTING_LONG,
                                             WW_CHECK_HISTORY_MX_DRIFT};
    if (past == NULL)
        return;
    bool looked = sight->names.looked && !sight->names.late;
    struct present p = {.sight = sight, .past = past, .report = report};
    p.gone = looked && sight->names.record == WW_TXT_ABSENT;
    p.known = looked && sight->names.record == WW_TXT_PRESENT && sight->has_policy &&
              ww_past_hash(sight->host.body, p.hash);
    (void)snprintf(p.record, sizeof p.record, "_mta-sts.%s", sight->domain);
    if (p.known)
        judge_known(&p);
    for (size_t i = 0; !p.known && i < sizeof of_known / sizeof *of_known; i++)
        ww_check_not_tested(report, of_known[i], no_policy);
    if (p.known || p.gone)
        judge_weaker(&p);
    else
        ww_check_not_tested(report, WW_CHECK_HISTORY_WEAKER, no_policy);
}
