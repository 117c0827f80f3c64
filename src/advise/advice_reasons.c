#include "advise/advice_private.h"
#include "advise/say.h"
#include "core/sessions.h"

#include <stdarg.h>
#include <stdio.h>

#define DAY WW_DAY_SECONDS

struct ww_advice_reason *ww_advice_say(struct ww_advice *a, const char *id, enum ww_advice_weight weight,
                                       const char *format, ...)
{
    va_list args;
    if (a->reason_count == WW_ADVICE_REASONS_MAX)
        return NULL;
    struct ww_advice_reason *r = &a->reasons[a->reason_count++];
    *r = (struct ww_advice_reason){.id = id, .weight = weight};
    va_start(args, format);
    (void)vsnprintf(r->words, sizeof r->words, format, args);
    va_end(args);
    return r;
}

static void set_numbers(struct ww_advice_reason *r, int64_t sessions, int64_t senders, int64_t days)
{
    if (r == NULL)
        return;
    r->sessions = sessions;
    r->senders = senders;
    r->days = days;
}

static struct ww_advice_break *add_break(struct ww_advice *a)
{
    if (a->break_count == WW_ADVICE_BREAKS_MAX) {
        a->breaks_left_out++;
        return NULL;
    }
    return &a->breaks[a->break_count++];
}

static void take_fault(struct ww_advice_state *s, const struct ww_evidence_fault *f)
{
    s->refusing |= ww_fault_refuses(f);
    s->by_mode |= f->kind == WW_FAULT_REFUSES;
    s->bad_policy |= f->kind == WW_FAULT_POLICY;
    struct ww_advice_break *b = add_break(s->a);
    if (b == NULL)
        return;
    *b = (struct ww_advice_break){.id = f->check, .where = f->where, .since = f->since};
    (void)snprintf(b->words, sizeof b->words, "%s", f->seen);
}

static void take_faults(struct ww_advice_state *s)
{
    const struct ww_evidence_look *look = &s->e->look;
    size_t others = 0, reports = 0;
    for (size_t i = 0; look->looked && i < look->count; i++) {
        const struct ww_evidence_fault *f = &look->faults[i];
        others += f->bad && f->kind == WW_FAULT_OTHER;
        reports += f->bad && f->kind == WW_FAULT_REPORTS;
        if (strcmp(f->check, "record-no-domain") == 0)
            s->no_domain = true;
        else if (f->bad && (ww_fault_refuses(f) || f->kind == WW_FAULT_POLICY))
            take_fault(s, f);
    }
    if (reports > 0)
        (void)ww_advice_say(
            s->a, "reports-astray", WW_WEIGHT_MISSING,
            "something is wrong with how the domain asks for reports: `waxwing check` says what");
    if (others > 0)
        (void)ww_advice_say(s->a, "other-findings", WW_WEIGHT_NOTE,
                            "the inspection has found more that refuses no mail: `waxwing check` says what");
}

static void say_break(struct ww_advice_break *b, const struct ww_evidence_cause *c)
{
    char result[WW_SAY_RESULT_SIZE], sessions[WW_SAY_COUNT_SIZE], day[WW_SAY_DAY_SIZE],
        sender[WW_SAY_NAME_SIZE];
    char who[WW_SAY_NAME_SIZE + 32];
    if (c->senders == 1)
        (void)snprintf(who, sizeof who, "%s", ww_say_name(sender, c->sender));
    else
        (void)snprintf(who, sizeof who, "%u senders", c->senders);
    (void)snprintf(b->words, sizeof b->words, "%s: %s session%s in %d days, told by %s, the last on %s%s",
                   ww_say_result(result, c->result), ww_say_count(sessions, c->recent), ww_say_s(c->recent),
                   WW_ADVISE_QUIET_DAYS, who, ww_say_day(day, c->last_day),
                   b->verdict == WW_CAUSE_DANE ? "; DANE refuses these already, whatever the mode" : "");
}

