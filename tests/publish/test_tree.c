#include "publish/tree.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOST "mta-sts.example.com"

static char tree[] = "/tmp/waxwing-tree-XXXXXX";
static char detail[WW_TREE_DETAIL_SIZE];

static const char *path(const char *below)
{
    static char out[512];
    (void)snprintf(out, sizeof out, "%s/%s", tree, below);
    return out;
}

static const char *policy(void)
{
    static char text[256];
    FILE *f = fopen(path(HOST "/.well-known/mta-sts.txt"), "r");
    if (f == NULL)
        return NULL;
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    (void)fclose(f);
    return text;
}

static bool put(const char *body)
{
    return ww_tree_put(tree, HOST, ww_slice_str(body), detail);
}

static ino_t inode(void)
{
    struct stat st;
    assert_int_equal(stat(path(HOST "/.well-known/mta-sts.txt"), &st), 0);
    return st.st_ino;
}

static void test_written_whole_and_for_all(void **state)
{
    struct stat st;
    (void)state;
    mode_t before = umask(0077);
    assert_true(put("first\r\n"));
    (void)umask(before);
    assert_string_equal(policy(), "first\r\n");
    assert_int_equal(stat(path(HOST "/.well-known/mta-sts.txt"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(stat(path(HOST), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_int_equal(stat(path(HOST "/.well-known"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
}

/* Who has the old one open reads it to its end. */
static void test_the_new_one_takes_the_place(void **state)
{
    char text[8] = "";
    (void)state;
    assert_true(put("first\r\n"));
    ino_t first = inode();
    int fd = open(path(HOST "/.well-known/mta-sts.txt"), O_RDONLY);
    assert_true(put("first\r\n"));
    assert_true(inode() == first); /* nothing was to be done */
    assert_true(put("firs"));
    assert_string_equal(policy(), "firs");
    assert_true(put("first\r\nand more"));
    assert_string_equal(policy(), "first\r\nand more");
    assert_int_equal(read(fd, text, 7), 7);
    assert_string_equal(text, "first\r\n");
    (void)close(fd);
    assert_int_not_equal(access(path(HOST "/.well-known/.mta-sts.txt.new"), F_OK), 0);
}

static void test_removed_with_its_folders(void **state)
{
    (void)state;
    assert_true(put("first\r\n"));
    assert_true(ww_tree_remove(tree, HOST, detail));
    assert_int_not_equal(access(path(HOST), F_OK), 0);
    assert_true(ww_tree_remove(tree, HOST, detail));
    assert_true(put("first\r\n"));
    int fd = open(path(HOST "/robots.txt"), O_WRONLY | O_CREAT, 0644);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_true(ww_tree_remove(tree, HOST, detail));
    assert_null(policy());
    assert_int_equal(access(path(HOST "/robots.txt"), F_OK), 0);
    assert_int_not_equal(access(path(HOST "/.well-known"), F_OK), 0);
    assert_int_equal(unlink(path(HOST "/robots.txt")), 0);
    assert_int_equal(rmdir(path(HOST)), 0);
}

/* Whoever may write to the tree has us write nowhere else. */
static void test_no_link_is_followed(void **state)
{
    char outside[] = "/tmp/waxwing-outside-XXXXXX", there[64];
    (void)state;
    assert_non_null(mkdtemp(outside));
    assert_int_equal(symlink(outside, path(HOST)), 0);
    assert_false(put("first\r\n"));
    assert_non_null(strstr(detail, HOST));
    (void)snprintf(there, sizeof there, "%s/.well-known", outside);
    assert_int_not_equal(access(there, F_OK), 0);
    assert_false(ww_tree_remove(tree, HOST, detail));
    assert_int_equal(unlink(path(HOST)), 0);
    assert_int_equal(rmdir(outside), 0);
}

static void test_no_tree(void **state)
{
    (void)state;
    assert_false(ww_tree_put("/nowhere/at/all", HOST, ww_slice_str("x"), detail));
    assert_non_null(strstr(detail, "No such file"));
    assert_true(ww_tree_remove("/nowhere/at/all", HOST, detail));
}

static int make(void **state)
{
    (void)state;
    return mkdtemp(tree) == NULL;
}

static int unmake(void **state)
{
    (void)state;
    (void)ww_tree_remove(tree, HOST, detail);
    return rmdir(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_whole_and_for_all),
        cmocka_unit_test(test_the_new_one_takes_the_place),
        cmocka_unit_test(test_removed_with_its_folders),
        cmocka_unit_test(test_no_link_is_followed),
        cmocka_unit_test(test_no_tree),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
