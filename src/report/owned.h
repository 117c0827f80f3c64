/* A slice that owns its octets. */
#ifndef WW_REPORT_OWNED_H
#define WW_REPORT_OWNED_H

#include "base/slice.h"

#include <stdlib.h>
#include <string.h>

/* It is empty then. */
static inline void ww_owned_free(struct ww_slice *s)
{
    void *octets;
    memcpy(&octets, &s->p, sizeof octets);
    free(octets);
    *s = ww_slice(NULL, 0);
}

#endif
