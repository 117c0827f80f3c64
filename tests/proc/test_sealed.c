/* Work in a process without rights: what it may do, and what becomes of what it does. */
#include "proc/sealed.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MAX 100000

static const struct ww_sealed_limits limits = {
    .deadline_ms = 60000, .memory = (size_t)1 << 30, .answer = ANSWER_MAX};

static bool say(int out, const char *text)
{
    return write(out, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool answers(void *ctx, int out)
{
    return say(out, ctx) && say(out, "!");
}

static bool is_silent(void *ctx, int out)
{
    (void)ctx;
    (void)out;
    return true;
}

static bool fails(void *ctx, int out)
{
    (void)ctx;
    return !say(out, "half of it");
}

static bool dies(void *ctx, int out)
{
    (void)ctx;
    (void)say(out, "half of it");
    abort();
}

static bool opens_a_file(void *ctx, int out)
{
    (void)ctx;
    return open("/etc/passwd", O_RDONLY) < 0 && socket(AF_INET, SOCK_STREAM, 0) < 0 && say(out, "no");
}

/* The parent's descriptor, whose number it knows. */
static bool uses_what_it_was_not_given(void *ctx, int out)
{
    return write(*(int *)ctx, "", 0) < 0 && errno == EBADF && say(out, "no");
}

static volatile bool for_ever = true;

static bool sleeps(void *ctx, int out)
{
    struct pollfd nothing = {.fd = -1};
    (void)ctx;
    (void)out;
    while (for_ever)
        (void)poll(&nothing, 1, 1000);
    return true;
}

/* It has closed its end, and does not end. */
static bool hangs_on(void *ctx, int out)
{
    (void)close(out);
    return sleeps(ctx, out);
}

static bool is_busy(void *ctx, int out)
{
    (void)ctx;
    (void)out;
    while (for_ever)
        continue;
    return true;
}

static bool talks(void *ctx, int out)
{
    static char text[4096];
    (void)ctx;
    memset(text, 'x', sizeof text);
    while (for_ever)
        if (write(out, text, sizeof text) < 0)
            return false;
    return true;
}

static bool says_as_much_as_it_may(void *ctx, int out)
{
    static char text[ANSWER_MAX + 1];
    size_t n = *(size_t *)ctx;
    for (size_t at = 0; at < n;) {
        ssize_t written = write(out, text + at, n - at);
        if (written <= 0)
            return false;
        at += (size_t)written;
    }
    return true;
}

static enum ww_sealed_end run(ww_sealed_work *work, void *ctx, unsigned deadline_ms, const char *wanted)
{
    struct ww_sealed_limits l = limits;
    char *answer;
    size_t n;
    l.deadline_ms = deadline_ms;
    enum ww_sealed_end end = ww_sealed_run(work, ctx, &l, &answer, &n);
    if (end != WW_SEALED_DONE) {
        assert_null(answer);
        assert_int_equal(n, 0);
    } else {
        assert_int_equal(n, strlen(wanted));
        assert_memory_equal(answer, wanted, n);
    }
    free(answer);
    return end;
}

static void it_answers(void **state)
{
    char text[] = "yes";
    (void)state;
    assert_int_equal(run(answers, text, 60000, "yes!"), WW_SEALED_DONE);
    assert_int_equal(run(is_silent, NULL, 60000, ""), WW_SEALED_DONE);
}

static void half_an_answer_is_none(void **state)
{
    (void)state;
    assert_int_equal(run(fails, NULL, 60000, ""), WW_SEALED_DIED);
    assert_int_equal(run(dies, NULL, 60000, ""), WW_SEALED_DIED);
}

static void it_has_no_rights(void **state)
{
    /* Above that of the pipe. */
    int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 50);
    (void)state;
    assert_true(fd >= 50);
    assert_int_equal(run(opens_a_file, NULL, 60000, "no"), WW_SEALED_DONE);
    assert_int_equal(run(uses_what_it_was_not_given, &fd, 60000, "no"), WW_SEALED_DONE);
    (void)close(fd);
}

static void it_is_not_waited_for(void **state)
{
    (void)state;
    assert_int_equal(run(sleeps, NULL, 300, ""), WW_SEALED_LATE);
    assert_int_equal(run(hangs_on, NULL, 300, ""), WW_SEALED_LATE);
    assert_int_equal(run(is_busy, NULL, 300, ""), WW_SEALED_LATE);
}

static void it_may_not_talk_for_ever(void **state)
{
    struct ww_sealed_limits l = limits;
    size_t n, most = ANSWER_MAX;
    char *answer;
    (void)state;
    assert_int_equal(run(talks, NULL, 60000, ""), WW_SEALED_TALKS);
    assert_int_equal(ww_sealed_run(says_as_much_as_it_may, &most, &l, &answer, &n), WW_SEALED_DONE);
    assert_int_equal(n, ANSWER_MAX);
    free(answer);
    most++;
    assert_int_equal(ww_sealed_run(says_as_much_as_it_may, &most, &l, &answer, &n), WW_SEALED_TALKS);
}

#ifndef WW_SANITIZED
static bool takes_memory(void *ctx, int out)
{
    char *p = malloc(*(size_t *)ctx);
    bool taken = p != NULL;
    free(p);
    return say(out, taken ? "some" : "none");
}

static void its_memory_is_limited(void **state)
{
    size_t little = 1 << 20, much = limits.memory;
    (void)state;
    assert_int_equal(run(takes_memory, &little, 60000, "some"), WW_SEALED_DONE);
    assert_int_equal(run(takes_memory, &much, 60000, "none"), WW_SEALED_DONE);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers),
        cmocka_unit_test(half_an_answer_is_none),
        cmocka_unit_test(it_has_no_rights),
        cmocka_unit_test(it_is_not_waited_for),
        cmocka_unit_test(it_may_not_talk_for_ever),
#ifndef WW_SANITIZED
        cmocka_unit_test(its_memory_is_limited),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
