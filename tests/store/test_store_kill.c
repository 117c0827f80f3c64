/* A writer is killed at random moments: the store opens, is whole, and holds all that was acknowledged. */
#include "store/store.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define ROUNDS 60
#define DOMAINS 500

static char directory[64];
static char path[96];

static const char body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";

static void put(struct ww_store *store, unsigned domain, uint32_t value)
{
    char name[32];
    snprintf(name, sizeof name, "d%u.example", domain);
    struct ww_stored_policy policy = {
        .domain = name,
        .id = "1",
        .body = ww_slice(body, sizeof body - 1),
        .mode = WW_MODE_ENFORCE,
        .fetched = value,
        .expires = INT64_C(1) << 40,
        .checked = value,
    };
    if (ww_store_put_policy(store, &policy) != WW_OK)
        _exit(2);
}

/* Writes batches without an end; each value goes to acknowledge once its batch is committed. */
static void write_forever(uint32_t value, int acknowledge)
{
    char detail[256];
    enum ww_err err;
    struct ww_store *store = ww_store_open(path, &err, detail, sizeof detail);
    if (store == NULL)
        _exit(3);
    for (;; value++) {
        if (ww_store_begin(store) != WW_OK)
            _exit(4);
        for (unsigned i = 0; i < 5; i++)
            put(store, (value * 5 + i) % DOMAINS, value);
        if (value % 37 == 0 && ww_store_expire(store, 1) != WW_OK)
            _exit(5);
        if (ww_store_commit(store) != WW_OK || write(acknowledge, &value, sizeof value) != sizeof value)
            _exit(6);
    }
}

/* The value that was acknowledged last; before when there was none. */
static uint32_t kill_after(useconds_t delay, uint32_t before)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        write_forever(before + 1, ends[1]);
    }
    close(ends[1]);
    usleep(delay);
    assert_int_equal(kill(pid, SIGKILL), 0);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    uint32_t value;
    while (read(ends[0], &value, sizeof value) == sizeof value)
        before = value;
    close(ends[0]);
    return before;
}

static void read_one(void *ctx, const struct ww_stored_policy *policy)
{
    uint32_t *found = ctx;
    unsigned domain = (unsigned)strtoul(policy->domain + 1, NULL, 10);
    assert_true(domain < DOMAINS);
    found[domain] = (uint32_t)policy->fetched;
}

/* Every acknowledged value stands there, unless the batch that was under way has replaced it. */
static void check_content(uint32_t last)
{
    char detail[256];
    enum ww_err err;
    static uint32_t found[DOMAINS];
    memset(found, 0, sizeof found);
    struct ww_store *store = ww_store_open(path, &err, detail, sizeof detail);
    if (store == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
    struct ww_store_place place = {0};
    while (place.phase != WW_STORE_END)
        assert_int_equal(ww_store_walk(store, 0, &place, 64, read_one, found), WW_OK);
    ww_store_close(store);
    for (uint32_t value = last; value > 0 && last - value < DOMAINS / 5; value--)
        for (unsigned i = 0; i < 5; i++)
            assert_true(found[(value * 5 + i) % DOMAINS] >= value);
}

static void check_integrity(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(st, 0), "ok");
    sqlite3_finalize(st);
    sqlite3_close(db);
}

static void survives_kill_9(void **state)
{
    (void)state;
    uint32_t last = 0;
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
        /* Some die while they still make the file. */
        last = kill_after((useconds_t)(random() % (round % 3 == 0 ? 3000 : 60000)), last);
        check_content(last);
        check_integrity();
        if (round % 20 == 19) {
            char name[128];
            for (int i = 0; i < 3; i++) {
                snprintf(name, sizeof name, "%s%s", path, i == 0 ? "" : i == 1 ? "-wal" : "-shm");
                (void)unlink(name);
            }
            last = 0;
        }
    }
}

static int setup(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "%s/ww-kill-XXXXXX", P_tmpdir);
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/waxwing.db", directory);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command); /* NOLINT(cert-env33-c): a fixed command in a test */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(survives_kill_9, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