static void take_cause(struct ww_advice_state *s, size_t i, const char **first)
{
    const struct ww_evidence_cause *c = &s->e->causes[i];
    enum ww_cause_verdict verdict = s->a->verdicts[i];
    bool goes_on = c->last_day >= s->today - WW_ADVISE_GOES_ON_DAYS;
    s->recent = true;
    s->goes_on |= goes_on;
    s->shared |= c->senders > 1 || ww_look_fault_at(&s->e->look, c->mx) != NULL ||
                 (*first != NULL && strcmp(*first, c->sender) != 0);
    *first = c->sender;
    s->failed += c->recent;
    s->refused += verdict == WW_CAUSE_COUNTS ? c->recent : 0;
    s->last_failed = c->last_day > s->last_failed ? c->last_day : s->last_failed;
    struct ww_advice_break *b = goes_on ? add_break(s->a) : NULL;
    if (b == NULL)
        return;
    *b = (struct ww_advice_break){
        .reported = true,
        .id = c->result[0] != '\0' ? c->result : "not-said",
        .where = c->mx,
        .verdict = verdict,
        .sessions = c->recent,
        .senders = c->senders,
        .last_day = c->last_day,
    };
    say_break(b, c);
}

static void say_breaks(struct ww_advice_state *s)
{
    char sessions[WW_SAY_COUNT_SIZE];
    if (s->refusing)
        (void)ww_advice_say(s->a, "inspection-refuses", WW_WEIGHT_BAD, "the inspection has found what %s",
                            !s->by_mode      ? "refuses mail by DANE, whatever the mode"
                            : s->a->enforced ? "refuses mail under mode enforce"
                                             : "would refuse mail under mode enforce");
    if (s->bad_policy)
        (void)ww_advice_say(s->a, "policy-unusable", WW_WEIGHT_BAD,
                            "senders cannot get the policy as it is meant, and so it protects nobody new");
    if (s->goes_on)
        set_numbers(
            ww_advice_say(s->a, "failures", WW_WEIGHT_BAD,
                          "in the last %d days %s session%s failed in a way that %s mail, and it goes on",
                          WW_ADVISE_QUIET_DAYS, ww_say_count(sessions, s->failed), ww_say_s(s->failed),
                          s->a->enforced ? "refuses" : "would refuse"),
            s->failed, 0, WW_ADVISE_QUIET_DAYS);
}

void ww_advice_find_breaks(struct ww_advice_state *s)
{
    const char *first = NULL;
    take_faults(s);
    for (size_t i = 0; i < s->e->cause_count && i < WW_EVIDENCE_CAUSES_MAX; i++) {
        s->a->verdicts[i] = ww_cause_judge(s->e, &s->e->causes[i]);
        if (s->a->verdicts[i] == WW_CAUSE_COUNTS || s->a->verdicts[i] == WW_CAUSE_DANE)
            take_cause(s, i, &first);
    }
    say_breaks(s);
}

static bool say_time(struct ww_advice_state *s, int64_t *until)
{
    struct ww_advice *a = s->a;
    int64_t days = a->since > 0 && a->since < s->e->now ? (s->e->now - a->since) / DAY : 0;
    bool long_enough = days >= WW_ADVISE_TESTING_DAYS;
    char day[WW_SAY_DAY_SIZE];
    if (a->enforced || long_enough) {
        if (a->since > 0)
            set_numbers(ww_advice_say(a, "long-enough", long_enough ? WW_WEIGHT_GOOD : WW_WEIGHT_NOTE,
                                      "the policy has been in mode %s for %lld day%s, since %s", a->mode,
                                      (long long)days, ww_say_s(days), ww_say_time(day, a->since)),
                        0, 0, days);
        return true;
    }
    int64_t begin = a->since > 0 ? a->since : s->e->now;
    struct ww_advice_reason *r = ww_advice_say(
        a, "testing-short", WW_WEIGHT_MISSING,
        "the policy has been in mode testing for %lld day%s, as far as is known; %d are wanted, so "
        "that each weekday came twice",
        (long long)days, ww_say_s(days), WW_ADVISE_TESTING_DAYS);
    *until = begin + WW_ADVISE_TESTING_DAYS * DAY;
    set_numbers(r, 0, 0, days);
    if (r != NULL)
        r->until = *until;
    return false;
}

