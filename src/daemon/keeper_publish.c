#include "daemon/keeper_publish.h"

#include "daemon/keeper_publish_private.h"
#include "daemon/log.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* What is due is looked for so often at least: a clock that was set needs no more. */
#define TICK_SECONDS 60
#define HOUR_SECONDS 3600
/* From one change outside to the next for the same domain, and after one that has failed; seconds. */
#define PAUSE 2
#define PAUSE_LONG 30
/* Policies that nobody can hold any more, forgotten each hour. */
#define PURGE_ROWS 10000

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

static void schedule(struct ww_keeper_publish *k, int64_t seconds)
{
    int64_t wait = seconds < 0 ? 0 : seconds > TICK_SECONDS ? TICK_SECONDS : seconds;
    const struct timeval tv = {.tv_sec = (time_t)wait, .tv_usec = 1000};
    if (event_add(k->due, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

/* ---- What the steward has ---- */

struct ww_publish_given *ww_keeper_publish_find_given(struct ww_keeper_publish *k, const char *domain)
{
    for (size_t i = 0; i < k->given_count; i++)
        if (strcmp(k->given[i].domain, domain) == 0)
            return &k->given[i];
    return NULL;
}

int64_t ww_keeper_publish_given_at(const struct ww_keeper_publish *k, const char *domain)
{
    for (size_t i = 0; i < k->given_count; i++)
        if (strcmp(k->given[i].domain, domain) == 0)
            return k->given[i].at;
    return 0;
}

/* Whether it became due meanwhile, and else how long it is left alone: what a steward does for one domain, or
 * tells of one that it was not given, does not go round and round. */
static bool take_back(struct ww_keeper_publish *k, const char *domain, int64_t *pause)
{
    struct ww_publish_given *g = ww_keeper_publish_find_given(k, domain);
    *pause = PAUSE_LONG;
    if (g == NULL)
        return false;
    bool again = g->again;
    if (!g->failed)
        *pause = (g->ordered & ~(1u << WW_ORDER_FILES)) != 0 ? PAUSE : 0;
    *g = k->given[--k->given_count];
    return again;
}

static void give(struct ww_keeper_publish *k, const char *domain)
{
    struct ww_publish_given *g = ww_keeper_publish_find_given(k, domain);
    if (g == NULL && k->given_count < WW_STEWARD_MAX)
        g = &k->given[k->given_count++];
    if (g == NULL)
        return;
    *g = (struct ww_publish_given){.at = now()};
    (void)snprintf(g->domain, sizeof g->domain, "%s", domain);
}

/* ---- Handing out ---- */

static bool send_pieces(struct ww_keeper_publish *k, struct ww_slice octets)
{
    struct ww_buf b = ww_buf(k->message, WW_MSG_PIECE_SIZE);
    while (ww_pieces_cut(&octets, &b))
        if (ww_chan_send(k->steward, WW_MSG_TEND, ww_slice(b.p, b.n), -1) != WW_OK)
            return false;
    return true;
}

static bool put_tend(struct ww_keeper_publish *k, const struct ww_publish_known *known, struct ww_buf *b)
{
    struct ww_msg_tend *m = &k->tend;
    m->domain = known->domain;
    m->served_count = known->served_count;
    memcpy(m->served, known->served, sizeof m->served);
    m->mx_count = known->mx_count;
    memcpy(m->mx, known->mx, sizeof m->mx);
    m->evidence = known->evidence;
    memcpy(m->evidence_why, known->evidence_why, sizeof m->evidence_why);
    m->mirrored = known->mirrored;
    ww_msg_put_tend(b, m);
    return !b->failed;
}

/* The lease first: a domain that ends the steward keeps no other from its turn. */
static enum ww_err send_due(struct ww_keeper_publish *k, struct ww_store *store,
                            struct ww_publish_known *known)
{
    struct ww_buf b = ww_buf(k->octets, WW_MSG_TEND_MAX);
    enum ww_err err = ww_publish_set_due(store, known->domain.domain, now() + WW_PUBLISH_LEASE);
    if (err == WW_OK)
        err = ww_publish_known_get(store, now(), known);
    if (err == WW_OK) {
        give(k, known->domain.domain);
        k->room--;
        /* A steward that does not take it is gone. */
        if (!put_tend(k, known, &b) || !send_pieces(k, ww_slice(b.p, b.n)))
            ww_log_debug("not-told", "name", "steward");
    }
    ww_publish_known_clear(known);
    return err;
}

/* Due, though the steward has it: the operator wants something else, or its lease is over. */
static enum ww_err put_off(struct ww_store *store, struct ww_publish_given *g)
{
    g->again = true;
    return ww_publish_set_due(store, g->domain, g->at + WW_PUBLISH_LEASE);
}

static enum ww_err hand_out_some(struct ww_keeper_publish *k, struct ww_store *store,
                                 struct ww_publish_known *known, int64_t *next)
{
    bool found = true;
    enum ww_err err = WW_OK;
    while (err == WW_OK && found && k->room > 0) {
        err = ww_publish_due(store, now(), &known->domain, &found, next);
        struct ww_publish_given *g =
            err == WW_OK && found ? ww_keeper_publish_find_given(k, known->domain.domain) : NULL;
        if (g != NULL && now() < g->at + WW_PUBLISH_LEASE)
            err = put_off(store, g);
        else if (err == WW_OK && found)
            err = send_due(k, store, known);
    }
    return err;
}

static void hand_out(struct ww_keeper_publish *k)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    struct ww_publish_known *known;
    int64_t next = 0;
    if (store == NULL || k->steward == NULL || k->room == 0)
        return; /* whoever makes room, or mends the store, goes on */
    known = calloc(1, sizeof *known);
    enum ww_err err = known != NULL ? hand_out_some(k, store, known, &next) : WW_E_NO_MEMORY;
    free(known);
    if (err == WW_E_NO_MEMORY)
        ww_log_error("no-memory", "for", "a published domain");
    else if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
    if (next != 0 || err == WW_E_NO_MEMORY)
        schedule(k, next <= now() ? TICK_SECONDS : next - now());
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    hand_out(arg);
}

void ww_keeper_publish_changed(struct ww_keeper_publish *k)
{
    schedule(k, 0);
}

/* ---- The steward ---- */

static void take_tended(struct ww_keeper_publish *k, struct ww_slice payload)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    struct ww_slice whole;
    enum ww_pieces_state state = ww_pieces_take(&k->pieces, payload, &whole);
    if (state == WW_PIECES_MORE)
        return;
    k->room += k->room < WW_STEWARD_MAX;
    ww_pieces_begin(&k->pieces);
    if (state == WW_PIECES_BROKEN || ww_msg_get_tended(whole, &k->tended) != WW_OK) {
        ww_log_error("message-malformed", "from", "steward");
    } else {
        int64_t pause;
        bool again = take_back(k, k->tended.domain.domain, &pause);
        enum ww_err err = store != NULL ? ww_keeper_publish_take(k, store, &k->tended, again, pause) : WW_OK;
        if (err == WW_E_MSG_MALFORMED)
            ww_log_error("message-malformed", "from", "steward");
        else if (err != WW_OK)
            ww_keeper_store_failed(k->store, err);
    }
    hand_out(k);
}

static void on_steward(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_keeper_publish *k = ctx;
    struct ww_msg_steward_room room;
    struct ww_msg_order_ask ask;
    (void)chan;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_STEWARD_ROOM && ww_msg_get_steward_room(payload, &room) == WW_OK) {
        k->room = room.room < WW_STEWARD_MAX ? room.room : WW_STEWARD_MAX;
        hand_out(k);
    } else if (type == WW_MSG_TENDED) {
        take_tended(k, payload);
    } else if (type == WW_MSG_ORDER_ASK && ww_msg_get_order_ask(payload, &ask) == WW_OK) {
        ww_keeper_publish_order_asked(k, &ask);
    } else {
        ww_log_error("message-malformed", "from", "steward");
    }
}

