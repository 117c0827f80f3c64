/* The clock for measuring and for deadlines: it never goes back, and counts from some moment in the past. */
#ifndef WW_NET_CLOCK_H
#define WW_NET_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t ww_clock_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

#endif
