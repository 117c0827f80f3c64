#include "daemon/socket_file.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[96];
static struct ww_listen_at at;
static struct ww_socket_fault fault;

static void point_at(const char *name)
{
    char text[128];
    const char *why;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(text, sizeof text, "unix:%s", path);
    assert_true(ww_listen_at_parse(text, &at, &why));
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/waxwing-test-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    memset(&fault, 0, sizeof fault);
    point_at("socket");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    point_at("socket");
    (void)unlink(path);
    return rmdir(folder);
}

static int new_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    return fd;
}

static bool bind_with(const struct ww_socket_access *access)
{
    int fd = new_socket();
    bool good = ww_socket_file_bind(fd, &at, access, &fault);
    close(fd);
    return good;
}

static const struct ww_socket_access plain = {.mode = 0666};

static struct stat status(void)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st;
}

static void mode_is_exact_whatever_the_umask(void **state)
{
    (void)state;
    static const mode_t modes[] = {0666, 0660, 0600, 0606, 0};
    mode_t before = umask(0077);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        const struct ww_socket_access access = {.mode = modes[i]};
        assert_true(bind_with(&access));
        assert_int_equal(status().st_mode, S_IFSOCK | modes[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(umask(before), 0077);
}

static void nobody_connects_before_listen(void **state)
{
    (void)state;
    int fd = new_socket(), other = new_socket();
    assert_true(ww_socket_file_bind(fd, &at, &plain, &fault));
    assert_int_not_equal(connect(other, (struct sockaddr *)&at.address, at.length), 0);
    assert_int_equal(errno, ECONNREFUSED);
    close(fd);
    close(other);
}

static void owner_and_group(void **state)
{
    (void)state;
    static const struct {
        const char *owner, *group;
        uid_t user;
        gid_t of;
    } cases[] = {
        {NULL, NULL, 0, 0},
        {"nobody", NULL, 65534, 0},
        {NULL, "nogroup", 0, 65534},
        {"17", "4294967294", 17, 4294967294},
    };
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ww_socket_access access = {cases[i].owner, cases[i].group, 0640};
        if (!bind_with(&access)) /* a user namespace knows few numbers */
            skip();
        assert_int_equal(status().st_uid, cases[i].user);
        assert_int_equal(status().st_gid, cases[i].of);
        assert_int_equal(status().st_mode, S_IFSOCK | 0640);
        assert_int_equal(unlink(path), 0);
    }
}

static void one_who_does_not_exist(void **state)
{
    (void)state;
    static const struct {
        const char *owner, *group, *detail, *advice;
    } cases[] = {
        {"no-such-user", NULL, "there is no user no-such-user", "socket_owner"},
        {NULL, "no-such-group", "there is no group no-such-group", "socket_group"},
        {"4294967295", NULL, "there is no user 4294967295", "socket_owner"},
        {NULL, "-1", "there is no group -1", "socket_group"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ww_socket_access who = {cases[i].owner, cases[i].group, 0666};
        assert_false(bind_with(&who));
        assert_string_equal(fault.detail, cases[i].detail);
        assert_non_null(strstr(fault.advice, cases[i].advice));
        assert_int_equal(access(path, F_OK), -1);
    }
}

static void what_may_not_be_given_away_is_removed(void **state)
{
    (void)state;
    const struct ww_socket_access root = {.owner = "0", .mode = 0666};
    if (geteuid() == 0)
        skip();
    assert_false(bind_with(&root));
    assert_non_null(strstr(fault.advice, "root"));
    assert_int_equal(access(path, F_OK), -1);
}

static void leftover_is_replaced(void **state)
{
    (void)state;
    assert_true(bind_with(&plain));
    const struct ww_socket_access other = {.mode = 0600};
    assert_true(bind_with(&other));
    assert_int_equal(status().st_mode, S_IFSOCK | 0600);
}

static void one_that_listens_is_left_alone(void **state)
{
    (void)state;
    int fd = new_socket();
    assert_true(ww_socket_file_bind(fd, &at, &plain, &fault));
    assert_int_equal(listen(fd, 1), 0);
    assert_false(bind_with(&plain));
    assert_string_equal(fault.detail, "somebody else listens there already");
    assert_true(S_ISSOCK(status().st_mode));
    close(fd);
}

static void file_in_the_way_is_kept(void **state)
{
    (void)state;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_false(bind_with(&plain));
    assert_string_equal(fault.detail, "something else than a socket is there");
    assert_true(S_ISREG(status().st_mode));
}

static void directory_that_is_missing(void **state)
{
    (void)state;
    char wanted[160];
    point_at("waxwing/socketmap");
    assert_false(bind_with(&plain));
    snprintf(wanted, sizeof wanted, "there is no directory %s/waxwing", folder);
    assert_string_equal(fault.detail, wanted);
    assert_non_null(strstr(fault.advice, "make it"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(mode_is_exact_whatever_the_umask),
        CASE(nobody_connects_before_listen),
        CASE(owner_and_group),
        CASE(one_who_does_not_exist),
        CASE(what_may_not_be_given_away_is_removed),
        CASE(leftover_is_replaced),
        CASE(one_that_listens_is_left_alone),
        CASE(file_in_the_way_is_kept),
        CASE(directory_that_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
