#include "daemon/courier_report.h"

#include "base/hash.h"
#include "core/words.h"
#include "daemon/clock.h"
#include "daemon/courier_send.h"
#include "daemon/job.h"
#include "daemon/log.h"
#include "daemon/post.h"
#include "drive/tlsrpt.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

/* Destinations of one report at a time: each is a process. */
#define AT_ONCE 4
/* So long the keeper is waited for; a store in trouble may take longer, and then it is due again. */
#define ANSWER_SECONDS 60

struct delivery {
    struct ww_courier_report *report;
    struct ww_msg_report_tried tried; /* what is told of it */
    struct ww_rua rua;
    uint64_t key;                   /* of its destination */
    struct ww_addresses *addresses; /* what is under way of it, */
    struct ww_courier_send *send;   /* one after the other */
    bool begun, ended, told;
};

struct ww_courier_report {
    const struct ww_courier_env *env;
    struct ww_msg_report m; /* borrows from payload */
    char *payload;
    struct ww_prefix *allow; /* as configured when it began */
    size_t allow_count;
    struct ww_tlsrpt_lookup *lookup;
    struct event *timer; /* the keeper's answer, and then the end */
    bool sends;          /* the keeper has said where to */
    bool stopped;
    size_t count, next;
    unsigned busy;
    struct delivery deliveries[WW_MSG_REPORT_TARGETS_MAX];
};

static void go_on(struct ww_courier_report *r);

/* ---- What became of it ---- */

static void log_tried(const struct delivery *d)
{
    const struct ww_msg_report *m = &d->report->m;
    const char *detail = d->tried.detail[0] != '\0' ? d->tried.detail : NULL;
    const char *uri = d->tried.uri;
    switch (d->tried.outcome) {
    case WW_TRIED_ACCEPTED:
        ww_log_info("report-delivered", "domain", m->domain, "destination", uri, "report", m->id, "insecure",
                    d->tried.insecure ? detail : NULL);
        break;
    case WW_TRIED_LATER:
        ww_log_warning("report-failed", "domain", m->domain, "destination", uri, "detail", detail, "done",
                       "it is tried again, for a day");
        break;
    case WW_TRIED_REFUSED:
    case WW_TRIED_UNSUPPORTED:
        ww_log_warning("report-refused", "domain", m->domain, "destination", uri, "detail", detail);
        break;
    case WW_TRIED_POSTPONED:
        ww_log_debug("report-postponed", "domain", m->domain, "destination", uri);
        break;
    case WW_TRIED_OUTCOMES:
        break;
    }
}

static void tell_tried(struct delivery *d)
{
    const struct ww_courier_env *env = d->report->env;
    char bytes[WW_MSG_REPORT_URI_SIZE + WW_MSG_REPORT_DETAIL_SIZE + 64];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    if (!d->ended || d->told)
        return;
    ww_msg_put_report_tried(&b, &d->tried);
    d->told = env->tell(env->ctx, WW_MSG_REPORT_TRIED, &b);
}

static void settle(struct delivery *d, enum ww_target_outcome outcome)
{
    struct ww_courier_report *r = d->report;
    if (d->begun) {
        ww_courier_share_give_back(r->env->share, d->key);
        r->busy--;
    }
    d->begun = false;
    d->ended = true;
    d->tried.outcome = outcome;
    ww_stat_add(r->env->stats, WW_STAT_REPORT_TRIES + (unsigned)outcome, 1);
    if (d->tried.insecure)
        ww_stat_add(r->env->stats, WW_STAT_REPORT_INSECURE, 1);
    log_tried(d);
    tell_tried(d);
}

/* ---- One destination ---- */

static void on_sent(void *ctx, const struct ww_courier_sent *sent)
{
    struct delivery *d = ctx;
    d->send = NULL;
    d->tried.insecure = sent->insecure;
    memcpy(d->tried.detail, sent->detail, sizeof d->tried.detail);
    settle(d, sent->outcome);
    go_on(d->report);
}

