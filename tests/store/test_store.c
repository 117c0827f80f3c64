#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

static const char body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";

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

static enum ww_err open_fails(char *detail, size_t detail_size)
{
    enum ww_err err;
    assert_null(ww_store_open(path, &err, detail, detail_size));
    return err;
}

static struct ww_stored_policy policy_of(const char *domain, enum ww_policy_mode mode, int64_t expires)
{
    return (struct ww_stored_policy){
        .domain = domain,
        .id = "20240101",
        .body = ww_slice(body, sizeof body - 1),
        .mode = mode,
        .fetched = 1000,
        .expires = expires,
        .checked = 1001,
    };
}

static void put(struct ww_store *store, const char *domain, enum ww_policy_mode mode, int64_t expires)
{
    struct ww_stored_policy policy = policy_of(domain, mode, expires);
    assert_int_equal(ww_store_put_policy(store, &policy), WW_OK);
}

struct listing {
    char text[1024];
};

static void list_one(void *ctx, const struct ww_stored_policy *policy)
{
    struct listing *l = ctx;
    size_t n = strlen(l->text);
    snprintf(l->text + n, sizeof l->text - n, "%s/%s/%lld ", policy->domain,
             ww_policy_mode_name(policy->mode), (long long)policy->expires);
    assert_true(ww_slice_is(policy->body, body));
}

/* All policies in the order of the walk; '|' stands where the enforced ones end. */
static const char *list(struct ww_store *store, int64_t now, size_t page)
{
    static struct listing l;
    struct ww_store_place place = {0};
    bool others = false;
    l.text[0] = '\0';
    while (place.phase != WW_STORE_END) {
        assert_int_equal(ww_store_walk(store, now, &place, page, list_one, &l), WW_OK);
        if (place.phase != WW_STORE_ENFORCED && !others) {
            others = true;
            strcat(l.text, "| ");
        }
    }
    return l.text;
}

static void keeps_policies_over_a_restart(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    put(store, "b.example", WW_MODE_TESTING, 5000);
    put(store, "c.example", WW_MODE_ENFORCE, 6000);
    put(store, "a.example", WW_MODE_ENFORCE, 7000);
    put(store, "d.example", WW_MODE_NONE, 2000);
    put(store, "c.example", WW_MODE_ENFORCE, 6500);
    ww_store_close(store);

    store = open_store();
    for (size_t page = 1; page < 6; page++) {
        assert_string_equal(list(store, 2000, page),
                            "a.example/enforce/7000 c.example/enforce/6500 | b.example/testing/5000 ");
        assert_string_equal(list(store, 6500, page), "a.example/enforce/7000 | ");
    }
    ww_store_close(store);
}

static void note_checked(void *ctx, const struct ww_stored_policy *policy)
{
    int64_t *checked = ctx;
    assert_int_equal(*checked, 0);
    assert_null(policy->origin);
    *checked = policy->checked;
}

static void confirms_times(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    put(store, "a.example", WW_MODE_ENFORCE, 7000);
    assert_int_equal(ww_store_confirm_policy(store, "a.example", "20240101", 2001), WW_OK);
    assert_int_equal(ww_store_confirm_policy(store, "a.example", "another", 2002), WW_OK);
    assert_int_equal(ww_store_confirm_policy(store, "b.example", "20240101", 2003), WW_OK);
    struct ww_store_place place = {0};
    int64_t checked = 0;
    assert_int_equal(ww_store_walk(store, 2000, &place, 10, note_checked, &checked), WW_OK);
    assert_int_equal(checked, 2001);
    ww_store_close(store);
}

static void forgets_policies(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    assert_int_equal(ww_store_forget_policies(store), WW_OK);
    put(store, "a.example", WW_MODE_ENFORCE, 7000);
    put(store, "b.example", WW_MODE_ENFORCE, 7000);
    put(store, "c.example", WW_MODE_TESTING, 7000);
    assert_int_equal(ww_store_forget_policy(store, "a.example"), WW_OK);
    assert_int_equal(ww_store_forget_policy(store, "unknown.example"), WW_OK);
    ww_store_close(store);
    store = open_store();
    assert_string_equal(list(store, 2000, 10), "b.example/enforce/7000 | c.example/testing/7000 ");
    assert_int_equal(ww_store_forget_policies(store), WW_OK);
    assert_string_equal(list(store, 2000, 10), "| ");
    ww_store_close(store);
}

