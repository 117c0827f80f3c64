/* What Waxwing itself knows that bears on a failure which a report tells of. */
#include "daemon/keeper_received_private.h"

void ww_keeper_received_known(struct ww_store *store, const struct ww_received_facts *facts,
                              const struct ww_received_row *row, json_t *failure)
{
    (void)store;
    (void)facts;
    (void)row;
    (void)json_object_set_new(failure, "known", json_array());
}