struct told {
    int64_t senders;
    int64_t most; /* sessions of one */
};

static struct told count_senders(const struct ww_advice_state *s)
{
    struct told t = {0, 0};
    for (size_t i = 0; i < s->e->sender_count; i++) {
        const struct ww_evidence_sender *sender = &s->e->senders[i];
        int64_t sessions = sender->success + sender->failure;
        if (sender->last_day < s->today - WW_ADVISE_WINDOW_DAYS)
            continue;
        t.senders++;
        t.most = sessions > t.most ? sessions : t.most;
    }
    return t;
}

static bool say_days(struct ww_advice_state *s, const struct told *t, int64_t *until)
{
    int64_t told = ww_evidence_days_told(s->e, WW_ADVISE_WINDOW_DAYS);
    int64_t ready = (s->today + WW_ADVISE_REPORT_DAYS - told + 1) * DAY;
    struct ww_advice_reason *r;
    if (told >= WW_ADVISE_REPORT_DAYS) {
        r = ww_advice_say(s->a, "days", WW_WEIGHT_GOOD, "%lld sender%s reported, on %lld of the last %d days",
                          (long long)t->senders, ww_say_s(t->senders), (long long)told,
                          WW_ADVISE_WINDOW_DAYS);
        set_numbers(r, 0, t->senders, told);
        return true;
    }
    if (told == 0) {
        (void)ww_advice_say(s->a, "no-reports", WW_WEIGHT_MISSING,
                            "no report that counts is of the last %d days: does the record at _smtp._tls ask "
                            "for them, and do they arrive here?",
                            WW_ADVISE_WINDOW_DAYS);
        return false;
    }
    r = ww_advice_say(s->a, "few-days", WW_WEIGHT_MISSING,
                      "reports are of %lld of the last %d days; %d are wanted", (long long)told,
                      WW_ADVISE_WINDOW_DAYS, WW_ADVISE_REPORT_DAYS);
    set_numbers(r, 0, t->senders, told);
    if (r != NULL)
        r->until = ready;
    *until = ready > *until ? ready : *until;
    return false;
}

static bool say_senders(struct ww_advice_state *s, const struct told *t)
{
    if (t->senders >= WW_ADVISE_SENDERS || t->most >= WW_ADVISE_ONE_SENDER_SESSIONS)
        return true;
    if (t->senders == 0)
        return false; /* that nobody reports was said */
    char most[WW_SAY_COUNT_SIZE];
    set_numbers(ww_advice_say(s->a, "few-senders", WW_WEIGHT_MISSING,
                              "one sender alone reports, on %s session%s: two are wanted, or one with %d",
                              ww_say_count(most, t->most), ww_say_s(t->most), WW_ADVISE_ONE_SENDER_SESSIONS),
                t->most, t->senders, 0);
    return false;
}

static bool say_look(struct ww_advice_state *s)
{
    if (!s->e->look.looked) {
        (void)ww_advice_say(s->a, "not-inspected", WW_WEIGHT_MISSING,
                            "nobody has looked at its MX hosts: reports tell of the past alone");
        return false;
    }
    if (strcmp(s->e->look.outlook, "unknown") == 0) {
        (void)ww_advice_say(s->a, "not-seen", WW_WEIGHT_MISSING,
                            "the inspection could not find out what senders meet with");
        return false;
    }
    if (!s->refusing && !s->bad_policy)
        (void)ww_advice_say(s->a, "inspection-clean", WW_WEIGHT_GOOD,
                            "the inspection has found nothing that refuses mail");
    return true;
}

