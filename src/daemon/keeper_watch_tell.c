/* The keeper's answers to control about watched domains: JSON texts. */
#include "codec/json_values.h"
#include "daemon/keeper_watch_private.h"
#include "store/store_report_alerts.h"

#include <jansson.h>
#include <stdlib.h>
#include <time.h>

/* Rows of the list that are told at a time. */
#define PAGE 100
/* Octets of a report in one piece. */
#define PIECE ((size_t)60 * 1024)

struct answer {
    struct ww_keeper_watch *k;
    struct ww_asked *asked;
    struct ww_question_ref ref;
    const struct ww_msg_watch_ask *ask;
    size_t rows;
    char last[WW_DNAME_SIZE];
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

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static const char *severity_name(unsigned severity)
{
    return severity <= WW_SEVERITY_INFO ? ww_severity_name((enum ww_severity)severity) : "ok";
}

static json_t *run_json(const struct ww_watch_run *r)
{
    if (r->at == 0)
        return json_null();
    return json_pack("{s:o, s:I, s:s, s:{s:I, s:I, s:I}, s:s, s:o}", "at", ww_json_time(r->at), "ms",
                     (json_int_t)r->ms, "severity", severity_name(r->severity), "counts", "error",
                     (json_int_t)r->errors, "warning", (json_int_t)r->warnings, "info", (json_int_t)r->infos,
                     "outlook", r->outlook, "mode", text_or_null(r->mode));
}

static json_t *watch_json(const struct answer *a, const struct ww_watch *w)
{
    int64_t every = w->every > 0 ? w->every : a->k->config->watch_interval;
    return json_pack("{s:s, s:o, s:o, s:I, s:o, s:o}", "domain", w->domain, "group", text_or_null(w->group),
                     "added", ww_json_time(w->added), "every", (json_int_t)every, "next",
                     ww_json_time(w->due), "last", run_json(&w->last));
}

static void list_row(void *ctx, const struct ww_watch *w)
{
    struct answer *a = ctx;
    a->rows++;
    memcpy(a->last, w->domain, sizeof a->last);
    if (a->ask->all || strcmp(w->group, a->ask->group) == 0)
        tell(a, watch_json(a, w), true);
}

static enum ww_err list(struct answer *a, struct ww_store *store)
{
    enum ww_err err = ww_watch_list(store, a->ask->after, PAGE, list_row, a);
    if (err == WW_OK)
        tell(a, json_pack("{s:o}", "after", a->rows < PAGE ? json_null() : json_string(a->last)), false);
    return err;
}

static void show_finding(void *ctx, const struct ww_alert_state *s)
{
    const struct answer *a = ctx;
    bool acked = ww_alert_is_acked(s, (int64_t)time(NULL));
    json_t *ack = acked ? json_pack("{s:o, s:s, s:o}", "until",
                                    ww_json_time(s->acked_until == INT64_MAX ? 0 : s->acked_until), "by",
                                    s->acked_by, "reason", text_or_null(s->reason))
                        : json_null();
    tell(a,
         json_pack("{s:{s:s, s:s, s:s, s:s, s:o, s:o, s:b, s:b, s:o}}", "finding", "id", s->check, "severity",
                   ww_severity_name(s->severity), "where", s->where, "seen", s->seen, "since",
                   ww_json_time(s->first_seen), "last_seen", ww_json_time(s->last_seen), "found",
                   s->misses == 0, "told", s->told, "acknowledged", ack),
         true);
}

static void show_run(void *ctx, const struct ww_watch_run *run)
{
    tell(ctx, json_pack("{s:o}", "run", run_json(run)), true);
}

static enum ww_err show(struct answer *a, struct ww_store *store, const char *domain)
{
    struct ww_watch w;
    enum ww_err err = ww_watch_get(store, domain, &w);
    if (err != WW_OK)
        return err;
    tell(a, json_pack("{s:o}", "watch", watch_json(a, &w)), true);
    err = ww_watch_findings(store, domain, show_finding, a);
    if (err == WW_OK)
        err = ww_watch_runs(store, domain, WW_WATCH_RUNS_KEPT + WW_WATCH_DAYS_KEPT, show_run, a);
    if (err == WW_OK)
        tell(a, json_object(), false);
    return err;
}

static void tell_report(void *ctx, struct ww_slice report)
{
    struct answer *a = ctx;
    a->rows++;
    for (size_t at = 0; at < report.n;) {
        size_t n = report.n - at < PIECE ? report.n - at : PIECE;
        ww_asked_tell(a->asked, a->ref, ww_slice(report.p + at, n), at + n < report.n);
        at += n;
    }
}

static enum ww_err tell_last(struct answer *a, struct ww_store *store, const char *domain)
{
    enum ww_err err = ww_watch_report(store, domain, tell_report, a);
    return err == WW_OK && a->rows == 0 ? WW_E_NOT_KNOWN : err;
}

/* "example.com" or "example.com a group". False: it is none. */
static bool read_domain(struct ww_slice part, char domain[WW_DNAME_SIZE], char group[WW_WATCH_GROUP_SIZE])
{
    const char *space = memchr(part.p, ' ', part.n);
    size_t n = space != NULL ? (size_t)(space - part.p) : part.n;
    size_t rest = space != NULL ? part.n - n - 1 : 0;
    if (rest >= WW_WATCH_GROUP_SIZE || ww_dname_canon(part.p, n, domain) != WW_OK)
        return false;
    if (rest > 0) {
        memcpy(group, space + 1, rest);
        group[rest] = '\0';
    }
    return true;
}

static enum ww_err change_one(const struct answer *a, struct ww_store *store, struct ww_slice part,
                              bool *found)
{
    char domain[WW_DNAME_SIZE], group[WW_WATCH_GROUP_SIZE];
    int64_t at = (int64_t)time(NULL);
    struct ww_watch w;
    memcpy(group, a->ask->group, sizeof group);
    if (!read_domain(part, domain, group))
        return WW_E_MSG_MALFORMED;
    if (a->ask->what == WW_WATCH_ASK_REMOVE)
        return ww_watch_remove(store, domain, found);
    if (a->ask->what == WW_WATCH_ASK_CHECK)
        return ww_watch_set_due(store, domain, at, found);
    enum ww_err err = ww_watch_get(store, domain, &w);
    *found = err == WW_OK;
    return err == WW_OK || err == WW_E_NOT_KNOWN ? ww_watch_put(store, domain, group, a->ask->every, at)
                                                 : err;
}

/* All of them, or none. `others`: names that were not watched, but of ADD those that were already. */
static enum ww_err change_all(const struct answer *a, struct ww_store *store, size_t *done, json_t *others)
{
    struct ww_cursor c = ww_cursor(a->ask->domains.p, a->ask->domains.n);
    bool add = a->ask->what == WW_WATCH_ASK_ADD;
    struct ww_watch_totals totals;
    struct ww_slice part;
    bool found = false;
    enum ww_err err = ww_watch_totals(store, &totals);
    while (err == WW_OK && ww_msg_next_part(&c, &part)) {
        err = change_one(a, store, part, &found);
        *done += found != add;
        if (err == WW_OK && found == add)
            (void)json_array_append_new(others, json_stringn(part.p, part.n));
        if (add && totals.domains + *done > WW_WATCH_DOMAINS_MAX)
            err = WW_E_WATCH_FULL;
    }
    return c.failed ? WW_E_MSG_MALFORMED : err;
}

static enum ww_err change(struct answer *a, struct ww_store *store)
{
    size_t done = 0;
    json_t *others = json_array();
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = change_all(a, store, &done, others);
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK) {
        ww_store_rollback(store);
        json_decref(others);
        return err;
    }
    ww_keeper_watch_changed(a->k);
    tell(a, json_pack("{s:I, s:o}", "done", (json_int_t)done, "others", others), false);
    return WW_OK;
}

