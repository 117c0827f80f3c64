/* Slices whose bytes are their own: of what was seen, which outlives the answer that it came in. */
#ifndef WW_CHECK_OWNED_H
#define WW_CHECK_OWNED_H

#include "base/slice.h"

#include <stdint.h>
#include <stdlib.h>

/* Frees the bytes, which malloc has given, and leaves the slice empty. */
static inline void ww_owned_free(struct ww_slice *s)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): a slice is const, and this one is owned */
    free((void *)(uintptr_t)s->p);
    *s = ww_slice(NULL, 0);
}

#endif
