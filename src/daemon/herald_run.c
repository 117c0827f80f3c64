#include "daemon/herald_send.h"
#include "net/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is read of what it says; one that says more finds nobody who listens. */
#define HEARD_MAX ((size_t)64 * 1024)

/* How often it is looked at whether it has ended, while something that it began keeps its output open. */
#define LOOK_MS 50

struct running {
    pid_t pid;
    int out;      /* its standard output and error; -1: no longer read */
    size_t heard; /* octets */
    char first[160];
    size_t first_n;
};

static int json_file(const struct ww_herald_message *m)
{
    size_t n = 0;
    char *json = ww_herald_json(m, &n);
    int fd = memfd_create("alert", MFD_CLOEXEC);
    bool good = json != NULL && fd >= 0 && write(fd, json, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0;
    free(json);
    if (good || fd < 0)
        return fd;
    (void)close(fd);
    return -1;
}

static _Noreturn void become(const struct ww_herald_task *task, int in, int out)
{
    char *const path = task->config->alert_command;
    char *const argv[] = {path, NULL};
    char line[WW_HERALD_SUBJECT_SIZE], subject[WW_HERALD_SUBJECT_SIZE + 32], id[WW_HERALD_ID_SIZE + 32];
    char search[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char home[] = "HOME=/", lang[] = "LANG=C.UTF-8";
    ww_herald_subject(&task->message, line);
    (void)snprintf(subject, sizeof subject, "WAXWING_SUBJECT=%s", line);
    (void)snprintf(id, sizeof id, "WAXWING_ALERT_ID=%s", task->message.id);
    char *const env[] = {search, home, lang, subject, id, NULL};
    const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE}; /* by the roles, and so by what they run */
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        (void)signal(ignored[i], SIG_DFL);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0 &&
        chdir("/") == 0)
        (void)execve(path, argv, env);
    (void)dprintf(STDERR_FILENO, "cannot be run: %s", strerror(errno));
    _exit(127);
}

static void hear(struct running *r)
{
    char chunk[4096];
    ssize_t n = read(r->out, chunk, sizeof chunk);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    for (ssize_t i = 0;
         i < n && r->first_n < sizeof r->first - 1 && memchr(r->first, '\n', r->first_n) == NULL; i++)
        r->first[r->first_n++] = chunk[i];
    r->heard += n > 0 ? (size_t)n : 0;
    if (n <= 0 || r->heard > HEARD_MAX) {
        (void)close(r->out);
        r->out = -1;
    }
}

/* False: it has not ended in time, and was killed. */
static bool await(struct running *r, int64_t deadline, int *status)
{
    for (;;) {
        struct pollfd fd = {.fd = r->out, .events = POLLIN};
        pid_t ended = waitpid(r->pid, status, WNOHANG);
        while (ended == r->pid && r->out >= 0 && poll(&fd, 1, 0) > 0) {
            hear(r);
            fd.fd = r->out;
        }
        if (ended == r->pid)
            return true;
        if (ww_clock_us() > deadline)
            break;
        if (poll(&fd, 1, LOOK_MS) > 0)
            hear(r);
    }
    (void)kill(r->pid, SIGKILL);
    (void)waitpid(r->pid, status, 0);
    return false;
}

static void judge(struct running *r, int status, struct ww_herald_sent *out)
{
    size_t n = 0;
    while (n < r->first_n && r->first[n] != '\n')
        n++;
    r->first[n] = '\0';
    const char *between = n > 0 ? ": " : "";
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        out->delivered = true;
    else if (WIFEXITED(status))
        ww_herald_say(out, "exit status %d%s%s", WEXITSTATUS(status), between, r->first);
    else
        ww_herald_say(out, "ended by signal %d%s%s", WTERMSIG(status), between, r->first);
}

void ww_herald_run_command(const struct ww_herald_task *task, struct ww_herald_sent *out)
{
    int ends[2] = {-1, -1}, status = 0;
    int in = json_file(&task->message);
    struct running r = {.out = -1};
    if (in < 0 || pipe2(ends, O_CLOEXEC) != 0 || (r.pid = fork()) < 0) {
        ww_herald_say(out, "%s", strerror(errno));
        return; /* the process ends, and what it has open with it */
    }
    if (r.pid == 0)
        become(task, in, ends[1]);
    (void)close(in);
    (void)close(ends[1]);
    r.out = ends[0];
    if (await(&r, ww_clock_us() + (int64_t)WW_HERALD_SEND_MS * 1000, &status))
        judge(&r, status, out);
    else
        ww_herald_say(out, "it did not end within %u seconds, and was killed", WW_HERALD_SEND_MS / 1000);
    if (r.out >= 0)
        (void)close(r.out);
}
