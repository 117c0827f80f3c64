/* What becomes of a report, in the store. */
#include "daemon/keeper_outbox_private.h"
#include "daemon/log.h"

#include <stdio.h>

static const char not_kept[] = "what it said is not kept any more";

static bool is_line(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

static enum ww_err end(struct ww_store *store, enum ww_err err)
{
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    return err == WW_E_NOT_KNOWN ? WW_OK : err;
}

static void finish(struct ww_outbox_report *r, enum ww_report_state state, int64_t now)
{
    r->state = state;
    r->ended = now;
    r->due = 0;
}

/* The courier tells of each that it has delivered. */
static void log_end(const struct ww_outbox_report *r)
{
    if (r->state == WW_REPORT_GIVEN_UP)
        ww_log_warning("report-given-up", "domain", r->domain, "report", r->id, "detail",
                       r->detail[0] != '\0' ? r->detail : NULL);
}

/* Held back as one that has refused before, or by the operator. */
static enum ww_err sift(struct ww_store *store, struct ww_outbox_target *t, int64_t now)
{
    struct ww_outbox_destination d;
    enum ww_err err = ww_outbox_destination(store, t->uri, &d);
    if (err != WW_OK || d.standing.suppressed_until <= now)
        return err;
    t->at.state = WW_TARGET_SUPPRESSED;
    t->at.due = 0;
    (void)snprintf(t->detail, sizeof t->detail, "%.60s%s%.255s", d.who, d.who[0] != '\0' ? ": " : "",
                   d.reason);
    return WW_OK;
}

void ww_keeper_outbox_settle(struct ww_outbox_report *r, const struct ww_outbox_target *targets, size_t count,
                             int64_t now)
{
    bool sent = false, waits = false;
    for (size_t i = 0; i < count; i++) {
        const struct ww_courier_target *at = &targets[i].at;
        sent |= at->state == WW_TARGET_SENT;
        if (at->state == WW_TARGET_WAITING && (!waits || at->due < r->due)) {
            waits = true;
            r->due = at->due;
        }
    }
    if (!waits)
        finish(r, sent ? WW_REPORT_SENT : WW_REPORT_GIVEN_UP, now);
}

/* True for one that is of another configuration: where reports are redirected has changed. */
static bool is_astray(const struct ww_outbox_target *t, const struct ww_config *config)
{
    if (t->at.state != WW_TARGET_WAITING)
        return false;
    if (!t->redirected || config->report_redirect == NULL)
        return t->redirected != (config->report_redirect != NULL);
    return strcmp(t->uri + strlen("mailto:"), config->report_redirect) != 0;
}

/* Where it went is looked up anew. */
static enum ww_err forget_ways(struct ww_store *store, struct ww_outbox_report *r)
{
    r->known = false;
    r->tries = 0;
    r->first_try = 0;
    return ww_outbox_drop_targets(store, r->number);
}

/* Of all its destinations those that it goes to now are left; the rest is written. */
static enum ww_err choose(struct ww_store *store, const struct ww_config *config, struct ww_outbox_way *w,
                          int64_t now, bool *goes)
{
    struct ww_outbox_target *t = w->targets;
    size_t count, left = 0;
    enum ww_err err = ww_outbox_targets(store, w->report.number, t, &count);
    for (size_t i = 0; err == WW_OK && i < count; i++)
        if (is_astray(&t[i], config)) {
            *goes = true;
            return forget_ways(store, &w->report);
        }
    for (size_t i = 0; err == WW_OK && i < count; i++) {
        if (t[i].at.state != WW_TARGET_WAITING || t[i].at.due > now)
            continue;
        err = sift(store, &t[i], now);
        if (err == WW_OK && t[i].at.state != WW_TARGET_WAITING)
            err = ww_outbox_put_target(store, w->report.number, &t[i]);
    }
    if (err != WW_OK)
        return err;
    ww_keeper_outbox_settle(&w->report, t, count, now);
    for (size_t i = 0; i < count; i++)
        if (t[i].at.state == WW_TARGET_WAITING && t[i].at.due <= now)
            t[left++] = t[i];
    w->count = left;
    *goes = left > 0;
    return WW_OK;
}

static enum ww_err lease(struct ww_store *store, const struct ww_config *config, uint64_t number, int64_t now,
                         struct ww_outbox_way *w, bool *goes)
{
    struct ww_outbox_report *r = &w->report;
    enum ww_err err = ww_outbox_get(store, number, r);
    w->count = 0;
    if (err != WW_OK)
        return err;
    *goes = !r->known && r->content_n > 0;
    if (r->content_n == 0) {
        (void)snprintf(r->detail, sizeof r->detail, "%s", not_kept);
        finish(r, WW_REPORT_GIVEN_UP, now);
    } else if (r->known) {
        err = choose(store, config, w, now, goes);
    }
    if (*goes)
        r->due = now + WW_OUTBOX_LEASE;
    return err == WW_OK ? ww_outbox_set(store, r) : err;
}

enum ww_err ww_keeper_outbox_lease(struct ww_store *store, const struct ww_config *config, uint64_t number,
                                   int64_t now, struct ww_outbox_way *way, bool *goes)
{
    *goes = false;
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = lease(store, config, number, now, way, goes);
    err = end(store, err);
    if (err != WW_OK)
        *goes = false;
    else if (!*goes)
        log_end(&way->report);
    return err;
}

bool ww_keeper_outbox_is_last(const struct ww_outbox_report *report, int64_t now)
{
    return report->first_try != 0 && now - report->first_try >= WW_COURIER_TRY_SECONDS;
}

/* DNS gives no answer: the same rules as for a destination, but for the record that an MTA saw at the end. */
static void not_now(struct ww_outbox_report *r, uint64_t random, int64_t now)
{
    bool was_last = ww_keeper_outbox_is_last(r, r->due - WW_OUTBOX_LEASE);
    struct ww_courier_target at = {.tries = r->tries, .first_try = r->first_try, .due = r->due};
    ww_courier_tried(&at, WW_TRIED_LATER, random, now);
    r->tries = at.tries;
    r->first_try = at.first_try;
    r->last_try = now;
    r->due = at.due;
    if (at.state == WW_TARGET_WAITING)
        return;
    if (r->record[0] != '\0' && !was_last)
        r->due = now;
    else
        finish(r, WW_REPORT_GIVEN_UP, now);
}

static enum ww_err not_asked(struct ww_store *store, struct ww_outbox_report *r, int64_t now)
{
    finish(r, WW_REPORT_NOT_ASKED, now);
    r->record[0] = '\0';
    return ww_outbox_drop_content(store, r->number);
}

static enum ww_err add(struct ww_store *store, struct ww_outbox_way *w, struct ww_slice uri, bool redirected,
                       int64_t now)
{
    struct ww_outbox_target *t = &w->targets[w->count];
    struct ww_buf b = ww_buf(t->uri, sizeof t->uri - 1);
    *t = (struct ww_outbox_target){.at = {.state = WW_TARGET_WAITING, .due = now}, .redirected = redirected};
    if (redirected)
        ww_buf_str(&b, "mailto:");
    ww_buf_slice(&b, uri);
    if (b.failed || !is_line(t->uri))
        return WW_OK; /* the courier has no such URI: it is out of its mind */
    enum ww_err err = sift(store, t, now);
    if (err == WW_OK)
        err = ww_outbox_put_target(store, w->report.number, t);
    w->count += t->at.state == WW_TARGET_WAITING;
    return err;
}

static enum ww_err present(struct ww_store *store, const struct ww_config *config, struct ww_slice targets,
                           int64_t now, struct ww_outbox_way *w)
{
    struct ww_cursor c = ww_cursor(targets.p, targets.n);
    struct ww_slice part;
    enum ww_err err = ww_outbox_drop_targets(store, w->report.number);
    w->report.known = true;
    if (err == WW_OK && config->report_redirect != NULL)
        return add(store, w, ww_slice_str(config->report_redirect), true, now);
    for (int i = 0; err == WW_OK && i < WW_OUTBOX_TARGETS_MAX && ww_msg_next_part(&c, &part); i++)
        err = add(store, w, part, false, now);
    return c.failed ? WW_E_MSG_MALFORMED : err;
}

static enum ww_err found(struct ww_store *store, const struct ww_config *config,
                         const struct ww_msg_report_targets *m, uint64_t random, int64_t now,
                         struct ww_outbox_way *w)
{
    struct ww_outbox_report *r = &w->report;
    enum ww_err err = ww_outbox_get(store, m->number, r);
    if (err != WW_OK || r->known || r->state != WW_REPORT_WAITING)
        return err == WW_OK ? WW_E_NOT_KNOWN : err;
    memcpy(r->detail, m->detail, sizeof r->detail);
    if (m->found == WW_RECORD_NOT_NOW)
        not_now(r, random, now);
    else if (m->found == WW_RECORD_ABSENT)
        err = not_asked(store, r, now);
    else
        err = present(store, config, m->targets, now, w);
    return err == WW_OK ? ww_outbox_set(store, r) : err;
}

enum ww_err ww_keeper_outbox_found(struct ww_store *store, const struct ww_config *config,
                                   const struct ww_msg_report_targets *m, uint64_t random, int64_t now,
                                   struct ww_outbox_way *way)
{
    *way = (struct ww_outbox_way){.count = 0};
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = found(store, config, m, random, now, way);
    bool taken = err == WW_OK;
    err = end(store, err);
    if (!taken || err != WW_OK)
        way->count = 0;
    else
        log_end(&way->report);
    return err;
}

void ww_keeper_outbox_suppress(struct ww_outbox_destination *d, const char *why, int64_t now)
{
    d->since = now;
    d->who[0] = '\0';
    (void)snprintf(d->reason, sizeof d->reason, "%.255s", why);
    ww_log_warning("report-destination-suppressed", "destination", d->uri, "detail", d->reason);
}

static enum ww_err judge(struct ww_store *store, const struct ww_msg_report_tried *m, int64_t now)
{
    struct ww_outbox_destination d;
    enum ww_err err = ww_outbox_destination(store, m->uri, &d);
    if (err != WW_OK || (m->outcome != WW_TRIED_ACCEPTED && m->outcome != WW_TRIED_REFUSED))
        return err;
    int64_t before = d.standing.suppressed_until;
    ww_courier_judge(&d.standing, m->outcome, now);
    memcpy(d.uri, m->uri, sizeof d.uri);
    if (d.since == 0)
        d.since = now;
    if (d.standing.suppressed_until > before)
        ww_keeper_outbox_suppress(&d, m->detail, now);
    return ww_outbox_put_destination(store, &d);
}

static enum ww_err tried(struct ww_store *store, const struct ww_msg_report_tried *m, uint64_t random,
                         int64_t now)
{
    struct ww_outbox_target targets[WW_OUTBOX_TARGETS_MAX];
    size_t count, i = 0;
    enum ww_err err = ww_outbox_targets(store, m->number, targets, &count);
    while (err == WW_OK && i < count && strcmp(targets[i].uri, m->uri) != 0)
        i++;
    if (err != WW_OK || i == count)
        return err == WW_OK ? WW_E_NOT_KNOWN : err;
    struct ww_outbox_target *t = &targets[i];
    /* Told of a try that was given out twice: what has gone well stays so. */
    if (t->at.state != WW_TARGET_WAITING && m->outcome != WW_TRIED_ACCEPTED)
        return WW_E_NOT_KNOWN;
    ww_courier_tried(&t->at, m->outcome, random, now);
    if (m->outcome != WW_TRIED_POSTPONED) {
        t->tried = now;
        t->insecure = m->insecure;
    }
    if (m->outcome != WW_TRIED_POSTPONED || t->at.state == WW_TARGET_GIVEN_UP)
        memcpy(t->detail, m->detail, sizeof t->detail);
    err = ww_outbox_put_target(store, m->number, t);
    return err == WW_OK ? judge(store, m, now) : err;
}

enum ww_err ww_keeper_outbox_tried(struct ww_store *store, const struct ww_msg_report_tried *m,
                                   uint64_t random, int64_t now)
{
    enum ww_err err = ww_store_begin(store);
    return end(store, err == WW_OK ? tried(store, m, random, now) : err);
}

static enum ww_err done(struct ww_store *store, uint64_t number, int64_t now, struct ww_outbox_report *r)
{
    struct ww_outbox_target targets[WW_OUTBOX_TARGETS_MAX];
    size_t count;
    enum ww_err err = ww_outbox_get(store, number, r);
    if (err != WW_OK || r->state != WW_REPORT_WAITING || !r->known)
        return err == WW_OK ? WW_E_NOT_KNOWN : err;
    err = ww_outbox_targets(store, number, targets, &count);
    if (err == WW_OK)
        ww_keeper_outbox_settle(r, targets, count, now);
    return err == WW_OK ? ww_outbox_set(store, r) : err;
}

enum ww_err ww_keeper_outbox_done(struct ww_store *store, uint64_t number, int64_t now)
{
    struct ww_outbox_report report;
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = done(store, number, now, &report);
    bool taken = err == WW_OK;
    err = end(store, err);
    if (taken && err == WW_OK)
        log_end(&report);
    return err;
}
