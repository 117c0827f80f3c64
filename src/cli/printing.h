/* What is printed for people, in pieces: wrapped, indented, and coloured on a terminal that has colours. */
#ifndef WW_CLI_PRINTING_H
#define WW_CLI_PRINTING_H

#include "cli/check_view.h"
#include "cli/wrap.h"

#include <stdbool.h>
#include <stdio.h>

#define BOLD "\033[1m"
#define FAINT "\033[90m"
#define PLAIN "\033[0m"

#define INDENT 2

/* Longer lines are hard to read, however wide the terminal is. */
#define WIDTH_MAX 110

static const char *const colours[WW_VIEW_STATES] = {
    [WW_VIEW_PLAIN] = "",       [WW_VIEW_GOOD] = "\033[32m", [WW_VIEW_MIND] = "\033[33m",
    [WW_VIEW_BAD] = "\033[31m", [WW_VIEW_FAINT] = FAINT,
};

struct printing {
    struct ww_wrap wrap;
    bool colour;
    bool verbose;
};

static inline void paint(const struct printing *p, const char *colour)
{
    if (p->colour && colour[0] != '\0')
        (void)fputs(colour, p->wrap.to);
}

static inline void put_in(struct printing *p, const char *colour, const char *text)
{
    paint(p, colour);
    ww_wrap_put(&p->wrap, text);
    paint(p, colour[0] != '\0' ? PLAIN : "");
}

static inline void begin(struct printing *p, unsigned indent)
{
    (void)fprintf(p->wrap.to, "%*s", (int)indent, "");
    p->wrap.indent = p->wrap.column = indent;
}

static inline void end(struct printing *p)
{
    (void)fputc('\n', p->wrap.to);
}

/* An empty line, and what follows is about. */
static inline void put_heading(struct printing *p, const char *text)
{
    end(p);
    begin(p, 0);
    put_in(p, BOLD, text);
    end(p);
}

/* "fix: Renew it.", with what follows the label below itself. */
static inline void put_labelled(struct printing *p, unsigned indent, const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    begin(p, indent);
    paint(p, FAINT);
    int width = fprintf(p->wrap.to, "%-4s ", label);
    paint(p, PLAIN);
    p->wrap.indent = p->wrap.column = indent + (unsigned)(width > 0 ? width : 0);
    ww_wrap_put(&p->wrap, text);
    end(p);
}

#endif
