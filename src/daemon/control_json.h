/* What the answers on the control socket have in common. */
#ifndef WW_DAEMON_CONTROL_JSON_H
#define WW_DAEMON_CONTROL_JSON_H

#include "base/err.h"

#include <jansson.h>
#include <stdint.h>

/* RFC 3339 in UTC; null for 0. A new reference, or NULL when memory is short. */
json_t *ww_json_time(int64_t seconds);

/* {id, message}; null for WW_OK. */
json_t *ww_json_error(enum ww_err err);

/* The text; null for "". */
json_t *ww_json_text_or_null(const char *text);

#endif
