#include "daemon/preload_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/waxwing-keep-XXXXXX";

static const char *text_of(int fd)
{
    static char text[2][64];
    static unsigned turn;
    char *to = text[turn++ % 2];
    ssize_t n = fd >= 0 ? pread(fd, to, sizeof text[0] - 1, 0) : -1;
    to[n > 0 ? n : 0] = '\0';
    return n >= 0 ? to : "-";
}

static void holds(unsigned attempt, const char *list, const char *signature)
{
    struct ww_preload_files files = ww_preload_keep_open(folder, attempt);
    assert_string_equal(text_of(files.list), list);
    assert_string_equal(text_of(files.signature), signature);
    ww_preload_files_close(&files);
    assert_int_equal(files.list, -1);
    assert_int_equal(files.signature, -1);
}

static void at(char *path, size_t size, const char *name)
{
    snprintf(path, size, "%s/%s", folder, name);
}

static void put(const char *name, const char *text)
{
    char path[128];
    at(path, sizeof path, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
}

static void keeps_the_last(void **state)
{
    (void)state;
    holds(0, "-", "-");
    assert_int_equal(errno, ENOENT);
    assert_true(ww_preload_keep_write(folder, ww_slice_str("one"), ww_slice_str("by one")));
    holds(0, "one", "by one");
    assert_true(ww_preload_keep_write(folder, ww_slice_str("two"), ww_slice_str("by two")));
    holds(0, "two", "by two");
    holds(1, "-", "by two");
}

/* It was ended between the two renamings. */
static void a_half_replacement_is_finished(void **state)
{
    (void)state;
    assert_true(ww_preload_keep_write(folder, ww_slice_str("one"), ww_slice_str("by one")));
    put("list.json.new", "two");
    put("list.json.asc", "by two");
    holds(0, "one", "by two");
    holds(1, "two", "by two");
    ww_preload_keep_finish(folder);
    holds(0, "two", "by two");
}

static void a_failure_leaves_what_was(void **state)
{
    (void)state;
    char path[128];
    assert_true(ww_preload_keep_write(folder, ww_slice_str("one"), ww_slice_str("by one")));
    at(path, sizeof path, "list.json.asc.new");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(ww_preload_keep_write(folder, ww_slice_str("two"), ww_slice_str("by two")));
    assert_int_equal(errno, EISDIR);
    holds(0, "one", "by one");
    assert_int_equal(rmdir(path), 0);
}

static void sweeps_what_is_left_behind(void **state)
{
    (void)state;
    char path[128];
    struct stat st;
    assert_true(ww_preload_keep_write(folder, ww_slice_str("one"), ww_slice_str("by one")));
    at(path, sizeof path, "waxwing-gpg-abc");
    assert_int_equal(mkdir(path, 0700), 0);
    put("waxwing-gpg-abc/pubring.kbx", "x");
    ww_preload_keep_sweep(folder);
    assert_int_equal(stat(path, &st), -1);
    holds(0, "one", "by one");
}

static int setup(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const names[] = {"list.json", "list.json.asc", "list.json.new", "list.json.asc.new"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        at(path, sizeof path, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(keeps_the_last),
        CASE(a_half_replacement_is_finished),
        CASE(a_failure_leaves_what_was),
        CASE(sweeps_what_is_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
