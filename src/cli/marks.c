#include "cli/marks.h"

#include "cli/printing.h"

#include <string.h>

const struct ww_mark *ww_mark_of(const char *severity)
{
    static const struct ww_mark marks[] = {{"error", "\u2717", "x", WW_VIEW_BAD},
                                           {"warning", "?", "?", WW_VIEW_MIND},
                                           {"ok", "\u2713", "+", WW_VIEW_GOOD},
                                           {"now", "\u25b8", ">", WW_VIEW_MIND},
                                           {"info", "\u00b7", "-", WW_VIEW_FAINT}};
    size_t i = 0;
    while (i + 1 < sizeof marks / sizeof *marks && strcmp(marks[i].severity, severity) != 0)
        i++;
    return &marks[i];
}

/* A mark is one column wide, whatever octets it has. */
void ww_mark_put(struct printing *p, const char *severity, bool boxes)
{
    const struct ww_mark *mark = ww_mark_of(severity);
    begin(p, INDENT);
    paint(p, colours[mark->state]);
    (void)fputs(boxes ? mark->box : mark->plain, p->wrap.to);
    paint(p, PLAIN);
    (void)fputc(' ', p->wrap.to);
    p->wrap.indent = p->wrap.column = INDENT + WW_MARK;
}
