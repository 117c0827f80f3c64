/*
 * What is under way, on standard error: for one subject a line for each of its parts, for several a line for
 * each of them. Redrawn in place while it goes on; nothing where that is no terminal.
 */
#ifndef WW_CLI_PROGRESS_HOSTS_H
#define WW_CLI_PROGRESS_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ww_progress_hosts;

/* of: how many subjects there are. NULL: memory is short, or there is nothing to draw on; the others take
 * that. */
struct ww_progress_hosts *ww_progress_hosts_new(size_t of);
void ww_progress_hosts_free(struct ww_progress_hosts *progress);

/* A part of a subject begins or ends; texts may come from elsewhere, and are copied. name: of a host, or "".
 */
void ww_progress_hosts_step(struct ww_progress_hosts *progress, const char *subject, const char *part,
                            const char *name, bool ended);

/* Nothing of this subject is under way any more. */
void ww_progress_hosts_done(struct ww_progress_hosts *progress, const char *subject);

/* Draws what there is, some times a second at the most. */
void ww_progress_hosts_draw(struct ww_progress_hosts *progress);

/* Takes it off the screen, before something else is written. */
void ww_progress_hosts_clear(struct ww_progress_hosts *progress);

#endif
