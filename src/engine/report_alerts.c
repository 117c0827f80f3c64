#include "engine/report_alerts.h"

#include "core/sessions.h"
#include "core/tlsrpt_result.h"
#include "engine/report_alerts_private.h"

#include <stdio.h>
#include <stdlib.h>

struct step {
    struct ww_report_told *told;
    size_t *count;
    const struct ww_report_past *past;
    int64_t now;
    enum ww_severity least;
    ww_report_alert_cb *raise;
    void *ctx;
};

static const char *const ids[WW_REPORT_ALERTS] = {
    [WW_REPORT_FAILURE_RATE] = "report-failure-rate",
    [WW_REPORT_FIRST_FAILURE] = "report-first-failure",
    [WW_REPORT_SILENT] = "report-silent",
    [WW_REPORT_NEW_RESULT] = "report-new-result",
};

const char *ww_report_alert_id(enum ww_report_alert alert)
{
    return (unsigned)alert < WW_REPORT_ALERTS ? ids[alert] : "";
}

enum ww_report_alert ww_report_alert_find(const char *id)
{
    unsigned i = 0;
    while (i < WW_REPORT_ALERTS && strcmp(ids[i], id) != 0)
        i++;
    return (enum ww_report_alert)i;
}

static struct ww_report_told *find(const struct step *st, enum ww_report_alert what, const char *about)
{
    for (size_t i = 0; i < *st->count; i++)
        if (!st->told[i].gone && st->told[i].what == what && strcmp(st->told[i].about, about) == 0)
            return &st->told[i];
    return NULL;
}

/* One that begins to last: the one that was told before, or a new one. NULL: there is no room. */
static struct ww_report_told *begin(const struct step *st, struct ww_report_told *old,
                                    enum ww_report_alert what, const char *about, int64_t day)
{
    struct ww_report_told *t = old;
    if (t == NULL && *st->count < WW_REPORT_TOLD_MAX)
        t = &st->told[(*st->count)++];
    if (t == NULL)
        return NULL;
    *t = (struct ww_report_told){.what = what, .since = day * WW_DAY_SECONDS, .day = day, .lasts = true};
    (void)snprintf(t->about, sizeof t->about, "%s", about);
    return t;
}

static void tell(const struct step *st, enum ww_alert_kind kind, struct ww_report_told *t)
{
    t->lasts = kind != WW_ALERT_CLEARED;
    if (!t->lasts)
        t->acked_until = 0;
    t->at = st->now;
    st->raise(st->ctx, kind, t);
}

static bool wants_reminder(const struct step *st, const struct ww_report_told *t)
{
    return st->now - t->at >= WW_REPORT_REMINDER && t->acked_until <= st->now;
}

int64_t ww_report_rate(const struct ww_report_day *day)
{
    double all = (double)day->success + (double)day->failure;
    return all > 0 ? (int64_t)((double)day->failure / all * 1e6 + 0.5) : 0;
}

