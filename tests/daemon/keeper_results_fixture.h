/* A keeper's part in TLS results with a store, an outbox, a clock of ours and a collector that is none. */
#ifndef WW_TESTS_DAEMON_KEEPER_RESULTS_FIXTURE_H
#define WW_TESTS_DAEMON_KEEPER_RESULTS_FIXTURE_H

#include "daemon/keeper_results_private.h"

#include "codec/gzip.h"
#include "fake_peer.h"
#include "proc/msg_watch.h"
#include "store/history.h"
#include "store/store_db.h"
#include "store/store_outbox.h"

#include <jansson.h>
#include <stdio.h>

#define DAY INT64_C(20786)
#define MIDNIGHT (WW_DAY_SECONDS * DAY)
#define NOON (MIDNIGHT + 43200)

static struct {
    struct event_base *base;
    struct ww_config config;
    struct ww_stats stats;
    struct ww_keeper_store *store;
    struct ww_keeper_outbox *outbox;
    struct ww_keeper_results *k;
    struct fake_peer collector;
    int64_t now, steady;
    uint64_t position; /* of the journal: where the next fold begins */
    char items[WW_MSG_FOLD_MAX];
    size_t items_n;
    char directory[64];
    char path[96];
} t;

static const uint8_t journal[WW_MSG_JOURNAL_ID_SIZE] = {7, 1};

static inline int64_t test_now(void)
{
    return t.now;
}

static inline int64_t test_steady(void)
{
    return t.steady;
}

/* As time goes by. */
static inline void pass(int64_t seconds)
{
    t.now += seconds;
    t.steady += seconds;
}

static inline size_t test_well(void *ctx)
{
    (void)ctx;
    ww_keeper_results_well(t.k);
    return 0;
}

static inline void start(void)
{
    t.store = ww_keeper_store_new(t.base, t.path, &t.stats, test_well, NULL);
    assert_non_null(t.store);
    t.outbox = ww_keeper_outbox_new(t.base, t.store, &t.config, &t.stats);
    t.k = ww_keeper_results_new(t.base, t.store, t.outbox, &t.config, &t.stats);
    assert_true(t.outbox != NULL && t.k != NULL);
    t.k->now = test_now;
    t.k->steady = test_steady;
    ww_keeper_store_open(t.store);
    assert_non_null(ww_keeper_store_to_write(t.store));
    ww_keeper_results_well(t.k);
    ww_keeper_results_peer(t.k, fake_peer_open(&t.collector, t.base));
}

static inline void stop(void)
{
    ww_keeper_results_free(t.k);
    ww_keeper_outbox_free(t.outbox);
    ww_keeper_store_free(t.store);
}

static inline void restart(void)
{
    stop();
    start();
}

static inline struct ww_store *db(void)
{
    struct ww_store *store = ww_keeper_store_to_write(t.store);
    assert_non_null(store);
    return store;
}