static void expires_policies(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    put(store, "a.example", WW_MODE_ENFORCE, 7000);
    put(store, "b.example", WW_MODE_ENFORCE, 8000);
    struct ww_stored_policy policy = policy_of("c.example", WW_MODE_ENFORCE, 90000);
    policy.fetched = 9000;
    assert_int_equal(ww_store_put_policy(store, &policy), WW_OK);
    assert_int_equal(ww_store_expire(store, 7001), WW_OK);
    assert_string_equal(list(store, 0, 10), "b.example/enforce/8000 c.example/enforce/90000 | ");
    ww_store_close(store);
}

static void a_wrong_clock_expires_nothing_for_good(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    put(store, "a.example", WW_MODE_ENFORCE, 7000);
    put(store, "b.example", WW_MODE_ENFORCE, 8000);
    assert_int_equal(ww_store_expire(store, INT64_C(4000000000)), WW_OK);
    assert_string_equal(list(store, 2000, 10), "a.example/enforce/7000 b.example/enforce/8000 | ");
    ww_store_close(store);
}

static void a_batch_happens_whole_or_not_at_all(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    assert_int_equal(ww_store_begin(store), WW_OK);
    put(store, "a.example", WW_MODE_ENFORCE, 7000);
    ww_store_rollback(store);
    assert_string_equal(list(store, 0, 10), "| ");
    ww_store_rollback(store);
    assert_int_equal(ww_store_begin(store), WW_OK);
    put(store, "b.example", WW_MODE_ENFORCE, 7000);
    assert_int_equal(ww_store_commit(store), WW_OK);
    assert_string_equal(list(store, 0, 10), "b.example/enforce/7000 | ");
    ww_store_close(store);
}