bool ww_advice_say_enough(struct ww_advice_state *s, int64_t *until)
{
    const struct told t = count_senders(s);
    int64_t sessions = ww_evidence_sessions(s->e, WW_ADVISE_QUIET_DAYS);
    char count[WW_SAY_COUNT_SIZE];
    bool enough = say_time(s, until);
    enough &= say_days(s, &t, until);
    enough &= say_senders(s, &t);
    enough &= say_look(s);
    if (!s->recent && sessions > 0)
        set_numbers(ww_advice_say(s->a, "quiet", WW_WEIGHT_GOOD,
                                  "of %s session%s in the last %d days none failed in a way that counts",
                                  ww_say_count(count, sessions), ww_say_s(sessions), WW_ADVISE_QUIET_DAYS),
                    sessions, 0, WW_ADVISE_QUIET_DAYS);
    return enough;
}

static void say_cause_note(struct ww_advice *a, enum ww_cause_verdict verdict, int64_t n)
{
    static const struct {
        const char *id;
        const char *words;
    } notes[WW_CAUSE_VERDICTS] = {
        [WW_CAUSE_POLICY] = {"policy-not-got",
                             "failed because the sender could not get the policy: no mail is "
                             "refused for that, but it was not protected either"},
        [WW_CAUSE_OVER] = {"over", "failed before, and not in the last week"},
        [WW_CAUSE_STALE] = {"stale",
                            "failed at senders that still used an older policy, which the present one "
                            "mends: it passes by itself"},
        [WW_CAUSE_STRAY] = {"stray",
                            "failed at hosts that are none of the domain's, as one sender tells: old "
                            "DNS data, or what the policy is there to refuse"},
        [WW_CAUSE_BLIP] = {"blip",
                           "failed at one sender alone, among more than a thousand times as many: not "
                           "counted, but look at them if they come back"},
    };
    char count[WW_SAY_COUNT_SIZE];
    if (notes[verdict].id != NULL && n > 0)
        set_numbers(ww_advice_say(a, notes[verdict].id, WW_WEIGHT_NOTE, "%s session%s %s",
                                  ww_say_count(count, n), ww_say_s(n), notes[verdict].words),
                    n, 0, 0);
}

static void say_silent(struct ww_advice_state *s)
{
    int64_t silent = 0;
    for (size_t i = 0; i < s->e->sender_count && i < WW_EVIDENCE_SENDERS_MAX; i++) {
        s->a->silent[i] = ww_sender_is_silent(&s->e->senders[i], s->today);
        silent += s->a->silent[i];
    }
    if (silent > 0)
        set_numbers(
            ww_advice_say(s->a, "silent", WW_WEIGHT_NOTE,
                          "%lld sender%s that reported regularly fell silent: do the reports still arrive?",
                          (long long)silent, ww_say_s(silent)),
            0, silent, 0);
}

void ww_advice_say_notes(struct ww_advice_state *s)
{
    int64_t sums[WW_CAUSE_VERDICTS] = {0};
    char count[WW_SAY_COUNT_SIZE];
    for (size_t i = 0; i < s->e->cause_count && i < WW_EVIDENCE_CAUSES_MAX; i++)
        sums[s->a->verdicts[i]] += s->e->causes[i].sessions;
    for (unsigned v = 0; v < WW_CAUSE_VERDICTS; v++)
        say_cause_note(s->a, (enum ww_cause_verdict)v, sums[v]);
    say_silent(s);
    if (s->e->unverified > 0)
        (void)ww_advice_say(
            s->a, "not-counted", WW_WEIGHT_NOTE, "%s report%s not counted: nobody knows who wrote them",
            ww_say_count(count, (int64_t)s->e->unverified), s->e->unverified == 1 ? " is" : "s are");
}
