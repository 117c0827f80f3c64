/* The clock for deadlines: milliseconds that never go back, from some moment in the past. */
#ifndef WW_DAEMON_CLOCK_H
#define WW_DAEMON_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t ww_clock_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