static void a_locked_store_fails_and_recovers(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    sqlite3 *rival = NULL;
    assert_int_equal(sqlite3_open(path, &rival), SQLITE_OK);
    assert_int_equal(sqlite3_exec(rival, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ww_store_begin(store), WW_E_STORE_BUSY);
    assert_string_not_equal(ww_store_detail(store), "");
    sqlite3_close(rival);
    assert_int_equal(ww_store_begin(store), WW_OK);
    put(store, "a.example", WW_MODE_ENFORCE, 7000);
    assert_int_equal(ww_store_commit(store), WW_OK);
    ww_store_close(store);
}

/* Whoever holds the lock while we start must not hide what is stored. */
static void a_locked_store_can_be_read(void **state)
{
    (void)state;
    sqlite3 *other = NULL;
    struct ww_store *store = open_store();
    put(store, "a.example", WW_MODE_ENFORCE, 3000);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    ww_store_close(store);
    store = open_store();
    assert_string_equal(list(store, 2000, 10), "a.example/enforce/3000 | ");
    ww_store_close(store);
    sqlite3_close(other);
}

static void can_be_read_where_nothing_can_be_written(void **state)
{
    (void)state;
    char detail[256];
    char companion[128];
    enum ww_err err;
    struct ww_store *store = open_store();
    put(store, "a.example", WW_MODE_ENFORCE, 3000);
    ww_store_close(store);

    /* As on a full disk: the companions of the file cannot be made, not even by root. */
    static const char *const suffixes[] = {"-shm", "-wal"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(companion, sizeof companion, "%s%s", path, suffixes[i]);
        assert_int_equal(mkdir(companion, 0700), 0);
    }
    (void)open_fails(detail, sizeof detail);
    store = ww_store_open_to_read(path, &err, detail, sizeof detail);
    if (store == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
    assert_string_equal(list(store, 2000, 10), "a.example/enforce/3000 | ");
    struct ww_stored_policy policy = policy_of("b.example", WW_MODE_ENFORCE, 3000);
    assert_int_not_equal(ww_store_put_policy(store, &policy), WW_OK);
    ww_store_close(store);
    for (size_t i = 0; i < 2; i++) {
        snprintf(companion, sizeof companion, "%s%s", path, suffixes[i]);
        assert_int_equal(rmdir(companion), 0);
    }

    assert_int_equal(unlink(path), 0);
    assert_null(ww_store_open_to_read(path, &err, detail, sizeof detail));
    assert_int_equal(access(path, F_OK), -1);
}

static void the_file_is_for_its_owner_alone(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    put(store, "a.example", WW_MODE_ENFORCE, 7000);
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char name[128];
        struct stat st;
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        assert_int_equal(stat(name, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
    ww_store_close(store);
}

static void write_file(const char *content, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void refuses_what_is_no_store(void **state)
{
    (void)state;
    char detail[256];
    static const char text[] =
        "This is a letter, not a data base. It is longer than the header of one, which has a "
        "hundred octets.\n";
    write_file(text, sizeof text - 1);
    assert_int_equal(open_fails(detail, sizeof detail), WW_E_STORE_FOREIGN);
    assert_string_not_equal(detail, "");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, sizeof text - 1);

    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(open_fails(detail, sizeof detail), WW_E_STORE_NO_FILE);
    assert_int_equal(rmdir(path), 0);

    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(open_fails(detail, sizeof detail), WW_E_STORE_NO_FILE);
    assert_string_equal(detail, "it is no regular file");
    assert_int_equal(unlink(path), 0);

    strcat(path, "/under");
    assert_int_equal(open_fails(detail, sizeof detail), WW_E_STORE_NO_FOLDER);
    assert_string_equal(detail, "No such file or directory");
}

static void a_database_of_others_stays_as_it_is(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    char detail[256];
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE theirs (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    struct stat before;
    struct stat after;
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(open_fails(detail, sizeof detail), WW_E_STORE_FOREIGN);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

static void a_newer_store_is_refused(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    char detail[256];
    ww_store_close(open_store());
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(open_fails(detail, sizeof detail), WW_E_STORE_NEWER);
    assert_non_null(strstr(detail, "999"));
}

static void count_one(void *ctx, const struct ww_stored_policy *policy)
{
    assert_true(strlen(policy->domain) <= WW_DNAME_MAX && policy->body.n <= WW_POLICY_BODY_MAX);
    ++*(size_t *)ctx;
}

/* Whatever octets are wrong: an error or an answer, never a crash or an endless walk. */
static void damage_is_reported(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    assert_int_equal(ww_store_begin(store), WW_OK);
    for (int i = 0; i < 2000; i++) {
        char domain[32];
        snprintf(domain, sizeof domain, "d%d.example", i);
        put(store, domain, WW_MODE_ENFORCE, 7000);
    }
    assert_int_equal(ww_store_commit(store), WW_OK);
    ww_store_close(store);

    unsigned failures = 0;
    size_t policies = 0;
    for (unsigned seed = 1; seed <= 60; seed++) {
        FILE *f = fopen(path, "r+b");
        assert_non_null(f);
        for (unsigned i = 0; i < 200; i++) {
            assert_int_equal(fseek(f, (long)((seed * 7919u + i * 104729u * seed) % 200000u), SEEK_SET), 0);
            fputc((int)(seed + i) & 0xff, f);
        }
        assert_int_equal(fclose(f), 0);
        char detail[256];
        enum ww_err err;
        store = ww_store_open(path, &err, detail, sizeof detail);
        struct ww_store_place place = {0};
        while (store != NULL && err == WW_OK && place.phase != WW_STORE_END)
            err = ww_store_walk(store, 0, &place, 100, count_one, &policies);
        failures += err != WW_OK;
        ww_store_close(store);
    }
    assert_true(failures > 0);
}

static int setup(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "%s/ww-store-XXXXXX", P_tmpdir);
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
        cmocka_unit_test_setup_teardown(keeps_policies_over_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(confirms_times, setup, teardown),
        cmocka_unit_test_setup_teardown(forgets_policies, setup, teardown),
        cmocka_unit_test_setup_teardown(expires_policies, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_clock_expires_nothing_for_good, setup, teardown),
        cmocka_unit_test_setup_teardown(a_batch_happens_whole_or_not_at_all, setup, teardown),
        cmocka_unit_test_setup_teardown(a_locked_store_fails_and_recovers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_locked_store_can_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(can_be_read_where_nothing_can_be_written, setup, teardown),
        cmocka_unit_test_setup_teardown(the_file_is_for_its_owner_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_store, setup, teardown),
        cmocka_unit_test_setup_teardown(a_database_of_others_stays_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(a_newer_store_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_is_reported, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
