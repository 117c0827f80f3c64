#include "daemon/activation.h"

#include "daemon/log.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ww_listen_at place; /* of the socket that listens */

/* From 3 on, as a service manager hands them over: one that listens, one that does not, and a file. */
static int setup(void **state)
{
    (void)state;
    const struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listening = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_INET, SOCK_STREAM, 0);
    int file = open("/dev/null", O_RDWR);
    place = (struct ww_listen_at){.length = sizeof place.address};
    if (bind(listening, (const struct sockaddr *)&any, sizeof any) != 0 || listen(listening, 1) != 0 ||
        getsockname(listening, (struct sockaddr *)&place.address, &place.length) != 0)
        return -1;
    const int fds[] = {listening, other, file};
    int aside[3];
    for (int i = 0; i < 3; i++) {
        aside[i] = fcntl(fds[i], F_DUPFD, 20);
        close(fds[i]);
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(aside[i], 3 + i) != 3 + i)
            return -1;
        close(aside[i]);
    }
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int fd = 3; fd < 6; fd++)
        close(fd);
    return 0;
}

static void announce(const char *pid, const char *count, const char *names)
{
    char own[24];
    snprintf(own, sizeof own, "%d", (int)getpid());
    const char *const variables[][2] = {
        {"LISTEN_PID", pid != NULL && strcmp(pid, "own") == 0 ? own : pid},
        {"LISTEN_FDS", count},
        {"LISTEN_FDNAMES", names},
    };
    for (size_t i = 0; i < 3; i++) {
        if (variables[i][1] != NULL)
            assert_int_equal(setenv(variables[i][0], variables[i][1], 1), 0);
        else
            assert_int_equal(unsetenv(variables[i][0]), 0);
    }
}

static void nobody_sees_the_variables_again(void)
{
    assert_null(getenv("LISTEN_PID"));
    assert_null(getenv("LISTEN_FDS"));
    assert_null(getenv("LISTEN_FDNAMES"));
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void environment(void **state)
{
    (void)state;
    static const struct {
        const char *pid, *fds;
        size_t count;
    } cases[] = {
        {"own", "2", 2},  {"own", "1", 1},  {"own", "3", 2}, /* the third is no socket */
        {"own", "9", 2},                                     /* and there are no more */
        {"own", "0", 0},  {"own", "", 0},   {"own", "-1", 0},
        {"own", "2x", 0}, {"own", NULL, 0}, {"1", "2", 0},
        {NULL, "2", 0},   {"", "2", 0},     {"own", "99999999999999999999", 0},
        {NULL, NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_activation a;
        announce(cases[i].pid, cases[i].fds, NULL);
        ww_activation_open(&a);
        if (a.count != cases[i].count)
            fail_msg("case %zu: %zu", i, a.count);
        nobody_sees_the_variables_again();
        for (size_t k = 0; k < a.count; k++)
            assert_true(fcntl(a.items[k].fd, F_GETFD) & FD_CLOEXEC &&
                        fcntl(a.items[k].fd, F_GETFL) & O_NONBLOCK);
        assert_true(is_open(5));
    }
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *names, *first, *second;
    } cases[] = {
        {"one:two", "one", "two"},
        {"one", "one", ""},
        {"", "", ""},
        {NULL, "", ""},
        {":two:three", "", "two"},
        {"0123456789012345678901234567890123456789012345678901234567890123456789:two",
         "012345678901234567890123456789012345678901234567890123456789012", "two"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_activation a;
        announce("own", "2", cases[i].names);
        ww_activation_open(&a);
        assert_int_equal(a.count, 2);
        assert_string_equal(a.items[0].name, cases[i].first);
        assert_string_equal(a.items[1].name, cases[i].second);
    }
}

static void one_user_at_a_time(void **state)
{
    (void)state;
    struct ww_activation a;
    struct ww_listen_at elsewhere;
    const char *why;
    announce("own", "2", "one:two");
    ww_activation_open(&a);
    assert_true(ww_listen_at_parse("inet:127.0.0.1:1", &elsewhere, &why));
    assert_int_equal(ww_activation_use(&a, SOCK_STREAM, &elsewhere), -1);
    assert_int_equal(ww_activation_use(&a, SOCK_STREAM, &place), 3);
    assert_int_equal(ww_activation_use(&a, SOCK_STREAM, &place), -1);
    ww_activation_release(&a, 3);
    assert_int_equal(ww_activation_use(&a, SOCK_STREAM, &place), 3);

    ww_activation_close_unused(&a);
    assert_true(is_open(3));
    assert_false(is_open(4));
    ww_activation_release(&a, 3);
    assert_int_equal(ww_activation_use(&a, SOCK_STREAM, &place), 3);
    ww_activation_close(&a);
    assert_false(is_open(3));
}

/* In the place of the one that does not listen. */
static void datagrams_are_for_datagrams(void **state)
{
    (void)state;
    struct ww_activation a;
    struct ww_listen_at at;
    const char *why;
    char name[64];
    snprintf(name, sizeof name, "unix:/tmp/waxwing-test-%d", (int)getpid());
    assert_true(ww_listen_at_parse(name, &at, &why));
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at.address, at.length), 0);
    assert_int_equal(dup2(fd, 4), 4);
    close(fd);
    announce("own", "2", "one:two");
    ww_activation_open(&a);
    assert_int_equal(ww_activation_use(&a, SOCK_STREAM, &at), -1);
    assert_int_equal(ww_activation_use(&a, SOCK_DGRAM, &place), -1);
    assert_int_equal(ww_activation_use(&a, SOCK_DGRAM, &at), 4);
    assert_int_equal(ww_activation_use(&a, SOCK_DGRAM, &at), -1);
    assert_int_equal(unlink(ww_listen_at_path(&at)), 0);
    ww_activation_close(&a);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(environment), CASE(names), CASE(one_user_at_a_time),
                                       CASE(datagrams_are_for_datagrams)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
