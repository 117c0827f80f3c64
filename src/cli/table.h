/*
 * Tables on a stream. On a terminal they are laid out by libsmartcols to its width, with colour; anywhere
 * else each row is a line whose cells are separated by one tab, below a line of headings, whole and without
 * colour. Cells may hold text from elsewhere: it is written as ww_show_safely writes.
 */
#ifndef WW_CLI_TABLE_H
#define WW_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ww_table;

struct ww_table_column {
    const char *heading; /* "DOMAIN" */
    bool right;          /* numbers stand to the right */
    bool shortens;       /* may be cut where the terminal is narrow */
    double share; /* of the terminal, from 0 to 1, that it is cut to before others lose more; 0: none */
};

enum ww_table_colour {
    WW_TABLE_PLAIN,
    WW_TABLE_GOOD,  /* green: protected, well */
    WW_TABLE_MIND,  /* yellow: not yet, or not now */
    WW_TABLE_WRONG, /* red */
    WW_TABLE_FAINT, /* of no interest */
};

struct ww_table_cell {
    const char *text; /* NULL: empty */
    enum ww_table_colour colour;
};

/* columns are borrowed for as long as the table lives. NULL when memory is short. */
struct ww_table *ww_table_new(const struct ww_table_column *columns, size_t count);
void ww_table_free(struct ww_table *table);

/* Adds a row: one cell for each column, copied. When memory is short ww_table_print says so. */
void ww_table_add(struct ww_table *table, const struct ww_table_cell *cells);

size_t ww_table_rows(const struct ww_table *table);

/* Sorts the rows by the octets of one column. */
void ww_table_sort(struct ww_table *table, size_t column);

/* False when memory was short; then nothing is written. Nothing at all is written of a table without rows. */
bool ww_table_print(struct ww_table *table, FILE *to);

/* The same for a table inside of a report: laid out whatever the stream is, to so many columns; 0: as wide as
 * it comes. */
bool ww_table_draw(struct ww_table *table, FILE *to, unsigned width, bool colour);

#endif
