#include "cli/tree.h"

#include "cli/show.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_MIN 40
#define WIDTH_DEFAULT 80

/* Deeper ones are not drawn; each level takes BRANCH columns. */
#define DEPTH_MAX 12
#define BRANCH 3

/* Sections stand to the left of this column, where the terminal is wider. */
#define SECTION_EDGE 100

/* A node's further lines stand so far in from its head. */
#define HANG 2

#define BOLD "\033[1m"
#define FAINT "\033[90m"
#define PLAIN "\033[0m"

struct drawing {
    FILE *to;
    struct ww_tree_style style;
    bool last[DEPTH_MAX]; /* the branch at this depth is the last one of its parent */
    unsigned depth;
    bool has_children; /* the node that is being written */
    unsigned column;
};

struct ww_tree_style ww_tree_style(FILE *to)
{
    struct winsize size;
    struct ww_tree_style style = {.width = 0};
    if (!ww_show_is_terminal(to))
        return style;
    style.width = WIDTH_DEFAULT;
    if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        style.width = size.ws_col > WIDTH_MIN ? size.ws_col : WIDTH_MIN;
    style.colour = ww_show_has_colour(to);
    style.boxes = setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    return style;
}

static const char *text(const json_t *node, const char *key)
{
    const char *s = json_string_value(json_object_get(node, key));
    return s != NULL ? s : "";
}

static const char *colour_of(const json_t *node)
{
    static const struct {
        const char *state;
        const char *colour;
    } colours[] = {{"ok", "\033[32m"}, {"bad", "\033[31m"}, {"mind", "\033[33m"}, {"faint", FAINT}};
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        if (strcmp(text(node, "state"), colours[i].state) == 0)
            return colours[i].colour;
    return "";
}

static void paint(const struct drawing *d, const char *colour)
{
    if (d->style.colour && colour[0] != '\0')
        (void)fputs(colour, d->to);
}

static const char *stroke(const struct drawing *d, bool first, bool last)
{
    if (first && last)
        return d->style.boxes ? "└─ " : "`- ";
    if (first)
        return d->style.boxes ? "├─ " : "|- ";
    if (last)
        return "   ";
    return d->style.boxes ? "│  " : "|  ";
}

/* The lines to the left of a node's text: of its first line, or of those that follow. */
static void begin_line(struct drawing *d, bool first)
{
    paint(d, FAINT);
    for (unsigned i = 0; i < d->depth; i++)
        (void)fputs(stroke(d, first && i + 1 == d->depth, d->last[i]), d->to);
    if (!first && d->has_children)
        (void)fputs(d->style.boxes ? "│" : "|", d->to);
    paint(d, PLAIN);
    d->column = BRANCH * d->depth;
    if (first)
        return;
    unsigned hang = HANG - (d->has_children ? 1 : 0);
    (void)fprintf(d->to, "%*s", (int)hang, "");
    d->column += HANG;
}

static unsigned room(const struct drawing *d)
{
    unsigned used = d->column;
    if (d->style.width == 0)
        return UINT_MAX;
    return d->style.width > used ? d->style.width - used : 0;
}

static void next_line(struct drawing *d)
{
    (void)fputc('\n', d->to);
    begin_line(d, false);
}

/* Puts a word where there is room for it; one that is longer than a line is cut in pieces. */
static void put_word(struct drawing *d, const char *word, size_t n, bool space, const char *colour)
{
    unsigned start = BRANCH * d->depth + HANG;
    if (n + space > room(d) && d->column > start)
        next_line(d);
    else if (space) {
        (void)fputc(' ', d->to);
        d->column++;
    }
    while (n > 0) {
        size_t part = n < room(d) ? n : room(d);
        if (part == 0 && d->column <= start)
            part = n; /* the terminal is too narrow for anything */
        paint(d, colour);
        ww_show_columns(d->to, word, part);
        paint(d, colour[0] != '\0' ? PLAIN : "");
        d->column += (unsigned)part;
        word += part;
        n -= part;
        if (n > 0)
            next_line(d);
    }
}

