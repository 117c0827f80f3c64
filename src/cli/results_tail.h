/*
 * Follows a log file over its rotations: by another name and a new file, or by a copy and an empty file
 * again. What tells a file is its inode and how it begins, so that it is found under its new name as well.
 */
#ifndef WW_CLI_RESULTS_TAIL_H
#define WW_CLI_RESULTS_TAIL_H

#include "base/lines.h"

#include <stdint.h>

/* So many octets at the beginning of a file tell it from others. */
#define WW_RESULTS_HEAD 256

struct ww_results_place {
    uint64_t inode;
    uint64_t offset; /* of the first octet that was not taken */
    size_t head;     /* how many octets `hash` is about */
    uint64_t hash;
};

struct ww_results_tail {
    const char *path; /* borrowed */
    int fd;           /* -1: not there yet */
    uint64_t inode;
    uint64_t end; /* what was read of the file */
    size_t head;
    uint64_t hash;
    bool left; /* another file has taken the path, and somebody writes there */
    struct ww_lines lines;
};

enum ww_results_begin {
    WW_RESULTS_AT_PLACE,   /* where one was before; from the beginning of the path if that file is gone */
    WW_RESULTS_AT_THE_END, /* with what is written from now on */
    WW_RESULTS_AT_THE_BEGINNING,
};

/*
 * Begins. *lost: what was written behind the place is gone (that of WW_RESULTS_AT_PLACE, else NULL). False:
 * the file cannot be read, and errno says why; a file that is not there yet is waited for.
 */
bool ww_results_tail_open(struct ww_results_tail *tail, const char *path, enum ww_results_begin begin,
                          const struct ww_results_place *place, bool *lost);
void ww_results_tail_close(struct ww_results_tail *tail);

/*
 * Reads what is there, and goes on to the next file at the end of one that was rotated. False: nothing new is
 * there now. Lines come from tail->lines. *lost as above, when a file was emptied and no copy of it is there.
 */
bool ww_results_tail_read(struct ww_results_tail *tail, bool *lost);

/* Where to go on later: behind the last line that was taken from tail->lines. */
struct ww_results_place ww_results_tail_place(const struct ww_results_tail *tail);

#endif
