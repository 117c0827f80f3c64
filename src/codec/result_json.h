/* Events as JSON objects, for scripts. */
#ifndef WW_CODEC_RESULT_JSON_H
#define WW_CODEC_RESULT_JSON_H

#include "core/tls_result.h"

#include <jansson.h>

/*
 * {"version": 1, "time": "2026-11-29T11:24:44Z", "domain": ..., "result": ..., "mx": ..., "ip": ..., "from":
 * ..., "policy": ..., "mode": ..., "policy_id": ..., "tls": ..., "text": ..., "mta": ..., "session": ...};
 * null where nothing is known. A new reference; NULL when memory is short.
 */
json_t *ww_result_json(const struct ww_tls_result *r);

#endif
