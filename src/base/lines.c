#include "base/lines.h"

#include <stdlib.h>

bool ww_lines_init(struct ww_lines *lines, size_t size)
{
    *lines = (struct ww_lines){.room = malloc(size), .size = size};
    return lines->room != NULL;
}

void ww_lines_free(struct ww_lines *lines)
{
    free(lines->room);
    lines->room = NULL;
}

char *ww_lines_room(struct ww_lines *lines, size_t *size)
{
    if (lines->begin > 0) {
        memmove(lines->room, lines->room + lines->begin, lines->end - lines->begin);
        lines->end -= lines->begin;
        lines->begin = 0;
    }
    if (lines->end == lines->size) {
        lines->end = 0;
        lines->skipping = true;
    }
    *size = lines->size - lines->end;
    return lines->room + lines->end;
}

void ww_lines_add(struct ww_lines *lines, size_t n)
{
    lines->end += n;
}

bool ww_lines_next(struct ww_lines *lines, struct ww_slice *line)
{
    size_t left = lines->end - lines->begin;
    const char *begin = lines->room + lines->begin;
    const char *feed = left > 0 ? memchr(begin, '\n', left) : NULL;
    if (feed == NULL)
        return false;
    size_t n = (size_t)(feed - begin);
    *line = lines->skipping ? ww_slice(NULL, 0) : ww_slice(begin, n);
    lines->begin += n + 1;
    lines->skipping = false;
    return true;
}

struct ww_slice ww_lines_rest(const struct ww_lines *lines)
{
    return ww_slice(lines->room + lines->begin, lines->skipping ? 0 : lines->end - lines->begin);
}

void ww_lines_clear(struct ww_lines *lines)
{
    lines->begin = lines->end = 0;
    lines->skipping = false;
}
