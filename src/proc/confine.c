#include "proc/confine_step.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void ww_confine_note(struct ww_confine_report *r, const char *fmt, ...)
{
    size_t n = strnlen(r->detail, r->size);
    if (n > 0 && n + 2 < r->size) {
        memcpy(r->detail + n, "; ", 3);
        n += 2;
    }
    va_list ap;
    va_start(ap, fmt);
    if (n < r->size)
        vsnprintf(r->detail + n, r->size - n, fmt, ap);
    va_end(ap);
}

static bool limit(__rlimit_resource_t resource, rlim_t value)
{
    struct rlimit l;
    if (getrlimit(resource, &l) != 0)
        return false;
    if (value < l.rlim_max)
        l.rlim_max = value;
    l.rlim_cur = l.rlim_max;
    return setrlimit(resource, &l) == 0;
}

/* No core file with other people's data in it, and as many connections as the system grants. */
static bool set_limits(const struct ww_confine *c, struct ww_confine_report *r)
{
    bool good = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, RLIM_INFINITY);
#ifndef WW_SANITIZED /* the leak checker makes a process of its own */
    good = good && ((c->rights & WW_MAY_RUN) || limit(RLIMIT_NPROC, 0));
#else
    (void)c;
#endif
    if (!good)
        ww_confine_note(r, "resource limits: %s", strerror(errno));
    return good;
}

static bool set_process_flags(int death_signal, struct ww_confine_report *r)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
        prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) == 0)
        return true;
    ww_confine_note(r, "process flags: %s", strerror(errno));
    return false;
}

enum ww_err ww_confine(const struct ww_confine *c, bool *partial, char *detail, size_t detail_size)
{
    struct ww_confine_report r = {.partial = false, .detail = detail, .size = detail_size};
    detail[0] = '\0';
    /* A change of user clears it, and what is to die with its parent would outlive it. */
    int death_signal = 0;
    (void)prctl(PR_GET_PDEATHSIG, &death_signal, 0, 0, 0);
    bool good = ww_confine_user(c, &r) && set_process_flags(death_signal, &r) && set_limits(c, &r) &&
                ww_confine_landlock(c, &r) && ww_confine_seccomp(c, &r);
    *partial = r.partial;
    return good ? WW_OK : WW_E_CONFINE;
}
