#include "daemon/keeper_writes.h"
#include "daemon/role.h"

#include "fake_peer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANY 3000

static const char body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";

static struct {
    struct event_base *base;
    struct ww_config config;
    struct ww_role_stats stats;
    void *keeper;
    struct fake_peer front;
    char directory[64];
    char path[128];
    struct ww_slice body;
} t;

/* Whether anything is watched: nothing is here. */
static void tell(void *process, enum ww_msg_type type)
{
    (void)process;
    assert_int_equal(type, WW_MSG_WATCHING_NOTHING);
}

static void start(void)
{
    t.stats.statm = -1;
    const struct ww_role_env env = {.base = t.base, .config = &t.config, .stats = &t.stats, .tell = tell};
    t.keeper = ww_role_keeper.start(&env);
    assert_non_null(t.keeper);
    assert_true(ww_role_keeper.confined(t.keeper));
}

static void connect_front(void)
{
    static const struct ww_msg_peer peer = {.kind = WW_ROLE_FRONT, .count = 1};
    ww_role_keeper.peer(t.keeper, &peer, fake_peer_open(&t.front, t.base));
}

static void kill_keeper(void)
{
    ww_role_keeper.finish(t.keeper);
    t.keeper = NULL;
    test_settle(t.base);
}

static void put(const char *domain, enum ww_policy_mode mode)
{
    int64_t now = (int64_t)time(NULL);
    const struct ww_stored_policy policy = {
        .domain = domain,
        .id = "1",
        .body = t.body,
        .mode = mode,
        .fetched = now,
        .expires = now + 1000,
        .checked = now,
    };
    fake_peer_send_policy(&t.front, &policy);
}

/* The next message but WW_MSG_ANEW, which every new store has in its train. */
static const struct fake_message *next_message(void)
{
    const struct fake_message *m = fake_peer_next(&t.front);
    return m != NULL && m->type == WW_MSG_ANEW ? fake_peer_next(&t.front) : m;
}

static uint32_t stored_count(void)
{
    uint32_t count = 0;
    for (const struct fake_message *m; (m = next_message()) != NULL;) {
        struct ww_msg_stored stored;
        assert_int_equal(m->type, WW_MSG_STORED);
        assert_int_equal(ww_msg_get_stored(m->payload, &stored), WW_OK);
        count += stored.count;
    }
    return count;
}

static void wait_stored(uint32_t count)
{
    int64_t end = ww_clock_ms() + 10000;
    uint32_t stored = 0;
    while (stored < count && ww_clock_ms() < end) {
        test_run_ms(t.base, 2);
        stored += stored_count();
    }
    assert_int_equal(stored, count);
}

/* Until it is the last of those that were not taken yet. */
static void wait_for(enum ww_msg_type last, int64_t ms)
{
    int64_t end = ww_clock_ms() + ms;
    while (t.front.taken == t.front.count || t.front.messages[t.front.count - 1].type != last) {
        if (ww_clock_ms() > end)
            fail_msg("message %d did not come", (int)last);
        test_run_ms(t.base, 2);
    }
}

/* Takes a load: how many policies came before all enforced ones were there, and how many after. */
static void take_load(size_t *enforced, size_t *others, bool complete)
{
    *enforced = *others = 0;
    bool after = false;
    for (const struct fake_message *m; (m = next_message()) != NULL;) {
        struct ww_msg_policy policy;
        if (m->type == WW_MSG_ENFORCED_LOADED) {
            assert_false(after);
            after = true;
            continue;
        }
        if (m->type == WW_MSG_LOADED) {
            assert_int_equal(after, complete);
            assert_null(next_message());
            return;
        }
        assert_int_equal(m->type, WW_MSG_POLICIES);
        struct ww_cursor c = ww_cursor(m->payload.p, m->payload.n);
        struct ww_slice part;
        while (ww_msg_next_part(&c, &part)) {
            assert_int_equal(ww_msg_get_policy(part, &policy), WW_OK);
            assert_true(ww_slice_eq(policy.policy.body, t.body));
            assert_int_equal(policy.policy.mode == WW_MODE_ENFORCE, complete ? !after : 1);
            ++*(after ? others : enforced);
        }
        assert_false(c.failed);
    }
    fail_msg("the load has no end");
}

