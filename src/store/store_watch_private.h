/* What the files of store_watch.h share. */
#ifndef WW_STORE_STORE_WATCH_PRIVATE_H
#define WW_STORE_STORE_WATCH_PRIVATE_H

#include "store/store_db.h"

/* Runs a statement without rows, whose parameters were bound with rc. */
WW_MUST_CHECK enum ww_err ww_watch_step(struct ww_store *store, enum ww_watch_statement which, int rc);

/* The number that a statement without parameters yields. */
WW_MUST_CHECK enum ww_err ww_watch_number(struct ww_store *store, enum ww_watch_statement which,
                                          int64_t *out);

#endif
