/* What the store says when something is wrong with its file, and what becomes of a damaged one. */
#include "store/aside.h"
#include "store/store_db.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOON 1767268800 /* 2026-01-01 12:00 UTC */

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

static enum ww_err open_fails(void)
{
    char detail[256] = "";
    enum ww_err err;
    assert_null(ww_store_open(path, &err, detail, sizeof detail));
    assert_string_not_equal(detail, "");
    return err;
}

static enum ww_err put(struct ww_store *store, unsigned number)
{
    char domain[32];
    static char body[800]; /* so that no page but its own holds it */
    snprintf(domain, sizeof domain, "d%u.example", number);
    memset(body, 'x', sizeof body);
    const struct ww_stored_policy policy = {
        .domain = domain,
        .id = "1",
        .body = ww_slice(body, sizeof body),
        .mode = WW_MODE_ENFORCE,
        .fetched = 1,
        .expires = 1000,
        .checked = 1,
    };
    return ww_store_put_policy(store, &policy);
}

static void fill(unsigned count)
{
    struct ww_store *store = open_store();
    assert_int_equal(ww_store_begin(store), WW_OK);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(put(store, i), WW_OK);
    assert_int_equal(ww_store_commit(store), WW_OK);
    ww_store_close(store);
}

static void count_one(void *ctx, const struct ww_stored_policy *policy)
{
    (void)policy;
    ++*(size_t *)ctx;
}

static size_t count(struct ww_store *store)
{
    struct ww_store_place place = {0};
    size_t n = 0;
    while (place.phase != WW_STORE_END)
        assert_int_equal(ww_store_walk(store, 0, &place, 100, count_one, &n), WW_OK);
    return n;
}

