#include "daemon/herald_send.h"
#include "proc/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* The first line of what it said. */
static void judge(int status, char *said, struct ww_herald_sent *out)
{
    said[strcspn(said, "\n")] = '\0';
    const char *between = said[0] != '\0' ? ": " : "";
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        out->delivered = true;
    else if (WIFEXITED(status))
        ww_herald_say(out, "exit status %d%s%s", WEXITSTATUS(status), between, said);
    else
        ww_herald_say(out, "ended by signal %d%s%s", WTERMSIG(status), between, said);
}

void ww_herald_run_command(const struct ww_herald_task *task, struct ww_herald_sent *out)
{
    const char *const argv[] = {task->config->alert_command, NULL};
    char line[WW_HERALD_SUBJECT_SIZE], subject[WW_HERALD_SUBJECT_SIZE + 32], id[WW_HERALD_ID_SIZE + 32];
    char said[160];
    ww_herald_subject(&task->message, line);
    (void)snprintf(subject, sizeof subject, "WAXWING_SUBJECT=%s", line);
    (void)snprintf(id, sizeof id, "WAXWING_ALERT_ID=%s", task->message.id);
    const char *const env[] = {subject, id, NULL};
    const struct ww_program program = {.path = argv[0],
                                       .argv = argv,
                                       .env = env,
                                       .in = json_file(&task->message),
                                       .kept = -1,
                                       .timeout_ms = WW_HERALD_SEND_MS,
                                       .said = said,
                                       .said_size = sizeof said};
    int status = 0;
    enum ww_program_end end = program.in >= 0 ? ww_program_run(&program, &status) : WW_PROGRAM_FAILED;
    if (end == WW_PROGRAM_FAILED)
        ww_herald_say(out, "%s", strerror(errno));
    else if (end == WW_PROGRAM_TIMEOUT)
        ww_herald_say(out, "it did not end within %u seconds, and was killed", WW_HERALD_SEND_MS / 1000);
    else
        judge(status, said, out);
    if (program.in >= 0)
        (void)close(program.in);
}
