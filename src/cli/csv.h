/* Comma-separated values (RFC 4180) that a spreadsheet opens as what they are. */
#ifndef WW_CLI_CSV_H
#define WW_CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ww_csv {
    FILE *to;
    bool safely; /* as ww_show_safely: for a terminal */
    bool begun;  /* a record */
};

/*
 * Writes one field of a record. Text that a spreadsheet would take for a formula, as it begins with =, +, -,
 * @, a tab or a CR, gets an apostrophe before it: strangers have written it.
 */
void ww_csv_text(struct ww_csv *csv, const char *text, size_t n);

/* A field as it is: of digits, or nothing. */
void ww_csv_plain(struct ww_csv *csv, const char *text);

/* Ends the record. */
void ww_csv_end(struct ww_csv *csv);

#endif
