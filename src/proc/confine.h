/*
 * Gives up rights, for good: user, file system (Landlock), system calls (seccomp). Called by a role once all
 * that needs rights is done (libraries loaded, CA store and configuration read), before it meets hostile
 * data.
 *
 * What is left: descriptors that are open already, the loop, memory, clocks, and the rights named. Other
 * system calls fail with EPERM; those that are of use to an intruder alone end the process. With WW_MAY_RUN
 * only these are forbidden, as nobody knows what a program that is run will want, and Unix sockets; a process
 * that it begins may call ww_confine again and keep less.
 */
#ifndef WW_PROC_CONFINE_H
#define WW_PROC_CONFINE_H

#include "base/err.h"
#include "base/slice.h"

enum ww_confine_rights {
    WW_MAY_ACCEPT = 1 << 0,  /* accept on listeners that it was handed */
    WW_MAY_CONNECT = 1 << 1, /* make internet sockets, connect and send */
    WW_MAY_FILES = 1 << 2,   /* open files, below `directory` alone, and random numbers */
    WW_MAY_RUN = 1 << 3,     /* begin processes and run programs, which have no more rights than it has; read
                                all files, and write below `directory` and `also` alone */
    WW_MAY_READ = 1 << 4,    /* open files to read them, below `directory` alone */
};

struct ww_confine {
    unsigned rights;
    const char *user;      /* to become when started as root: its name, or NULL */
    const char *directory; /* for WW_MAY_FILES, WW_MAY_READ, and WW_MAY_RUN: NULL, nothing is written then */
    const char *also;      /* another one for WW_MAY_RUN, or NULL; it is there */
};

/*
 * On failure detail says what could not be done. A kernel without Landlock or seccomp is not a failure:
 * *partial is set and detail says what is missing.
 */
WW_MUST_CHECK enum ww_err ww_confine(const struct ww_confine *c, bool *partial, char *detail,
                                     size_t detail_size);

#endif
