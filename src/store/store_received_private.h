/* What the files of store_received.h share. */
#ifndef WW_STORE_STORE_RECEIVED_PRIVATE_H
#define WW_STORE_STORE_RECEIVED_PRIVATE_H

#include "store/store_db.h"
#include "store/store_received.h"

/* Runs a statement without rows, whose parameters were bound with rc. */
WW_MUST_CHECK enum ww_err ww_received_step(struct ww_store *store, enum ww_received_statement which, int rc);

/* The number that a statement yields whose parameters were bound with rc; 0 when it yields no row. */
WW_MUST_CHECK enum ww_err ww_received_number(struct ww_store *store, sqlite3_stmt *st, int rc, int64_t *out);

/* From a parameter on. */
int ww_received_bind_texts(sqlite3_stmt *st, int i, const char *const *texts, int count);
int ww_received_bind_numbers(sqlite3_stmt *st, int i, const int64_t *numbers, int count);

/* Lines: id of the rule, severity, count and place, with a space between them. */
#define WW_RECEIVED_DEVIATIONS_SIZE (WW_DEVIATIONS_MAX * (WW_DEVIATION_AT_SIZE + 96))
void ww_received_put_deviations(struct ww_buf *b, const struct ww_deviations *d);
/* Lines that no version wrote are left out. */
void ww_received_get_deviations(struct ww_slice text, struct ww_deviations *d);

/* The columns of FACTS, and the octets of the content behind them. False: we cannot have written them. */
bool ww_received_read_facts(sqlite3_stmt *st, struct ww_received_facts *f);

/* Calls cb with the blob that a statement about that number yields; WW_E_NOT_KNOWN: it yields none. */
WW_MUST_CHECK enum ww_err ww_received_blob(struct ww_store *store, sqlite3_stmt *st, uint64_t number,
                                           ww_received_octets_cb *cb, void *ctx);

/* What a report says of a domain, as it is counted. */
struct ww_received_counted {
    char domain[WW_DNAME_SIZE];
    char sender[WW_RECEIVED_NAME_MAX + 1];
    bool verified;
    int64_t day, success, failure;
};
/* Counts it; or takes it back, when its row is gone. */
WW_MUST_CHECK enum ww_err ww_received_add(struct ww_store *store, const struct ww_received_counted *c);
WW_MUST_CHECK enum ww_err ww_received_take_back(struct ww_store *store, const struct ww_received_counted *c);

/* One domain of a report, and the report with its last one. */
WW_MUST_CHECK enum ww_err ww_received_remove_domain(struct ww_store *store, uint64_t number,
                                                    const char *domain);

/* What came at that time, or left again. */
WW_MUST_CHECK enum ww_err ww_received_volume(struct ww_store *store, int64_t came_at, int64_t octets,
                                             int reports, int quarantined);

#endif
