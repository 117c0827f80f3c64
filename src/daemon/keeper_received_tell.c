/* The keeper's answers to control about reports of others: JSON texts, or parts of octets. */
#include "codec/gzip.h"
#include "daemon/keeper_received_private.h"

#include <stdlib.h>
#include <time.h>

/* Rows that are told at a time. */
#define PAGE 100
#define SUMS 1000
#define SUMS_MAX 10000
/* Of quarantine, removed at a time. */
#define REMOVED 200
/* A page of an export goes on within a report: behind so many of its rows. */
#define ROW_BITS 20
/* Octets in one piece: control tells them in base64. */
#define PIECE ((size_t)48 * 1024)

struct answer {
    struct ww_keeper_received *k;
    struct ww_store *store;
    struct ww_asked *asked;
    struct ww_question_ref ref;
    const struct ww_msg_received_ask *ask;
    struct ww_received_facts facts; /* of the report whose rows are told */
    size_t rows;
};

/* Takes over json. */
static void tell(const struct answer *a, json_t *json, bool more)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (text != NULL && strlen(text) <= WW_ASKED_MAX)
        ww_asked_tell(a->asked, a->ref, ww_slice_str(text), more);
    else if (!more)
        ww_asked_fail(a->asked, a->ref, WW_E_NO_MEMORY);
    free(text);
}

/* 0: that was the last page. */
static void tell_after(const struct answer *a, uint64_t after)
{
    tell(a, json_pack("{s:o}", "after", after > 0 ? json_integer((json_int_t)after) : json_null()), false);
}

/* Days that begin in [since, until). */
static int64_t day_from(int64_t seconds)
{
    if (seconds <= 0)
        return 0;
    int64_t whole = seconds / WW_DAY_SECONDS;
    return whole + (seconds % WW_DAY_SECONDS != 0);
}

static struct ww_received_filter filter_of(const struct ww_msg_received_ask *m)
{
    return (struct ww_received_filter){.domain = m->domain,
                                       .sender = m->sender,
                                       .result = m->result,
                                       .failed = m->failed,
                                       .first_day = day_from(m->since),
                                       .end_day = day_from(m->until)};
}

static size_t at_most(uint32_t wanted, size_t usual, size_t max)
{
    if (wanted == 0)
        return usual;
    return wanted < max ? wanted : max;
}

static enum ww_err known(enum ww_err err)
{
    return err == WW_E_NOT_KNOWN ? WW_E_RECEIVED_NONE : err;
}

static void tell_row(void *ctx, const struct ww_received_facts *f)
{
    tell(ctx, ww_keeper_received_row(f), true);
}

static enum ww_err list(struct answer *a)
{
    const struct ww_received_filter f = filter_of(a->ask);
    uint64_t next;
    enum ww_err err =
        ww_received_list(a->store, &f, a->ask->after, at_most(a->ask->max, PAGE, PAGE), tell_row, a, &next);
    if (err == WW_OK)
        tell_after(a, next);
    return err;
}

static void tell_rows(void *ctx, const struct ww_received_row *row)
{
    struct answer *a = ctx;
    a->rows++;
    if (row->is_first)
        tell(a, json_pack("{s:o}", "policy", ww_keeper_received_policy(row)), true);
    if (!row->has_failure)
        return;
    json_t *failure = ww_keeper_received_failure(&row->detail);
    if (failure != NULL)
        ww_keeper_received_known(a->store, &a->facts, row, failure);
    tell(a, json_pack("{s:I, s:o}", "place", (json_int_t)row->place, "detail", failure), true);
}

/* First the report, then its policies, each followed by its failures. */
static enum ww_err show(struct answer *a)
{
    const uint64_t skip = a->ask->after;
    enum ww_err err = ww_received_get(a->store, a->ask->number, &a->facts);
    if (err == WW_OK && skip == 0)
        tell(a, json_pack("{s:o}", "report", ww_keeper_received_head(&a->facts)), true);
    if (err == WW_OK)
        err = ww_received_rows(a->store, a->ask->number, "", skip, PAGE, tell_rows, a);
    if (err == WW_OK)
        tell_after(a, a->rows < PAGE ? 0 : skip + a->rows);
    return known(err);
}

