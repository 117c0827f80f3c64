/* What the operator has the outbox do. */
#include "daemon/keeper_outbox_private.h"

/* Reports tried again in one transaction. */
#define PAGE 200

static enum ww_err end(struct ww_store *store, enum ww_err err)
{
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    return err;
}

/* Nothing is known of where it goes, and of tries. */
static void begin_anew(struct ww_outbox_report *r, int64_t now)
{
    r->state = WW_REPORT_WAITING;
    r->due = now;
    r->ended = 0;
    r->tries = 0;
    r->first_try = 0;
    r->detail[0] = '\0';
}

static enum ww_err get(struct ww_store *store, uint64_t number, struct ww_outbox_report *r)
{
    enum ww_err err = ww_outbox_get(store, number, r);
    if (err == WW_E_NOT_KNOWN)
        return WW_E_REPORT_NONE;
    return err == WW_OK && r->content_n == 0 ? WW_E_REPORT_NOT_KEPT : err;
}

static enum ww_err send(struct ww_store *store, uint64_t number, int64_t now)
{
    struct ww_outbox_report r;
    enum ww_err err = get(store, number, &r);
    if (err != WW_OK)
        return err;
    begin_anew(&r, now);
    r.known = false;
    err = ww_outbox_drop_targets(store, number);
    return err == WW_OK ? ww_outbox_set(store, &r) : err;
}

enum ww_err ww_keeper_outbox_send(struct ww_store *store, uint64_t number, int64_t now)
{
    enum ww_err err = ww_store_begin(store);
    return end(store, err == WW_OK ? send(store, number, now) : err);
}

/* Those that wait are due now, those that have failed for good begin anew: true when it is one of these. */
static bool again(struct ww_outbox_target *t, int64_t now)
{
    switch (t->at.state) {
    case WW_TARGET_REFUSED:
    case WW_TARGET_GIVEN_UP:
    case WW_TARGET_SUPPRESSED:
        t->at = (struct ww_courier_target){.state = WW_TARGET_WAITING, .due = now};
        return true;
    case WW_TARGET_WAITING:
        t->at.due = now;
        return t->at.tries > 0;
    case WW_TARGET_SENT:
    case WW_TARGET_UNSUPPORTED:
    case WW_TARGET_STATES:
        break;
    }
    return false;
}

static enum ww_err retry_targets(struct ww_store *store, uint64_t number, int64_t now)
{
    struct ww_outbox_target targets[WW_OUTBOX_TARGETS_MAX];
    size_t count, failed = 0;
    enum ww_err err = ww_outbox_targets(store, number, targets, &count);
    for (size_t i = 0; err == WW_OK && i < count; i++) {
        if (!again(&targets[i], now))
            continue;
        failed++;
        err = ww_outbox_put_target(store, number, &targets[i]);
    }
    return err == WW_OK && failed == 0 ? WW_E_REPORT_NOTHING : err;
}

static enum ww_err retry(struct ww_store *store, uint64_t number, int64_t now)
{
    struct ww_outbox_report r;
    enum ww_err err = get(store, number, &r);
    if (err != WW_OK)
        return err;
    if (r.state == WW_REPORT_HELD || (!r.known && r.tries == 0))
        return WW_E_REPORT_NOTHING;
    if (r.known)
        err = retry_targets(store, number, now);
    begin_anew(&r, now);
    return err == WW_OK ? ww_outbox_set(store, &r) : err;
}

enum ww_err ww_keeper_outbox_retry(struct ww_store *store, uint64_t number, int64_t now)
{
    enum ww_err err = ww_store_begin(store);
    return end(store, err == WW_OK ? retry(store, number, now) : err);
}

struct page {
    uint64_t numbers[PAGE];
    size_t count;
};

static void note(void *ctx, const struct ww_outbox_report *r)
{
    struct page *page = ctx;
    page->numbers[page->count++] = r->number;
}

static enum ww_err retry_page(struct ww_store *store, const struct ww_outbox_flights *flights,
                              const struct page *page, int64_t now, uint64_t *done)
{
    enum ww_err err = ww_store_begin(store);
    for (size_t i = 0; err == WW_OK && i < page->count; i++) {
        err = ww_outbox_flights_have(flights, page->numbers[i]) ? WW_E_REPORT_NOTHING
                                                                : retry(store, page->numbers[i], now);
        *done += err == WW_OK;
        if (err == WW_E_REPORT_NOTHING || err == WW_E_REPORT_NOT_KEPT)
            err = WW_OK;
    }
    return end(store, err);
}

enum ww_err ww_keeper_outbox_retry_all(struct ww_store *store, const struct ww_outbox_flights *flights,
                                       int64_t now, uint64_t *done)
{
    static const enum ww_report_state states[] = {WW_REPORT_WAITING, WW_REPORT_GIVEN_UP};
    enum ww_err err = WW_OK;
    struct page page;
    *done = 0;
    /* Those given up last: a report that is waiting by then is not met again. */
    for (size_t i = 0; err == WW_OK && i < 2; i++) {
        struct ww_outbox_filter filter = {.domain = "", .state = states[i]};
        do {
            page.count = 0;
            err = ww_outbox_list(store, &filter, PAGE, note, &page);
            if (err == WW_OK && page.count > 0) {
                filter.before = page.numbers[page.count - 1];
                err = retry_page(store, flights, &page, now, done);
            }
        } while (err == WW_OK && page.count == PAGE);
    }
    return err;
}
