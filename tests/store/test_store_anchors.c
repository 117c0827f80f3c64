/* Trust anchors in the store: there and back, replaced whole, and rows that make no sense. */
#include "store/store_anchors.h"

#include "store/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

static char directory[64];
static char path[96];

static struct ww_store *open_store(void)
{
    char detail[256];
    enum ww_err err;
    struct ww_store *store = ww_store_open(path, &err, detail, sizeof detail);
    if (store == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
    return store;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/waxwing-anchors-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/store.db", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command); /* NOLINT(cert-env33-c): a fixed command in a test */
}

static void fill(struct ww_anchor_point *p)
{
    memset(p, 0, sizeof *p);
    p->confirmed = 1000;
    p->retry = 3600;
    p->count = WW_ANCHOR_STATES;
    for (int i = 0; i < WW_ANCHOR_STATES; i++) {
        struct ww_anchor_key *k = &p->keys[i];
        *k = (struct ww_anchor_key){.tag = (uint16_t)(65535 - i),
                                    .algorithm = 255,
                                    .digest_type = i == 1 ? WW_ANCHOR_SHA384 : WW_ANCHOR_SHA256,
                                    .state = (enum ww_anchor_state)i,
                                    .since = 100 + i,
                                    .seen = 200 + i,
                                    .held = 300 + i};
        memset(k->digest, i, i == 1 ? 48 : 32);
    }
}

static void test_there_and_back(void **state)
{
    (void)state;
    static struct ww_anchor_point in, out;
    char seed[WW_ANCHOR_SEED_SIZE];
    struct ww_store *store = open_store();
    assert_int_equal(ww_store_get_anchors(store, seed, &out), WW_OK);
    assert_string_equal(seed, "");
    assert_int_equal(out.count, 0);
    fill(&in);
    assert_int_equal(ww_store_put_anchors(store, "seed", &in), WW_OK);
    ww_store_close(store);
    store = open_store();
    assert_int_equal(ww_store_get_anchors(store, seed, &out), WW_OK);
    assert_string_equal(seed, "seed");
    assert_int_equal(out.count, in.count);
    assert_memory_equal(&out, &in, sizeof in);
    in.count = 1;
    in.confirmed = 5000;
    assert_int_equal(ww_store_put_anchors(store, "other", &in), WW_OK);
    assert_int_equal(ww_store_get_anchors(store, seed, &out), WW_OK);
    assert_string_equal(seed, "other");
    assert_int_equal(out.count, 1);
    assert_int_equal(out.confirmed, 5000);
    ww_store_close(store);
}

static void execute(const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void test_senseless_rows(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE trust_anchor SET state = 5",          "UPDATE trust_anchor SET state = -1",
        "UPDATE trust_anchor SET digest = x'00'",     "UPDATE trust_anchor SET digest_type = 1",
        "UPDATE trust_anchor SET digest_type = 4",    "UPDATE trust_anchor SET tag = 65536",
        "UPDATE trust_anchor SET algorithm = 256",    "UPDATE trust_anchor SET held = -1",
        "UPDATE trust_anchor SET owner = 'example.'",
    };
    static struct ww_anchor_point in, out;
    char seed[WW_ANCHOR_SEED_SIZE];
    fill(&in);
    in.count = 1;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct ww_store *store = open_store();
        assert_int_equal(ww_store_put_anchors(store, "seed", &in), WW_OK);
        execute(changes[i]);
        assert_int_equal(ww_store_get_anchors(store, seed, &out), WW_OK);
        assert_string_equal(seed, "seed");
        assert_int_equal(out.count, 0);
        ww_store_close(store);
    }
    struct ww_store *store = open_store();
    execute("UPDATE trust_point SET seed = replace(hex(zeroblob(100)), '0', 'a')");
    assert_int_equal(ww_store_get_anchors(store, seed, &out), WW_OK);
    assert_string_equal(seed, "");
    ww_store_close(store);
}

/* A store of before has none, and gets the tables. */
static void test_migration(void **state)
{
    (void)state;
    static struct ww_anchor_point in;
    char sql[64];
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sqlite3_exec(db, ww_store_schema.steps[i], NULL, NULL, NULL), SQLITE_OK);
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = 3",
             ww_store_schema.application_id);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    struct ww_store *store = open_store();
    fill(&in);
    assert_int_equal(ww_store_put_anchors(store, "seed", &in), WW_OK);
    ww_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_senseless_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_migration, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
