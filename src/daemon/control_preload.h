/* The preload list as JSON: in the answer of "status", and as that of "preload-update". */
#ifndef WW_DAEMON_CONTROL_PRELOAD_H
#define WW_DAEMON_CONTROL_PRELOAD_H

#include "daemon/config.h"
#include "proc/msg_preload.h"

#include <jansson.h>

/*
 * {source, signature, key_file, refresh (seconds), list (or null) {timestamp, expires, counts, domains,
 * author (or null), key, signer (or null)}, outcome ("none", "new", "unchanged", "failed"), error (or null)
 * {id, message}, detail (or null), looked (or null), next (or null)}
 *
 * m is NULL when the role has not answered: list, error and what follows are null then, outcome is "unknown".
 * JSON null when no list is configured; NULL when memory is short.
 */
json_t *ww_control_preload_json(const struct ww_config *config, const struct ww_msg_preload *m);

/* What is wrong with it, in words; NULL when nothing is. */
const char *ww_control_preload_trouble(const struct ww_config *config, const struct ww_msg_preload *m);

#endif