/* What it had comes to the next one soon, but not at once: it may be what has ended it. */
static void leave_steward(struct ww_keeper_publish *k)
{
    struct ww_store *store = k->given_count > 0 ? ww_keeper_store_to_write(k->store) : NULL;
    enum ww_err err = WW_OK;
    for (size_t i = 0; store != NULL && err == WW_OK && i < k->given_count; i++)
        err = ww_publish_set_due(store, k->given[i].domain, now() + WW_PUBLISH_LEFT);
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
    k->given_count = 0;
    ww_keeper_publish_order_steward_left(k);
    ww_chan_free(k->steward);
    k->steward = NULL;
    k->room = 0;
    ww_pieces_begin(&k->pieces);
}

static void on_steward_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_steward(ctx);
}

/* ---- The publisher ---- */

static void on_publisher(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_keeper_publish *k = ctx;
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    struct ww_msg_site_state m;
    (void)chan;
    if (fd >= 0)
        close(fd);
    if (type != WW_MSG_SITE_STATE || ww_msg_get_site_state(payload, &m) != WW_OK)
        ww_log_error("message-malformed", "from", "publisher");
    else if (store != NULL)
        ww_keeper_publish_site_state(k, store, &m);
}

static void leave_publisher(struct ww_keeper_publish *k)
{
    ww_chan_free(k->publisher);
    k->publisher = NULL;
    k->telling = k->owes = false;
}

