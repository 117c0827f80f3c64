#include "cli/worker.h"

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
#include <time.h>
#include <unistd.h>

/* A process that has closed its output is about to end, or has been taken over. Others are kept waiting. */
#define LINGER_MS 2000
#define KILLED_MS 100
#define TICK_MS 200

/* The least that is read at a time. */
#define PIECE ((size_t)64 << 10)

static _Noreturn void work(ww_worker_main *run, void *ctx, int out)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    run(ctx, out);
    _exit(0);
}

void ww_worker_put(int out, json_t *line)
{
    char *text = line != NULL ? json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    if (text != NULL)
        (void)dprintf(out, "%s\n", text);
    free(text);
    json_decref(line);
}

bool ww_worker_begin(struct ww_worker *w, ww_worker_main *run, void *ctx, unsigned deadline_ms, size_t most)
{
    int ends[2];
    *w = (struct ww_worker){.fd = -1, .most = most, .output = malloc(PIECE), .room = PIECE};
    if (w->output == NULL || pipe2(ends, O_CLOEXEC) != 0)
        return false;
    w->deadline = ww_clock_ms() + deadline_ms;
    w->pid = fork();
    if (w->pid == 0)
        work(run, ctx, ends[1]);
    (void)close(ends[1]);
    if (w->pid > 0)
        w->fd = ends[0];
    else
        (void)close(ends[0]);
    return w->pid > 0;
}

/* False: it has not ended until then. */
static bool reap(struct ww_worker *w, int64_t until)
{
    const struct timespec tick = {.tv_nsec = 1000000};
    int status;
    pid_t ended;
    while ((ended = waitpid(w->pid, &status, WNOHANG)) == 0 && ww_clock_ms() < until)
        (void)nanosleep(&tick, NULL);
    if (ended == w->pid && !w->late)
        w->status = status;
    return ended != 0;
}

/* A process that hangs in the kernel does not end even when it is killed: it is not waited for long. */
static void end(struct ww_worker *w)
{
    int64_t now = ww_clock_ms();
    (void)close(w->fd);
    w->fd = -1;
    if (!w->late && reap(w, w->deadline < now + LINGER_MS ? w->deadline : now + LINGER_MS))
        return;
    w->late = true;
    (void)kill(w->pid, SIGKILL);
    (void)reap(w, ww_clock_ms() + KILLED_MS);
}

/* False: memory is short. What was taken makes room first. */
static bool make_room(struct ww_worker *w)
{
    if (w->taken > 0) {
        memmove(w->output, w->output + w->taken, w->n - w->taken);
        w->n -= w->taken;
        w->taken = 0;
    }
    if (w->room - w->n >= PIECE)
        return true;
    char *output = realloc(w->output, 2 * w->room);
    if (output == NULL)
        return false;
    w->output = output;
    w->room *= 2;
    return true;
}

void ww_worker_read(struct ww_worker *w)
{
    bool has_room = make_room(w);
    size_t room = w->room - w->n;
    ssize_t n = has_room ? read(w->fd, w->output + w->n, room < w->most ? room : w->most) : 0;
    if (n > 0) {
        w->n += (size_t)n;
        w->most -= (size_t)n;
    } else if (n == 0 || errno != EINTR) {
        w->late = w->late || !has_room;
        end(w);
    }
    if (w->fd >= 0 && w->most == 0) {
        w->late = true;
        end(w);
    }
}

void ww_worker_check(struct ww_worker *w)
{
    if (w->fd < 0 || ww_clock_ms() < w->deadline)
        return;
    w->late = true;
    end(w);
}

json_t *ww_worker_next(struct ww_worker *w)
{
    const char *newline;
    while ((newline = memchr(w->output + w->taken, '\n', w->n - w->taken)) != NULL) {
        const char *line = w->output + w->taken;
        size_t n = (size_t)(newline - line);
        w->taken += n + 1;
        json_t *json = json_loadb(line, n, 0, NULL);
        if (json != NULL)
            return json;
    }
    return NULL;
}

void ww_worker_free(struct ww_worker *w)
{
    if (w->fd >= 0) {
        w->late = true;
        end(w);
    }
    free(w->output);
    w->output = NULL;
}

json_t *ww_worker_tell(ww_worker_main *run, void *ctx, unsigned deadline_ms, size_t most)
{
    struct ww_worker worker;
    json_t *told = NULL;
    if (!ww_worker_begin(&worker, run, ctx, deadline_ms, most)) {
        ww_worker_free(&worker);
        return NULL;
    }
    while (worker.fd >= 0) {
        struct pollfd fd = {.fd = worker.fd, .events = POLLIN};
        if (poll(&fd, 1, TICK_MS) > 0)
            ww_worker_read(&worker);
        ww_worker_check(&worker);
        if (told == NULL)
            told = ww_worker_next(&worker);
    }
    if (told == NULL)
        told = ww_worker_next(&worker);
    ww_worker_free(&worker);
    return told;
}
