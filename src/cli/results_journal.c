#include "cli/results_journal.h"

#include "codec/journal_line.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child. Facility 2 is mail. */
static _Noreturn void run_journalctl(const char *cursor, bool from_start)
{
    static char name[] = "journalctl", output[] = "--output=json", follow[] = "--follow", whole[] = "--all",
                fields[] = "--output-fields=_HOSTNAME,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,MESSAGE",
                mail[] = "SYSLOG_FACILITY=2", all[] = "--lines=all", none[] = "--lines=0";
    char after[WW_JOURNAL_CURSOR_SIZE + 32];
    (void)snprintf(after, sizeof after, "--after-cursor=%s", cursor != NULL ? cursor : "");
    char *lines = cursor != NULL || from_start ? all : none;
    char *const argv[] = {name, output, fields, follow, whole, mail, lines, cursor != NULL ? after : NULL,
                          NULL};
    /* Nobody else would end it when this process is killed. */
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)execvp("journalctl", argv);
    (void)fprintf(stderr, "waxwing results follow: journalctl: %s\n", strerror(errno));
    _exit(127);
}

bool ww_results_journal_open(struct ww_results_journal *journal, const char *cursor, bool from_start)
{
    int ends[2];
    *journal = (struct ww_results_journal){.pid = -1, .fd = -1};
    if (!ww_lines_init(&journal->lines, WW_JOURNAL_LINE_MAX + 1) || pipe2(ends, O_CLOEXEC) != 0)
        return false;
    journal->fd = ends[0];
    journal->pid = fork();
    if (journal->pid == 0) {
        if (dup2(ends[1], STDOUT_FILENO) < 0)
            _exit(127);
        run_journalctl(cursor, from_start);
    }
    (void)close(ends[1]);
    return journal->pid > 0 && fcntl(journal->fd, F_SETFL, O_NONBLOCK) == 0;
}

void ww_results_journal_close(struct ww_results_journal *journal)
{
    if (journal->fd >= 0)
        (void)close(journal->fd);
    if (journal->pid > 0) {
        (void)kill(journal->pid, SIGTERM);
        while (waitpid(journal->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    journal->fd = -1;
    journal->pid = -1;
    ww_lines_free(&journal->lines);
}

bool ww_results_journal_read(struct ww_results_journal *journal, bool *ended)
{
    size_t size;
    char *room = ww_lines_room(&journal->lines, &size);
    ssize_t n = read(journal->fd, room, size);
    *ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (n <= 0)
        return false;
    ww_lines_add(&journal->lines, (size_t)n);
    return true;
}