static void loads_what_it_was_given_enforced_ones_first(void **state)
{
    (void)state;
    size_t enforced;
    size_t others;
    start();
    connect_front();
    fake_peer_send(&t.front, WW_MSG_LOAD, NULL);
    wait_for(WW_MSG_LOADED, 10000);
    take_load(&enforced, &others, true);
    assert_int_equal(enforced + others, 0);

    for (unsigned i = 0; i < MANY; i++) {
        char domain[32];
        snprintf(domain, sizeof domain, "d%u.example", i);
        put(domain, i % 3 == 0 ? WW_MODE_ENFORCE : i % 3 == 1 ? WW_MODE_TESTING : WW_MODE_NONE);
        if (i % 500 == 0)
            test_settle(t.base);
    }
    wait_stored(MANY);
    kill_keeper();
    assert_true(t.front.down);

    start();
    connect_front();
    fake_peer_send(&t.front, WW_MSG_LOAD, NULL);
    wait_for(WW_MSG_LOADED, 10000);
    take_load(&enforced, &others, true);
    assert_int_equal(enforced, MANY / 3);
    assert_int_equal(others, MANY - MANY / 3);
}

static void large_policies_come_whole(void **state)
{
    (void)state;
    static char large[WW_POLICY_BODY_MAX];
    size_t enforced;
    size_t others;
    memset(large, 'x', sizeof large);
    t.body = ww_slice(large, sizeof large);
    start();
    connect_front();
    for (unsigned i = 0; i < 100; i++) {
        char domain[32];
        snprintf(domain, sizeof domain, "d%u.example", i);
        put(domain, WW_MODE_ENFORCE);
        test_settle(t.base);
    }
    wait_stored(100);
    fake_peer_send(&t.front, WW_MSG_LOAD, NULL);
    wait_for(WW_MSG_LOADED, 10000);
    take_load(&enforced, &others, true);
    assert_int_equal(enforced, 100);
}

static void says_durable_only_when_it_is(void **state)
{
    (void)state;
    start();
    connect_front();
    put("a.example", WW_MODE_ENFORCE);
    test_settle(t.base);
    put("b.example", WW_MODE_ENFORCE);
    test_settle(t.base);
    wait_stored(2);

    /* Killed within the batch: what was promised is there, and no more. */
    put("c.example", WW_MODE_ENFORCE);
    test_settle(t.base);
    uint32_t third = stored_count();
    kill_keeper();
    start();
    connect_front();
    fake_peer_send(&t.front, WW_MSG_LOAD, NULL);
    wait_for(WW_MSG_LOADED, 10000);
    size_t enforced;
    size_t others;
    take_load(&enforced, &others, true);
    assert_int_equal(enforced, 2 + third);
}

static void a_stop_writes_what_waits(void **state)
{
    (void)state;
    start();
    connect_front();
    put("a.example", WW_MODE_ENFORCE);
    test_settle(t.base);
    ww_role_keeper.stop(t.keeper);
    test_settle(t.base);
    assert_int_equal(stored_count(), 1);
}

/* The disk may have room again just then. */
static void a_stop_tries_once_more_what_is_in_trouble(void **state)
{
    (void)state;
    assert_int_equal(mkdir(t.path, 0700), 0);
    start();
    connect_front();
    put("a.example", WW_MODE_ENFORCE);
    test_run_ms(t.base, 100);
    assert_int_equal(stored_count(), 0);
    assert_int_equal(rmdir(t.path), 0);
    ww_role_keeper.stop(t.keeper);
    test_settle(t.base);
    assert_int_equal(stored_count(), 1);
}

