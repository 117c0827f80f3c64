#include "daemon/keeper_results_private.h"

#include "codec/gzip.h"
#include "codec/tlsrpt_json.h"
#include "daemon/log.h"
#include "store/store_outbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* Days that are closed in one transaction: others wait no longer than that takes. */
#define AT_ONCE 32
/* A step of the clock that is no leap: what NTP and a busy machine make of it. Seconds. */
#define STEP 60

bool ww_results_clock_take(struct ww_results_clock *clock, int64_t wall, int64_t steady)
{
    int64_t leap = (wall - clock->wall) - (steady - clock->steady);
    bool ahead = clock->begun && leap > STEP;
    if (!clock->begun || leap > STEP || leap < -STEP) {
        clock->forward = ahead;
        clock->since = steady;
    }
    clock->begun = true;
    clock->wall = wall;
    clock->steady = steady;
    return ahead;
}

bool ww_results_clock_may_close(const struct ww_results_clock *clock)
{
    return clock->begun && (!clock->forward || clock->steady - clock->since >= WW_RESULTS_CLOCK_HOLD);
}

bool ww_results_clock_is_right(const struct ww_results_clock *clock)
{
    return clock->begun && clock->steady - clock->since >= WW_RESULTS_CLOCK_RIGHT;
}

int64_t ww_results_last_over(int64_t now)
{
    return ww_day_of(now - WW_COURIER_CLOSE_AFTER) - 1;
}

static enum ww_err put_content(struct ww_results_closing *c, const struct ww_results_day *day,
                               const struct ww_results_report *r, uint64_t random, int64_t now)
{
    struct ww_outbox_report *out = calloc(1, sizeof *out);
    enum ww_err err = WW_E_NO_MEMORY;
    uint64_t number;
    size_t json_n, n = 0;
    char *json = ww_tlsrpt_json(&r->report, &json_n);
    char *content = json != NULL ? ww_gzip(ww_slice(json, json_n), &n) : NULL;
    if (out == NULL || content == NULL)
        goto out;
    memcpy(out->domain, day->open.domain, sizeof out->domain);
    memcpy(out->id, r->id, sizeof out->id);
    out->day = day->open.day;
    out->part = day->open.part;
    out->state = ww_keeper_outbox_holds(c->config) ? WW_REPORT_HELD : WW_REPORT_WAITING;
    out->made = now;
    out->due = ww_courier_first(r->report.end + 1, c->config->report_spread, random, now);
    (void)snprintf(out->contact, sizeof out->contact, "%s", r->report.contact);
    (void)snprintf(out->organization, sizeof out->organization, "%s", r->report.organization);
    (void)snprintf(out->record, sizeof out->record, "%.*s", (int)day->record.n, day->record.p);
    out->policies = (unsigned)r->report.count;
    out->success = r->success;
    out->failure = r->failure;
    err = ww_outbox_put(c->store, out, ww_slice(content, n), &number);
out:
    free(content);
    free(json);
    free(out);
    return err;
}

static void tell_unlisted(struct ww_results_closing *c, const struct ww_results_day *day)
{
    for (size_t i = 0; i < day->count; i++) {
        const struct ww_results_policy *p = &day->policies[i];
        c->unlisted += (uint64_t)(p->success + p->unverified + p->failure);
    }
}

static enum ww_err make_report(struct ww_results_closing *c, struct ww_results_day *day, int64_t now)
{
    struct ww_results_report r;
    uint64_t random[2];
    char unique[24];
    enum ww_err err = WW_OK;
    if (day->open.domain[0] == '\0') {
        tell_unlisted(c, day);
        return WW_OK;
    }
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return WW_E_NO_MEMORY;
    (void)snprintf(unique, sizeof unique, "%016" PRIx64, random[0]);
    if (!ww_results_report(day, c->config, c->host, unique, &r))
        return WW_E_NO_MEMORY;
    if (r.success + r.failure > 0) {
        err = put_content(c, day, &r, random[1], now);
        c->reports += err == WW_OK;
    }
    ww_results_report_free(&r);
    return err;
}

