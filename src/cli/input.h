/* Reading a file, or standard input, up to a limit; and what stands in its lines. */
#ifndef WW_CLI_INPUT_H
#define WW_CLI_INPUT_H

#include "base/slice.h"

#include <stddef.h>

struct ww_input {
    char *p; /* n octets; free with ww_input_free */
    size_t n;
};

/*
 * Reads at most `limit` octets; what a file holds beyond them is not looked at. NULL and "-" are standard
 * input. On a failure it says why on standard error and returns an exit code; else WW_EXIT_OK.
 */
int ww_input_read(const char *path, size_t limit, struct ww_input *input);
void ww_input_free(struct ww_input *input);

/* Part of a line, without the blanks around it and without the CR before its end. */
struct ww_slice ww_input_trim(struct ww_slice s);

#endif
