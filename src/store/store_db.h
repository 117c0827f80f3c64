/* A store's inside, shared by the files that make it up. */
#ifndef WW_STORE_STORE_DB_H
#define WW_STORE_STORE_DB_H

#include "store/store.h"

#include <sqlite3.h>

enum ww_store_statement {
    WW_STORE_BEGIN,
    WW_STORE_COMMIT,
    WW_STORE_ROLLBACK,
    WW_STORE_PUT,
    WW_STORE_CONFIRM,
    WW_STORE_GET,
    WW_STORE_EXPIRE,
    WW_STORE_FORGET,
    WW_STORE_FORGET_ALL,
    WW_STORE_WALK_ENFORCED,
    WW_STORE_WALK_OTHERS,
    WW_STORE_OVERRIDE_PUT,
    WW_STORE_OVERRIDE_ADD,
    WW_STORE_OVERRIDE_REMOVE,
    WW_STORE_OVERRIDE_EACH,
    WW_STORE_OVERRIDE_EXPIRE,
    WW_STORE_OVERRIDE_COUNT,
    WW_STORE_OVERRIDE_NEXT_END,
    WW_STORE_ANCHOR_POINT,
    WW_STORE_ANCHOR_POINT_PUT,
    WW_STORE_ANCHOR_EACH,
    WW_STORE_ANCHOR_PUT,
    WW_STORE_ANCHOR_CLEAR,
    WW_STORE_STATEMENTS,
};

extern const char *const ww_store_sql[WW_STORE_STATEMENTS];

enum ww_history_statement {
    WW_HISTORY_AGAIN,
    WW_HISTORY_FIRST,
    WW_HISTORY_TRIM,
    WW_HISTORY_CONFIRM,
    WW_HISTORY_LIST,
    WW_HISTORY_PART,
    WW_HISTORY_PURGE,
    WW_HISTORY_STATEMENTS,
};

extern const char *const ww_history_sql[WW_HISTORY_STATEMENTS];

enum ww_watch_statement {
    WW_WATCH_PUT,
    WW_WATCH_REMOVE,
    WW_WATCH_REMOVE_REPORT,
    WW_WATCH_REMOVE_RUNS,
    WW_WATCH_REMOVE_FINDINGS,
    WW_WATCH_TOTALS,
    WW_WATCH_LIST,
    WW_WATCH_DUE,
    WW_WATCH_NEXT_DUE,
    WW_WATCH_SET_DUE,
    WW_WATCH_RAN,
    WW_WATCH_REPORT_PUT,
    WW_WATCH_REPORT,
    WW_WATCH_RUN_PUT,
    WW_WATCH_RUN_TRIM,
    WW_WATCH_RUN_LIST,
    WW_WATCH_FINDING_PUT,
    WW_WATCH_FINDING_LIST,
    WW_WATCH_ACK,
    WW_WATCH_ALERT_PUT,
    WW_WATCH_ALERT_LIST,
    WW_WATCH_ALERT_DONE,
    WW_WATCH_ALERT_DELIVERED,
    WW_WATCH_ALERT_EXPIRE,
    WW_WATCH_ALERT_COUNT,
    WW_WATCH_STATEMENTS,
};

extern const char *const ww_watch_sql[WW_WATCH_STATEMENTS];

enum ww_outbox_statement {
    WW_OUTBOX_PUT,
    WW_OUTBOX_GET,
    WW_OUTBOX_LATEST,
    WW_OUTBOX_BY_ID,
    WW_OUTBOX_CONTENT,
    WW_OUTBOX_LIST,
    WW_OUTBOX_DUE,
    WW_OUTBOX_NEXT_DUE,
    WW_OUTBOX_SET,
    WW_OUTBOX_DROP_CONTENT,
    WW_OUTBOX_TARGETS,
    WW_OUTBOX_PUT_TARGET,
    WW_OUTBOX_DROP_TARGETS,
    WW_OUTBOX_REFUSED_LAST,
    WW_OUTBOX_DESTINATION,
    WW_OUTBOX_PUT_DESTINATION,
    WW_OUTBOX_DROP_DESTINATION,
    WW_OUTBOX_SUPPRESSED,
    WW_OUTBOX_OPEN_DAYS,
    WW_OUTBOX_PURGE_TARGETS,
    WW_OUTBOX_PURGE,
    WW_OUTBOX_COUNT,
    WW_OUTBOX_COUNT_TARGETS,
    WW_OUTBOX_COUNT_SUPPRESSED,
    WW_OUTBOX_STATEMENTS,
};

