#include "daemon/keeper_outbox.h"

#include "daemon/keeper_outbox_private.h"
#include "daemon/log.h"
#include "daemon/pieces.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* The outbox is looked at so often at least: a clock that was set needs no more. */
#define TICK_SECONDS 60
#define PURGE_SECONDS 3600
/* Reports purged at a time. */
#define PURGE_ROWS 2000
#define FLIGHTS_MAX (sizeof((struct ww_outbox_flights *)0)->numbers / sizeof(uint64_t))

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

/* Jitter alone hangs on it. */
static uint64_t draw(void)
{
    uint64_t n = 0;
    (void)!getrandom(&n, sizeof n, GRND_NONBLOCK);
    return n;
}

bool ww_keeper_outbox_holds(const struct ww_config *config)
{
    return config->report_dry_run || config->report_contact == NULL;
}

static void schedule(struct ww_keeper_outbox *k, int64_t seconds)
{
    int64_t wait = seconds < 0 ? 0 : seconds > TICK_SECONDS ? TICK_SECONDS : seconds;
    const struct timeval tv = {.tv_sec = (time_t)wait, .tv_usec = 1000};
    (void)event_add(k->due, &tv);
}

/* A courier that does not take it is gone: it is due again after the lease. */
static void tell(struct ww_keeper_outbox *k, enum ww_msg_type type, const struct ww_buf *b)
{
    if (k->courier == NULL || b->failed ||
        ww_chan_send(k->courier, (uint16_t)type, ww_slice(b->p, b->n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "courier");
}

static void put_targets(struct ww_buf *b, const struct ww_outbox_way *way)
{
    for (size_t i = 0; i < way->count; i++)
        ww_msg_put_part(b, ww_slice_str(way->targets[i].uri));
}

struct parcel {
    struct ww_keeper_outbox *k;
    const struct ww_outbox_way *way;
};

static void fill(struct ww_msg_report *m, const struct ww_outbox_report *r, const struct ww_config *config)
{
    const char *contact = r->contact[0] != '\0' ? r->contact : config->report_contact;
    const char *organization = r->organization[0] != '\0' ? r->organization : config->report_organization;
    *m = (struct ww_msg_report){
        .number = r->number,
        .begin = r->day * WW_DAY_SECONDS,
        .end = (r->day + 1) * WW_DAY_SECONDS - 1,
        .success = (uint64_t)r->success,
        .failure = (uint64_t)r->failure,
        .look_up = !r->known,
    };
    (void)snprintf(m->domain, sizeof m->domain, "%s", r->domain);
    (void)snprintf(m->id, sizeof m->id, "%s", r->id);
    (void)snprintf(m->contact, sizeof m->contact, "%s", contact);
    (void)snprintf(m->organization, sizeof m->organization, "%s",
                   organization != NULL ? organization : ww_report_submitter(contact));
    if (m->look_up && ww_keeper_outbox_is_last(r, now()))
        m->record = ww_slice_str(r->record);
}

static void send_content(void *ctx, struct ww_slice content)
{
    const struct parcel *p = ctx;
    struct ww_keeper_outbox *k = p->k;
    char targets[WW_OUTBOX_TARGETS_MAX * (WW_OUTBOX_URI_SIZE + 8)];
    struct ww_buf parts = ww_buf(targets, sizeof targets), all = ww_buf(k->report, WW_MSG_REPORT_MAX);
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    struct ww_msg_report m;
    put_targets(&parts, p->way);
    fill(&m, &p->way->report, k->config);
    m.targets = ww_slice(parts.p, parts.n);
    m.content = content;
    ww_msg_put_report(&all, &m);
    struct ww_slice rest = ww_slice(all.p, all.failed ? 0 : all.n);
    while (ww_pieces_cut(&rest, &b))
        tell(k, WW_MSG_REPORT, &b);
}

bool ww_outbox_flights_have(const struct ww_outbox_flights *flights, uint64_t number)
{
    for (size_t i = 0; i < flights->count; i++)
        if (flights->numbers[i] == number)
            return true;
    return false;
}

static void land(struct ww_outbox_flights *flights, uint64_t number)
{
    for (size_t i = 0; i < flights->count; i++)
        if (flights->numbers[i] == number)
            flights->numbers[i--] = flights->numbers[--flights->count];
}

static enum ww_err send_due(struct ww_keeper_outbox *k, struct ww_store *store, uint64_t number)
{
    struct ww_outbox_way way;
    struct parcel parcel = {k, &way};
    bool goes;
    enum ww_err err = ww_keeper_outbox_lease(store, k->config, number, now(), &way, &goes);
    if (err != WW_OK || !goes)
        return err;
    k->room--;
    k->flights.numbers[k->flights.count++] = number;
    return ww_outbox_content(store, number, send_content, &parcel);
}

static enum ww_err purge(struct ww_keeper_outbox *k, struct ww_store *store)
{
    int64_t at = now();
    if (k->purged != 0 && at >= k->purged && at - k->purged < PURGE_SECONDS)
        return WW_OK;
    k->purged = at;
    return ww_outbox_purge(store, at - k->config->report_keep, PURGE_ROWS);
}

/* What is due, as much as the courier has room for. */
static void hand_out(struct ww_keeper_outbox *k)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    int64_t next = 0;
    uint64_t number;
    if (store == NULL)
        return; /* it goes on when that is well */
    enum ww_err err = purge(k, store);
    while (err == WW_OK && k->courier != NULL && k->room > 0 && k->flights.count < FLIGHTS_MAX &&
           !ww_keeper_outbox_holds(k->config)) {
        err = ww_outbox_due(store, now(), &number);
        if (err != WW_OK || number == 0)
            break;
        err = send_due(k, store, number);
    }
    if (err == WW_OK)
        err = ww_outbox_next_due(store, &next);
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
    /* Without room, or a courier, whoever makes it goes on. */
    schedule(k, next == 0 || next <= now() ? TICK_SECONDS : next - now());
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    hand_out(arg);
}

static enum ww_err take_found(struct ww_keeper_outbox *k, struct ww_store *store,
                              const struct ww_msg_report_targets *m)
{
    char targets[WW_OUTBOX_TARGETS_MAX * (WW_OUTBOX_URI_SIZE + 8)];
    struct ww_buf parts = ww_buf(targets, sizeof targets), b = ww_buf(k->message, sizeof k->message);
    struct ww_outbox_way way = {.count = 0};
    enum ww_err err =
        store != NULL ? ww_keeper_outbox_found(store, k->config, m, draw(), now(), &way) : WW_OK;
    if (m->found != WW_RECORD_PRESENT)
        return err;
    /* None where the store is in trouble: what cannot be taken down is not sent now. */
    put_targets(&parts, &way);
    const struct ww_msg_report_send send = {.number = m->number, .targets = ww_slice(parts.p, parts.n)};
    ww_msg_put_report_send(&b, &send);
    tell(k, WW_MSG_REPORT_SEND, &b);
    return err;
}

/* False: it is malformed, or of another kind. */
static bool take(struct ww_keeper_outbox *k, struct ww_store *store, uint16_t type, struct ww_slice payload,
                 enum ww_err *err)
{
    struct ww_msg_courier_room room;
    struct ww_msg_report_targets found;
    struct ww_msg_report_tried tried;
    struct ww_msg_report_done done;
    if (type == WW_MSG_COURIER_ROOM && ww_msg_get_courier_room(payload, &room) == WW_OK) {
        k->room = room.room;
    } else if (type == WW_MSG_REPORT_TARGETS && ww_msg_get_report_targets(payload, &found) == WW_OK) {
        *err = take_found(k, store, &found);
    } else if (type == WW_MSG_REPORT_TRIED && ww_msg_get_report_tried(payload, &tried) == WW_OK) {
        *err = store != NULL ? ww_keeper_outbox_tried(store, &tried, draw(), now()) : WW_OK;
    } else if (type == WW_MSG_REPORT_DONE && ww_msg_get_report_done(payload, &done) == WW_OK) {
        k->room++;
        land(&k->flights, done.number);
        *err = store != NULL ? ww_keeper_outbox_done(store, done.number, now()) : WW_OK;
    } else {
        return false;
    }
    return true;
}

/* While the store is in trouble nothing is taken down: the report is due again after its lease. */
static void on_courier(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_keeper_outbox *k = ctx;
    enum ww_err err = WW_OK;
    (void)chan;
    if (fd >= 0)
        close(fd);
    if (!take(k, ww_keeper_store_to_write(k->store), type, payload, &err) || err == WW_E_MSG_MALFORMED)
        ww_log_error("message-malformed", "from", "courier");
    else if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
    if (type == WW_MSG_COURIER_ROOM || type == WW_MSG_REPORT_DONE)
        hand_out(k);
}

static void leave_courier(struct ww_keeper_outbox *k)
{
    ww_chan_free(k->courier);
    k->courier = NULL;
    k->room = 0;
    k->flights.count = 0;
}

static void on_courier_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_courier(ctx);
}

