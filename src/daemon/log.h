/*
 * The daemon's log: one line an event to stderr, as text (`time role level event key=value …`), as JSON, or
 * for the journal, which has the time itself and takes the level from a number in front (sd-daemon(3)).
 * Events are fixed words; values are escaped, so that nobody outside can forge a line. waxwingd(8) lists the
 * events from info on. Each process writes so many lines of one event a minute (log_limit.h) and then counts.
 */
#ifndef WW_DAEMON_LOG_H
#define WW_DAEMON_LOG_H

#include "daemon/config.h"

void ww_log_open(const char *role, enum ww_log_level level, enum ww_log_format format);

/*
 * Pairs of key and value (both const char *; a NULL value is left out), ended by a NULL key. False when there
 * were too many lines of this event, so that this one is only counted. Lines for debugging are not counted.
 */
bool ww_log(enum ww_log_level level, const char *event, ...) __attribute__((sentinel));

/* Tells of the lines that were left out in the minutes that are over; with `all`, until now. Now and then. */
void ww_log_flush(bool all);

/* How often ww_log_flush should be called, in seconds. */
#define WW_LOG_FLUSH_SECONDS 10

#define ww_log_error(...) ww_log(WW_LOG_ERROR, __VA_ARGS__, (char *)NULL)
#define ww_log_warning(...) ww_log(WW_LOG_WARNING, __VA_ARGS__, (char *)NULL)
#define ww_log_info(...) ww_log(WW_LOG_INFO, __VA_ARGS__, (char *)NULL)
#define ww_log_debug(...) ww_log(WW_LOG_DEBUG, __VA_ARGS__, (char *)NULL)

#endif
