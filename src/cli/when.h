/* A time as seen from now: what a person reads first. */
#ifndef WW_CLI_WHEN_H
#define WW_CLI_WHEN_H

#include <stdint.h>

#define WW_WHEN_SIZE 32

/* "in 6 d 3 h", "5 min ago", "now"; two units at the most. Unix seconds. */
void ww_when(int64_t time, int64_t now, char out[WW_WHEN_SIZE]);

#endif