static void confirmed_times_are_kept(void **state)
{
    (void)state;
    int64_t now = (int64_t)time(NULL);
    start();
    connect_front();
    put("a.example", WW_MODE_ENFORCE);
    struct ww_msg_confirm m = {.domain = "a.example", .id = "1", .checked = now + 1};
    char space[512];
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_confirm(&b, &m);
    fake_peer_send(&t.front, WW_MSG_CONFIRM, &b);
    fake_peer_send(&t.front, WW_MSG_LOAD, NULL);
    wait_for(WW_MSG_LOADED, 10000);
    struct ww_msg_policy policy;
    const struct fake_message *stored = next_message();
    const struct fake_message *got = next_message();
    assert_int_equal(stored->type, WW_MSG_STORED);
    assert_int_equal(got->type, WW_MSG_POLICIES);
    struct ww_cursor c = ww_cursor(got->payload.p, got->payload.n);
    struct ww_slice part;
    assert_true(ww_msg_next_part(&c, &part));
    assert_int_equal(ww_msg_get_policy(part, &policy), WW_OK);
    assert_true(policy.policy.expires >= now + 1000);
    assert_int_equal(policy.policy.checked, now + 1);
}

static void forget_in_store(const char *domain)
{
    char space[512];
    struct ww_buf b = ww_buf(space, sizeof space);
    struct ww_msg_forget m = {.domain = ""};
    snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_forget(&b, &m);
    fake_peer_send(&t.front, WW_MSG_FORGET, &b);
}

/* In its turn: what was put before goes, what is put after stays. */
static void forgets_in_its_turn(void **state)
{
    (void)state;
    static const struct {
        const char *forgotten;
        size_t left;
    } cases[] = {{"a.example", 2}, {"b.example", 1}, {"", 0}, {"", 0}};
    size_t enforced;
    size_t others;
    start();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        connect_front();
        put("a.example", WW_MODE_ENFORCE);
        put("b.example", WW_MODE_ENFORCE);
        forget_in_store(cases[i].forgotten);
        if (i == 0)
            put("a.example", WW_MODE_ENFORCE);
        wait_stored(i == 0 ? 4 : 3);
        fake_peer_send(&t.front, WW_MSG_LOAD, NULL);
        wait_for(WW_MSG_LOADED, 10000);
        take_load(&enforced, &others, true);
        assert_int_equal(enforced, cases[i].left);
    }
    kill_keeper();
}

