#include "proc/sealed.h"

#include "proc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How it ends, told by its status. */
#define STATUS_FAILED 1
#define STATUS_OPEN 2

/* The least that is read at a time. */
#define PIECE ((size_t)16 << 10)

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Nothing of its parent's is left to it. The pipe becomes descriptor 3. */
static bool keep_pipe_alone(int out)
{
    int null = open("/dev/null", O_RDWR);
    return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
           dup2(out, STDERR_FILENO + 1) >= 0 && close_range(STDERR_FILENO + 2, ~0U, 0) == 0;
}

/* What is limited further already stays so. */
static bool lower(__rlimit_resource_t resource, rlim_t most)
{
    struct rlimit l;
    if (getrlimit(resource, &l) != 0)
        return false;
    l.rlim_max = most < l.rlim_max ? most : l.rlim_max;
    l.rlim_cur = l.rlim_max < l.rlim_cur ? l.rlim_max : l.rlim_cur;
    return setrlimit(resource, &l) == 0;
}

static bool limit(const struct ww_sealed_limits *limits)
{
#ifndef WW_SANITIZED
    if (!lower(RLIMIT_AS, limits->memory))
        return false;
#endif
    return lower(RLIMIT_CPU, limits->deadline_ms / 1000 + 1);
}

static _Noreturn void be_sealed(ww_sealed_work *work, void *ctx, const struct ww_sealed_limits *limits,
                                int out)
{
    const struct ww_confine nothing = {.rights = 0};
    char detail[128];
    bool partial;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    if (!keep_pipe_alone(out) || !limit(limits) ||
        ww_confine(&nothing, &partial, detail, sizeof detail) != WW_OK)
        _exit(STATUS_OPEN);
    _exit(work(ctx, STDERR_FILENO + 1) ? 0 : STATUS_FAILED);
}

struct answer {
    char *p;
    size_t n, size;
    size_t max;
};

/* One octet beyond the most tells that there is too much. */
static bool make_room(struct answer *a)
{
    if (a->n < a->size)
        return true;
    size_t size = a->size == 0 ? PIECE : 2 * a->size;
    size = size > a->max + 1 ? a->max + 1 : size;
    char *p = realloc(a->p, size);
    if (p == NULL)
        return false;
    a->p = p;
    a->size = size;
    return true;
}

/* Until the pipe is closed. */
static enum ww_sealed_end listen_to(int fd, int64_t deadline, struct answer *a)
{
    for (;;) {
        int64_t left = deadline - now_ms();
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (left <= 0)
            return WW_SEALED_LATE;
        if (poll(&wait, 1, (int)left) <= 0)
            continue;
        if (!make_room(a))
            return WW_SEALED_SHORT;
        ssize_t n = read(fd, a->p + a->n, a->size - a->n);
        if (n == 0)
            return WW_SEALED_DONE;
        if (n < 0 && errno != EINTR)
            return WW_SEALED_DIED;
        a->n += n > 0 ? (size_t)n : 0;
        if (a->n > a->max)
            return WW_SEALED_TALKS;
    }
}

/* A process that has closed its pipe ends with its next step, or is killed. */
static enum ww_sealed_end bury(pid_t pid, int64_t deadline, enum ww_sealed_end end)
{
    const struct timespec tick = {.tv_nsec = 1000000};
    int status = 0;
    pid_t ended = 0;
    while (end == WW_SEALED_DONE && ended == 0 && now_ms() < deadline) {
        ended = waitpid(pid, &status, WNOHANG);
        if (ended == 0)
            (void)nanosleep(&tick, NULL);
    }
    if (ended == pid)
        return WIFEXITED(status) && WEXITSTATUS(status) == 0             ? WW_SEALED_DONE
               : WIFEXITED(status) && WEXITSTATUS(status) == STATUS_OPEN ? WW_SEALED_OPEN
                                                                         : WW_SEALED_DIED;
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return end == WW_SEALED_DONE ? WW_SEALED_LATE : end;
}

enum ww_sealed_end ww_sealed_run(ww_sealed_work *work, void *ctx, const struct ww_sealed_limits *limits,
                                 char **answer, size_t *n)
{
    struct answer a = {.max = limits->answer};
    int64_t deadline = now_ms() + limits->deadline_ms;
    int ends[2];
    *answer = NULL;
    *n = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return WW_SEALED_SHORT;
    pid_t pid = fork();
    if (pid == 0)
        be_sealed(work, ctx, limits, ends[1]);
    (void)close(ends[1]);
    enum ww_sealed_end end = WW_SEALED_SHORT;
    if (pid > 0)
        end = bury(pid, deadline, listen_to(ends[0], deadline, &a));
    (void)close(ends[0]);
    if (end != WW_SEALED_DONE) {
        free(a.p);
        return end;
    }
    *answer = a.p;
    *n = a.n;
    return end;
}
