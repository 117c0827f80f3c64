/* What an inspection has found goes into the store, and becomes alerts. */
#include "check/past.h"
#include "daemon/keeper_watch_private.h"
#include "daemon/log.h"
#include "engine/watch_schedule.h"
#include "store/history.h"

#include <event2/util.h>
#include <time.h>

/* Certificates of a run that are looked at. */
#define ENDS_MAX 32
/* The last second of the year 9999. */
#define TIME_MAX INT64_C(253402300799)
/* Runs that follow each other so closely have times that do. */
#define CLOSE_SECONDS 60

struct taking {
    struct ww_keeper_watch *k;
    struct ww_store *store;
    const struct ww_msg_watched *m;
    struct ww_watch watch;
    struct ww_msg_watch_end ends[ENDS_MAX];
    size_t finding_count;
    size_t end_count;
};

/* Whether the check was made, and found nothing: what was found is among the findings. */
static bool was_silent(void *ctx, const char *check)
{
    const struct taking *t = ctx;
    struct ww_cursor c = ww_cursor(t->m->silent.p, t->m->silent.n);
    struct ww_slice part;
    while (ww_msg_next_part(&c, &part))
        if (ww_slice_is(part, check))
            return true;
    /* One that found something else at another place was made as well. */
    for (size_t i = 0; i < t->finding_count; i++)
        if (strcmp(t->k->findings[i].check, check) == 0)
            return true;
    return false;
}

/* What a certificate says, or a watcher gone mad, is reckoned with. */
static int64_t within_time(int64_t at)
{
    return at < 0 ? 0 : at > TIME_MAX ? TIME_MAX : at;
}

static bool read_parts(struct taking *t)
{
    struct ww_cursor c = ww_cursor(t->m->findings.p, t->m->findings.n);
    struct ww_slice part;
    bool good = true;
    while (good && t->finding_count < WW_WATCH_FINDINGS_MAX && ww_msg_next_part(&c, &part))
        good = ww_msg_get_watch_finding(part, &t->k->findings[t->finding_count++]) == WW_OK;
    good = good && !c.failed;
    c = ww_cursor(t->m->ends.p, t->m->ends.n);
    while (good && t->end_count < ENDS_MAX && ww_msg_next_part(&c, &part))
        good = ww_msg_get_watch_end(part, &t->ends[t->end_count++]) == WW_OK;
    for (size_t i = 0; i < t->end_count; i++)
        t->ends[i].not_after = within_time(t->ends[i].not_after);
    return good && !c.failed;
}

static void load_state(void *ctx, const struct ww_alert_state *state)
{
    struct ww_keeper_watch *k = ctx;
    k->states[k->state_count++] = *state;
}

static void log_alert(const struct taking *t, enum ww_alert_kind kind, const struct ww_alert_state *s)
{
    enum ww_log_level level = kind == WW_ALERT_CLEARED           ? WW_LOG_INFO
                              : s->severity == WW_SEVERITY_ERROR ? WW_LOG_ERROR
                                                                 : WW_LOG_WARNING;
    ww_log(level, "watch-alert", "domain", t->watch.domain, "group",
           t->watch.group[0] != '\0' ? t->watch.group : (char *)NULL, "kind", ww_alert_kind_name(kind),
           "check", s->check, "where", s->where, "seen", s->seen, (char *)NULL);
}

static void take_alert(void *ctx, enum ww_alert_kind kind, const struct ww_alert_state *s)
{
    struct taking *t = ctx;
    struct ww_msg_alert *a = &t->k->alert;
    ww_stat_add(t->k->stats, WW_STAT_WATCH_ALERTS, 1);
    log_alert(t, kind, s);
    if (a->count == WW_MSG_ALERT_ITEMS_MAX) {
        a->left_out = (uint16_t)(a->left_out + (a->left_out < UINT16_MAX));
        return;
    }
    struct ww_msg_alert_item *item = &a->items[a->count++];
    item->kind = kind;
    item->severity = s->severity;
    item->since = kind == WW_ALERT_EXPIRING ? s->not_after : s->first_seen;
    memcpy(item->check, s->check, sizeof item->check);
    memcpy(item->where, s->where, sizeof item->where);
    memcpy(item->seen, s->seen, sizeof item->seen);
}

