/* The keeper's answers to control about reports: JSON texts. */
#include "base/time.h"
#include "codec/gzip.h"
#include "codec/json_values.h"
#include "daemon/keeper_outbox_private.h"
#include "daemon/keeper_results.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Rows of a list that are told at a time. */
#define PAGE 50
/* Octets of a report's text in one piece: as a JSON string it may be twice as long. */
#define PIECE ((size_t)30 * 1024)
/* Of a report unpacked. */
#define TEXT_MAX ((size_t)64 << 20)
#define DAY_SIZE 11

struct answer {
    struct ww_keeper_outbox *k;
    struct ww_store *store;
    struct ww_asked *asked;
    struct ww_question_ref ref;
    const struct ww_msg_report_ask *ask;
    enum ww_err err; /* of what is read while rows are told */
    size_t rows;
    uint64_t number;                    /* of the last row */
    char after[WW_MSG_REPORT_URI_SIZE]; /* the same of a list that goes by names */
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

/* What is no UTF-8 is told by its octets. */
static json_t *text_or_null(const char *text)
{
    json_t *json = text[0] != '\0' ? json_string(text) : json_null();
    return json != NULL ? json : ww_json_words(text);
}

static json_t *day_json(int64_t day)
{
    char text[WW_TIME_SIZE];
    ww_time_format(day * WW_DAY_SECONDS, text);
    return json_stringn(text, DAY_SIZE - 1);
}

static json_t *target_json(const struct ww_outbox_target *t)
{
    return json_pack("{s:o, s:s, s:I, s:o, s:o, s:o, s:b, s:b, s:o}", "uri", text_or_null(t->uri), "state",
                     ww_target_state_name(t->at.state), "tries", (json_int_t)t->at.tries, "first_try",
                     ww_json_time(t->at.first_try), "tried", ww_json_time(t->tried), "due",
                     ww_json_time(t->at.state == WW_TARGET_WAITING ? t->at.due : 0), "insecure", t->insecure,
                     "redirected", t->redirected, "detail", text_or_null(t->detail));
}

static json_t *targets_json(struct answer *a, const struct ww_outbox_report *r)
{
    struct ww_outbox_target targets[WW_OUTBOX_TARGETS_MAX];
    size_t count = 0;
    json_t *list = json_array();
    enum ww_err err = ww_outbox_targets(a->store, r->number, targets, &count);
    if (err != WW_OK)
        a->err = err;
    for (size_t i = 0; err == WW_OK && i < count; i++)
        (void)json_array_append_new(list, target_json(&targets[i]));
    return list;
}

static json_t *report_json(struct answer *a, const struct ww_outbox_report *r)
{
    json_t *look_up = json_pack("{s:b, s:I, s:o, s:o}", "done", r->known, "tries", (json_int_t)r->tries,
                                "first_try", ww_json_time(r->first_try), "tried", ww_json_time(r->last_try));
    return json_pack("{s:I, s:s, s:o, s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I,"
                     " s:o, s:o}",
                     "number", (json_int_t)r->number, "domain", r->domain, "day", day_json(r->day), "part",
                     (json_int_t)r->part, "id", r->id, "state", ww_report_state_name(r->state), "made",
                     ww_json_time(r->made), "due", ww_json_time(r->state == WW_REPORT_WAITING ? r->due : 0),
                     "ended", ww_json_time(r->ended), "detail", text_or_null(r->detail), "contact",
                     text_or_null(r->contact), "organization", text_or_null(r->organization), "record",
                     text_or_null(r->record), "policies", (json_int_t)r->policies, "success",
                     (json_int_t)r->success, "failure", (json_int_t)r->failure, "size",
                     (json_int_t)r->content_n, "look_up", look_up, "destinations", targets_json(a, r));
}

static json_t *open_json(const struct ww_outbox_open_day *d)
{
    return json_pack("{s:s, s:o, s:I, s:s, s:o, s:I, s:I, s:I}", "domain", d->domain, "day", day_json(d->day),
                     "part", (json_int_t)d->part, "state", "collecting", "last", ww_json_time(d->last_at),
                     "success", (json_int_t)d->success, "unverified", (json_int_t)d->unverified, "failure",
                     (json_int_t)d->failure);
}

static void tell_open(void *ctx, const struct ww_outbox_open_day *d)
{
    struct answer *a = ctx;
    a->rows++;
    (void)snprintf(a->after, sizeof a->after, "%s/%lld/%u", d->domain, (long long)d->day, d->part);
    tell(a, json_pack("{s:o}", "collecting", open_json(d)), true);
}

static void tell_report(void *ctx, const struct ww_outbox_report *r)
{
    struct answer *a = ctx;
    a->rows++;
    a->number = r->number;
    tell(a, json_pack("{s:o}", "report", report_json(a, r)), true);
}

/* As tell_open has written it. */
static bool read_after(const char *text, struct ww_outbox_open_day *out)
{
    const char *slash = strchr(text, '/');
    char *end;
    if (slash == NULL || slash == text || (size_t)(slash - text) >= sizeof out->domain)
        return false;
    memcpy(out->domain, text, (size_t)(slash - text));
    out->domain[slash - text] = '\0';
    out->day = strtoll(slash + 1, &end, 10);
    if (*end != '/')
        return false;
    out->part = (uint32_t)strtoul(end + 1, &end, 10);
    return *end == '\0';
}

static enum ww_err list_open(struct answer *a)
{
    struct ww_outbox_open_day after;
    bool goes_on = a->ask->uri[0] != '\0';
    if (goes_on && !read_after(a->ask->uri, &after))
        return WW_E_MSG_MALFORMED;
    enum ww_err err =
        ww_outbox_open_days(a->store, a->ask->domain, goes_on ? &after : NULL, PAGE, tell_open, a);
    if (err == WW_OK)
        tell(a, json_pack("{s:o}", "after", a->rows < PAGE ? json_null() : json_string(a->after)), false);
    return err;
}

/* WW_REPORT_STATES: of all. False: there is no such state. */
static bool read_state(const char *name, enum ww_report_state *out)
{
    *out = WW_REPORT_STATES;
    for (unsigned i = 0; i < WW_REPORT_STATES; i++)
        if (strcmp(name, ww_report_state_name((enum ww_report_state)i)) == 0)
            *out = (enum ww_report_state)i;
    return name[0] == '\0' || *out != WW_REPORT_STATES;
}

static enum ww_err list_reports(struct answer *a)
{
    struct ww_outbox_filter filter = {.before = a->ask->after, .domain = a->ask->domain};
    if (!read_state(a->ask->state, &filter.state))
        return WW_E_MSG_MALFORMED;
    enum ww_err err = ww_outbox_list(a->store, &filter, PAGE, tell_report, a);
    if (err == WW_OK)
        err = a->err;
    if (err == WW_OK)
        tell(a,
             json_pack("{s:o}", "after", a->rows < PAGE ? json_null() : json_integer((json_int_t)a->number)),
             false);
    return err;
}

/* The one that is asked about. */
static enum ww_err get(const struct answer *a, struct ww_outbox_report *r)
{
    enum ww_err err = a->ask->number != 0 ? ww_outbox_get(a->store, a->ask->number, r)
                                          : ww_outbox_latest(a->store, a->ask->domain, r);
    return err == WW_E_NOT_KNOWN ? WW_E_REPORT_NONE : err;
}

static enum ww_err show(struct answer *a)
{
    struct ww_outbox_report r;
    enum ww_err err = get(a, &r);
    if (err == WW_OK)
        tell_report(a, &r);
    if (a->ask->number == 0 && (err == WW_OK || err == WW_E_REPORT_NONE))
        err = ww_outbox_open_days(a->store, a->ask->domain, NULL, PAGE, tell_open, a);
    if (err == WW_OK)
        err = a->rows == 0 ? WW_E_REPORT_NONE : a->err;
    if (err == WW_OK)
        tell(a, json_object(), false);
    return err;
}

/* The pieces end between characters. */
static void tell_text(struct answer *a, const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t piece = n - at < PIECE ? n - at : PIECE;
        while (at + piece < n && piece > 1 && ((unsigned char)text[at + piece] & 0xc0) == 0x80)
            piece--;
        tell(a, json_pack("{s:o}", "text", json_stringn(text + at, piece)), true);
        at += piece;
    }
    tell(a, json_object(), false);
}

