/* What the files of store_outbox.h share. */
#ifndef WW_STORE_STORE_OUTBOX_PRIVATE_H
#define WW_STORE_STORE_OUTBOX_PRIVATE_H

#include "store/store_db.h"

/* Runs a statement without rows, whose parameters were bound with rc. */
WW_MUST_CHECK enum ww_err ww_outbox_step(struct ww_store *store, enum ww_outbox_statement which, int rc);

/* The number that a statement yields whose parameters were bound with rc; 0 when it yields no row. */
WW_MUST_CHECK enum ww_err ww_outbox_number(struct ww_store *store, enum ww_outbox_statement which, int rc,
                                           int64_t *out);

/* From a parameter on. */
int ww_outbox_bind_texts(sqlite3_stmt *st, int i, const char *const *texts, int count);
int ww_outbox_bind_numbers(sqlite3_stmt *st, int i, const int64_t *numbers, int count);

#endif
