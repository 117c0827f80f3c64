#include "daemon/keeper_report_alerts.h"

#include "core/sessions.h"
#include "daemon/log.h"
#include "proc/chan.h"
#include "proc/msg_watch.h"
#include "store/store_report_alerts.h"
#include "store/store_watch.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

/* Reports come one after the other: a domain is looked at so long after the first of them. */
#define SOON_SECONDS 2
#define HOUR_SECONDS 3600
/* Domains of a turn, and between two of them others have theirs. */
#define TURN 10
#define PAUSE_MS 20
/* Domains with new reports that are read at a time. */
#define NAMED_MAX 100

struct ww_keeper_report_alerts {
    struct event_base *base;
    struct ww_keeper_store *store;
    const struct ww_config *config;
    struct ww_stats *stats;
    ww_keeper_report_alerts_raised *raised;
    void *ctx;
    struct event *turn;
    struct event *hour;
    uint64_t news_from; /* the first report that was not looked at; 0: there is none */
    uint64_t news;      /* the first of those whose domains are looked at; 0: none are, */
    char news_after[WW_DNAME_SIZE];
    char named[NAMED_MAX][WW_DNAME_SIZE]; /* some of them, in the order of their names, */
    size_t named_count, named_at;
    bool walks; /* all domains are looked at: */
    char after[WW_DNAME_SIZE];
    struct ww_watch watch; /* of the domain that is looked at; its name is "" unless it is watched */
    struct ww_report_known known;
    struct ww_report_told before[WW_REPORT_TOLD_MAX];
    struct ww_msg_alert alert;
    char message[WW_CHAN_MESSAGE_MAX];
};