void ww_keeper_outbox_peer(struct ww_keeper_outbox *k, int fd)
{
    static const struct ww_chan_handlers handlers = {on_courier, on_courier_down};
    leave_courier(k);
    k->courier = ww_chan_new(k->base, fd, &handlers, k);
    if (k->courier == NULL)
        ww_log_error("no-memory", "for", "channel to the courier");
}

void ww_keeper_outbox_changed(struct ww_keeper_outbox *k)
{
    schedule(k, 0);
}

void ww_keeper_outbox_well(struct ww_keeper_outbox *k)
{
    schedule(k, 0);
}

struct ww_keeper_outbox *ww_keeper_outbox_new(struct event_base *base, struct ww_keeper_store *store,
                                              const struct ww_config *config, struct ww_stats *stats)
{
    struct ww_keeper_outbox *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->base = base;
    k->store = store;
    k->config = config;
    k->stats = stats;
    k->due = evtimer_new(base, on_due, k);
    k->report = malloc(WW_MSG_REPORT_MAX);
    if (k->due != NULL && k->report != NULL)
        return k;
    ww_keeper_outbox_free(k);
    return NULL;
}

void ww_keeper_outbox_free(struct ww_keeper_outbox *k)
{
    if (k == NULL)
        return;
    leave_courier(k);
    if (k->due != NULL)
        event_free(k->due);
    free(k->report);
    free(k);
}

void ww_keeper_outbox_count(struct ww_keeper_outbox *k)
{
    struct ww_store *store = ww_keeper_store_to_read(k->store);
    struct ww_outbox_counts counts;
    int64_t at = now();
    if (store == NULL || ww_outbox_counts(store, at, &counts) != WW_OK)
        return;
    for (unsigned i = 0; i < WW_REPORT_STATES; i++)
        ww_stat_set(k->stats, WW_STAT_REPORTS + i, counts.reports[i]);
    for (unsigned i = 0; i < WW_TARGET_STATES; i++)
        ww_stat_set(k->stats, WW_STAT_REPORT_TARGETS + i, counts.targets[i]);
    ww_stat_set(k->stats, WW_STAT_REPORT_SUPPRESSED, counts.suppressed);
    ww_stat_set(k->stats, WW_STAT_REPORT_OLDEST_DUE,
                counts.oldest_due != 0 && counts.oldest_due < at ? (uint64_t)(at - counts.oldest_due) : 0);
}