static void send_it(struct delivery *d, const struct ww_addr *addrs, size_t count)
{
    const struct ww_courier_env *env = d->report->env;
    const struct ww_courier_task task = {
        .config = env->config,
        .report = &d->report->m,
        .rua = &d->rua,
        .addrs = addrs,
        .addr_count = count,
        .host = env->host,
        .now = (int64_t)time(NULL),
    };
    d->send = ww_courier_send_begin(env->base, &task, on_sent, d);
    if (d->send != NULL)
        return;
    ww_job_say(d->tried.detail, sizeof d->tried.detail, "%s", ww_err_message(WW_E_NO_MEMORY));
    settle(d, WW_TRIED_LATER);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct delivery *d = ctx;
    d->addresses = NULL;
    if (reply->err == WW_OK) {
        send_it(d, reply->addrs, reply->count);
    } else {
        ww_post_say_addresses(d->tried.detail, sizeof d->tried.detail, d->rua.name, reply,
                              "report.allow_addresses");
        settle(d, WW_TRIED_LATER);
    }
    go_on(d->report);
}

static void find_addresses(struct delivery *d)
{
    const struct ww_addresses_options options = {
        .dns = d->report->env->dns, .allow = d->report->allow, .allow_count = d->report->allow_count};
    enum ww_err err;
    d->addresses = ww_addresses_find(&options, d->rua.name, on_addresses, d, &err);
    if (d->addresses != NULL)
        return;
    ww_job_say(d->tried.detail, sizeof d->tried.detail, "%s: %s", d->rua.name, ww_err_message(err));
    settle(d, WW_TRIED_LATER);
}

static void begin(struct delivery *d)
{
    static const struct ww_hash_key no_key = {{0, 0}}; /* two that meet share, which does no harm */
    struct ww_courier_report *r = d->report;
    if (!ww_rua_parse(ww_slice_str(d->tried.uri), &d->rua)) {
        ww_job_say(d->tried.detail, sizeof d->tried.detail,
                   "neither mailto: with one mailbox, nor https: with a host");
        settle(d, WW_TRIED_UNSUPPORTED);
        return;
    }
    d->key = ww_hash(&no_key, d->rua.name, strlen(d->rua.name));
    if (!ww_courier_share_take(r->env->share, d->key, r->env->config->report_per_destination,
                               ww_clock_ms())) {
        ww_job_say(d->tried.detail, sizeof d->tried.detail, "%s had its share of this minute", d->rua.name);
        settle(d, WW_TRIED_POSTPONED);
        return;
    }
    d->begun = true;
    r->busy++;
    if (d->rua.scheme == WW_RUA_MAILTO)
        send_it(d, NULL, 0);
    else
        find_addresses(d);
}

static bool all_told(const struct ww_courier_report *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (!r->deliveries[i].told)
            return false;
    return true;
}

static void end_soon(struct ww_courier_report *r)
{
    const struct timeval at_once = {0, 0};
    (void)evtimer_add(r->timer, &at_once);
}

static void go_on(struct ww_courier_report *r)
{
    while (!r->stopped && r->busy < AT_ONCE && r->next < r->count)
        begin(&r->deliveries[r->next++]);
    if (r->busy == 0 && all_told(r))
        end_soon(r);
}

/* ---- The keeper's answer ---- */

static bool is_known(const struct ww_courier_report *r, struct ww_slice uri)
{
    for (size_t i = 0; i < r->count; i++)
        if (ww_slice_is(uri, r->deliveries[i].tried.uri))
            return true;
    return false;
}

static void add(struct ww_courier_report *r, struct ww_slice uri)
{
    struct delivery *d = &r->deliveries[r->count];
    if (r->count == WW_MSG_REPORT_TARGETS_MAX || uri.n == 0 || uri.n >= sizeof d->tried.uri ||
        is_known(r, uri))
        return;
    *d = (struct delivery){.report = r, .tried = {.number = r->m.number}};
    memcpy(d->tried.uri, uri.p, uri.n);
    r->count++;
}

