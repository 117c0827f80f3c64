/* The clock for deadlines, in milliseconds. */
#ifndef WW_DAEMON_CLOCK_H
#define WW_DAEMON_CLOCK_H

#include "net/clock.h"

static inline int64_t ww_clock_ms(void)
{
    return ww_clock_us() / 1000;
}

#endif