struct unpacked {
    char *text;
    size_t n;
    enum ww_err err;
};

static void unpack(void *ctx, struct ww_slice content)
{
    struct unpacked *u = ctx;
    u->text = ww_gunzip(content, TEXT_MAX, &u->n, &u->err);
}

static enum ww_err tell_content(struct answer *a)
{
    struct ww_outbox_report r;
    struct unpacked u = {.err = WW_OK};
    enum ww_err err = get(a, &r);
    if (err == WW_OK) {
        err = ww_outbox_content(a->store, r.number, unpack, &u);
        err = err == WW_OK ? u.err : err == WW_E_NOT_KNOWN ? WW_E_REPORT_NOT_KEPT : err;
    }
    if (err == WW_OK) {
        tell_report(a, &r);
        tell_text(a, u.text, u.n);
    }
    free(u.text);
    return err;
}

static enum ww_err tell_open_content(struct answer *a)
{
    enum ww_err err = WW_OK;
    size_t n;
    char *text = ww_keeper_results_render(a->store, a->k->config, a->ask->domain, &n, &err);
    if (text != NULL)
        tell_text(a, text, n);
    free(text);
    return err == WW_E_NOT_KNOWN ? WW_E_REPORT_NONE : err;
}

/* Why nothing is sent. */
static enum ww_err is_held(const struct ww_config *config)
{
    if (!ww_keeper_outbox_holds(config))
        return WW_OK;
    return config->report_dry_run ? WW_E_REPORT_DRY_RUN : WW_E_REPORT_NO_CONTACT;
}

