/* What Waxwing itself knows that bears on one failure of a report of others: for `received-show`. */
#ifndef WW_DAEMON_KEEPER_KNOWN_H
#define WW_DAEMON_KEEPER_KNOWN_H

#include "core/received.h"
#include "store/store.h"

#include <jansson.h>

struct ww_keeper_known_want {
    struct ww_slice domain;            /* the recipient domain */
    struct ww_slice type;              /* of the policy, as the next two */
    struct ww_slice strings, mx_hosts; /* one a line */
    const struct ww_received_detail *detail;
    int64_t day; /* of the report: ww_day_of */
    int64_t now;
};

/* A new array of sentences (advise/known.h), empty where nothing is known, or the store does not say. NULL:
 * memory is short.
 */
json_t *ww_keeper_known(struct ww_store *store, const struct ww_keeper_known_want *want);

#endif
