/* Unix seconds in text. Nothing here asks what time it is. */
#ifndef WW_BASE_TIME_H
#define WW_BASE_TIME_H

#include "base/slice.h"

#include <stdint.h>

#define WW_TIME_SIZE 21

/*
 * Writes RFC 3339 in UTC: "2026-11-22T21:57:00Z". Times outside of the years 1970 to 9999 are written as the
 * nearest one inside.
 */
void ww_time_format(int64_t seconds, char out[WW_TIME_SIZE]);

/*
 * Reads RFC 3339 with its zone: "2026-12-31T00:00:00Z", "2026-12-31T01:00:00+01:00"; of a fraction of a
 * second only the form counts. False: it is no such time, or not in the years 1970 to 9999.
 */
bool ww_time_parse(struct ww_slice text, int64_t *seconds);

#endif
