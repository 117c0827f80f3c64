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
    WW_STORE_EXPIRE,
    WW_STORE_WALK_ENFORCED,
    WW_STORE_WALK_OTHERS,
    WW_STORE_STATEMENTS,
};

extern const char *const ww_store_sql[WW_STORE_STATEMENTS];

struct ww_store {
    sqlite3 *db;
    sqlite3_stmt *statements[WW_STORE_STATEMENTS];
    bool is_new;
    char detail[256];
};

#endif
