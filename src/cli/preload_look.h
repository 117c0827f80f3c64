/* The look at many domains for a preload list, in the process that talks to strangers. */
#ifndef WW_CLI_PRELOAD_LOOK_H
#define WW_CLI_PRELOAD_LOOK_H

#include "cli/preload.h"

/* Domains that are looked at at a time. */
#define WW_PRELOAD_LOOKS 32

struct ww_preload_looks {
    const struct ww_preload_rules *rules;
    const char *const *domains; /* canonical */
    size_t count;
};

/*
 * Looks at all of them, and writes a line of JSON for each to `out`, in no order: {"index", "taken", "mx",
 * "why", "temporary", "withdrawn"}; or {"failed": why} when nothing can be looked at. To be called in a
 * process of its own (worker.h; ctx is a struct ww_preload_looks), whose rights it gives up.
 */
void ww_preload_look(void *ctx, int out);

/* How long it takes at most, in milliseconds, and how many octets it writes at most. */
unsigned ww_preload_look_deadline_ms(const struct ww_preload_looks *looks);
size_t ww_preload_look_output_max(const struct ww_preload_looks *looks);

#endif