static void on_publisher_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_publisher(ctx);
}

static void on_publisher_drained(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    ww_keeper_publish_next_sites(ctx);
}

static void on_page(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ww_keeper_publish_next_sites(arg);
}

void ww_keeper_publish_peer(struct ww_keeper_publish *k, enum ww_role_kind kind, int fd)
{
    static const struct ww_chan_handlers steward = {on_steward, on_steward_down};
    static const struct ww_chan_handlers publisher = {on_publisher, on_publisher_down};
    bool is_steward = kind == WW_ROLE_STEWARD;
    struct ww_chan **chan = is_steward ? &k->steward : &k->publisher;
    if (kind == WW_ROLE_CLERK) {
        ww_keeper_publish_clerk(k, fd);
        return;
    }
    if (is_steward)
        leave_steward(k);
    else
        leave_publisher(k);
    *chan = ww_chan_new(k->base, fd, is_steward ? &steward : &publisher, k);
    if (*chan == NULL) {
        ww_log_error("no-memory", "for", "channel to a role");
    } else if (!is_steward) {
        ww_chan_on_drained(k->publisher, on_publisher_drained);
        ww_keeper_publish_tell_sites(k);
    }
}

static void on_hour(evutil_socket_t fd, short what, void *arg)
{
    struct ww_keeper_publish *k = arg;
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    (void)fd;
    (void)what;
    enum ww_err err = store != NULL ? ww_publish_purge(store, now(), PURGE_ROWS) : WW_OK;
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
}

void ww_keeper_publish_well(struct ww_keeper_publish *k)
{
    schedule(k, 0);
    if (k->owes)
        ww_keeper_publish_tell_sites(k);
}

void ww_keeper_publish_count(struct ww_keeper_publish *k)
{
    struct ww_store *store = ww_keeper_store_to_read(k->store);
    uint64_t counts[WW_PUBLISHED_GONE + 1], waiting;
    if (store == NULL || ww_publish_count(store, counts, &waiting) != WW_OK)
        return;
    for (unsigned i = 0; i <= WW_PUBLISHED_GONE; i++)
        ww_stat_set(k->stats, WW_STAT_PUBLISHED + i, counts[i]);
    ww_stat_set(k->stats, WW_STAT_PUBLISHED_WAITING, waiting);
}

struct ww_keeper_publish *ww_keeper_publish_new(struct event_base *base, struct ww_keeper_store *store,
                                                const struct ww_config *config, struct ww_stats *stats,
                                                ww_keeper_publish_raised *raised, void *ctx)
{
    const struct timeval hour = {.tv_sec = HOUR_SECONDS};
    struct ww_keeper_publish *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->base = base;
    k->store = store;
    k->config = config;
    k->stats = stats;
    k->raised = raised;
    k->ctx = ctx;
    k->due = evtimer_new(base, on_due, k);
    k->page = evtimer_new(base, on_page, k);
    k->hour = event_new(base, -1, EV_PERSIST, on_hour, k);
    k->octets = malloc(WW_MSG_TEND_MAX);
    bool room = ww_pieces_init(&k->pieces, WW_MSG_TEND_MAX);
    if (k->due != NULL && k->page != NULL && k->hour != NULL && k->octets != NULL && room &&
        ww_keeper_publish_orders_open(k) && event_add(k->hour, &hour) == 0)
        return k;
    ww_keeper_publish_free(k);
    return NULL;
}

void ww_keeper_publish_free(struct ww_keeper_publish *k)
{
    if (k == NULL)
        return;
    struct event *const timers[] = {k->due, k->page, k->hour};
    for (size_t i = 0; i < sizeof timers / sizeof *timers; i++)
        if (timers[i] != NULL)
            event_free(timers[i]);
    ww_keeper_publish_orders_close(k);
    ww_chan_free(k->steward);
    ww_chan_free(k->publisher);
    ww_pieces_clear(&k->pieces);
    free(k->octets);
    free(k);
}