extern const char *const ww_outbox_sql[WW_OUTBOX_STATEMENTS];

enum ww_results_statement {
    WW_RESULTS_POSITION,
    WW_RESULTS_POSITION_PUT,
    WW_RESULTS_POSITION_TRIM,
    WW_RESULTS_DAY_AGAIN,
    WW_RESULTS_DAY_FIRST,
    WW_RESULTS_DAY_REMOVE,
    WW_RESULTS_DAY_LIST,
    WW_RESULTS_DAY_GET,
    WW_RESULTS_DAY_LATEST,
    WW_RESULTS_COUNT,
    WW_RESULTS_COUNT_ADD,
    WW_RESULTS_COUNT_REMOVE,
    WW_RESULTS_COUNT_ALL,
    WW_RESULTS_OCTETS,
    WW_RESULTS_OCTETS_ADD,
    WW_RESULTS_POLICY_AGAIN,
    WW_RESULTS_POLICY_COUNT,
    WW_RESULTS_POLICY_PUT,
    WW_RESULTS_POLICY_LIST,
    WW_RESULTS_POLICY_REMOVE,
    WW_RESULTS_DETAIL_AGAIN,
    WW_RESULTS_DETAIL_COUNT,
    WW_RESULTS_DETAIL_PUT,
    WW_RESULTS_DETAIL_LIST,
    WW_RESULTS_DETAIL_REMOVE,
    WW_RESULTS_LOOK_AGAIN,
    WW_RESULTS_LOOK_COUNT,
    WW_RESULTS_LOOK_FIRST,
    WW_RESULTS_LOOK_DUE,
    WW_RESULTS_LOOK_SET_DUE,
    WW_RESULTS_LOOK_REMOVE,
    WW_RESULTS_STATEMENTS,
};

extern const char *const ww_results_sql[WW_RESULTS_STATEMENTS];

struct ww_store {
    sqlite3 *db;
    sqlite3_stmt *statements[WW_STORE_STATEMENTS];
    sqlite3_stmt *history[WW_HISTORY_STATEMENTS];
    sqlite3_stmt *watch[WW_WATCH_STATEMENTS];
    sqlite3_stmt *outbox[WW_OUTBOX_STATEMENTS];
    sqlite3_stmt *results[WW_RESULTS_STATEMENTS];
    int64_t last_fetch; /* of the policies that were put since it was opened; 0 none */
    bool is_new;
    char detail[256];
};

/* Takes down the words on a failure, and says which it is. */
WW_MUST_CHECK enum ww_err ww_store_fail(struct ww_store *store, int rc);

/* The rest of a statement that gave rc so far: frees what was bound, and fails unless rc is SQLITE_DONE. */
WW_MUST_CHECK enum ww_err ww_store_done(struct ww_store *store, sqlite3_stmt *st, int rc);

/* Runs a bound statement that yields no rows. */
WW_MUST_CHECK enum ww_err ww_store_run(struct ww_store *store, enum ww_store_statement which);

/* Borrowed until the statement is done. */
int ww_store_bind_text(sqlite3_stmt *st, int i, const char *s);
int ww_store_bind_slice(sqlite3_stmt *st, int i, struct ww_slice text);
int ww_store_bind_blob(sqlite3_stmt *st, int i, struct ww_slice blob);

/* Copies a column. False, and "", for what does not fit: we cannot have written it. */
bool ww_store_column_text(sqlite3_stmt *st, int column, char *out, size_t size);

#endif