void ww_courier_report_send(struct ww_courier_report *r, struct ww_slice targets)
{
    struct ww_cursor c = ww_cursor(targets.p, targets.n);
    struct ww_slice uri;
    if (r->sends)
        return;
    r->sends = true;
    (void)event_del(r->timer);
    while (ww_msg_next_part(&c, &uri))
        add(r, uri);
    go_on(r);
}

/* ---- The record ---- */

/* True for one more that is written differently, but is where the report goes already. */
static bool is_there(const struct ww_rua *ruas, size_t count, const struct ww_rua *rua)
{
    for (size_t i = 0; rua->scheme != WW_RUA_OTHER && i < count; i++)
        if (ww_rua_same(&ruas[i], rua))
            return true;
    return false;
}

/*
 * Those that a message cannot hold are left out. Each destination is there once: a record that has one in
 * many spellings may be of somebody who wishes its owner ill.
 */
static size_t put_targets(struct ww_buf *b, const struct ww_tlsrpt_record *record)
{
    struct ww_rua ruas[WW_MSG_REPORT_TARGETS_MAX];
    struct ww_slice uri;
    enum ww_rua_scheme scheme;
    size_t left_out = 0, count = 0;
    for (size_t pos = 0; ww_tlsrpt_next_rua(record, &pos, &uri, &scheme);) {
        if (uri.n >= WW_MSG_REPORT_URI_SIZE || count == WW_MSG_REPORT_TARGETS_MAX) {
            left_out++;
            continue;
        }
        if (!ww_rua_parse(uri, &ruas[count]))
            ruas[count].scheme = WW_RUA_OTHER;
        if (is_there(ruas, count, &ruas[count]))
            continue;
        count++;
        ww_msg_put_part(b, uri);
    }
    return left_out;
}

static void tell_targets(struct ww_courier_report *r, enum ww_record_found found,
                         const struct ww_tlsrpt_record *record, const char *words)
{
    const struct timeval patience = {.tv_sec = found == WW_RECORD_PRESENT ? ANSWER_SECONDS : 0};
    char parts[WW_MSG_REPORT_TARGETS_MAX * (WW_MSG_REPORT_URI_SIZE + 8)];
    char bytes[sizeof parts + WW_MSG_REPORT_DETAIL_SIZE + 64];
    struct ww_msg_report_targets m = {.number = r->m.number, .found = found};
    struct ww_buf p = ww_buf(parts, sizeof parts), b = ww_buf(bytes, sizeof bytes);
    size_t left_out = record != NULL ? put_targets(&p, record) : 0;
    if (left_out > 0)
        ww_job_say(m.detail, sizeof m.detail, "%zu destinations are too long, or one too many", left_out);
    else
        ww_job_say(m.detail, sizeof m.detail, "%s", words);
    m.targets = ww_slice(p.p, p.n);
    ww_msg_put_report_targets(&b, &m);
    (void)r->env->tell(r->env->ctx, WW_MSG_REPORT_TARGETS, &b);
    (void)evtimer_add(r->timer, &patience);
}

/* DNS gives no answer: an MTA that asked before it had one may have told us. A bogus one is not gone around.
 */
static void use_last(struct ww_courier_report *r, enum ww_err err, const char *words)
{
    struct ww_tlsrpt_record record;
    enum ww_err why;
    bool good = err != WW_E_DNS_BOGUS && r->m.record.n > 0 &&
                ww_tlsrpt_record_select(&r->m.record, 1, &record, &why) == WW_TXT_PRESENT;
    ww_stat_add(r->env->stats, WW_STAT_REPORT_LOOKUP_ERRORS + (unsigned)err, 1);
    tell_targets(r, good ? WW_RECORD_PRESENT : WW_RECORD_NOT_NOW, good ? &record : NULL, words);
}

