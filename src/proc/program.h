/*
 * Runs a program to its end, without a shell, bounded in time and in what it says. Blocks: called in a
 * process that does nothing else (daemon/job.h).
 */
#ifndef WW_PROC_PROGRAM_H
#define WW_PROC_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who says more than that finds nobody who listens; octets. */
#define WW_PROGRAM_HEARD_MAX ((size_t)64 * 1024)

#define WW_PROGRAM_WORDS_MAX 24

/* All is borrowed. */
struct ww_program {
    const char *path;
    const char *const *argv; /* NULL-terminated, WW_PROGRAM_WORDS_MAX at most, as env */
    const char *const *env;  /* beside PATH, HOME and LANG, which it always gets; and no others */
    int in;                  /* its standard input; -1: there is nothing to read */
    int kept;                /* a descriptor that it gets by the same number; -1: none */
    unsigned timeout_ms;
    char *said; /* the beginning of what it writes to standard output and error, NUL-terminated */
    size_t said_size;
};

enum ww_program_end {
    WW_PROGRAM_ENDED,   /* *status is what waitpid says; 127: it could not be run, as was said */
    WW_PROGRAM_TIMEOUT, /* it was killed */
    WW_PROGRAM_FAILED,  /* it was not begun: errno says why */
};
enum ww_program_end ww_program_run(const struct ww_program *program, int *status);

/* A program by its name in the places where systems keep theirs, whatever PATH says. False: it is in none. */
bool ww_program_find(const char *name, char *path, size_t size);

#endif
