/* When a watched domain is inspected again. Pure. */
#ifndef WW_ENGINE_WATCH_SCHEDULE_H
#define WW_ENGINE_WATCH_SCHEDULE_H

#include <stdint.h>

/*
 * Some time in the last tenth of the interval after the run, so that what was added together drifts apart and
 * no host sees many of them at once; place (of 65536) says where in it. Unix seconds.
 */
int64_t ww_watch_next(int64_t at, int64_t interval, uint16_t place);

#endif
