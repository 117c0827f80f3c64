/* What the answers on the control socket have in common. */
#ifndef WW_DAEMON_CONTROL_JSON_H
#define WW_DAEMON_CONTROL_JSON_H

#include "codec/json_values.h"

/* The text; null for "". */
json_t *ww_json_text_or_null(const char *text);

#endif