static void tell_octets(const struct answer *a, struct ww_slice octets)
{
    for (size_t at = 0; at < octets.n; at += PIECE) {
        size_t n = octets.n - at < PIECE ? octets.n - at : PIECE;
        ww_asked_tell(a->asked, a->ref, ww_slice(octets.p + at, n), true);
    }
    ww_asked_tell(a->asked, a->ref, ww_slice(NULL, 0), false);
}

static void tell_content(void *ctx, struct ww_slice octets)
{
    tell_octets(ctx, octets);
}

static enum ww_err raw(struct answer *a)
{
    enum ww_err err = ww_received_content(a->store, a->ask->number, tell_content, a);
    if (err != WW_E_NOT_KNOWN)
        return err;
    err = ww_received_get(a->store, a->ask->number, &a->facts);
    return err == WW_OK ? WW_E_RECEIVED_NOT_KEPT : known(err);
}

static void tell_sum(void *ctx, const struct ww_received_sum *sum)
{
    const struct answer *a = ctx;
    tell(a, ww_keeper_received_sum(a->ask->by, sum), true);
}

static enum ww_err stats(struct answer *a)
{
    static const enum ww_received_sums sums[] = {
        [WW_RECEIVED_BY_DAY] = WW_RECEIVED_SUMS_DAY,       [WW_RECEIVED_BY_DOMAIN] = WW_RECEIVED_SUMS_DOMAIN,
        [WW_RECEIVED_BY_SENDER] = WW_RECEIVED_SUMS_SENDER, [WW_RECEIVED_BY_RESULT] = WW_RECEIVED_SUMS_RESULT,
        [WW_RECEIVED_BY_MX] = WW_RECEIVED_SUMS_MX,
    };
    const struct ww_received_filter f = filter_of(a->ask);
    enum ww_err err =
        ww_received_sums(a->store, sums[a->ask->by], &f, at_most(a->ask->max, SUMS, SUMS_MAX), tell_sum, a);
    if (err == WW_OK)
        tell_after(a, 0);
    return err;
}

static void tell_export(void *ctx, const struct ww_received_row *row)
{
    struct answer *a = ctx;
    a->rows++;
    tell(a, ww_keeper_received_export(&a->facts, row), true);
}

/* Its rows as far as the page has room. *next: where it goes on within it, or 0. */
static enum ww_err export_one(struct answer *a, uint64_t number, uint64_t skip, uint64_t *next)
{
    const size_t before = a->rows, room = PAGE - before;
    *next = 0;
    enum ww_err err = ww_received_get(a->store, number, &a->facts);
    if (err == WW_OK)
        err = ww_received_rows(a->store, number, a->ask->domain, skip, room, tell_export, a);
    if (err == WW_OK && a->rows - before == room)
        *next = number << ROW_BITS | (skip + room);
    return err == WW_E_NOT_KNOWN ? WW_OK : err; /* it was removed meanwhile */
}

static enum ww_err export_page(struct answer *a)
{
    const struct ww_received_filter f = filter_of(a->ask);
    uint64_t at = a->ask->after >> ROW_BITS, skip = a->ask->after & ((UINT64_C(1) << ROW_BITS) - 1);
    uint64_t number = at, next = 0, behind = 0;
    enum ww_err err = WW_OK;
    if (skip > 0)
        err = export_one(a, at, skip, &next);
    while (err == WW_OK && next == 0) {
        err = ww_received_after(a->store, &f, at, &number, &behind);
        at = behind;
        if (err != WW_OK || number == 0)
            break;
        err = export_one(a, number, 0, &next);
    }
    if (err == WW_OK)
        tell_after(a, next != 0 ? next : behind << ROW_BITS);
    return err;
}

static enum ww_err in_one(struct ww_store *store, enum ww_err err)
{
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    return err;
}

static void tell_removed(const struct answer *a, uint64_t removed)
{
    tell(a, json_pack("{s:I}", "removed", (json_int_t)removed), true);
}

static enum ww_err remove_report(struct answer *a)
{
    enum ww_err err = ww_store_begin(a->store);
    if (err == WW_OK)
        err = ww_received_remove(a->store, a->ask->number);
    err = known(in_one(a->store, err));
    if (err != WW_OK)
        return err;
    tell_removed(a, 1);
    tell_after(a, 0);
    return WW_OK;
}

static void tell_quarantined(void *ctx, const struct ww_received_quarantine *q)
{
    struct answer *a = ctx;
    a->rows++;
    a->facts.number = q->facts.number;
    tell(a, ww_keeper_received_quarantined(q), true);
}

