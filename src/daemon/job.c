#include "daemon/job.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct ww_job {
    pid_t pid;
    int fd;
    struct event *event;
    ww_job_cb *done;
    void *done_ctx;
    size_t size;
    size_t n;
    char result[];
};

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* All from the number on but those. */
static bool close_others(const int *keep, size_t count, int out)
{
    int kept[16];
    size_t n = 0;
    unsigned from = STDERR_FILENO + 1;
    bool good = count < sizeof kept / sizeof *kept;
    kept[n++] = out;
    for (size_t i = 0; good && i < count; i++)
        kept[n++] = keep[i];
    qsort(kept, n, sizeof *kept, by_number);
    for (size_t i = 0; good && i < n; i++) {
        if (kept[i] < (int)from)
            continue;
        if (kept[i] > (int)from)
            good = close_range(from, (unsigned)kept[i] - 1, 0) == 0;
        from = (unsigned)kept[i] + 1;
    }
    return good && close_range(from, ~0u, 0) == 0;
}

static _Noreturn void work(const struct ww_job_what *what, pid_t parent, int out)
{
    void *result = calloc(1, what->result_size);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    (void)setpgid(0, 0);
    if (result == NULL || getppid() != parent || !close_others(what->keep, what->keep_count, out))
        _exit(1);
    what->run(what->run_ctx, result);
    ssize_t n = write(out, result, what->result_size);
    free(result);
    _exit(n == (ssize_t)what->result_size ? 0 : 1);
}

void ww_job_cancel(struct ww_job *job)
{
    if (job == NULL)
        return;
    (void)kill(-job->pid, SIGKILL); /* with what it runs */
    while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (job->event != NULL)
        event_free(job->event);
    (void)close(job->fd);
    free(job);
}

static void on_result(evutil_socket_t fd, short what, void *arg)
{
    struct ww_job *job = arg;
    ww_job_cb *done = job->done;
    void *ctx = job->done_ctx;
    ssize_t n = what == EV_TIMEOUT ? 0 : read(fd, job->result + job->n, job->size - job->n);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    job->n += n > 0 ? (size_t)n : 0;
    if (n > 0 && job->n < job->size)
        return;
    void *result = job->n == job->size ? malloc(job->size) : NULL;
    if (result != NULL)
        memcpy(result, job->result, job->size);
    ww_job_cancel(job);
    done(ctx, result);
    free(result);
}

struct ww_job *ww_job_begin(struct event_base *base, const struct ww_job_what *what)
{
    const struct timeval deadline = {.tv_sec = what->deadline_ms / 1000,
                                     .tv_usec = (suseconds_t)(what->deadline_ms % 1000) * 1000};
    int ends[2];
    pid_t self = getpid();
    struct ww_job *job = calloc(1, sizeof *job + what->result_size);
    if (job == NULL || pipe2(ends, O_CLOEXEC) != 0) {
        free(job);
        return NULL;
    }
    *job = (struct ww_job){
        .fd = ends[0], .done = what->done, .done_ctx = what->done_ctx, .size = what->result_size};
    job->event = event_new(base, job->fd, EV_READ | EV_PERSIST, on_result, job);
    job->pid = job->event != NULL && event_add(job->event, &deadline) == 0 ? fork() : -1;
    if (job->pid == 0)
        work(what, self, ends[1]);
    int saved = errno;
    (void)close(ends[1]);
    if (job->pid > 0) {
        (void)setpgid(job->pid, job->pid); /* whoever comes first */
        return job;
    }
    if (job->event != NULL)
        event_free(job->event);
    (void)close(job->fd);
    free(job);
    errno = saved;
    return NULL;
}

void ww_job_vsay(char *out, size_t size, const char *format, va_list ap)
{
    (void)vsnprintf(out, size, format, ap);
    for (char *p = out; *p != '\0'; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
}

void ww_job_say(char *out, size_t size, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    ww_job_vsay(out, size, format, ap);
    va_end(ap);
}
