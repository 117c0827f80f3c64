#include "cli/doctor.h"

#include "cli/show.h"
#include "cli/worker.h"
#include "daemon/clock.h"

#include <poll.h>
#include <stdio.h>

/* What one group may tell. */
#define OUTPUT_MAX ((size_t)256 * 1024)

#define TICK_MS 200
#define GROUPS_MAX 16

/* A group at work. */
struct job {
    struct ww_doctor *doctor;
    const struct ww_doctor_group *group;
    struct ww_worker worker;
};

static void work(void *ctx, int out)
{
    const struct job *job = ctx;
    job->doctor->out = out;
    job->group->run(job->doctor);
    ww_doctor_told(job->doctor);
}

static void show_progress(const struct job *jobs, size_t count, int64_t since)
{
    bool first = true;
    (void)fputs("\r\033[K", stderr);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].worker.fd < 0)
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
    if (job->worker.late)
        (void)snprintf(words, sizeof words,
                       "the look at %s was given up: it took more than %u s, told too much, or did not end",
                       job->group->name, job->group->deadline_s);
    else if (job->worker.status != 0)
        (void)snprintf(words, sizeof words, "the look at %s ended with status %#x, which is an error of ours",
                       job->group->name, (unsigned)job->worker.status);
    else
        return;
    cb(ctx,
       json_pack("{s:s, s:s, s:s, s:s, s:[s], s:[], s:s}", "id", ww_check_id(WW_CHECK_DOCTOR), "status",
                 ww_finding_name(WW_FINDING_FAIL), "subject", job->group->name, "seen", words, "what_to_do",
                 "Look at what it hangs on: a file system or a server that does not answer.", "commands",
                 "source", "waxwing(1)"));
}

static void hand_out(struct job *job, ww_doctor_finding_cb *cb, void *ctx)
{
    json_t *finding;
    while ((finding = ww_worker_next(&job->worker)) != NULL)
        cb(ctx, finding);
    tell_fate(job, cb, ctx);
}

/* Waits for any output of those that are at work, at most a moment, and ends who is late. */
static void turn(struct job *jobs, size_t count)
{
    struct pollfd fds[GROUPS_MAX];
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = jobs[i].worker.fd, .events = POLLIN};
    if (poll(fds, count, TICK_MS) < 0)
        return;
    for (size_t i = 0; i < count; i++) {
        if (fds[i].fd >= 0 && fds[i].revents != 0)
            ww_worker_read(&jobs[i].worker);
        ww_worker_check(&jobs[i].worker);
    }
}

static void run(struct job *jobs, size_t count, ww_doctor_finding_cb *cb, void *ctx)
{
    bool progress = ww_show_is_terminal(stdout) && ww_show_is_terminal(stderr);
    int64_t since = ww_clock_ms();
    for (size_t next = 0; next < count;) {
        if (progress)
            show_progress(jobs, count, since);
        if (jobs[next].worker.fd >= 0) {
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
        jobs[i] = (struct job){.doctor = d, .group = &ww_doctor_groups[i], .worker = {.fd = -1}};
        good = good &&
               ww_worker_begin(&jobs[i].worker, work, &jobs[i], jobs[i].group->deadline_s * 1000, OUTPUT_MAX);
    }
    if (good)
        run(jobs, count, cb, ctx);
    for (size_t i = 0; i < count; i++)
        ww_worker_free(&jobs[i].worker);
    return good;
}
