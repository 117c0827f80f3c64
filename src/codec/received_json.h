/* The reports of others as JSON, and what deviates in them. */
#ifndef WW_CODEC_RECEIVED_JSON_H
#define WW_CODEC_RECEIVED_JSON_H

#include "core/received.h"

#include <jansson.h>

/* A new list of {"id", "severity", "count", "at", "message", "source"}, errors first; NULL: memory is short.
 */
json_t *ww_deviations_json(const struct ww_deviations *deviations);

/*
 * What `waxwing lint report` says: {"result", "organization", "report_id", "policies", "success", "failure",
 * "findings"}, all of them there whatever the result is. report: what could be read, or NULL. A new object;
 * NULL: memory is short.
 */
json_t *ww_received_lint_json(const struct ww_received *report, const struct ww_deviations *deviations);

#endif
