/*
 * Follows systemd's journal by journalctl(1), a process of its own: it finds the files, goes on over their
 * rotation, and knows their formats, of which this program then needs to know nothing (and no library of
 * systemd's).
 */
#ifndef WW_CLI_RESULTS_JOURNAL_H
#define WW_CLI_RESULTS_JOURNAL_H

#include "base/lines.h"

#include <sys/types.h>

struct ww_results_journal {
    pid_t pid;
    int fd; /* non-blocking; lines of JSON */
    struct ww_lines lines;
};

/*
 * Begins behind the cursor; without one (NULL), at the end, or with all that is kept when from_start is set.
 * False with errno set.
 */
bool ww_results_journal_open(struct ww_results_journal *journal, const char *cursor, bool from_start);
void ww_results_journal_close(struct ww_results_journal *journal);

/* Reads what is there. False: nothing now. *ended: journalctl has ended, and why is on standard error. */
bool ww_results_journal_read(struct ww_results_journal *journal, bool *ended);

#endif
