/* What waxwingd has last said of some domains, for as long as that counts: the last one that was heard of
 * first. */
#ifndef WW_LIB_REMEMBERED_H
#define WW_LIB_REMEMBERED_H

#include "lib/lib.h"

#include <sys/queue.h>

struct ww_remembered_answer;

struct ww_remembered {
    TAILQ_HEAD(ww_remembered_list, ww_remembered_answer) answers;
    size_t count;
    size_t most;
};

void ww_remembered_init(struct ww_remembered *r, size_t most);
void ww_remembered_clear(struct ww_remembered *r);

/*
 * Takes note of an answer (its text), in place of the one before; one that does not count beyond `now` (Unix
 * time) only ends that. Without memory it is not remembered. `passed` is the time on a clock that nobody
 * sets, in seconds: by that one it ends.
 */
void ww_remembered_put(struct ww_remembered *r, const char *domain, const struct waxwing_decision *d,
                       int64_t now, int64_t passed);

/* The text of an answer that still counts, borrowed until the next call; empty: there is none. */
struct ww_slice ww_remembered_get(struct ww_remembered *r, const char *domain, int64_t passed);

#endif
