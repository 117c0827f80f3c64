/* The steps of ww_confine, in the order in which they are taken. Private to it. */
#ifndef WW_PROC_CONFINE_STEP_H
#define WW_PROC_CONFINE_STEP_H

#include "proc/confine.h"

struct ww_confine_report {
    bool partial; /* the kernel lacks something */
    char *detail;
    size_t size;
};

/* Notes what is missing or failed, behind what was noted before. */
__attribute__((format(printf, 2, 3))) void ww_confine_note(struct ww_confine_report *r, const char *fmt, ...);

/* Each returns false when it failed and the process must not go on. */
bool ww_confine_user(const struct ww_confine *c, struct ww_confine_report *r);
bool ww_confine_landlock(const struct ww_confine *c, struct ww_confine_report *r);
bool ww_confine_seccomp(const struct ww_confine *c, struct ww_confine_report *r);

#endif
