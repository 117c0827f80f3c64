/* Reports that were kept become alerts, and reach the herald. */
#include "daemon/keeper_report_alerts.h"

#include "core/sessions.h"
#include "daemon/keeper_watch.h"
#include "proc/msg_watch.h"
#include "store/store_db.h"
#include "store/store_report_alerts.h"
#include "store/store_watch.h"

#include "fake_peer.h"

#include <stdio.h>
#include <time.h>

#define WATCHED "watched.example"
#define NAMED "named.example"
#define OTHER "other.example"

static struct {
    char folder[64], path[96];
    struct event_base *base;
    struct ww_config config;
    struct ww_stats stats;
    struct ww_keeper_store *keeping;
    struct ww_keeper_watch *watch;
    struct ww_keeper_report_alerts *k;
    struct fake_peer herald;
    int number;
} t;

static size_t on_well(void *ctx)
{
    (void)ctx;
    return 0;
}

static void on_watching(void *ctx, enum ww_msg_type type)
{
    (void)ctx;
    (void)type;
}

static void on_raised(void *ctx)
{
    (void)ctx;
    ww_keeper_watch_raised(t.watch);
}

static struct ww_store *store(void)
{
    struct ww_store *s = ww_keeper_store_to_write(t.keeping);
    assert_non_null(s);
    return s;
}

static void begin(void)
{
    t.k = ww_keeper_report_alerts_new(t.base, t.keeping, &t.config, &t.stats, on_raised, NULL);
    assert_non_null(t.k);
}

static int setup(void **state)
{
    static char named[] = NAMED;
    static char *names[] = {named, NULL};
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.folder);
    t.base = event_base_new();
    t.config.intake_domains = names;
    t.config.watch_alert_from = WW_SEVERITY_WARNING;
    t.config.watch_interval = 3600;
    t.keeping = ww_keeper_store_new(t.base, t.path, &t.stats, on_well, NULL);
    ww_keeper_store_open(t.keeping);
    t.watch = ww_keeper_watch_new(t.base, t.keeping, &t.config, &t.stats, on_watching, NULL);
    assert_int_equal(ww_watch_put(store(), WATCHED, "acme", 0, (int64_t)time(NULL)), WW_OK);
    ww_keeper_watch_peer(t.watch, WW_ROLE_HERALD, fake_peer_open(&t.herald, t.base));
    begin();
    return t.watch != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    (void)state;
    ww_keeper_report_alerts_free(t.k);
    ww_keeper_watch_free(t.watch);
    ww_keeper_store_free(t.keeping);
    fake_peer_close(&t.herald);
    test_settle(t.base);
    event_base_free(t.base);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        (void)snprintf(path, sizeof path, "%s%s", t.path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(t.folder);
}

