/* Cuts what comes in pieces into lines, in a room of fixed size. Of a line that does not fit nothing is kept.
 */
#ifndef WW_BASE_LINES_H
#define WW_BASE_LINES_H

#include "base/slice.h"

struct ww_lines {
    char *room;
    size_t size;
    size_t begin; /* of what no line was cut from yet */
    size_t end;
    bool skipping; /* inside of a line that is too long */
};

/* Lines of at most size - 1 octets. False when memory is short. Free with ww_lines_free. */
bool ww_lines_init(struct ww_lines *lines, size_t size);
void ww_lines_free(struct ww_lines *lines);

/* Room for more, never empty; ww_lines_add says how much of it was filled. Lines that were cut are gone then.
 */
char *ww_lines_room(struct ww_lines *lines, size_t *size);
void ww_lines_add(struct ww_lines *lines, size_t n);

/*
 * The next whole line without its line feed, borrowed until room is asked for; p is NULL for one that was too
 * long. False: there is none yet.
 */
bool ww_lines_next(struct ww_lines *lines, struct ww_slice *line);

/* What stands behind the last line feed. */
struct ww_slice ww_lines_rest(const struct ww_lines *lines);

/* Forgets all that was added. */
void ww_lines_clear(struct ww_lines *lines);

#endif
