/*
 * How often in a row the same was tried for a domain, so that it is tried ever more seldom. In memory alone:
 * a steward that is started anew begins anew.
 */
#ifndef WW_DAEMON_STEWARD_PATIENCE_H
#define WW_DAEMON_STEWARD_PATIENCE_H

#include "core/dname.h"

#include <stdint.h>

/* Of more domains those are forgotten that nothing was tried for the longest. */
#define WW_PATIENCE_DOMAINS 1024

struct ww_patience;

/* NULL: memory is short. */
struct ww_patience *ww_patience_new(void);
void ww_patience_free(struct ww_patience *patience);

/* Something is tried once more: how often it was tried before, one time behind the other. Another thing
 * begins with 0. */
unsigned ww_patience_again(struct ww_patience *patience, const char *domain, unsigned what);

/* first, doubled with each time before, and last at most. */
int64_t ww_patience_seconds(unsigned before, int64_t first, int64_t last);

#endif