/* Who waits to hear that it is durable hears at once that it is not. */
static void says_that_it_cannot_forget_yet(void **state)
{
    (void)state;
    struct ww_msg_not_stored m;
    sqlite3 *db;
    start();
    connect_front();
    put("a.example", WW_MODE_ENFORCE);
    wait_stored(1);
    assert_int_equal(sqlite3_open(t.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 2; i++) {
        forget_in_store("a.example");
        fake_peer_send(&t.front, WW_MSG_AWAIT, NULL);
        wait_for(WW_MSG_NOT_STORED, 60000);
        assert_int_equal(ww_msg_get_not_stored(next_message()->payload, &m), WW_OK);
        assert_int_equal(m.why, WW_E_STORE_BUSY);
    }
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    wait_for(WW_MSG_STORED, 60000);
    kill_keeper();
}

static void count_version(void *ctx, const struct ww_version *version)
{
    assert_int_equal(version->last_seen - version->first_seen, 5);
    assert_string_equal(version->origin.address, "192.0.2.1");
    ++*(size_t *)ctx;
}

/* A batch writes policy and history together. */
static void versions_are_kept(void **state)
{
    (void)state;
    static const struct ww_origin origin = {.address = "192.0.2.1"};
    int64_t now = (int64_t)time(NULL);
    start();
    connect_front();
    const struct ww_stored_policy policy = {.domain = "a.example",
                                            .id = "1",
                                            .body = t.body,
                                            .mode = WW_MODE_ENFORCE,
                                            .fetched = now,
                                            .expires = now + 1000,
                                            .checked = now + 5,
                                            .origin = &origin};
    fake_peer_send_policy(&t.front, &policy);
    wait_stored(1);
    kill_keeper();
    char detail[256];
    enum ww_err err;
    size_t count = 0;
    struct ww_store *store = ww_store_open(t.path, &err, detail, sizeof detail);
    assert_non_null(store);
    assert_int_equal(ww_history_list(store, "a.example", INT64_MAX, 5, count_version, &count), WW_OK);
    assert_int_equal(count, 1);
    ww_store_close(store);
}

static void a_store_in_trouble_holds_up_nobody(void **state)
{
    (void)state;
    size_t enforced;
    size_t others;
    assert_int_equal(rmdir(t.directory), 0);
    start();
    connect_front();
    put("a.example", WW_MODE_ENFORCE);
    fake_peer_send(&t.front, WW_MSG_LOAD, NULL);
    wait_for(WW_MSG_LOADED, 10000);
    take_load(&enforced, &others, false);
    /* What waits for the store is no secret to a front that has just begun. */
    assert_int_equal(enforced, 1);
    test_run_ms(t.base, 100);
    assert_int_equal(stored_count(), 0);

    assert_int_equal(mkdir(t.directory, 0700), 0);
    wait_for(WW_MSG_LOADED, 20000);
    const struct fake_message *m = next_message();
    assert_int_equal(m->type, WW_MSG_STORED);
    take_load(&enforced, &others, true);
    assert_int_equal(enforced, 1);
}

/* As on a full disk: SQLite cannot make the companions of its file. */
static void what_is_stored_is_loaded_where_nothing_can_be_written(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"-shm", "-wal"};
    char companions[2][160];
    size_t enforced;
    size_t others;
    start();
    connect_front();
    put("a.example", WW_MODE_ENFORCE);
    wait_stored(1);
    kill_keeper();
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(companions[i], sizeof companions[i], "%s%s", t.path, suffixes[i]);
        assert_int_equal(mkdir(companions[i], 0700), 0);
    }

    start();
    connect_front();
    fake_peer_send(&t.front, WW_MSG_LOAD, NULL);
    wait_for(WW_MSG_LOADED, 10000);
    take_load(&enforced, &others, false);
    assert_int_equal(enforced, 1);

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(rmdir(companions[i]), 0);
    wait_for(WW_MSG_LOADED, 20000);
    take_load(&enforced, &others, true);
    assert_int_equal(enforced, 1);
}

static void write_garbage(void)
{
    FILE *f = fopen(t.path, "r+b");
    assert_non_null(f);
    for (int i = 0; i < 3 * 4096; i++)
        (void)fputc('x', f);
    assert_int_equal(fclose(f), 0);
}

static size_t count_anew(void)
{
    size_t count = 0;
    for (size_t i = t.front.taken; i < t.front.count; i++)
        count += t.front.messages[i].type == WW_MSG_ANEW;
    return count;
}

/* A front that has all in memory asks for no load: it hears that the store has nothing any more. */
static void a_store_that_was_replaced_is_filled_anew(void **state)
{
    (void)state;
    start();
    connect_front();
    put("a.example", WW_MODE_ENFORCE);
    wait_stored(1);
    kill_keeper();
    write_garbage();
    start();
    connect_front();
    put("b.example", WW_MODE_ENFORCE);
    test_run_ms(t.base, 200);
    assert_int_equal(count_anew(), 1);
    assert_int_equal(stored_count(), 1);
    kill_keeper();

    start();
    connect_front();
    test_run_ms(t.base, 100);
    assert_int_equal(count_anew(), 0);
}

/* What cannot be held while the store is in trouble is put again by the front, and takes no room for ever. */
static void more_than_can_be_held_is_asked_for_again(void **state)
{
    (void)state;
    assert_int_equal(mkdir(t.path, 0700), 0);
    start();
    connect_front();
    for (unsigned i = 0; i < WW_WRITES_MAX + 10; i++) {
        char domain[32];
        (void)snprintf(domain, sizeof domain, "d%u.example", i);
        put(domain, WW_MODE_ENFORCE);
        if (i % 100 == 0)
            test_settle(t.base);
    }
    test_settle(t.base);
    assert_int_equal(stored_count(), 0);
    assert_int_equal(rmdir(t.path), 0);
    wait_for(WW_MSG_ANEW, 20000);
    assert_int_equal(stored_count(), WW_WRITES_MAX + 10);
}