static enum ww_err send_or_retry(struct answer *a)
{
    struct ww_outbox_report r;
    int64_t now = (int64_t)time(NULL);
    enum ww_err err = is_held(a->k->config);
    if (err == WW_OK)
        err = get(a, &r);
    if (err == WW_OK && ww_outbox_flights_have(&a->k->flights, r.number))
        err = WW_E_REPORT_UNDER_WAY;
    if (err == WW_OK)
        err = a->ask->what == WW_REPORT_ASK_SEND ? ww_keeper_outbox_send(a->store, r.number, now)
                                                 : ww_keeper_outbox_retry(a->store, r.number, now);
    if (err == WW_OK)
        err = ww_outbox_get(a->store, r.number, &r);
    if (err != WW_OK)
        return err;
    ww_keeper_outbox_changed(a->k);
    tell_report(a, &r);
    tell(a, json_object(), false);
    return a->err;
}

static enum ww_err retry_all(struct answer *a)
{
    uint64_t done = 0;
    enum ww_err err = is_held(a->k->config);
    if (err == WW_OK)
        err = ww_keeper_outbox_retry_all(a->store, &a->k->flights, (int64_t)time(NULL), &done);
    if (err != WW_OK)
        return err;
    ww_keeper_outbox_changed(a->k);
    tell(a, json_pack("{s:I}", "done", (json_int_t)done), true);
    tell(a, json_object(), false);
    return WW_OK;
}

static void tell_destination(void *ctx, const struct ww_outbox_destination *d)
{
    struct answer *a = ctx;
    int64_t until = d->standing.suppressed_until;
    a->rows++;
    memcpy(a->after, d->uri, sizeof a->after);
    tell(a,
         json_pack("{s:{s:o, s:b, s:o, s:o, s:I, s:o, s:o}}", "destination", "uri", text_or_null(d->uri),
                   "suppressed", until > (int64_t)time(NULL), "until",
                   ww_json_time(until == INT64_MAX ? 0 : until), "since", ww_json_time(d->since), "refusals",
                   (json_int_t)d->standing.refusals, "by", text_or_null(d->who), "reason",
                   text_or_null(d->reason)),
         true);
}

