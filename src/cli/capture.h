/* Runs a program, and takes down what it writes. */
#ifndef WW_CLI_CAPTURE_H
#define WW_CLI_CAPTURE_H

#include <stddef.h>

enum ww_captured {
    WW_CAPTURED,       /* it ended well */
    WW_CAPTURE_ABSENT, /* there is no such program */
    WW_CAPTURE_FAILED, /* it ended otherwise, or more was written than is taken */
    WW_CAPTURE_LATE,   /* it was ended at the deadline */
};

/*
 * argv ends with NULL; argv[0] is looked for in PATH, and then in the directories of system programs, which
 * an ordinary user's PATH lacks. Both outputs go to *text, NUL-terminated, which the caller frees; NULL when
 * memory is short.
 */
enum ww_captured ww_capture(const char *const *argv, unsigned deadline_ms, char **text);

#endif
