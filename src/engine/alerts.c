#include "engine/alerts.h"

#include <stdio.h>

#define DAY INT64_C(86400)

/* So many runs in a row have to miss a finding before it is over: what flaps is told once. */
#define MISSES_TO_CLEAR 2

/* From an alert to the first reminder, and from each to the next; the last goes on. */
static const int64_t reminder_after[] = {1 * DAY, 3 * DAY, 7 * DAY};

/* Days that are left of a certificate when it is told of, again and again. */
static const uint16_t thresholds[] = {1, 3, 7, 14, 30};

struct step {
    struct ww_alert_state *states;
    size_t *count;
    size_t max;
    const struct ww_alert_run *run;
    const struct ww_alert_rules *rules;
    ww_alert_cb *raise;
    void *ctx;
};

const char *ww_alert_kind_name(enum ww_alert_kind kind)
{
    static const char *const names[WW_ALERT_KINDS] = {
        [WW_ALERT_APPEARED] = "appeared", [WW_ALERT_WORSENED] = "worsened", [WW_ALERT_CLEARED] = "cleared",
        [WW_ALERT_EXPIRING] = "expiring", [WW_ALERT_REMINDER] = "reminder",
    };
    return (unsigned)kind < WW_ALERT_KINDS ? names[kind] : "unknown";
}

bool ww_alert_is_acked(const struct ww_alert_state *state, int64_t now)
{
    return state->acked_until > now;
}

/* A finding about this machine's way out. */
static bool is_ours(const char *check)
{
    return strncmp(check, "our-", 4) == 0;
}

static void copy(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text);
}

/* Cut as it is kept, so that a long place is the same place in the next run. */
static bool is_of(const struct ww_alert_state *s, const char *check, const char *where)
{
    return strncmp(s->check, check, sizeof s->check - 1) == 0 &&
           strncmp(s->where, where, sizeof s->where - 1) == 0;
}

static struct ww_alert_state *find(const struct step *st, const char *check, const char *where)
{
    for (size_t i = 0; i < *st->count; i++)
        if (!st->states[i].gone && is_of(&st->states[i], check, where))
            return &st->states[i];
    return NULL;
}

static bool is_certificate(const struct ww_alert_state *s)
{
    return strcmp(s->check, WW_ALERT_CERTIFICATE) == 0;
}

/* Room for one of this severity: one that is over, or the least severe of those that were never told. */
static struct ww_alert_state *make_room(const struct step *st, enum ww_severity severity)
{
    struct ww_alert_state *least = NULL;
    if (*st->count < st->max)
        return &st->states[(*st->count)++];
    for (size_t i = 0; i < *st->count; i++) {
        struct ww_alert_state *s = &st->states[i];
        if (!s->told && s->severity > severity && (least == NULL || s->severity > least->severity))
            least = s;
    }
    return least;
}

static struct ww_alert_state *add(const struct step *st, const char *check, const char *where,
                                  enum ww_severity severity)
{
    struct ww_alert_state *s = make_room(st, severity);
    if (s == NULL)
        return NULL;
    *s = (struct ww_alert_state){.severity = severity, .first_seen = st->run->at};
    copy(s->check, sizeof s->check, check);
    copy(s->where, sizeof s->where, where);
    return s;
}

static void tell(const struct step *st, enum ww_alert_kind kind, struct ww_alert_state *s)
{
    s->reminders = kind == WW_ALERT_REMINDER ? (uint16_t)(s->reminders + (s->reminders < UINT16_MAX)) : 0;
    s->told = kind != WW_ALERT_CLEARED;
    s->said = s->severity;
    s->told_at = st->run->at;
    st->raise(st->ctx, kind, s);
}

static bool wants_reminder(const struct ww_alert_state *s, int64_t now)
{
    size_t last = sizeof reminder_after / sizeof *reminder_after - 1;
    size_t i = s->reminders < last ? s->reminders : last;
    return s->severity == WW_SEVERITY_ERROR && now - s->told_at >= reminder_after[i];
}

/* What somebody has acknowledged is told when it gets worse than it was then, and when it clears. */
static void judge(const struct step *st, struct ww_alert_state *s)
{
    int64_t now = st->run->at;
    bool acked = ww_alert_is_acked(s, now);
    if (s->severity > st->rules->least)
        return;
    if (!s->told) {
        if (!acked)
            tell(st, WW_ALERT_APPEARED, s);
    } else if (s->severity < s->said) {
        s->acked_until = 0;
        tell(st, WW_ALERT_WORSENED, s);
    } else if (!acked && wants_reminder(s, now)) {
        tell(st, WW_ALERT_REMINDER, s);
    }
}

static void take_finding(const struct step *st, const struct ww_alert_finding *f)
{
    if (is_ours(f->check))
        return;
    struct ww_alert_state *s = find(st, f->check, f->where);
    if (s == NULL)
        s = add(st, f->check, f->where, f->severity);
    if (s == NULL)
        return;
    copy(s->seen, sizeof s->seen, f->seen);
    s->severity = f->severity;
    s->last_seen = st->run->at;
    s->misses = 0;
    judge(st, s);
}

static uint16_t threshold_of(int64_t left)
{
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++)
        if (left <= thresholds[i] * DAY)
            return thresholds[i];
    return 0;
}

/* A certificate that has ended is a finding of its own, and told as such. */
static void take_end(const struct step *st, const struct ww_alert_end *e)
{
    int64_t left = e->not_after - st->run->at;
    uint16_t days = left > 0 ? threshold_of(left) : 0;
    struct ww_alert_state *s = find(st, WW_ALERT_CERTIFICATE, e->where);
    if (days == 0) {
        if (s != NULL)
            s->gone = true; /* renewed, or over */
        return;
    }
    if (s == NULL)
        s = add(st, WW_ALERT_CERTIFICATE, e->where, WW_SEVERITY_WARNING);
    if (s == NULL)
        return;
    s->severity = WW_SEVERITY_WARNING;
    s->last_seen = st->run->at;
    s->misses = 0;
    bool new_threshold = s->days == 0 || days < s->days || s->not_after != e->not_after;
    s->not_after = e->not_after;
    s->days = days;
    (void)snprintf(s->seen, sizeof s->seen, "the certificate ends within %u day%s", days,
                   days == 1 ? "" : "s");
    if (new_threshold && !ww_alert_is_acked(s, st->run->at))
        tell(st, WW_ALERT_EXPIRING, s);
}

/* What this run has looked at, and not found. */
static void note_misses(const struct step *st)
{
    for (size_t i = 0; i < *st->count; i++) {
        struct ww_alert_state *s = &st->states[i];
        if (s->gone || s->last_seen == st->run->at)
            continue;
        if (!is_certificate(s) && !st->run->made(st->run->ctx, s->check))
            continue;
        if (++s->misses < MISSES_TO_CLEAR)
            continue;
        if (s->told && !is_certificate(s))
            tell(st, WW_ALERT_CLEARED, s);
        s->gone = true;
    }
}

void ww_alerts_run(struct ww_alert_state *states, size_t *count, size_t max, const struct ww_alert_run *run,
                   const struct ww_alert_rules *rules, ww_alert_cb *raise, void *ctx)
{
    const struct step st = {states, count, max, run, rules, raise, ctx};
    for (size_t i = 0; i < run->count; i++)
        take_finding(&st, &run->findings[i]);
    for (size_t i = 0; i < run->end_count; i++)
        take_end(&st, &run->ends[i]);
    note_misses(&st);
}
