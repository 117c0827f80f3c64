#include "daemon/child.h"

#include "daemon/config_values.h"
#include "daemon/role.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Above all numbers that get a meaning in the child. */
#define FD_ASIDE 10

/*
 * For the front, whose look-ups meet memory all over the cache: with pages of 4 KiB the processor spends more
 * time on finding out where that is than on fetching it. What the operator has set stays.
 */
#define LARGE_PAGES "glibc.malloc.hugetlb=1"

/* Between fork and exec; _exit's status is what a shell says of a command that cannot be run. */
static _Noreturn void become(enum ww_role_kind kind, char *const *argv, int channel, int config,
                             const sigset_t *mask)
{
    const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    /* Where the kernel shares the cores out by session, whoever answers look-ups has a share of its own. */
    if (kind == WW_ROLE_FRONT)
        (void)setsid();
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    channel = fcntl(channel, F_DUPFD_CLOEXEC, FD_ASIDE);
    config = fcntl(config, F_DUPFD_CLOEXEC, FD_ASIDE);
    bool good = nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 &&
                dup2(channel, WW_ROLE_CHANNEL_FD) >= 0 && dup2(config, WW_ROLE_CONFIG_FD) >= 0 &&
                close_range(WW_ROLE_CONFIG_FD + 1, ~0u, 0) == 0 && sigprocmask(SIG_SETMASK, mask, NULL) == 0;
    if (kind == WW_ROLE_FRONT)
        (void)setenv("GLIBC_TUNABLES", LARGE_PAGES, 0);
    if (good)
        execv("/proc/self/exe", argv);
    _exit(127);
}

pid_t ww_child_start(enum ww_role_kind kind, unsigned index, int config, int *channel)
{
    char name[WW_ROLE_NAME_SIZE], title[WW_ROLE_NAME_SIZE + 16];
    char option[] = "--role", role[16], number[16];
    ww_role_name(kind, index, name);
    snprintf(title, sizeof title, "waxwingd: %s", name);
    snprintf(role, sizeof role, "%s", ww_role_kind_name(kind));
    snprintf(number, sizeof number, "%u", index);
    char *const argv[] = {title, option, role, number, NULL};

    int ends[2];
    if (ww_chan_pair(ends) != WW_OK)
        return -1;
    /* A signal that meets the child before its exec would be written into our own loop. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        become(kind, argv, ends[1], config, &before);
    int saved = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (pid < 0)
        close(ends[0]);
    else
        *channel = ends[0];
    errno = saved;
    return pid;
}

void ww_child_end(int status, char out[WW_CHILD_END_SIZE])
{
    if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        snprintf(out, WW_CHILD_END_SIZE, "signal %s", name != NULL ? name : "unknown");
    } else {
        snprintf(out, WW_CHILD_END_SIZE, "exit %d", WEXITSTATUS(status));
    }
}

enum ww_role_kind ww_child_role(int argc, char **argv, unsigned *index)
{
    uint64_t number;
    if (argc != 4 || strcmp(argv[1], "--role") != 0 || !ww_value_number(argv[3], &number) ||
        number > UINT16_MAX)
        return WW_ROLE_SUPERVISOR;
    *index = (unsigned)number;
    for (unsigned kind = WW_ROLE_SUPERVISOR + 1; kind < WW_ROLE_COUNT; kind++) {
        if (strcmp(argv[2], ww_role_kind_name((enum ww_role_kind)kind)) == 0)
            return (enum ww_role_kind)kind;
    }
    return WW_ROLE_SUPERVISOR;
}
