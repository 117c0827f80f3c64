/*
 * A checked-in table of a decision: some columns that span a space, and the answers for every cell of it.
 * Each cell has exactly one row, or the test fails.
 */
#ifndef WW_TEST_SPACE_H
#define WW_TEST_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPACE_COLUMNS = 12, SPACE_ROWS = 200, SPACE_LINE = 400 };

struct space_column {
    const char *name;
    const char *values[20]; /* NULL after the last */
};

struct space_row {
    unsigned number;       /* of its line, from 1 */
    char text[SPACE_LINE]; /* what the cells below are cut from */
    const char *cell[SPACE_COLUMNS];
    uint32_t set[SPACE_COLUMNS]; /* of a column that spans: bit 1 << index for each value */
    bool used;
};

struct space {
    const struct space_column *columns; /* those that span */
    size_t count;
    size_t answers; /* columns after them */
    size_t rows;
    struct space_row row[SPACE_ROWS];
};

/* Fails the test when the file cannot be read or names a value that there is not. */
void space_load(struct space *s, const char *path, const struct space_column *columns, size_t count,
                size_t answers);

/* The one row of a cell, which is an index into the values of each column. */
const struct space_row *space_at(struct space *s, const size_t *cell);

/* The first cell is all zeros; false after the last. */
bool space_next(const struct space *s, size_t *cell);

/* The index of a value in a column of the space. */
size_t space_value(const struct space *s, size_t column, const char *value);

#endif
