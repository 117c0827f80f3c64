#include "cli/table.h"

#include "cli/show.h"

#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

/* One allocation a row: a million of them have to fit. The colours come first, then the texts with their NUL.
 */
struct ww_table {
    const struct ww_table_column *columns;
    size_t width;
    char **rows;
    size_t count;
    size_t room;
    bool failed; /* memory was short */
};

struct ww_table *ww_table_new(const struct ww_table_column *columns, size_t count)
{
    struct ww_table *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->columns = columns;
    t->width = count;
    return t;
}

void ww_table_free(struct ww_table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->count; i++)
        free(table->rows[i]);
    free(table->rows);
    free(table);
}

static char *row_new(const struct ww_table *t, const struct ww_table_cell *cells)
{
    char *row = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&row, &size);
    if (f == NULL)
        return NULL;
    for (size_t i = 0; i < t->width; i++)
        (void)fputc((int)cells[i].colour, f);
    for (size_t i = 0; i < t->width; i++) {
        const char *text = cells[i].text != NULL ? cells[i].text : "";
        ww_show_safely(f, text, strlen(text));
        (void)fputc('\0', f);
    }
    bool good = ferror(f) == 0;
    if (fclose(f) == 0 && good)
        return row;
    free(row);
    return NULL;
}

static bool make_room(struct ww_table *t)
{
    if (t->count < t->room)
        return true;
    size_t room = t->room > 0 ? 2 * t->room : 64;
    char **rows = reallocarray(t->rows, room, sizeof *rows);
    if (rows == NULL)
        return false;
    t->rows = rows;
    t->room = room;
    return true;
}

void ww_table_add(struct ww_table *table, const struct ww_table_cell *cells)
{
    char *row = make_room(table) ? row_new(table, cells) : NULL;
    if (row != NULL)
        table->rows[table->count++] = row;
    else
        table->failed = true;
}

size_t ww_table_rows(const struct ww_table *table)
{
    return table->count;
}

static const char *cell_text(const char *row, size_t width, size_t column)
{
    const char *text = row + width;
    for (; column > 0; column--)
        text += strlen(text) + 1;
    return text;
}

struct order {
    size_t width;
    size_t column;
};

static int compare(const void *a, const void *b, void *arg)
{
    const struct order *o = arg;
    const char *left = cell_text(*(char *const *)a, o->width, o->column);
    const char *right = cell_text(*(char *const *)b, o->width, o->column);
    return strcmp(left, right);
}

void ww_table_sort(struct ww_table *table, size_t column)
{
    struct order order = {table->width, column};
    if (table->count > 1)
        qsort_r(table->rows, table->count, sizeof *table->rows, compare, &order);
}

static void print_lines(const struct ww_table *t, FILE *to)
{
    for (size_t i = 0; i < t->width; i++)
        (void)fprintf(to, "%s%c", t->columns[i].heading, i + 1 < t->width ? '\t' : '\n');
    for (size_t r = 0; r < t->count; r++) {
        const char *text = t->rows[r] + t->width;
        for (size_t i = 0; i < t->width; i++, text += strlen(text) + 1)
            (void)fprintf(to, "%s%c", text, i + 1 < t->width ? '\t' : '\n');
    }
}

static const char *colour_name(int colour)
{
    static const char *const names[] = {
        [WW_TABLE_PLAIN] = NULL,  [WW_TABLE_GOOD] = "green",     [WW_TABLE_MIND] = "yellow",
        [WW_TABLE_WRONG] = "red", [WW_TABLE_FAINT] = "\033[90m",
    };
    return names[colour];
}

static bool add_columns(const struct ww_table *t, struct libscols_table *s)
{
    for (size_t i = 0; i < t->width; i++) {
        const struct ww_table_column *c = &t->columns[i];
        int flags = (c->right ? SCOLS_FL_RIGHT : 0) | (c->shortens ? SCOLS_FL_TRUNC : 0);
        if (scols_table_new_column(s, c->heading, c->share, flags) == NULL)
            return false;
    }
    return true;
}

static bool add_row(const struct ww_table *t, struct libscols_table *s, const char *row)
{
    struct libscols_line *line = scols_table_new_line(s, NULL);
    const char *text = row + t->width;
    if (line == NULL)
        return false;
    for (size_t i = 0; i < t->width; i++, text += strlen(text) + 1) {
        struct libscols_cell *cell = scols_line_get_cell(line, i);
        const char *colour = colour_name(row[i]);
        if (scols_line_set_data(line, i, text) != 0 ||
            (colour != NULL && (cell == NULL || scols_cell_set_color(cell, colour) != 0)))
            return false;
    }
    return true;
}

/* The library does not cut cells for what is no terminal unless it is made to. */
static void set_width(struct libscols_table *s, unsigned width)
{
    (void)scols_table_set_termforce(s, width > 0 ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
    (void)scols_table_set_termwidth(s, width > 0 ? width : 80);
}

static bool print_laid_out(const struct ww_table *t, FILE *to, const unsigned *width, bool colour)
{
    struct libscols_table *s = scols_new_table();
    bool good = s != NULL && add_columns(t, s);
    for (size_t r = 0; good && r < t->count; r++)
        good = add_row(t, s, t->rows[r]);
    if (good) {
        (void)scols_table_set_stream(s, to);
        (void)scols_table_enable_noencoding(s, 1); /* it was made safe already */
        (void)scols_table_enable_colors(s, colour ? 1 : 0);
        if (width != NULL)
            set_width(s, *width);
        good = scols_print_table(s) == 0;
    }
    scols_unref_table(s);
    return good;
}

bool ww_table_print(struct ww_table *table, FILE *to)
{
    if (table->failed)
        return false;
    if (table->count == 0)
        return true;
    if (ww_show_is_terminal(to))
        return print_laid_out(table, to, NULL, ww_show_has_colour(to));
    print_lines(table, to);
    return true;
}

bool ww_table_draw(struct ww_table *table, FILE *to, unsigned width, bool colour)
{
    return !table->failed && (table->count == 0 || print_laid_out(table, to, &width, colour));
}