static inline int64_t number(const char *sql)
{
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(db()->db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return value;
}

static inline struct ww_sessions sessions(const char *domain, enum ww_policy_type type, const char *strings,
                                          int64_t success, int64_t unverified, int64_t failure)
{
    struct ww_sessions s = {.day = ww_day_of(t.now),
                            .policy_known = true,
                            .policy = {.type = type, .strings = ww_slice_str(strings)},
                            .success = success,
                            .unverified = unverified,
                            .failure = failure};
    (void)snprintf(s.domain, sizeof s.domain, "%s", domain);
    return s;
}

static inline void put_item(const struct ww_sessions *s)
{
    static char part[WW_CHAN_MESSAGE_MAX];
    struct ww_buf b = ww_buf(part, sizeof part);
    struct ww_buf all = {t.items, sizeof t.items, t.items_n, false};
    ww_msg_put_sessions(&b, s);
    ww_msg_put_part(&all, ww_slice(b.p, b.n));
    assert_false(b.failed || all.failed);
    t.items_n = all.n;
}

static inline void send_octets(struct ww_slice octets)
{
    static char piece[WW_MSG_PIECE_SIZE];
    struct ww_buf b = ww_buf(piece, sizeof piece);
    while (ww_pieces_cut(&octets, &b))
        fake_peer_send(&t.collector, WW_MSG_FOLD, &b);
}

/* What was put is folded as these positions; it stays to be folded again. */
static inline void send_fold(uint64_t from, uint64_t to)
{
    static char whole[WW_MSG_FOLD_MAX + 64];
    struct ww_msg_fold m = {.from = from, .to = to, .items = ww_slice(t.items, t.items_n)};
    struct ww_buf b = ww_buf(whole, sizeof whole);
    memcpy(m.journal, journal, sizeof journal);
    ww_msg_put_fold(&b, &m);
    assert_false(b.failed);
    send_octets(ww_slice(b.p, b.n));
    test_settle(t.base);
}

/* False: there is no answer. */
static inline bool answered(struct ww_msg_folded *m)
{
    test_settle(t.base);
    const struct fake_message *message = fake_peer_next(&t.collector);
    if (message == NULL)
        return false;
    assert_int_equal(message->type, WW_MSG_FOLDED);
    assert_int_equal(ww_msg_get_folded(message->payload, m), WW_OK);
    assert_memory_equal(m->journal, journal, sizeof journal);
    return true;
}

static inline void assert_position(uint64_t position)
{
    struct ww_msg_folded m;
    assert_true(answered(&m));
    assert_true(m.known);
    assert_int_equal(m.position, position);
    assert_false(answered(&m));
}

static inline void ask(void)
{
    char space[64];
    struct ww_msg_fold_ask m;
    struct ww_buf b = ww_buf(space, sizeof space);
    memcpy(m.journal, journal, sizeof journal);
    ww_msg_put_fold_ask(&b, &m);
    fake_peer_send(&t.collector, WW_MSG_FOLD_ASK, &b);
    test_settle(t.base);
}

/* The items that were put, once. */
static inline void fold(void)
{
    send_fold(t.position, t.position + 10);
    t.position += 10;
    assert_position(t.position);
    t.items_n = 0;
}

static inline void fold_one(const struct ww_sessions *s)
{
    put_item(s);
    fold();
}

/* The tick that a minute brings, and those that it asks for at once. */
static inline void tick(void)
{
    do
        ww_keeper_results_tick(t.k);
    while (t.k->closing.begun);
}

static inline int64_t reports(void)
{
    return number("SELECT count(*) FROM report");
}

static inline void take_json(void *ctx, struct ww_slice content)
{
    enum ww_err err;
    size_t n;
    char *text = ww_gunzip(content, (size_t)16 << 20, &n, &err);
    assert_non_null(text);
    *(json_t **)ctx = json_loadb(text, n, 0, NULL);
    assert_non_null(*(json_t **)ctx);
    free(text);
}

/* Until so many are there, by ticks that come by themselves. */
static inline void wait_reports(int64_t count)
{
    for (int64_t end = ww_clock_ms() + 20000; reports() != count && ww_clock_ms() < end;)
        test_run_ms(t.base, 5);
    assert_int_equal(reports(), count);
}

/* Of the report with this number; the caller's. */
static inline json_t *report_json(uint64_t report)
{
    json_t *json = NULL;
    assert_int_equal(ww_outbox_content(db(), report, take_json, &json), WW_OK);
    assert_non_null(json);
    return json;
}

static inline int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.directory, sizeof t.directory, "%s/ww-keeper-results-XXXXXX", P_tmpdir);
    if (mkdtemp(t.directory) == NULL)
        return -1;
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.directory);
    static char contact[] = "tls@reporter.example";
    t.config.report_contact = contact;
    t.config.collect = t.config.collect_look = true;
    t.config.collect_look_interval = 3600;
    t.config.report_spread = 3600;
    t.config.report_keep = 30 * WW_DAY_SECONDS;
    t.now = NOON;
    t.steady = 1000;
    t.base = event_base_new();
    ww_history_prepare();
    start();
    return t.base != NULL ? 0 : -1;
}

static inline int teardown(void **state)
{
    char command[128];
    (void)state;
    fake_peer_close(&t.collector);
    stop();
    event_base_free(t.base);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", t.directory);
    return system(command); /* NOLINT(cert-env33-c): a fixed command in a test */
}

#endif
