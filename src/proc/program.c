#include "proc/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const common_env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                         "HOME=/", "LANG=C.UTF-8"};
#define COMMON (sizeof common_env / sizeof *common_env)

/* How often it is looked at whether it has ended, while something that it began keeps its output open. */
#define LOOK_MS 50

struct running {
    const struct ww_program *program;
    pid_t pid;
    int out;      /* its standard output and error; -1: no longer read */
    size_t heard; /* octets */
    size_t said_n;
};

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* execve's parameters are not const, though it changes nothing there. */
static void add_words(char **to, const char *const *words)
{
    size_t n = 0;
    while (n < WW_PROGRAM_WORDS_MAX && words[n] != NULL)
        n++;
    memcpy(to, words, n * sizeof *words);
    to[n] = NULL;
}

static _Noreturn void become(const struct ww_program *program, int out)
{
    const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE}; /* by the roles, and so by what they run */
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        (void)signal(ignored[i], SIG_DFL);
    char *argv[WW_PROGRAM_WORDS_MAX + 1], *env[COMMON + WW_PROGRAM_WORDS_MAX + 1];
    memcpy(env, common_env, sizeof common_env);
    add_words(env + COMMON, program->env);
    add_words(argv, program->argv);
    int in = program->in >= 0 ? program->in : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0 &&
        (program->kept < 0 || fcntl(program->kept, F_SETFD, 0) == 0) && chdir("/") == 0)
        (void)execve(program->path, argv, env);
    (void)dprintf(STDERR_FILENO, "cannot be run: %s", strerror(errno));
    _exit(127);
}

static void hear(struct running *r)
{
    char chunk[4096];
    ssize_t n = read(r->out, chunk, sizeof chunk);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    size_t room = r->program->said_size - 1 - r->said_n;
    size_t fits = n > 0 && (size_t)n < room ? (size_t)n : room;
    if (n > 0) {
        memcpy(r->program->said + r->said_n, chunk, fits);
        r->said_n += fits;
        r->heard += (size_t)n;
    }
    if (n <= 0 || r->heard > WW_PROGRAM_HEARD_MAX) {
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
        if (now_ms() > deadline)
            break;
        if (poll(&fd, 1, LOOK_MS) > 0)
            hear(r);
    }
    (void)kill(r->pid, SIGKILL);
    (void)waitpid(r->pid, status, 0);
    return false;
}

enum ww_program_end ww_program_run(const struct ww_program *program, int *status)
{
    struct running r = {.program = program, .out = -1};
    int ends[2];
    int64_t deadline = now_ms() + program->timeout_ms;
    program->said[0] = '\0';
    *status = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return WW_PROGRAM_FAILED;
    r.pid = fork();
    if (r.pid == 0)
        become(program, ends[1]);
    int saved = errno;
    (void)close(ends[1]);
    r.out = ends[0];
    bool in_time = r.pid > 0 && await(&r, deadline, status);
    program->said[r.said_n] = '\0';
    if (r.out >= 0)
        (void)close(r.out);
    errno = saved;
    if (r.pid < 0)
        return WW_PROGRAM_FAILED;
    return in_time ? WW_PROGRAM_ENDED : WW_PROGRAM_TIMEOUT;
}

bool ww_program_find(const char *name, char *path, size_t size)
{
    static const char *const places[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                         "/usr/bin",        "/sbin",          "/bin"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int n = snprintf(path, size, "%s/%s", places[i], name);
        if (n > 0 && (size_t)n < size && access(path, X_OK) == 0)
            return true;
    }
    return false;
}