/* One whose report cannot be made stays, and must not keep others from theirs. */
static enum ww_err close_day(struct ww_results_closing *c, const struct ww_results_open *open, int64_t now)
{
    enum ww_err err;
    struct ww_results_day *day = ww_results_load(c->store, open->domain, open->day, &err);
    if (day == NULL)
        return err == WW_E_NOT_KNOWN ? WW_OK : err;
    err = make_report(c, day, now);
    ww_results_day_free(day);
    if (err == WW_E_TOO_LONG) {
        ww_log_error("report-not-made", "domain", open->domain, "error", ww_err_id(err), "message",
                     ww_err_message(err));
        return WW_OK;
    }
    return err == WW_OK ? ww_results_forget(c->store, open->domain, open->day) : err;
}

struct page {
    struct ww_results_open open[AT_ONCE];
    size_t count;
};

static void take_open(void *ctx, const struct ww_results_open *open)
{
    struct page *page = ctx;
    page->open[page->count++] = *open;
}

/* More may come for a day that was over before its first result came. A last one of the future: the clock was
 * set back since. */
static bool is_quiet(const struct ww_results_open *open, int64_t now)
{
    return open->last_at > now || now - open->last_at >= WW_RESULTS_QUIET ||
           now - open->first_at >= WW_DAY_SECONDS;
}

static enum ww_err close_page(struct ww_results_closing *c, struct page *page, int64_t now)
{
    enum ww_err err = ww_results_list(c->store, c->begun ? &c->after : NULL, ww_results_last_over(now),
                                      AT_ONCE, take_open, page);
    if (err != WW_OK || page->count == 0)
        return err;
    err = ww_store_begin(c->store);
    for (size_t i = 0; err == WW_OK && i < page->count; i++) {
        if (is_quiet(&page->open[i], now))
            err = close_day(c, &page->open[i], now);
        else
            c->skipped = true;
    }
    if (err == WW_OK)
        err = ww_store_commit(c->store);
    if (err != WW_OK)
        ww_store_rollback(c->store);
    return err;
}

enum ww_err ww_results_close_some(struct ww_results_closing *c, int64_t now, bool *more)
{
    struct page page = {.count = 0};
    if (!c->begun)
        c->skipped = false;
    c->reports = c->unlisted = 0;
    enum ww_err err = close_page(c, &page, now);
    *more = err == WW_OK && page.count == AT_ONCE;
    if (*more)
        c->after = page.open[AT_ONCE - 1];
    c->begun = *more;
    if (err != WW_OK)
        c->reports = c->unlisted = 0;
    return err;
}

static enum ww_err move_day(struct ww_store *store, const struct ww_results_open *open, int64_t now)
{
    enum ww_err err;
    bool listed;
    struct ww_results_day *day = ww_results_load(store, open->domain, open->day, &err);
    struct ww_sessions s = {.day = ww_day_of(now), .policy_known = true};
    if (day == NULL)
        return err == WW_E_NOT_KNOWN ? WW_OK : err;
    memcpy(s.domain, open->domain, sizeof s.domain);
    s.record = day->record;
    for (size_t i = 0; err == WW_OK && i < day->count; i++) {
        const struct ww_results_policy *p = &day->policies[i];
        s.policy = p->policy;
        s.success = p->success;
        s.unverified = p->unverified;
        s.failure = p->failure;
        s.details = p->details;
        s.detail_count = p->detail_count;
        err = ww_results_add(store, &s, now, &listed);
        if (err == WW_E_TOO_LONG) /* no truth is as large; and it must not keep others from being moved */
            err = WW_OK;
    }
    ww_results_day_free(day);
    return err == WW_OK ? ww_results_forget(store, open->domain, open->day) : err;
}

enum ww_err ww_results_redate(struct ww_store *store, int64_t now, size_t *count)
{
    /* Behind every domain of tomorrow: a clock that was a little fast may yet be right. */
    const struct ww_results_open tomorrow = {.day = ww_day_of(now) + 1, .domain = "~"};
    struct page page = {.count = 0};
    *count = 0;
    enum ww_err err = ww_results_list(store, &tomorrow, INT64_MAX, AT_ONCE, take_open, &page);
    if (err != WW_OK || page.count == 0)
        return err;
    err = ww_store_begin(store);
    for (size_t i = 0; err == WW_OK && i < page.count; i++)
        err = move_day(store, &page.open[i], now);
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    else
        *count = page.count;
    return err;
}