static void overwrite(long offset, const void *p, size_t n)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void write_file(const char *content, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static bool exists(const char *suffix)
{
    char name[160];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return access(name, F_OK) == 0;
}

static void a_full_store_can_be_read_and_goes_on(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    assert_int_equal(sqlite3_exec(store->db, "PRAGMA max_page_count = 20", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ww_store_begin(store), WW_OK);
    unsigned n = 0;
    enum ww_err err;
    while ((err = put(store, n)) == WW_OK)
        n++;
    assert_int_equal(err, WW_E_STORE_FULL);
    assert_string_not_equal(ww_store_detail(store), "");
    ww_store_rollback(store);
    assert_int_equal(count(store), 0);
    assert_int_equal(sqlite3_exec(store->db, "PRAGMA max_page_count = 2000", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ww_store_try(store), WW_OK);
    assert_int_equal(put(store, 0), WW_OK);
    assert_int_equal(count(store), 1);
    ww_store_close(store);
}

static void what_is_read_only_says_so(void **state)
{
    (void)state;
    char detail[256];
    enum ww_err err;
    fill(3);
    struct ww_store *store = ww_store_open_to_read(path, &err, detail, sizeof detail);
    assert_non_null(store);
    assert_int_equal(count(store), 3);
    assert_int_equal(put(store, 7), WW_E_STORE_READONLY);
    assert_int_equal(ww_store_try(store), WW_E_STORE_READONLY);
    ww_store_close(store);
}

/* For root nothing is forbidden. */
static void whose_file_it_is_stands_in_the_words(void **state)
{
    (void)state;
    char detail[256];
    enum ww_err err;
    if (geteuid() == 0 && seteuid(65534) != 0)
        skip();
    assert_null(ww_store_open("/etc/shadow", &err, detail, sizeof detail));
    assert_int_equal(err, WW_E_STORE_DENIED);
    assert_non_null(strstr(detail, "the file belongs to user id 0 and has mode"));
    assert_null(ww_store_open("/etc/passwd", &err, detail, sizeof detail));
    assert_int_equal(err, WW_E_STORE_READONLY);
    assert_null(ww_store_open("/etc/waxwing-test.db", &err, detail, sizeof detail));
    assert_int_equal(err, WW_E_STORE_DENIED);
    assert_non_null(strstr(detail, "the directory belongs to user id 0"));
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
}

static void a_file_that_was_moved_is_not_written_to(void **state)
{
    (void)state;
    char elsewhere[128];
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", directory);
    struct ww_store *store = open_store();
    assert_true(ww_store_is_new(store));
    assert_int_equal(put(store, 1), WW_OK);
    assert_int_equal(rename(path, elsewhere), 0);
    assert_int_equal(ww_store_begin(store), WW_E_STORE_MOVED);
    struct ww_store *next = open_store();
    assert_true(ww_store_is_new(next));
    assert_int_equal(ww_store_begin(store), WW_E_STORE_MOVED);
    assert_int_equal(put(next, 2), WW_OK);
    ww_store_close(store);
    assert_true(exists("-wal")); /* it is the next one's */
    assert_int_equal(ww_store_begin(next), WW_OK);
    ww_store_rollback(next);
    assert_int_equal(count(next), 1);
    ww_store_close(next);
}

static void a_store_without_its_table_is_damaged(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    ww_store_close(open_store());
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DROP TABLE policy", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(open_fails(), WW_E_STORE_CORRUPT);
}

static void a_check_finds_damage(void **state)
{
    (void)state;
    static const char garbage[4096] = "no page of a tree";
    fill(200);
    struct ww_store *store = open_store();
    assert_false(ww_store_is_new(store));
    assert_int_equal(ww_store_check(store, 10000), WW_OK);
    assert_int_equal(ww_store_check(store, 0), WW_OK);
    ww_store_close(store);
    overwrite(60L * 4096, garbage, sizeof garbage);
    store = open_store();
    assert_int_equal(ww_store_try(store), WW_OK);
    assert_int_equal(ww_store_check(store, 0), WW_OK); /* it is not even begun with */
    assert_int_equal(ww_store_check(store, 10000), WW_E_STORE_CORRUPT);
    assert_string_not_equal(ww_store_detail(store), "");
    ww_store_close(store);
    assert_true(exists("-wal")); /* nothing was written back to it */
}

static void what_was_to_be_written_to_a_damaged_store_stays_beside_it(void **state)
{
    (void)state;
    fill(20);
    struct ww_store *store = open_store();
    assert_int_equal(ww_store_confirm_policy(store, "d1.example", "1", 2), WW_OK);
    assert_int_equal(sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL), SQLITE_OK);
    ww_store_close(store);
    assert_true(exists("-wal"));
    overwrite(0, "XXXX", 4);
    assert_int_equal(open_fails(), WW_E_STORE_CORRUPT);
    assert_true(exists("-wal"));
}

static void a_damaged_store_is_known_again(void **state)
{
    (void)state;
    static char page[4096];
    sqlite3 *db = NULL;
    fill(20);
    assert_true(ww_store_was_ours(path));
    overwrite(0, "XXXX", 4);
    assert_int_equal(open_fails(), WW_E_STORE_CORRUPT);
    overwrite(0, page, sizeof page);
    assert_int_equal(open_fails(), WW_E_STORE_CORRUPT);
    assert_int_equal(truncate(path, 3 * 4096 + 1), 0);
    assert_int_equal(open_fails(), WW_E_STORE_FOREIGN);
    assert_int_equal(unlink(path), 0);

    fill(20);
    assert_int_equal(truncate(path, 3 * 4096 + 1), 0);
    assert_int_equal(open_fails(), WW_E_STORE_CORRUPT);

    write_file("", 0);
    assert_false(ww_store_was_ours(path));
    write_file("a short letter", 14);
    assert_int_equal(open_fails(), WW_E_STORE_FOREIGN);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE theirs (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    overwrite(100, page, 100);
    assert_int_equal(open_fails(), WW_E_STORE_FOREIGN);
}

static enum ww_err put_aside(int64_t now, char kept[160], char detail[256])
{
    return ww_store_put_aside(path, now, kept, 160, detail, 256);
}

static void a_damaged_store_is_put_aside_with_all_of_it(void **state)
{
    (void)state;
    char kept[160];
    char detail[256];
    for (int i = 0; i < 3; i++) {
        static const char *const suffixes[] = {"-wal", "-shm", ""};
        char name[128];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        int fd = creat(name, 0600);
        assert_true(fd >= 0);
        close(fd);
    }
    assert_int_equal(put_aside(NOON, kept, detail), WW_OK);
    assert_int_equal(strncmp(kept, path, strlen(path)), 0);
    assert_string_equal(kept + strlen(path), ".corrupt-20260101T120000Z");
    assert_false(exists("") || exists("-wal") || exists("-shm"));
    assert_true(exists(".corrupt-20260101T120000Z") && exists(".corrupt-20260101T120000Z-wal"));
    assert_true(exists(".corrupt-20260101T120000Z-shm"));
}

static void only_some_are_kept_and_none_is_lost(void **state)
{
    (void)state;
    char kept[160];
    char detail[256];
    write_file("0", 1);
    assert_int_equal(put_aside(NOON, kept, detail), WW_OK);
    write_file("1", 1);
    assert_int_equal(put_aside(NOON, kept, detail), WW_E_STORE_ASIDE);
    assert_non_null(strstr(detail, "File exists"));
    for (int i = 1; i < WW_STORE_ASIDE_MAX; i++) {
        write_file("1", 1);
        assert_int_equal(put_aside(NOON + i, kept, detail), WW_OK);
    }
    write_file("9", 1);
    assert_int_equal(put_aside(NOON + 9, kept, detail), WW_E_STORE_ASIDE);
    assert_non_null(strstr(detail, "3 damaged stores are kept already"));
    assert_true(exists(""));
    assert_int_equal(unlink(kept), 0);
    assert_int_equal(put_aside(NOON + 9, kept, detail), WW_OK);
}

static int setup(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "%s/ww-trouble-XXXXXX", P_tmpdir);
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
        cmocka_unit_test_setup_teardown(a_full_store_can_be_read_and_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_read_only_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(whose_file_it_is_stands_in_the_words, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_was_moved_is_not_written_to, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_without_its_table_is_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(a_check_finds_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_to_be_written_to_a_damaged_store_stays_beside_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_damaged_store_is_known_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_store_is_put_aside_with_all_of_it, setup, teardown),
        cmocka_unit_test_setup_teardown(only_some_are_kept_and_none_is_lost, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
