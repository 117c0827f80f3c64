#include "cli/doctor.h"

#include "cli/show.h"
#include "daemon/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What one group may tell. */
#define OUTPUT_MAX ((size_t)256 * 1024)

#define TICK_MS 200
#define GROUPS_MAX 16

/* A group at work. */
struct job {
    const struct ww_doctor_group *group;
    pid_t pid;
    int fd; /* -1: it has ended, and its output is whole */
    int64_t deadline;
    bool late;
    int status; /* of waitpid(2) */
    char *output;
    size_t n;
};

static void work(struct ww_doctor *d, const struct ww_doctor_group *group, int out)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    d->out = out;
    group->run(d);
    ww_doctor_told(d);
    _exit(0);
}

static bool begin(struct ww_doctor *d, struct job *job)
{
    int ends[2];
    job->output = malloc(OUTPUT_MAX);
    if (job->output == NULL || pipe2(ends, O_CLOEXEC) != 0)
        return false;
    job->deadline = ww_clock_ms() + (int64_t)job->group->deadline_s * 1000;
    job->pid = fork();
    if (job->pid == 0)
        work(d, job->group, ends[1]);
    (void)close(ends[1]);
    job->fd = ends[0];
    return job->pid > 0;
}

/* A process that hangs in the kernel does not end even then: nobody waits for it. */
static void end(struct job *job)
{
    (void)close(job->fd);
    job->fd = -1;
    if (job->late)
        (void)kill(job->pid, SIGKILL);
    else
        (void)waitpid(job->pid, &job->status, 0);
}

static void read_output(struct job *job)
{
    ssize_t n = read(job->fd, job->output + job->n, OUTPUT_MAX - job->n);
    if (n > 0)
        job->n += (size_t)n;
    else if (n == 0 || errno != EINTR)
        end(job);
    if (job->n == OUTPUT_MAX)
        job->late = true;
}

static void show_progress(const struct job *jobs, size_t count, int64_t since)
{
    bool first = true;
    (void)fputs("\r\033[K", stderr);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].fd < 0)
            continue;
        (void)fprintf(stderr, "%s%s", first ? "looking at " : ", ", jobs[i].group->name);
        first = false;
    }
    if (!first)
        (void)fprintf(stderr, " (%d s)", (int)((ww_clock_ms() - since) / 1000));
    (void)fflush(stderr);
}

/* What ended without a word of its own is told here. */
static void tell_fate(const struct job *job, ww_doctor_finding_cb *cb, void *ctx)
{
    char words[160];
    if (job->late)
        (void)snprintf(words, sizeof words,
                       "the look at %s was given up: it took more than %u s, or told too much",
                       job->group->name, job->group->deadline_s);
    else if (job->status != 0)
        (void)snprintf(words, sizeof words, "the look at %s ended with status %#x, which is an error of ours",
                       job->group->name, (unsigned)job->status);
    else
        return;
    cb(ctx,
       json_pack("{s:s, s:s, s:s, s:s, s:[s], s:[], s:s}", "id", ww_check_id(WW_CHECK_DOCTOR), "status",
                 ww_finding_name(WW_FINDING_FAIL), "subject", job->group->name, "seen", words, "what_to_do",
                 "Look at what it hangs on: a file system or a server that does not answer.", "commands",
                 "source", "waxwing(1)"));
}

static void hand_out(const struct job *job, ww_doctor_finding_cb *cb, void *ctx)
{
    const char *at = job->output;
    const char *end_of_all = job->output + job->n;
    const char *newline;
    while ((newline = memchr(at, '\n', (size_t)(end_of_all - at))) != NULL) {
        json_t *finding = json_loadb(at, (size_t)(newline - at), 0, NULL);
        if (finding != NULL)
            cb(ctx, finding);
        at = newline + 1;
    }
    tell_fate(job, cb, ctx);
}

/* Waits for any output of those that are at work, at most a moment, and ends who is late. */
static void turn(struct job *jobs, size_t count)
{
    struct pollfd fds[GROUPS_MAX];
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = jobs[i].fd, .events = POLLIN};
    if (poll(fds, count, TICK_MS) < 0)
        return;
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].fd < 0)
            continue;
        if (fds[i].revents != 0)
            read_output(&jobs[i]);
        if (jobs[i].fd >= 0 && ww_clock_ms() >= jobs[i].deadline)
            jobs[i].late = true;
        if (jobs[i].fd >= 0 && jobs[i].late)
            end(&jobs[i]);
    }
}

static void run(struct job *jobs, size_t count, ww_doctor_finding_cb *cb, void *ctx)
{
    bool progress = ww_show_is_terminal(stdout) && ww_show_is_terminal(stderr);
    int64_t since = ww_clock_ms();
    for (size_t next = 0; next < count;) {
        if (progress)
            show_progress(jobs, count, since);
        if (jobs[next].fd >= 0) {
            turn(jobs, count);
            continue;
        }
        if (progress)
            (void)fputs("\r\033[K", stderr);
        hand_out(&jobs[next++], cb, ctx);
        (void)fflush(stdout);
    }
}

bool ww_doctor_run(struct ww_doctor *d, ww_doctor_finding_cb *cb, void *ctx)
{
    struct job jobs[GROUPS_MAX] = {{.group = NULL}};
    size_t count = d->config != NULL ? ww_doctor_group_count : 1;
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        jobs[i].group = &ww_doctor_groups[i];
        jobs[i].fd = -1;
        good = good && begin(d, &jobs[i]);
    }
    if (good)
        run(jobs, count, cb, ctx);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].fd >= 0)
            (void)close(jobs[i].fd);
        free(jobs[i].output);
    }
    return good;
}
