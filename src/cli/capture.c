#include "cli/capture.h"

#include "daemon/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX ((size_t)512 * 1024)
#define EXIT_ABSENT 127

static void run(const char *const *argv, int out)
{
    char path[4096];
    const char *own = getenv("PATH");
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    union {
        const char *const *in;
        char *const *out;
    } arguments = {argv}; /* execvp changes nothing, but has no const there */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)snprintf(path, sizeof path, "%s:/usr/sbin:/usr/local/sbin:/sbin",
                   own != NULL ? own : "/usr/bin:/bin");
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(out, STDERR_FILENO) < 0 || setenv("PATH", path, 1) != 0 || setenv("LC_ALL", "C", 1) != 0)
        _exit(EXIT_ABSENT - 1);
    (void)execvp(argv[0], arguments.out);
    _exit(errno == ENOENT || errno == EACCES ? EXIT_ABSENT : EXIT_ABSENT - 1);
}

/* Reads to the end. False: it did not come in time, or would have been too much. */
static bool read_all(int fd, char *text, int64_t deadline)
{
    size_t at = 0;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - ww_clock_ms();
        if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
            return false;
        if (p.revents == 0)
            continue;
        ssize_t n = read(fd, text + at, OUTPUT_MAX - 1 - at);
        if (n > 0)
            at += (size_t)n;
        text[at] = '\0';
        if (n == 0 && at < OUTPUT_MAX - 1)
            return true;
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
    }
}

static enum ww_captured judge(int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_ABSENT)
        return WW_CAPTURE_ABSENT;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? WW_CAPTURED : WW_CAPTURE_FAILED;
}

enum ww_captured ww_capture(const char *const *argv, unsigned deadline_ms, char **text)
{
    int ends[2];
    int status = 0;
    int64_t deadline = ww_clock_ms() + deadline_ms;
    *text = calloc(1, OUTPUT_MAX);
    if (*text == NULL || pipe2(ends, O_CLOEXEC) != 0)
        return WW_CAPTURE_FAILED;
    pid_t pid = fork();
    if (pid == 0)
        run(argv, ends[1]);
    (void)close(ends[1]);
    bool whole = pid > 0 && read_all(ends[0], *text, deadline);
    (void)close(ends[0]);
    if (pid < 0)
        return WW_CAPTURE_FAILED;
    if (!whole)
        (void)kill(pid, SIGKILL);
    (void)waitpid(pid, &status, 0);
    if (whole)
        return judge(status);
    return ww_clock_ms() >= deadline ? WW_CAPTURE_LATE : WW_CAPTURE_FAILED;
}
