/* Which names are taken for those of one registrant. */
#ifndef WW_DAEMON_RESOLVER_SITE_H
#define WW_DAEMON_RESOLVER_SITE_H

#include "base/slice.h"

/*
 * The end of a canonical domain that one registrant is likely to hold: its last two labels, or three where
 * registries commonly sell names below the second, as in co.uk. A guess, good for sharing out turns and for
 * nothing else.
 */
struct ww_slice ww_site_of(struct ww_slice domain);

#endif