/* A report of so many days ago. */
static void put(const char *domain, int64_t age, int64_t success, int64_t failure)
{
    char text[2048], *why = NULL;
    t.number++;
    (void)snprintf(
        text, sizeof text,
        "INSERT INTO received_domain (domain, number, day, sender, verified, organization, report_id,"
        " begin_at, end_at, success, failure) VALUES ('%s', %d, %lld, 'big.example', 1, '', '%d', 0, 0, %lld,"
        " %lld);"
        "INSERT INTO received_failure (domain, number, place, detail, day, sender, verified, result,"
        " sending_ip, receiving_mx, helo, receiving_ip, info, reason, sessions) SELECT domain, number, 0, 0,"
        " day, sender, verified, 'certificate-expired', '', 'mx1.' || domain, '', '', '', '', failure FROM"
        " received_domain WHERE number = %d AND failure > 0",
        domain, t.number, (long long)(ww_day_of((int64_t)time(NULL)) - age), t.number, (long long)success,
        (long long)failure, t.number);
    if (sqlite3_exec(store()->db, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
}

/* A good month, and one day that was not. */
static void put_month(const char *domain)
{
    for (int64_t age = 2; age < 30; age++)
        put(domain, age, 1000, 1);
    put(domain, 1, 800, 200);
}

/* What the herald is given until one of this domain comes. */
static struct ww_msg_alert await(const char *domain)
{
    const struct fake_message *m;
    struct ww_msg_alert alert = {.count = 0};
    for (;;) {
        while ((m = fake_peer_next(&t.herald)) == NULL)
            (void)event_base_loop(t.base, EVLOOP_ONCE);
        assert_int_equal(m->type, WW_MSG_ALERT);
        assert_int_equal(ww_msg_get_alert(m->payload, &alert), WW_OK);
        if (strcmp(alert.domain, domain) == 0)
            return alert;
        assert_string_not_equal(alert.domain, OTHER);
    }
}

static void of_what_is_ours(void **state)
{
    (void)state;
    put_month(OTHER);
    put_month(WATCHED);
    put_month(NAMED);
    ww_keeper_report_alerts_well(t.k);
    struct ww_msg_alert alert = await(WATCHED);
    assert_string_equal(alert.group, "acme");
    assert_int_equal(alert.count, 1);
    assert_int_equal(alert.warnings, 1);
    assert_int_equal(alert.errors, 0);
    assert_string_equal(alert.items[0].check, "report-failure-rate");
    assert_int_equal(alert.items[0].kind, WW_ALERT_APPEARED);
    assert_int_equal(alert.items[0].severity, WW_SEVERITY_WARNING);
    assert_string_equal(alert.items[0].where, "mx1." WATCHED);
    assert_non_null(strstr(alert.items[0].seen, "200 of 1000 sessions failed on "));
    t.herald.taken = 0; /* in whatever order they came */
    alert = await(NAMED);
    assert_string_equal(alert.group, "");
}

static void once(void **state)
{
    uint64_t count;
    (void)state;
    put_month(WATCHED);
    ww_keeper_report_alerts_well(t.k);
    (void)await(WATCHED);
    /* A keeper that was started anew looks at all, and a report that comes later at this. */
    ww_keeper_report_alerts_free(t.k);
    begin();
    put(WATCHED, 1, 10, 5);
    put_month(NAMED);
    ww_keeper_report_alerts_well(t.k);
    (void)await(NAMED);
    /* The watched one was looked at behind it, in the same turn. */
    assert_int_equal(ww_watch_alert_count(store(), &count), WW_OK);
    assert_int_equal(count, 2);
}

/* Of one that is watched no more nothing is kept. */
static void of_what_was_ours(void **state)
{
    static struct ww_report_known known;
    bool found;
    (void)state;
    put_month(WATCHED);
    ww_keeper_report_alerts_well(t.k);
    (void)await(WATCHED);
    assert_int_equal(ww_watch_remove(store(), WATCHED, &found), WW_OK);
    uint64_t number = (uint64_t)t.number + 1;
    put(WATCHED, 1, 10, 5);
    put_month(NAMED);
    ww_keeper_report_alerts_took(t.k, number + 1);
    ww_keeper_report_alerts_took(t.k, number);
    ww_keeper_report_alerts_well(t.k);
    (void)await(NAMED);
    /* In the same turn, too. */
    assert_int_equal(ww_report_known_get(store(), WATCHED, 0, &known), WW_OK);
    assert_int_equal(known.told_count, 0);
}

/* Reports that come while the keeper runs, about more domains than are read at a time. */
static void many(void **state)
{
    (void)state;
    ww_keeper_report_alerts_well(t.k);
    test_settle(t.base);
    for (int i = 0; i < 250; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        put(domain, 1, 10, 0);
    }
    put_month(NAMED);
    for (int i = 1; i <= t.number; i++)
        ww_keeper_report_alerts_took(t.k, (uint64_t)i);
    (void)await(NAMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_what_is_ours, setup, teardown),
        cmocka_unit_test_setup_teardown(once, setup, teardown),
        cmocka_unit_test_setup_teardown(of_what_was_ours, setup, teardown),
        cmocka_unit_test_setup_teardown(many, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
