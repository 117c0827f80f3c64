#include "cli/progress.h"

#include "cli/show.h"
#include "daemon/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_MS 100
#define BAR 30

void ww_progress_begin(struct ww_progress *progress, const char *what, uint64_t total)
{
    const char *term = getenv("TERM");
    *progress = (struct ww_progress){.what = what, .total = total};
    progress->shown = ww_show_is_terminal(stderr) && term != NULL && strcmp(term, "dumb") != 0;
}

static void draw(const struct ww_progress *p)
{
    char bar[BAR + 1];
    if (p->total == 0) {
        (void)fprintf(stderr, "\r%s: %" PRIu64 "\033[K", p->what, p->done);
        return;
    }
    uint64_t done = p->done < p->total ? p->done : p->total;
    size_t full = (size_t)((double)done / (double)p->total * BAR);
    memset(bar, '#', full);
    memset(bar + full, '.', BAR - full);
    bar[BAR] = '\0';
    (void)fprintf(stderr, "\r%s: [%s] %" PRIu64 "/%" PRIu64 "\033[K", p->what, bar, p->done, p->total);
}

void ww_progress_step(struct ww_progress *progress, uint64_t done)
{
    int64_t now = ww_clock_ms();
    progress->done = done;
    if (!progress->shown || (progress->drawn_at != 0 && now - progress->drawn_at < PAUSE_MS))
        return;
    progress->drawn_at = now;
    draw(progress);
    (void)fflush(stderr);
}

void ww_progress_clear(struct ww_progress *progress)
{
    if (progress->drawn_at == 0)
        return;
    progress->drawn_at = 0;
    (void)fputs("\r\033[K", stderr);
}