static void schedule(struct ww_keeper_report_alerts *k, unsigned ms)
{
    const struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    if (event_add(k->turn, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

static enum ww_err find_ours(struct ww_keeper_report_alerts *k, struct ww_store *store, const char *domain,
                             bool *ours)
{
    char **names = k->config->intake_domains;
    enum ww_err err = ww_watch_get(store, domain, &k->watch);
    *ours = err == WW_OK;
    if (err == WW_E_NOT_KNOWN)
        k->watch = (struct ww_watch){.domain = ""};
    for (size_t i = 0; names != NULL && names[i] != NULL && !*ours; i++)
        *ours = strcmp(names[i], domain) == 0;
    return err == WW_E_NOT_KNOWN ? WW_OK : err;
}

static void log_alert(const struct ww_keeper_report_alerts *k, enum ww_alert_kind kind,
                      const struct ww_report_told *t)
{
    enum ww_log_level level = kind == WW_ALERT_CLEARED           ? WW_LOG_INFO
                              : t->severity == WW_SEVERITY_ERROR ? WW_LOG_ERROR
                                                                 : WW_LOG_WARNING;
    ww_log(level, "report-alert", "domain", k->known.domain, "group",
           k->watch.group[0] != '\0' ? k->watch.group : (char *)NULL, "kind", ww_alert_kind_name(kind),
           "check", ww_report_alert_id(t->what), "where", t->where, "seen", t->seen, (char *)NULL);
}

static void take_alert(void *ctx, enum ww_alert_kind kind, const struct ww_report_told *t)
{
    struct ww_keeper_report_alerts *k = ctx;
    struct ww_msg_alert *a = &k->alert;
    ww_stat_add(k->stats, WW_STAT_WATCH_ALERTS, 1);
    log_alert(k, kind, t);
    if (a->count == WW_MSG_ALERT_ITEMS_MAX) {
        a->left_out = (uint16_t)(a->left_out + (a->left_out < UINT16_MAX));
        return;
    }
    struct ww_msg_alert_item *item = &a->items[a->count++];
    *item = (struct ww_msg_alert_item){.kind = kind, .severity = t->severity, .since = t->since};
    (void)snprintf(item->check, sizeof item->check, "%s", ww_report_alert_id(t->what));
    memcpy(item->where, t->where, sizeof item->where);
    memcpy(item->seen, t->seen, sizeof item->seen);
}

static uint16_t at_most(size_t n)
{
    return (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

/* What is wrong with the domain, as the last inspection and its reports say. */
static void count_faults(struct ww_keeper_report_alerts *k)
{
    size_t errors = k->watch.last.errors, warnings = k->watch.last.warnings;
    for (size_t i = 0; i < k->known.told_count; i++) {
        const struct ww_report_told *t = &k->known.told[i];
        errors += t->lasts && !t->gone && t->severity == WW_SEVERITY_ERROR;
        warnings += t->lasts && !t->gone && t->severity == WW_SEVERITY_WARNING;
    }
    k->alert.errors = at_most(errors);
    k->alert.warnings = at_most(warnings);
}

static enum ww_err put_alert(struct ww_keeper_report_alerts *k, struct ww_store *store)
{
    uint64_t number;
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    if (k->alert.count == 0)
        return WW_OK;
    count_faults(k);
    ww_msg_put_alert(&b, &k->alert);
    return b.failed ? WW_E_TOO_LONG
                    : ww_watch_put_alert(store, k->known.domain, k->alert.at, ww_slice(b.p, b.n), &number);
}

static enum ww_err write(struct ww_keeper_report_alerts *k, struct ww_store *store)
{
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = ww_report_told_put(store, k->known.domain, k->known.told, k->known.told_count);
    if (err == WW_OK)
        err = put_alert(k, store);
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    return err;
}

/* Of a domain that is no more ours, or never was, nothing is told, and nothing kept of what was. */
static enum ww_err judge(struct ww_keeper_report_alerts *k, struct ww_store *store, const char *domain)
{
    int64_t now = (int64_t)time(NULL);
    const struct ww_alert_rules rules = {.least = (enum ww_severity)k->config->watch_alert_from};
    bool ours = false;
    enum ww_err err = find_ours(k, store, domain, &ours);
    if (err == WW_OK)
        err = ww_report_known_get(store, domain, ww_day_of(now), &k->known);
    if (err != WW_OK)
        return err;
    size_t count = k->known.told_count;
    memcpy(k->before, k->known.told, count * sizeof *k->before);
    k->alert = (struct ww_msg_alert){.at = now};
    (void)snprintf(k->alert.domain, sizeof k->alert.domain, "%s", domain);
    memcpy(k->alert.group, k->watch.group, sizeof k->alert.group);
    if (ours)
        ww_report_alerts_run(k->known.told, &k->known.told_count, &k->known.past, now, &rules, take_alert, k);
    else
        k->known.told_count = 0;
    if (k->known.err != WW_OK)
        return k->known.err;
    if (k->known.told_count == count && memcmp(k->before, k->known.told, count * sizeof *k->before) == 0)
        return WW_OK;
    err = write(k, store);
    if (err == WW_OK && k->alert.count > 0)
        k->raised(k->ctx);
    return err;
}

static void take_name(void *ctx, const char *domain)
{
    struct ww_keeper_report_alerts *k = ctx;
    (void)snprintf(k->named[k->named_count++], WW_DNAME_SIZE, "%s", domain);
}

/* More domains of the news; there may be none. */
static enum ww_err read_names(struct ww_keeper_report_alerts *k, struct ww_store *store)
{
    if (k->news == 0) {
        k->news = k->news_from;
        k->news_from = 0;
        k->news_after[0] = '\0';
    }
    k->named_count = 0;
    k->named_at = 0;
    if (k->news == 0)
        return WW_OK;
    enum ww_err err = ww_report_domains_since(store, k->news, k->news_after, NAMED_MAX, take_name, k);
    if (err == WW_OK && k->named_count > 0)
        memcpy(k->news_after, k->named[k->named_count - 1], WW_DNAME_SIZE);
    else if (err == WW_OK)
        k->news = 0;
    return err;
}

/* The next domain that is to be looked at; "": there is none. */
static enum ww_err take_next(struct ww_keeper_report_alerts *k, struct ww_store *store,
                             char domain[WW_DNAME_SIZE])
{
    enum ww_err err = WW_OK;
    domain[0] = '\0';
    while (err == WW_OK && k->named_at == k->named_count && (k->news != 0 || k->news_from != 0))
        err = read_names(k, store);
    if (err == WW_OK && k->named_at < k->named_count) {
        memcpy(domain, k->named[k->named_at++], WW_DNAME_SIZE);
    } else if (err == WW_OK && k->walks) {
        err = ww_report_next_domain(store, k->after, domain);
        memcpy(k->after, domain, sizeof k->after);
        k->walks = err != WW_OK || domain[0] != '\0';
    }
    return err;
}

/* All are to be looked at, those with news among them. */
static void begin_walk(struct ww_keeper_report_alerts *k)
{
    k->walks = true;
    k->after[0] = '\0';
    k->news = k->news_from = 0;
    k->named_count = k->named_at = 0;
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    struct ww_keeper_report_alerts *k = arg;
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    char domain[WW_DNAME_SIZE];
    (void)fd;
    (void)what;
    if (store == NULL)
        return; /* it goes on when the store is well */
    for (int i = 0; i < TURN; i++) {
        enum ww_err err = take_next(k, store, domain);
        if (err == WW_OK && domain[0] == '\0')
            return;
        if (err == WW_OK)
            err = judge(k, store, domain);
        if (err != WW_OK) {
            begin_walk(k); /* once more, when the store is well */
            ww_keeper_store_failed(k->store, err);
            return;
        }
    }
    schedule(k, PAUSE_MS);
}

static void on_hour(evutil_socket_t fd, short what, void *arg)
{
    struct ww_keeper_report_alerts *k = arg;
    (void)fd;
    (void)what;
    begin_walk(k);
    schedule(k, PAUSE_MS);
}

void ww_keeper_report_alerts_took(struct ww_keeper_report_alerts *k, uint64_t number)
{
    if (k->news_from == 0 || number < k->news_from)
        k->news_from = number;
    if (!event_pending(k->turn, EV_TIMEOUT, NULL))
        schedule(k, SOON_SECONDS * 1000);
}

void ww_keeper_report_alerts_well(struct ww_keeper_report_alerts *k)
{
    if (k->walks || k->news != 0 || k->news_from != 0)
        schedule(k, PAUSE_MS);
}

struct ww_keeper_report_alerts *ww_keeper_report_alerts_new(struct event_base *base,
                                                            struct ww_keeper_store *store,
                                                            const struct ww_config *config,
                                                            struct ww_stats *stats,
                                                            ww_keeper_report_alerts_raised *raised, void *ctx)
{
    const struct timeval hour = {.tv_sec = HOUR_SECONDS};
    struct ww_keeper_report_alerts *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->base = base;
    k->store = store;
    k->config = config;
    k->stats = stats;
    k->raised = raised;
    k->ctx = ctx;
    k->turn = evtimer_new(base, on_turn, k);
    k->hour = event_new(base, -1, EV_PERSIST, on_hour, k);
    begin_walk(k); /* what has gone by while nobody looked */
    if (k->turn != NULL && k->hour != NULL && event_add(k->hour, &hour) == 0)
        return k;
    ww_keeper_report_alerts_free(k);
    return NULL;
}

void ww_keeper_report_alerts_free(struct ww_keeper_report_alerts *k)
{
    if (k == NULL)
        return;
    if (k->turn != NULL)
        event_free(k->turn);
    if (k->hour != NULL)
        event_free(k->hour);
    free(k);
}
