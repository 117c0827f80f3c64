/* What the files of store_publish.h share. */
#ifndef WW_STORE_STORE_PUBLISH_PRIVATE_H
#define WW_STORE_STORE_PUBLISH_PRIVATE_H

#include "store/store_db.h"
#include "store/store_publish.h"

/* Columns of WW_PUBLISH_COLUMNS, from 0 on. False for a row that we cannot have written. */
bool ww_publish_read(sqlite3_stmt *st, struct ww_published *out);
#define WW_PUBLISH_COLUMN_COUNT 37

/* Runs a statement without rows, whose parameters were bound with rc. */
WW_MUST_CHECK enum ww_err ww_publish_step(struct ww_store *store, enum ww_publish_statement which, int rc);

/* The same for one whose parameters are a domain, and a time where it is wanted. */
WW_MUST_CHECK enum ww_err ww_publish_step_of(struct ww_store *store, enum ww_publish_statement which,
                                             const char *domain);
WW_MUST_CHECK enum ww_err ww_publish_step_at(struct ww_store *store, enum ww_publish_statement which,
                                             const char *domain, int64_t at);

#endif