static int64_t sessions(const struct ww_report_day *day)
{
    return day->success + day->failure;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

struct base {
    int64_t usual; /* in millionths */
    int64_t most;  /* sessions of a day in the middle */
    size_t days;
};

/* Of the days before the one of this age. */
static struct base base_of(const struct ww_report_past *past, size_t age)
{
    int64_t rates[WW_REPORT_RATE_BASE_DAYS], counts[WW_REPORT_RATE_BASE_DAYS];
    struct base base = {0};
    for (size_t i = age + 1; i <= age + WW_REPORT_RATE_BASE_DAYS && i < WW_REPORT_PAST_DAYS; i++) {
        if (sessions(&past->days[i]) < WW_REPORT_RATE_SESSIONS)
            continue;
        rates[base.days] = ww_report_rate(&past->days[i]);
        counts[base.days++] = sessions(&past->days[i]);
    }
    if (base.days == 0)
        return base;
    qsort(rates, base.days, sizeof *rates, by_number);
    qsort(counts, base.days, sizeof *counts, by_number);
    base.usual = rates[base.days * 9 / 10];
    base.most = counts[base.days / 2];
    return base;
}

/* A few sessions say nothing, nor do those that came first of a day that is not over. */
static bool can_be_judged(const struct ww_report_day *day, const struct base *base)
{
    return sessions(day) >= WW_REPORT_RATE_SESSIONS && sessions(day) >= base->most / WW_REPORT_RATE_SHARE;
}

static bool is_too_much(const struct ww_report_day *day, int64_t usual)
{
    int64_t rate = ww_report_rate(day);
    return day->failure >= WW_REPORT_RATE_FAILURES && rate >= usual * WW_REPORT_RATE_FACTOR &&
           rate >= usual + WW_REPORT_RATE_MORE;
}

static enum ww_severity severity_of(const struct ww_report_day *day)
{
    return day->enforced > 0 ? WW_SEVERITY_ERROR : WW_SEVERITY_WARNING;
}

/* The newest day that says whether it lasts. The usual stays what it was, or a month of failures would be. */
static void follow_rate(const struct step *st, struct ww_report_told *t)
{
    const struct ww_report_past *past = st->past;
    for (size_t age = 0; age < WW_REPORT_FORGOTTEN_DAYS; age++) {
        const struct ww_report_day *day = &past->days[age];
        struct base base = base_of(past, age);
        if (past->today - (int64_t)age < t->day || !can_be_judged(day, &base))
            continue;
        if (is_too_much(day, t->usual)) {
            t->day = past->today - (int64_t)age;
            t->severity = severity_of(day);
            ww_report_say_rate(t, past);
            break;
        }
        if (age < WW_REPORT_SETTLED_DAYS)
            continue;
        ww_report_say_rate_cleared(t, past, past->today - (int64_t)age);
        tell(st, WW_ALERT_CLEARED, t);
        return;
    }
    if (past->today - t->day > WW_REPORT_FORGOTTEN_DAYS)
        t->gone = true;
    else if (past->today - t->day <= WW_REPORT_QUIET_DAYS && wants_reminder(st, t))
        tell(st, WW_ALERT_REMINDER, t);
}

static void judge_rate(const struct step *st)
{
    const struct ww_report_past *past = st->past;
    struct ww_report_told *t = find(st, WW_REPORT_FAILURE_RATE, "");
    if (t != NULL && t->lasts) {
        follow_rate(st, t);
        return;
    }
    for (size_t age = 0; age <= WW_REPORT_RATE_NEWS_DAYS; age++) {
        const struct ww_report_day *day = &past->days[age];
        struct base base = base_of(past, age);
        if ((t != NULL && past->today - (int64_t)age <= t->day) || base.days < WW_REPORT_RATE_BASE_LEAST ||
            !can_be_judged(day, &base) || !is_too_much(day, base.usual) || severity_of(day) > st->least)
            continue;
        t = begin(st, t, WW_REPORT_FAILURE_RATE, "", past->today - (int64_t)age);
        if (t == NULL)
            return;
        t->usual = base.usual;
        t->severity = severity_of(day);
        ww_report_say_rate(t, past);
        tell(st, WW_ALERT_APPEARED, t);
        return;
    }
    if (t != NULL && past->today - t->day > WW_REPORT_FORGOTTEN_DAYS)
        t->gone = true;
}

/* Mail is held back: an error, which no one who asked for alerts can have meant to miss. */
static void judge_first(const struct step *st)
{
    const struct ww_report_past *past = st->past;
    struct ww_report_told *t = find(st, WW_REPORT_FIRST_FAILURE, "");
    int64_t day = -1;
    for (int64_t age = WW_REPORT_QUIET_DAYS; age >= 0; age--)
        if (past->days[age].enforced > 0)
            day = past->today - age;
    if (t != NULL && t->lasts) {
        t->day = day > t->day ? day : t->day;
        if (past->today - t->day > WW_REPORT_QUIET_DAYS) {
            ww_report_say_first_cleared(t);
            tell(st, WW_ALERT_CLEARED, t);
        }
        return;
    }
    if (t != NULL && past->today - t->day > WW_REPORT_FORGOTTEN_DAYS)
        t->gone = true;
    if (day < 0)
        return;
    t = begin(st, t != NULL && !t->gone ? t : NULL, WW_REPORT_FIRST_FAILURE, "", day);
    if (t == NULL)
        return;
    t->severity = WW_SEVERITY_ERROR;
    ww_report_say_first(t, past);
    tell(st, WW_ALERT_APPEARED, t);
}

static bool is_set(uint64_t days, size_t age)
{
    return age < WW_REPORT_PAST_DAYS && (days >> age & 1) != 0;
}

struct habit {
    size_t last; /* age of the last day; WW_REPORT_PAST_DAYS: there is none */
    size_t gap;  /* the longest between two days up to it */
    int days;    /* of the last ones up to it */
};

static struct habit habit_of(uint64_t days)
{
    struct habit h = {0};
    while (h.last < WW_REPORT_PAST_DAYS && !is_set(days, h.last))
        h.last++;
    size_t before = h.last;
    for (size_t age = h.last; age < h.last + WW_REPORT_SENDER_GAP_DAYS; age++) {
        if (!is_set(days, age))
            continue;
        h.gap = age - before > h.gap ? age - before : h.gap;
        h.days += age < h.last + WW_REPORT_SENDER_OF_DAYS;
        before = age;
    }
    return h;
}

static bool used_to_report(const struct habit *h)
{
    return h->last <= WW_REPORT_FORGOTTEN_DAYS && h->days >= WW_REPORT_SENDER_DAYS;
}

/* A report comes on the day after the one that it is about. */
static bool is_silent(const struct habit *h)
{
    return used_to_report(h) && h->last > h->gap + WW_REPORT_SILENT_DAYS;
}

static void judge_sender(const struct step *st, const struct ww_report_sender *sender, size_t silent,
                         size_t all)
{
    struct ww_report_told *t = find(st, WW_REPORT_SILENT, sender->name);
    struct habit h = habit_of(sender->days);
    int64_t day = st->past->today - (int64_t)h.last;
    if (t != NULL && h.last < WW_REPORT_PAST_DAYS && day > t->day) {
        ww_report_say_silent_cleared(t, day);
        tell(st, WW_ALERT_CLEARED, t);
        t->gone = true;
    } else if (t != NULL) {
        t->gone = h.last > WW_REPORT_FORGOTTEN_DAYS;
        if (!t->gone && wants_reminder(st, t))
            tell(st, WW_ALERT_REMINDER, t);
    } else if (is_silent(&h) && WW_SEVERITY_WARNING <= st->least) {
        t = begin(st, NULL, WW_REPORT_SILENT, sender->name, day);
        if (t == NULL)
            return;
        t->severity = WW_SEVERITY_WARNING;
        ww_report_say_silent(t, h.days, silent, all);
        tell(st, WW_ALERT_APPEARED, t);
    }
}

static void judge_senders(const struct step *st)
{
    size_t silent = 0, all = 0;
    for (size_t i = 0; i < st->past->sender_count; i++) {
        struct habit h = habit_of(st->past->senders[i].days);
        silent += is_silent(&h);
        all += used_to_report(&h);
    }
    for (size_t i = 0; i < st->past->sender_count; i++)
        judge_sender(st, &st->past->senders[i], silent, all);
    /* Of whom nothing is kept any more. */
    for (size_t i = 0; i < *st->count; i++) {
        struct ww_report_told *t = &st->told[i];
        if (t->what == WW_REPORT_SILENT && st->past->today - t->day > WW_REPORT_FORGOTTEN_DAYS)
            t->gone = true;
    }
}

const char *ww_report_result_about(const char *result)
{
    for (unsigned i = WW_RESULT_NONE + 1; i < WW_RESULT_TYPES; i++)
        if (strcmp(ww_result_type_name((enum ww_result_type)i), result) == 0)
            return result;
    return "made-up";
}

static void judge_results(const struct step *st)
{
    const struct ww_report_past *past = st->past;
    bool knows_usual =
        past->first_day >= 0 && past->today - past->first_day >= INT64_C(2) * WW_REPORT_NEW_DAYS;
    for (size_t i = 0; i < past->result_count && WW_SEVERITY_WARNING <= st->least; i++) {
        const struct ww_report_result *r = &past->results[i];
        const char *about = ww_report_result_about(r->name);
        if (!knows_usual || r->known || r->sessions <= 0 || find(st, WW_REPORT_NEW_RESULT, about) != NULL)
            continue;
        struct ww_report_told *t = begin(st, NULL, WW_REPORT_NEW_RESULT, about, r->day);
        if (t == NULL)
            return;
        t->severity = WW_SEVERITY_WARNING;
        ww_report_say_result(t, past, r);
        tell(st, WW_ALERT_APPEARED, t);
    }
    for (size_t i = 0; i < *st->count; i++) {
        struct ww_report_told *t = &st->told[i];
        if (t->what == WW_REPORT_NEW_RESULT && past->today - t->day > WW_REPORT_FORGOTTEN_DAYS)
            t->gone = true;
    }
}

void ww_report_alerts_run(struct ww_report_told *told, size_t *count, const struct ww_report_past *past,
                          int64_t now, const struct ww_alert_rules *rules, ww_report_alert_cb *raise,
                          void *ctx)
{
    const struct step st = {told, count, past, now, rules->least, raise, ctx};
    judge_rate(&st);
    judge_first(&st);
    judge_senders(&st);
    judge_results(&st);
}
