#include "publish/tree_conf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
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

static const char *text_of(const char *below)
{
    static char text[4096];
    FILE *f = fopen(path(below), "r");
    if (f == NULL)
        return "";
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    return text;
}

static bool has(const char *below, const char *words)
{
    return strstr(text_of(below), words) != NULL;
}

static const char *const files[] = {"nginx.conf.d/" HOST ".conf", "caddy.d/" HOST ".caddy",
                                    "apache.d/" HOST ".conf"};

static void test_each_server_is_told(void **state)
{
    char root[256];
    struct stat st;
    (void)state;
    (void)snprintf(root, sizeof root, "%s/" HOST, tree);
    mode_t before = umask(0077);
    assert_true(ww_tree_conf_put(tree, HOST, NULL, detail));
    (void)umask(before);
    for (size_t i = 0; i < 3; i++) {
        assert_true(has(files[i], root));
        assert_int_equal(stat(path(files[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0644);
        assert_int_equal(has(files[i], "/etc/letsencrypt/live/" HOST "/fullchain.pem"), i != 1);
    }
    assert_int_equal(stat(path("nginx.conf.d"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_true(ww_tree_conf_put(tree, HOST, "/srv/keys", detail));
    for (size_t i = 0; i < 3; i++)
        assert_true(has(files[i], "/srv/keys/" HOST "/privkey.pem"));
}

static void test_removed(void **state)
{
    (void)state;
    assert_true(ww_tree_conf_put(tree, HOST, NULL, detail));
    assert_true(ww_tree_conf_put(tree, "mta-sts.example.net", NULL, detail));
    assert_true(ww_tree_conf_remove(tree, HOST, detail));
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(text_of(files[i]), "");
    assert_true(has("caddy.d/mta-sts.example.net.caddy", "mta-sts.example.net {"));
    assert_true(ww_tree_conf_remove(tree, HOST, detail));
    assert_true(ww_tree_conf_remove(tree, "mta-sts.example.net", detail));
    assert_int_not_equal(access(path("nginx.conf.d"), F_OK), 0);
    assert_true(ww_tree_conf_remove(tree, HOST, detail));
}

/* What has marks for a server would be read as something else. */
static void test_no_strange_folder(void **state)
{
    static const char *const folders[] = {"/srv/keys;", "/srv/my keys", "/srv/{keys}",
                                          "/srv/$keys", "srv",          "/srv/\"keys"};
    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        assert_false(ww_tree_conf_put(tree, HOST, folders[i], detail));
        assert_non_null(strstr(detail, "letters, digits"));
        assert_false(ww_tree_conf_put(folders[i], HOST, NULL, detail));
    }
    assert_int_not_equal(access(path("nginx.conf.d"), F_OK), 0);
}

static void test_no_link_is_followed(void **state)
{
    char outside[] = "/tmp/waxwing-outside-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(outside));
    assert_int_equal(symlink(outside, path("nginx.conf.d")), 0);
    assert_false(ww_tree_conf_put(tree, HOST, NULL, detail));
    assert_non_null(strstr(detail, HOST));
    assert_false(ww_tree_conf_remove(tree, HOST, detail));
    assert_int_equal(unlink(path("nginx.conf.d")), 0);
    assert_int_equal(rmdir(outside), 0);
}

static void test_no_tree(void **state)
{
    (void)state;
    assert_false(ww_tree_conf_put("/nowhere/at/all", HOST, NULL, detail));
    assert_non_null(strstr(detail, "No such file"));
    assert_true(ww_tree_conf_remove("/nowhere/at/all", HOST, detail));
}

static int make(void **state)
{
    (void)state;
    return mkdtemp(tree) == NULL;
}

static int unmake(void **state)
{
    (void)state;
    (void)ww_tree_conf_remove(tree, HOST, detail);
    return rmdir(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_server_is_told),
        cmocka_unit_test(test_removed),
        cmocka_unit_test(test_no_strange_folder),
        cmocka_unit_test(test_no_link_is_followed),
        cmocka_unit_test(test_no_tree),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
