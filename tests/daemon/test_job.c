#include "daemon/job.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct result {
    int number;
    pid_t pid;
    bool has_kept;
    bool has_other;
    bool leads; /* a process group */
};

static struct event_base *base;
static struct result got;
static bool ended, died;
static int kept, others[3]; /* below, above, and far above of all that there is */

static void on_done(void *ctx, const void *result)
{
    (void)ctx;
    assert_false(ended);
    ended = true;
    died = result == NULL;
    if (result != NULL)
        memcpy(&got, result, sizeof got);
    event_base_loopbreak(base);
}

static void tell(void *ctx, void *result)
{
    struct result *r = result;
    r->number = *(int *)ctx;
    r->pid = getpid();
    r->has_kept = fcntl(kept, F_GETFD) >= 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        r->has_other |= fcntl(others[i], F_GETFD) >= 0;
    r->leads = getpgrp() == getpid();
}

static void crash(void *ctx, void *result)
{
    (void)ctx;
    (void)result;
    abort();
}

/* With a process of its own, which holds a pipe that the test watches. */
static void hang(void *ctx, void *result)
{
    (void)ctx;
    (void)result;
    (void)fork();
    for (;;)
        pause();
}

static struct ww_job *begin(ww_job_main *run, unsigned deadline_ms)
{
    static int number = 42;
    const int keep[] = {-1, kept};
    const struct ww_job_what what = {
        .run = run,
        .run_ctx = &number,
        .result_size = sizeof(struct result),
        .keep = keep,
        .keep_count = 2,
        .deadline_ms = deadline_ms,
        .done = on_done,
    };
    ended = died = false;
    struct ww_job *job = ww_job_begin(base, &what);
    assert_non_null(job);
    assert_false(ended);
    return job;
}

static void tells_its_result(void **state)
{
    (void)state;
    (void)begin(tell, 20000);
    (void)event_base_dispatch(base);
    assert_true(ended && !died);
    assert_int_equal(got.number, 42);
    assert_int_not_equal(got.pid, getpid());
    assert_true(got.has_kept && got.leads);
    assert_false(got.has_other);
    assert_int_equal(kill(got.pid, 0), -1); /* nothing is left of it */
    assert_int_equal(errno, ESRCH);
}

static void its_death_is_told(void **state)
{
    (void)state;
    (void)begin(crash, 20000);
    (void)event_base_dispatch(base);
    assert_true(ended && died);
}

/* True once nobody holds the other end. */
static bool is_alone(int fd)
{
    char c;
    return read(fd, &c, 1) == 0;
}

static void what_hangs_is_ended_with_all_it_has_begun(void **state)
{
    (void)state;
    int ends[2];
    for (int cancelled = 0; cancelled < 2; cancelled++) {
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        int before = kept;
        kept = ends[1];
        struct ww_job *job = begin(hang, cancelled ? 600000 : 100);
        close(ends[1]);
        kept = before;
        if (cancelled)
            ww_job_cancel(job);
        else
            (void)event_base_dispatch(base);
        assert_int_equal(ended && died, !cancelled);
        assert_true(is_alone(ends[0]));
        close(ends[0]);
    }
}

static int setup(void **state)
{
    (void)state;
    base = event_base_new();
    others[0] = dup(STDERR_FILENO);
    kept = dup(STDERR_FILENO);
    others[1] = dup(STDERR_FILENO);
    others[2] = fcntl(STDERR_FILENO, F_DUPFD, 200);
    return base != NULL && kept > others[0] && others[1] > kept && others[2] > 0 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    event_base_free(base);
    close(kept);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        close(others[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_its_result),
        cmocka_unit_test(its_death_is_told),
        cmocka_unit_test(what_hangs_is_ended_with_all_it_has_begun),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