static void on_record(void *ctx, const struct ww_tlsrpt_found *found)
{
    struct ww_courier_report *r = ctx;
    char words[WW_MSG_REPORT_DETAIL_SIZE] = "";
    r->lookup = NULL;
    if (found->err != WW_OK) {
        const char *detail = found->detail != NULL ? found->detail : ww_err_message(found->err);
        ww_job_say(words, sizeof words, "%s: %s", ww_err_id(found->err), detail);
        use_last(r, found->err, words);
        return;
    }
    if (found->presence == WW_TXT_INVALID)
        ww_job_say(words, sizeof words, "the record is not valid: %s", ww_err_message(found->why));
    if (found->presence == WW_TXT_PRESENT)
        tell_targets(r, WW_RECORD_PRESENT, &found->record, words);
    else
        tell_targets(r, WW_RECORD_ABSENT, NULL, words);
}

/* ---- The whole ---- */

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct ww_courier_report *r = arg;
    const struct ww_courier_env *env = r->env;
    const struct ww_msg_report_done m = {.number = r->m.number};
    char bytes[16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    (void)fd, (void)what;
    ww_msg_put_report_done(&b, &m);
    if (env->tell(env->ctx, WW_MSG_REPORT_DONE, &b))
        env->ended(env->ctx, r);
}

static bool copy(struct ww_courier_report *r, struct ww_slice payload)
{
    const struct ww_config *c = r->env->config;
    r->payload = malloc(payload.n + 1);
    r->allow = calloc(c->report_allow_count + 1, sizeof *r->allow);
    r->timer = evtimer_new(r->env->base, on_timer, r);
    if (r->payload == NULL || r->allow == NULL || r->timer == NULL)
        return false;
    memcpy(r->payload, payload.p, payload.n);
    r->allow_count = c->report_allow_count;
    if (r->allow_count > 0)
        memcpy(r->allow, c->report_allow, r->allow_count * sizeof *r->allow);
    return true;
}

static void look_up(struct ww_courier_report *r)
{
    enum ww_err err;
    r->lookup = ww_tlsrpt_lookup(r->env->dns, r->m.domain, on_record, r, &err);
    if (r->lookup == NULL)
        use_last(r, err, ww_err_message(err));
}

struct ww_courier_report *ww_courier_report_begin(const struct ww_courier_env *env, struct ww_slice payload,
                                                  enum ww_err *err)
{
    struct ww_courier_report *r = calloc(1, sizeof *r);
    *err = WW_E_NO_MEMORY;
    if (r == NULL)
        return NULL;
    r->env = env;
    if (copy(r, payload))
        *err = ww_msg_get_report(ww_slice(r->payload, payload.n), &r->m);
    if (*err != WW_OK) {
        ww_courier_report_free(r);
        return NULL;
    }
    if (r->m.look_up)
        look_up(r);
    else
        ww_courier_report_send(r, r->m.targets);
    return r;
}

void ww_courier_report_free(struct ww_courier_report *r)
{
    if (r == NULL)
        return;
    if (r->lookup != NULL)
        ww_tlsrpt_lookup_cancel(r->lookup);
    for (size_t i = 0; i < r->count; i++) {
        struct delivery *d = &r->deliveries[i];
        if (d->addresses != NULL)
            ww_addresses_cancel(d->addresses);
        ww_courier_send_cancel(d->send);
        if (d->begun)
            ww_courier_share_give_back(r->env->share, d->key);
    }
    if (r->timer != NULL)
        event_free(r->timer);
    free(r->allow);
    free(r->payload);
    free(r);
}

uint64_t ww_courier_report_number(const struct ww_courier_report *r)
{
    return r->m.number;
}

bool ww_courier_report_is_sending(const struct ww_courier_report *r)
{
    return r->busy > 0;
}

void ww_courier_report_stop(struct ww_courier_report *r)
{
    r->stopped = true;
}

bool ww_courier_report_lost_keeper(const struct ww_courier_report *r)
{
    return r->sends && r->next > 0;
}

void ww_courier_report_tell(struct ww_courier_report *r)
{
    for (size_t i = 0; i < r->count; i++)
        tell_tried(&r->deliveries[i]);
    go_on(r);
}
