/*
 * What `waxwing results follow` keeps in a file, to go on after a restart as if there had been none: how far
 * the log was taken, what was begun in it, and which events nobody has taken yet.
 */
#ifndef WW_CLI_RESULTS_STATE_H
#define WW_CLI_RESULTS_STATE_H

#include "cli/results_tail.h"
#include "codec/journal_line.h"
#include "engine/postfix_results.h"

#define WW_RESULTS_STATE_VERSION 1

/* Events that wait for the receiver, as lines. */
struct ww_results_queue;

struct ww_results_state {
    bool journal;                        /* the place is a cursor; else it is one of a file */
    struct ww_results_place place;       /* in the file */
    char cursor[WW_JOURNAL_CURSOR_SIZE]; /* "": none yet */
};

enum ww_results_load {
    WW_RESULTS_LOADED,
    WW_RESULTS_NO_STATE, /* there is no such file: one begins anew */
    WW_RESULTS_BAD_STATE,
};

/*
 * Reads the file: where to go on, what postfix remembers, what waits. *why (static, or of errno) says what is
 * wrong with a bad one; then nothing was changed but postfix and queue, which are of no use any more.
 */
enum ww_results_load ww_results_state_load(const char *path, struct ww_results_state *state,
                                           struct ww_postfix_results *postfix, struct ww_results_queue *queue,
                                           const char **why);

/* Replaces the file as a whole, or not at all. Returns WW_EXIT_OK, or what went wrong, which was said. */
int ww_results_state_save(const char *command, const char *path, const struct ww_results_state *state,
                          const struct ww_postfix_results *postfix, const struct ww_results_queue *queue);

#endif