static enum ww_err acknowledge(struct answer *a, struct ww_store *store, const char *domain)
{
    int count = 0;
    bool of_reports = ww_report_alert_find(a->ask->check) != WW_REPORT_ALERTS;
    enum ww_err err = of_reports ? ww_report_told_ack(store, domain, a->ask->check, a->ask->until, &count)
                                 : ww_watch_ack(store, domain, a->ask->check, a->ask->until, a->ask->who,
                                                a->ask->reason, &count);
    if (err == WW_OK && count == 0)
        err = WW_E_NOT_KNOWN;
    if (err == WW_OK)
        tell(a, json_pack("{s:i}", "done", count), false);
    return err;
}

static enum ww_err answer(struct answer *a, struct ww_store *store)
{
    char domain[WW_DNAME_SIZE] = "", group[WW_WATCH_GROUP_SIZE];
    struct ww_cursor c = ww_cursor(a->ask->domains.p, a->ask->domains.n);
    struct ww_slice part;
    if (a->ask->what == WW_WATCH_ASK_LIST)
        return list(a, store);
    if (a->ask->what <= WW_WATCH_ASK_CHECK)
        return change(a, store);
    if (!ww_msg_next_part(&c, &part) || !read_domain(part, domain, group))
        return WW_E_MSG_MALFORMED;
    if (a->ask->what == WW_WATCH_ASK_ACK)
        return acknowledge(a, store, domain);
    return a->ask->what == WW_WATCH_ASK_SHOW ? show(a, store, domain) : tell_last(a, store, domain);
}

void ww_keeper_watch_asked(struct ww_keeper_watch *k, struct ww_asked *asked, const struct ww_msg_ask *ask,
                           struct ww_question_ref ref)
{
    struct ww_msg_watch_ask m;
    struct answer a = {.k = k, .asked = asked, .ref = ref, .ask = &m};
    enum ww_err err = ww_msg_get_watch_ask(ask->payload, &m);
    bool reads = err == WW_OK && m.what >= WW_WATCH_ASK_LIST;
    struct ww_store *store = reads ? ww_keeper_store_to_read(k->store) : ww_keeper_store_to_write(k->store);
    if (err == WW_OK && store == NULL) {
        err = ww_keeper_store_trouble(k->store);
        err = err != WW_OK ? err : WW_E_STORE_FAILED;
    } else if (err == WW_OK) {
        err = answer(&a, store);
        if (err != WW_OK && err != WW_E_NOT_KNOWN && err != WW_E_MSG_MALFORMED && err != WW_E_WATCH_FULL)
            ww_keeper_store_failed(k->store, err);
    }
    if (err != WW_OK)
        ww_asked_fail(asked, ref, err);
}