/* Somebody else's lock keeps nobody from reading. */
static void a_locked_store_is_loaded_and_written_later(void **state)
{
    (void)state;
    sqlite3 *rival = NULL;
    size_t enforced;
    size_t others;
    start();
    connect_front();
    put("a.example", WW_MODE_ENFORCE);
    wait_stored(1);
    assert_int_equal(sqlite3_open(t.path, &rival), SQLITE_OK);
    assert_int_equal(sqlite3_exec(rival, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    put("b.example", WW_MODE_ENFORCE);
    test_run_ms(t.base, 1000);
    assert_int_equal(stored_count(), 0);
    connect_front();
    fake_peer_send(&t.front, WW_MSG_LOAD, NULL);
    wait_for(WW_MSG_LOADED, 3000);
    take_load(&enforced, &others, true);
    assert_int_equal(enforced, 1);
    put("c.example", WW_MODE_ENFORCE);
    test_settle(t.base);
    sqlite3_close(rival);
    wait_stored(1); /* of this front; the other's has no one to tell */
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    start();
    connect_front();
    char space[8] = "garbage";
    struct ww_buf b = {space, 8, 8, false};
    fake_peer_send(&t.front, WW_MSG_POLICY, &b);
    fake_peer_send(&t.front, WW_MSG_CONFIRM, &b);
    fake_peer_send(&t.front, WW_MSG_RESOLVE, &b);
    put("a.example", WW_MODE_ENFORCE);
    wait_stored(1);
}

/* SIGHUP: the old configuration is freed, with the strings in it. */
static void a_new_configuration_is_taken(void **state)
{
    (void)state;
    char old[sizeof t.path];
    memcpy(old, t.path, sizeof old);
    t.config.store = old;
    const struct ww_role_env env = {.base = t.base, .config = &t.config, .stats = &t.stats, .tell = tell};
    t.stats.statm = -1;
    t.keeper = ww_role_keeper.start(&env);
    assert_non_null(t.keeper);
    memset(old, 'x', sizeof old - 1);
    old[sizeof old - 1] = '\0';
    t.config.store = t.path;
    assert_non_null(ww_role_keeper.reload); /* or the process keeps the old one */
    ww_role_keeper.reload(t.keeper);
    assert_true(ww_role_keeper.confined(t.keeper));
    ww_role_keeper.reload(t.keeper);
    assert_int_equal(access(t.path, F_OK), 0);
    assert_int_not_equal(access(old, F_OK), 0);
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    snprintf(t.directory, sizeof t.directory, "%s/ww-keeper-XXXXXX", P_tmpdir);
    if (mkdtemp(t.directory) == NULL)
        return -1;
    snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.directory);
    t.config.store = t.path;
    t.config.history_versions = 20;
    t.config.history_keep = INT64_C(366) * 24 * 60 * 60;
    t.body = ww_slice(body, sizeof body - 1);
    t.base = event_base_new();
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    return t.base != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    if (t.keeper != NULL)
        ww_role_keeper.finish(t.keeper);
    fake_peer_close(&t.front);
    event_base_free(t.base);
    snprintf(command, sizeof command, "rm -rf '%s'", t.directory);
    return system(command); /* NOLINT(cert-env33-c): a fixed command in a test */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(loads_what_it_was_given_enforced_ones_first, setup, teardown),
        cmocka_unit_test_setup_teardown(large_policies_come_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(says_durable_only_when_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_writes_what_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_tries_once_more_what_is_in_trouble, setup, teardown),
        cmocka_unit_test_setup_teardown(confirmed_times_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(forgets_in_its_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(says_that_it_cannot_forget_yet, setup, teardown),
        cmocka_unit_test_setup_teardown(versions_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_in_trouble_holds_up_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_stored_is_loaded_where_nothing_can_be_written, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_store_that_was_replaced_is_filled_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(more_than_can_be_held_is_asked_for_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_locked_store_is_loaded_and_written_later, setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_configuration_is_taken, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
