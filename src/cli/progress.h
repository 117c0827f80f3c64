/* A progress bar on standard error while something takes long; nothing where that is no terminal. */
#ifndef WW_CLI_PROGRESS_H
#define WW_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Lives where the caller likes; nothing to free. */
struct ww_progress {
    const char *what; /* "import", borrowed */
    uint64_t total;   /* 0: not known */
    uint64_t done;
    int64_t drawn_at; /* ww_clock_ms; 0: nothing stands there */
    bool shown;
};

void ww_progress_begin(struct ww_progress *progress, const char *what, uint64_t total);

/* So much is done by now; drawn some times a second at the most. */
void ww_progress_step(struct ww_progress *progress, uint64_t done);

/* Takes it off the screen, before something else is written; the next step draws it again. */
void ww_progress_clear(struct ww_progress *progress);

#endif
