#include "proc/program.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct run {
    enum ww_program_end end;
    int status;
    char said[64];
};

static struct run run(const char *script, unsigned timeout_ms, int in, int kept)
{
    struct run r;
    const char *const argv[] = {"sh", "-c", script, NULL};
    const char *const env[] = {"COLOUR=blue", NULL};
    const struct ww_program program = {.path = "/bin/sh",
                                       .argv = argv,
                                       .env = env,
                                       .in = in,
                                       .kept = kept,
                                       .timeout_ms = timeout_ms,
                                       .said = r.said,
                                       .said_size = sizeof r.said};
    r.end = ww_program_run(&program, &r.status);
    return r;
}

static void test_ends(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        int status; /* of exit */
        const char *said;
    } cases[] = {
        {"exit 0", 0, ""},
        {"exit 3", 3, ""},
        {"echo one; echo two >&2", 0, "one\ntwo\n"},
        {"printf $COLOUR", 0, "blue"},
        {"printf \"$HOME $LANG $SECRET\"", 0, "/ C.UTF-8 "},
        {"pwd", 0, "/\n"},
        {"cat", 0, ""},
        {"printf 1234567890123456789012345678901234567890123456789012345678901234567890", 0,
         "123456789012345678901234567890123456789012345678901234567890123"},
        /* It has ended, though what it began keeps its output open. */
        {"sleep 100 & echo on", 0, "on\n"},
        /* Nobody hears the end of it. */
        {"yes; echo $? > /dev/null", 0,
         "y\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\ny\n"
         "y\ny\ny\ny\ny\ny"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run r = run(cases[i].script, 60000, -1, -1);
        assert_int_equal(r.end, WW_PROGRAM_ENDED);
        assert_true(WIFEXITED(r.status));
        assert_int_equal(WEXITSTATUS(r.status), cases[i].status);
        assert_string_equal(r.said, cases[i].said);
    }
}

static void test_killed(void **state)
{
    (void)state;
    struct run r = run("echo hm; exec sleep 1000", 100, -1, -1);
    assert_int_equal(r.end, WW_PROGRAM_TIMEOUT);
    assert_string_equal(r.said, "hm\n");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left to be waited for */
    r = run("kill -TERM $$", 60000, -1, -1);
    assert_int_equal(r.end, WW_PROGRAM_ENDED);
    assert_true(WIFSIGNALED(r.status) && WTERMSIG(r.status) == SIGTERM);
}

/* It has the descriptors that it is given, and what the caller has ignored it does not ignore. */
static void test_inherits(void **state)
{
    (void)state;
    char script[128];
    int ends[2], other[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(pipe2(other, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], "in\n", 3), 3);
    (void)close(ends[1]);
    (void)signal(SIGTERM, SIG_IGN);
    struct run r = run("read word; echo $word; kill -TERM $$", 60000, ends[0], -1);
    (void)signal(SIGTERM, SIG_DFL);
    assert_string_equal(r.said, "in\n");
    assert_true(WIFSIGNALED(r.status));
    (void)snprintf(script, sizeof script,
                   "test -e /proc/self/fd/%d && echo kept; test -e /proc/self/fd/%d || echo not", other[1],
                   ends[0]);
    r = run(script, 60000, -1, other[1]);
    assert_string_equal(r.said, "kept\nnot\n");
    (void)close(ends[0]);
    (void)close(other[0]);
    (void)close(other[1]);
}

static void test_cannot_be_run(void **state)
{
    (void)state;
    char said[64], path[64];
    int status;
    const char *const argv[] = {"x", NULL};
    const struct ww_program program = {.path = "/nonexistent",
                                       .argv = argv,
                                       .env = argv + 1,
                                       .in = -1,
                                       .kept = -1,
                                       .timeout_ms = 60000,
                                       .said = said,
                                       .said_size = sizeof said};
    assert_int_equal(ww_program_run(&program, &status), WW_PROGRAM_ENDED);
    assert_int_equal(WEXITSTATUS(status), 127);
    assert_string_equal(said, "cannot be run: No such file or directory");
    assert_true(ww_program_find("sh", path, sizeof path));
    assert_int_equal(access(path, X_OK), 0);
    assert_false(ww_program_find("no-such-program", path, sizeof path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_inherits),
        cmocka_unit_test(test_cannot_be_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