static enum ww_err suppress(struct answer *a)
{
    struct ww_outbox_destination d;
    enum ww_err err = ww_outbox_destination(a->store, a->ask->uri, &d);
    if (err != WW_OK)
        return err;
    (void)snprintf(d.uri, sizeof d.uri, "%s", a->ask->uri);
    (void)snprintf(d.who, sizeof d.who, "%s", a->ask->who);
    (void)snprintf(d.reason, sizeof d.reason, "%s", a->ask->reason);
    d.standing = (struct ww_courier_standing){.suppressed_until = a->ask->until};
    d.since = (int64_t)time(NULL);
    err = ww_outbox_put_destination(a->store, &d);
    if (err != WW_OK)
        return err;
    tell_destination(a, &d);
    tell(a, json_object(), false);
    return WW_OK;
}

static enum ww_err list_suppressed(struct answer *a)
{
    enum ww_err err =
        ww_outbox_suppressed(a->store, (int64_t)time(NULL), a->ask->uri, PAGE, tell_destination, a);
    if (err == WW_OK)
        tell(a, json_pack("{s:o}", "after", a->rows < PAGE ? json_null() : json_string(a->after)), false);
    return err;
}

static enum ww_err take_bounce(struct answer *a)
{
    struct ww_outbox_bounced b;
    enum ww_err err = ww_keeper_outbox_bounce(a->store, a->ask, (int64_t)time(NULL), &b);
    if (err != WW_OK)
        return err;
    bool known = b.what != WW_BOUNCE_UNKNOWN;
    tell(a,
         json_pack("{s:{s:s, s:o, s:o, s:o, s:b}}", "bounce", "result", ww_keeper_bounce_name(b.what),
                   "report", known ? json_integer((json_int_t)b.report.number) : json_null(), "domain",
                   known ? json_string(b.report.domain) : json_null(), "uri", text_or_null(b.uri),
                   "suppressed", b.suppressed),
         true);
    tell(a, json_object(), false);
    return WW_OK;
}

static enum ww_err answer(struct answer *a)
{
    switch (a->ask->what) {
    case WW_REPORT_ASK_LIST:
        return a->ask->open ? list_open(a) : list_reports(a);
    case WW_REPORT_ASK_SHOW:
        return show(a);
    case WW_REPORT_ASK_CONTENT:
        return a->ask->open ? tell_open_content(a) : tell_content(a);
    case WW_REPORT_ASK_RETRY:
        if (a->ask->number == 0 && a->ask->domain[0] == '\0')
            return retry_all(a);
        return send_or_retry(a);
    case WW_REPORT_ASK_SEND:
        return send_or_retry(a);
    case WW_REPORT_ASK_SUPPRESS:
        return suppress(a);
    case WW_REPORT_ASK_SUPPRESSED:
        return list_suppressed(a);
    case WW_REPORT_ASK_BOUNCE:
        return take_bounce(a);
    case WW_REPORT_ASKS:
        break;
    }
    return WW_E_MSG_MALFORMED;
}

/* Errors that are no fault of the store's. */
static bool is_answer(enum ww_err err)
{
    static const enum ww_err answers[] = {WW_OK,
                                          WW_E_MSG_MALFORMED,
                                          WW_E_REPORT_NONE,
                                          WW_E_REPORT_NOT_KEPT,
                                          WW_E_REPORT_NO_CONTACT,
                                          WW_E_REPORT_DRY_RUN,
                                          WW_E_REPORT_NOTHING,
                                          WW_E_REPORT_UNDER_WAY,
                                          WW_E_GZIP,
                                          WW_E_TOO_LONG,
                                          WW_E_NO_MEMORY};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i] == err)
            return true;
    return false;
}

static bool is_change(enum ww_report_ask what)
{
    return what == WW_REPORT_ASK_SEND || what == WW_REPORT_ASK_RETRY || what == WW_REPORT_ASK_SUPPRESS ||
           what == WW_REPORT_ASK_BOUNCE;
}

void ww_keeper_outbox_asked(struct ww_keeper_outbox *k, struct ww_asked *asked, const struct ww_msg_ask *ask,
                            struct ww_question_ref ref)
{
    struct ww_msg_report_ask m;
    struct answer a = {.k = k, .asked = asked, .ref = ref, .ask = &m};
    enum ww_err err = ww_msg_get_report_ask(ask->payload, &m);
    if (err == WW_OK) {
        a.store = is_change(m.what) ? ww_keeper_store_to_write(k->store) : ww_keeper_store_to_read(k->store);
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
