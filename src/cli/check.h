/*
 * The parts of `waxwing check`. A process of its own looks (check_look.c), with a resolver's rights, and
 * tells in lines of JSON what goes on and what came of it; its parent shows that.
 */
#ifndef WW_CLI_CHECK_H
#define WW_CLI_CHECK_H

#include "daemon/config.h"

#include <jansson.h>

/* Domains that are inspected at the same time. */
#define WW_CHECK_PARALLEL_MAX 100

struct ww_check_order {
    const struct ww_config *config;
    const char *const *domains; /* canonical */
    size_t count;
    size_t parallel;       /* 1 to WW_CHECK_PARALLEL_MAX */
    unsigned deadline_ms;  /* of one inspection */
    const json_t *against; /* earlier reports, by domain; or NULL */
};

/*
 * Inspects, and writes lines to `out`: {"step": {"domain", "part", "name", "ended"}}, {"report": …}
 * (check/report_json.h), and at the end {"end": true}; or {"failed": why}, with "domain"
 * where it is about one alone. To be called in a process of its
 * own (worker.h; ctx is a struct ww_check_order), whose rights it gives up.
 */
void ww_check_look(void *ctx, int out);

/* How long that takes at most, in milliseconds; and how much it tells. */
unsigned ww_check_look_deadline_ms(const struct ww_check_order *order);
size_t ww_check_look_output_max(const struct ww_check_order *order);

#endif
