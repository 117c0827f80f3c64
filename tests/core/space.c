#include "space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

size_t space_value(const struct space *s, size_t column, const char *value)
{
    for (size_t i = 0; s->columns[column].values[i] != NULL; i++) {
        if (strcmp(s->columns[column].values[i], value) == 0)
            return i;
    }
    fail_msg("column %s has no value \"%s\"", s->columns[column].name, value);
    return 0;
}

static uint32_t all_of(const struct space *s, size_t column)
{
    size_t n = 0;
    while (s->columns[column].values[n] != NULL)
        n++;
    return (UINT32_C(1) << n) - 1;
}

/* "a", "a|b", "!a|b" or "*" */
static uint32_t parse_set(const struct space *s, size_t column, const char *text)
{
    char copy[SPACE_LINE];
    uint32_t set = 0;
    bool but = text[0] == '!';
    if (strcmp(text, "*") == 0)
        return all_of(s, column);
    (void)snprintf(copy, sizeof copy, "%s", text + but);
    char *rest = copy;
    for (const char *value = strsep(&rest, "|"); value != NULL; value = strsep(&rest, "|"))
        set |= UINT32_C(1) << space_value(s, column, value);
    return but ? all_of(s, column) & ~set : set;
}

static char *trim(char *text)
{
    text += strspn(text, " ");
    for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
        text[n - 1] = '\0';
    return text;
}

static void parse_row(struct space *s, struct space_row *row)
{
    char *rest = row->text;
    size_t wanted = s->count + s->answers;
    for (size_t i = 0; i < wanted; i++) {
        if (rest == NULL)
            fail_msg("line %u has too few columns", row->number);
        row->cell[i] = trim(strsep(&rest, ","));
        if (i < s->count)
            row->set[i] = parse_set(s, i, row->cell[i]);
    }
    if (rest != NULL)
        fail_msg("line %u has too many columns", row->number);
}

void space_load(struct space *s, const char *path, const struct space_column *columns, size_t count,
                size_t answers)
{
    FILE *f = fopen(path, "re");
    char line[SPACE_LINE];
    assert_non_null(f);
    assert_true(count + answers <= SPACE_COLUMNS);
    *s = (struct space){.columns = columns, .count = count, .answers = answers};
    for (unsigned number = 1; fgets(line, sizeof line, f) != NULL; number++) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        assert_true(s->rows < SPACE_ROWS);
        struct space_row *row = &s->row[s->rows++];
        row->number = number;
        memcpy(row->text, line, sizeof line);
        parse_row(s, row);
    }
    (void)fclose(f);
}

static bool covers(const struct space *s, const struct space_row *row, const size_t *cell)
{
    for (size_t i = 0; i < s->count; i++) {
        if ((row->set[i] >> cell[i] & 1) == 0)
            return false;
    }
    return true;
}

const struct space_row *space_at(struct space *s, const size_t *cell)
{
    struct space_row *found = NULL;
    for (size_t i = 0; i < s->rows; i++) {
        if (!covers(s, &s->row[i], cell))
            continue;
        if (found != NULL)
            fail_msg("lines %u and %u are about one cell", found->number, s->row[i].number);
        found = &s->row[i];
        found->used = true;
    }
    for (size_t i = 0; found == NULL && i < s->count; i++)
        print_error("%s: %s\n", s->columns[i].name, s->columns[i].values[cell[i]]);
    if (found == NULL)
        fail_msg("there is no row for this cell");
    return found;
}

bool space_next(const struct space *s, size_t *cell)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->columns[i].values[++cell[i]] != NULL)
            return true;
        cell[i] = 0;
    }
    return false;
}