static void put_text(struct drawing *d, const char *words, bool space, const char *colour)
{
    /* Spaces that align are kept where nothing is wrapped. */
    if (strlen(words) + space <= room(d)) {
        put_word(d, words, strlen(words), space, colour);
        return;
    }
    while (*words != '\0') {
        size_t n = strcspn(words, " ");
        if (n > 0)
            put_word(d, words, n, space, colour);
        space = true;
        words += n;
        words += strspn(words, " ");
    }
}

/* "RFC 8461 section 3.1" in few columns, where a terminal has the sign for it. */
static void put_short_section(struct drawing *d, const char *section, unsigned *columns, bool draw)
{
    static const char word[] = "section ";
    const char *at = d->style.boxes ? strstr(section, word) : NULL;
    size_t n = strlen(section);
    *columns = (unsigned)n;
    if (at != NULL)
        *columns -= (unsigned)sizeof word - 2;
    if (!draw)
        return;
    ww_show_columns(d->to, section, at != NULL ? (size_t)(at - section) : n);
    if (at == NULL)
        return;
    (void)fputs("§", d->to);
    ww_show_columns(d->to, at + sizeof word - 1, strlen(at + sizeof word - 1));
}

/* Columns that are left for it, at the right edge. */
static unsigned section_room(const struct drawing *d)
{
    unsigned edge = d->style.width < SECTION_EDGE ? d->style.width : SECTION_EDGE;
    if (edge > d->column + 2)
        return edge - d->column - 2;
    return room(d) > 2 ? room(d) - 2 : 0;
}

static void put_section(struct drawing *d, const char *section)
{
    unsigned n;
    put_short_section(d, section, &n, false);
    if (n > section_room(d) && d->style.width > 0)
        next_line(d);
    if (n > section_room(d) && d->style.width > 0) { /* no section of an RFC is as long */
        put_text(d, section, false, FAINT);
        return;
    }
    unsigned gap = section_room(d) > n ? section_room(d) - n : 0;
    (void)fprintf(d->to, "%*s", (int)(d->style.width > 0 ? gap + 2 : 2), "");
    paint(d, FAINT);
    (void)fputs(d->style.width > 0 ? "" : "[", d->to);
    put_short_section(d, section, &n, true);
    (void)fputs(d->style.width > 0 ? "" : "]", d->to);
    paint(d, PLAIN);
}

static bool fits_beside(struct drawing *d, const char *section)
{
    unsigned n;
    put_short_section(d, section, &n, false);
    return n > 0 && (d->style.width == 0 || n <= section_room(d));
}

static void put_head(struct drawing *d, const char *head, bool colon)
{
    unsigned width = d->style.width;
    colon = colon && head[0] != '\0';
    if (colon && width > 0)
        d->style.width--;
    put_text(d, head, false, d->depth <= 1 ? BOLD : "");
    d->style.width = width;
    if (!colon)
        return;
    (void)fputc(':', d->to);
    d->column++;
}

static void put_node(struct drawing *d, const json_t *node)
{
    const char *head = text(node, "head");
    const char *note = text(node, "note");
    const char *section = text(node, "section");
    const json_t *lines = json_object_get(node, "lines");
    d->has_children = json_array_size(json_object_get(node, "children")) > 0;
    begin_line(d, true);
    put_head(d, head, note[0] != '\0');
    if (note[0] != '\0')
        put_text(d, note, head[0] != '\0', colour_of(node));
    /* Beside the head if there is room, else below all. */
    bool beside = fits_beside(d, section);
    if (beside)
        put_section(d, section);
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const char *line = json_string_value(json_array_get(lines, i));
        next_line(d);
        put_text(d, line != NULL ? line : "", false, "");
    }
    if (!beside && section[0] != '\0')
        put_section(d, section);
    (void)fputc('\n', d->to);
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX bounds it */
static void draw(struct drawing *d, const json_t *node)
{
    const json_t *children = json_object_get(node, "children");
    size_t count = json_array_size(children);
    put_node(d, node);
    if (d->depth == DEPTH_MAX)
        return;
    for (size_t i = 0; i < count; i++) {
        d->last[d->depth++] = i + 1 == count;
        draw(d, json_array_get(children, i));
        d->depth--;
    }
}

void ww_tree_draw(FILE *to, const json_t *root, const struct ww_tree_style *style)
{
    struct drawing d = {.to = to, .style = *style};
    draw(&d, root);
}
