/* The root's trust anchors (RFC 5011), as the store keeps them. */
#ifndef WW_STORE_STORE_ANCHORS_H
#define WW_STORE_STORE_ANCHORS_H

#include "core/anchor_file.h"
#include "engine/anchors.h"
#include "store/store.h"

/* Replaces what is there, but for when to look again: who starts looks at once. Durable when it returns
 * WW_OK; else nothing has changed. */
WW_MUST_CHECK enum ww_err ww_store_put_anchors(struct ww_store *store, const char *seed,
                                               const struct ww_anchor_point *point);

/* seed is "" when there is nothing. Rows that make no sense are left out. */
WW_MUST_CHECK enum ww_err ww_store_get_anchors(struct ww_store *store, char seed[WW_ANCHOR_SEED_SIZE],
                                               struct ww_anchor_point *point);

#endif