static enum ww_err list_quarantine(struct answer *a)
{
    enum ww_err err = ww_received_quarantine_list(a->store, a->ask->after, PAGE, tell_quarantined, a);
    if (err == WW_OK)
        tell_after(a, a->rows < PAGE ? 0 : a->facts.number);
    return err;
}

static enum ww_err show_quarantine(struct answer *a)
{
    struct ww_received_quarantine q;
    enum ww_err err = known(ww_received_quarantine_get(a->store, a->ask->number, &q));
    if (err != WW_OK)
        return err;
    tell_quarantined(a, &q);
    tell_after(a, 0);
    return WW_OK;
}

struct unpacked {
    char *octets;
    size_t n;
    enum ww_err err;
};

static void unpack(void *ctx, struct ww_slice packed)
{
    struct unpacked *u = ctx;
    u->octets = ww_gunzip(packed, WW_MSG_SUBMISSION_MAX, &u->n, &u->err);
}

static enum ww_err raw_quarantine(struct answer *a)
{
    struct unpacked u = {.err = WW_OK};
    enum ww_err err = known(ww_received_quarantine_octets(a->store, a->ask->number, unpack, &u));
    if (err == WW_OK && u.octets == NULL)
        err = u.err;
    if (err == WW_OK)
        tell_octets(a, ww_slice(u.octets, u.n));
    free(u.octets);
    return err;
}

static enum ww_err remove_quarantine(struct answer *a)
{
    uint64_t removed = 0;
    enum ww_err err = ww_store_begin(a->store);
    if (err == WW_OK)
        err = ww_received_quarantine_remove(a->store, a->ask->number, REMOVED, &removed);
    err = known(in_one(a->store, err));
    if (err != WW_OK)
        return err;
    tell_removed(a, removed);
    tell_after(a, removed < REMOVED ? 0 : 1);
    return WW_OK;
}

static enum ww_err answer(struct answer *a)
{
    switch (a->ask->what) {
    case WW_RECEIVED_ASK_LIST:
        return list(a);
    case WW_RECEIVED_ASK_SHOW:
        return show(a);
    case WW_RECEIVED_ASK_RAW:
        return raw(a);
    case WW_RECEIVED_ASK_STATS:
        return stats(a);
    case WW_RECEIVED_ASK_EXPORT:
        return export_page(a);
    case WW_RECEIVED_ASK_REMOVE:
        return remove_report(a);
    case WW_RECEIVED_ASK_QUARANTINE:
        return list_quarantine(a);
    case WW_RECEIVED_ASK_QUARANTINE_SHOW:
        return show_quarantine(a);
    case WW_RECEIVED_ASK_QUARANTINE_RAW:
        return raw_quarantine(a);
    case WW_RECEIVED_ASK_QUARANTINE_REMOVE:
        return remove_quarantine(a);
    case WW_RECEIVED_ASKS:
        break;
    }
    return WW_E_MSG_MALFORMED;
}

/* Errors that are no fault of the store's. */
static bool is_answer(enum ww_err err)
{
    static const enum ww_err answers[] = {
        WW_OK,     WW_E_MSG_MALFORMED, WW_E_RECEIVED_NONE, WW_E_RECEIVED_NOT_KEPT,
        WW_E_GZIP, WW_E_TOO_LONG,      WW_E_NO_MEMORY};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i] == err)
            return true;
    return false;
}

void ww_keeper_received_asked(struct ww_keeper_received *k, struct ww_asked *asked,
                              const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    static struct answer a;
    struct ww_msg_received_ask m;
    a = (struct answer){.k = k, .asked = asked, .ref = ref, .ask = &m};
    enum ww_err err = ww_msg_get_received_ask(ask->payload, &m);
    if (err == WW_OK) {
        bool changes = m.what == WW_RECEIVED_ASK_REMOVE || m.what == WW_RECEIVED_ASK_QUARANTINE_REMOVE;
        a.store = changes ? ww_keeper_store_to_write(k->store) : ww_keeper_store_to_read(k->store);
        if (a.store == NULL)
            err = ww_keeper_store_trouble(k->store) != WW_OK ? ww_keeper_store_trouble(k->store)
                                                             : WW_E_STORE_FAILED;
    }
    if (a.store != NULL) {
        err = answer(&a);
        if (!is_answer(err))
            ww_keeper_store_failed(k->store, err);
    }
    if (err != WW_OK)
        ww_asked_fail(asked, ref, err);
}
