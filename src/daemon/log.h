/*
 * The daemon's log: one line an event to stderr, as text (`time role level event key=value …`) or JSON.
 * Events are fixed words; values are escaped, so that nobody outside can forge a line. waxwingd(8) lists the
 * events from info on.
 */
#ifndef WW_DAEMON_LOG_H
#define WW_DAEMON_LOG_H

#include "daemon/config.h"

void ww_log_open(const char *role, enum ww_log_level level, bool json);

/* Pairs of key and value (both const char *; a NULL value is left out), ended by a NULL key. */
void ww_log(enum ww_log_level level, const char *event, ...) __attribute__((sentinel));

#define ww_log_error(...) ww_log(WW_LOG_ERROR, __VA_ARGS__, (char *)NULL)
#define ww_log_warning(...) ww_log(WW_LOG_WARNING, __VA_ARGS__, (char *)NULL)
#define ww_log_info(...) ww_log(WW_LOG_INFO, __VA_ARGS__, (char *)NULL)
#define ww_log_debug(...) ww_log(WW_LOG_DEBUG, __VA_ARGS__, (char *)NULL)

#endif
