/* What the files of store_results.h share. */
#ifndef WW_STORE_STORE_RESULTS_PRIVATE_H
#define WW_STORE_STORE_RESULTS_PRIVATE_H

#include "store/store_db.h"

/* Runs a statement without rows, whose parameters were bound with rc. */
WW_MUST_CHECK enum ww_err ww_results_step(struct ww_store *store, enum ww_results_statement which, int rc);

/* The number that a statement yields, whose parameters were bound with rc; none: *out stays. */
WW_MUST_CHECK enum ww_err ww_results_number(struct ww_store *store, enum ww_results_statement which, int rc,
                                            int64_t *out);

/* ?1 domain, ?2 day. */
int ww_results_bind_day(struct ww_store *store, enum ww_results_statement which, const char *domain,
                        int64_t day);

/* The rows of a day are one more, or one less. */
WW_MUST_CHECK enum ww_err ww_results_count_add(struct ww_store *store, int64_t day, int n);

#endif
