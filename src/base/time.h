/* Unix seconds in text. Nothing here asks what time it is. */
#ifndef WW_BASE_TIME_H
#define WW_BASE_TIME_H

#include <stdint.h>

#define WW_TIME_SIZE 21

/*
 * Writes RFC 3339 in UTC: "2026-11-22T21:57:00Z". Times outside of the years 1970 to 9999 are written as the
 * nearest one inside.
 */
void ww_time_format(int64_t seconds, char out[WW_TIME_SIZE]);

#endif