static uint16_t at_most(uint32_t n)
{
    return (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

static void raise_alerts(struct taking *t)
{
    struct ww_keeper_watch *k = t->k;
    struct ww_alert_finding findings[WW_WATCH_FINDINGS_MAX];
    struct ww_alert_end ends[ENDS_MAX];
    const struct ww_alert_rules rules = {.least = (enum ww_severity)k->config->watch_alert_from};
    for (size_t i = 0; i < t->finding_count; i++)
        findings[i] = (struct ww_alert_finding){k->findings[i].check, k->findings[i].where,
                                                k->findings[i].seen, k->findings[i].severity};
    for (size_t i = 0; i < t->end_count; i++)
        ends[i] = (struct ww_alert_end){t->ends[i].where, t->ends[i].not_after};
    const struct ww_alert_run run = {.at = t->m->at,
                                     .findings = findings,
                                     .count = t->finding_count,
                                     .ends = ends,
                                     .end_count = t->end_count,
                                     .made = was_silent,
                                     .ctx = t};
    k->alert = (struct ww_msg_alert){.at = t->m->at};
    k->alert.errors = at_most(t->m->errors);
    k->alert.warnings = at_most(t->m->warnings);
    memcpy(k->alert.domain, t->watch.domain, sizeof k->alert.domain);
    memcpy(k->alert.group, t->watch.group, sizeof k->alert.group);
    ww_alerts_run(k->states, &k->state_count, WW_WATCH_FINDINGS_MAX, &run, &rules, take_alert, t);
}

static void fill_watch(struct taking *t)
{
    const struct ww_msg_watched *m = t->m;
    struct ww_watch *w = &t->watch;
    uint8_t hash[WW_VERSION_HASH_SIZE];
    uint16_t place;
    evutil_secure_rng_get_bytes(&place, sizeof place);
    w->due = ww_watch_next(m->at, w->every > 0 ? w->every : t->k->config->watch_interval, place);
    w->last = (struct ww_watch_run){.at = m->at,
                                    .ms = m->ms,
                                    .severity = m->severity,
                                    .errors = m->errors,
                                    .warnings = m->warnings,
                                    .infos = m->infos};
    memcpy(w->last.outlook, m->outlook, sizeof w->last.outlook);
    memcpy(w->last.mode, m->mode, sizeof w->last.mode);
    if (m->body.n == 0 || m->mx[0] == '\0' || !ww_past_hash(m->body, hash) ||
        memcmp(hash, w->mx_hash, sizeof hash) == 0)
        return;
    memcpy(w->mx_hash, hash, sizeof hash);
    memcpy(w->mx, m->mx, sizeof w->mx);
}

static enum ww_err put_policy(const struct taking *t)
{
    struct ww_policy policy;
    size_t offset;
    const struct ww_msg_watched *m = t->m;
    if (m->id[0] == '\0' || ww_policy_parse(m->body.p, m->body.n, &policy, &offset) != WW_OK)
        return WW_OK;
    const struct ww_stored_policy stored = {.domain = m->domain,
                                            .id = m->id,
                                            .body = m->body,
                                            .mode = policy.mode,
                                            .fetched = m->at,
                                            .expires = m->at + policy.max_age,
                                            .checked = m->at};
    return ww_history_put(t->store, &stored, t->k->config->history_versions);
}

static enum ww_err put_alert(const struct taking *t)
{
    struct ww_keeper_watch *k = t->k;
    uint64_t number;
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    if (k->alert.count == 0)
        return WW_OK;
    ww_msg_put_alert(&b, &k->alert);
    return b.failed ? WW_E_TOO_LONG
                    : ww_watch_put_alert(t->store, t->watch.domain, t->m->at, ww_slice(b.p, b.n), &number);
}

static enum ww_err write(struct taking *t)
{
    struct ww_slice report = t->m->report.n <= WW_WATCH_REPORT_MAX ? t->m->report : ww_slice(NULL, 0);
    enum ww_err err = ww_store_begin(t->store);
    if (err == WW_OK)
        err = ww_watch_ran(t->store, &t->watch, report);
    if (err == WW_OK)
        err = ww_watch_put_findings(t->store, t->watch.domain, t->k->states, t->k->state_count);
    if (err == WW_OK)
        err = put_policy(t);
    if (err == WW_OK)
        err = put_alert(t);
    if (err == WW_OK)
        err = ww_store_commit(t->store);
    if (err != WW_OK)
        ww_store_rollback(t->store);
    return err;
}

/* Of two runs in one second, too, one is the later. A clock that was set back is another matter. */
static int64_t later_than(int64_t at, int64_t last)
{
    return last >= at && last - at < CLOSE_SECONDS ? last + 1 : at;
}

/* The watcher's clock is this machine's: a run of next year would be the last one ever. */
static int64_t just_now(int64_t at)
{
    int64_t now = (int64_t)time(NULL);
    return at > now || at < now - WW_WATCH_LEASE ? now : at;
}

enum ww_err ww_keeper_watch_take(struct ww_keeper_watch *k, struct ww_store *store,
                                 const struct ww_msg_watched *m)
{
    struct ww_msg_watched run = *m;
    struct taking t = {.k = k, .store = store, .m = &run};
    if (!read_parts(&t))
        return WW_E_MSG_MALFORMED;
    enum ww_err err = ww_watch_get(store, m->domain, &t.watch);
    run.at = later_than(just_now(m->at), t.watch.last.at);
    k->state_count = 0;
    if (err == WW_OK)
        err = ww_watch_findings(store, m->domain, load_state, k);
    if (err != WW_OK)
        return err;
    fill_watch(&t);
    raise_alerts(&t);
    err = write(&t);
    if (err == WW_OK)
        ww_stat_add(k->stats, WW_STAT_WATCH_RUNS, 1);
    return err;
}

struct past {
    struct ww_msg_watch *out;
    bool testing; /* in all versions so far */
};

static void take_version(void *ctx, const struct ww_version *v)
{
    struct past *p = ctx;
    struct ww_policy policy;
    size_t offset;
    p->testing = p->testing && v->mode == WW_MODE_TESTING;
    if (p->testing)
        p->out->testing_since = v->first_seen;
    if (p->out->count == WW_MSG_WATCH_VERSIONS_MAX)
        return;
    struct ww_msg_watch_version *to = &p->out->versions[p->out->count++];
    bool read = v->body.p != NULL && ww_policy_parse(v->body.p, v->body.n, &policy, &offset) == WW_OK;
    memcpy(to->id, v->id, sizeof to->id);
    memcpy(to->hash, v->hash, sizeof to->hash);
    to->mode = v->mode;
    to->max_age = read ? policy.max_age : 0;
    to->last_seen = v->last_seen;
}

enum ww_err ww_keeper_watch_past(struct ww_store *store, const struct ww_watch *watch,
                                 struct ww_msg_watch *out)
{
    struct past p = {.out = out, .testing = true};
    memset(out, 0, sizeof *out);
    memcpy(out->domain, watch->domain, sizeof out->domain);
    memcpy(out->mx_hash, watch->mx_hash, sizeof out->mx_hash);
    memcpy(out->mx, watch->mx, sizeof out->mx);
    enum ww_err err =
        ww_history_list(store, watch->domain, INT64_MAX, WW_HISTORY_VERSIONS_MAX, take_version, &p);
    out->has_past = watch->last.at != 0 || out->count > 0;
    return err;
}
