/* What Waxwing itself knows that bears on a failure which a report tells of. */
#include "daemon/keeper_known.h"
#include "daemon/keeper_received_private.h"

#include <time.h>

void ww_keeper_received_known(struct ww_store *store, const struct ww_received_facts *facts,
                              const struct ww_received_row *row, json_t *failure)
{
    const struct ww_keeper_known_want want = {
        .domain = row->domain,
        .type = row->type,
        .strings = row->strings,
        .mx_hosts = row->mx_hosts,
        .detail = &row->detail,
        .day = ww_day_of(facts->begin + (facts->end - facts->begin) / 2),
        .now = (int64_t)time(NULL),
    };
    (void)json_object_set_new(failure, "known", ww_keeper_known(store, &want));
}
