/* Reading a file, or standard input, up to a limit. */
#ifndef WW_CLI_INPUT_H
#define WW_CLI_INPUT_H

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

#endif
