#include "store/migrate.h"

/*
 * No index on the mode: on a million rows it makes writing half as slow again and the file a sixth larger,
 * and reading all enforced policies through it is slower than reading the table twice.
 */
static const char *const steps[] = {
    "CREATE TABLE policy ("
    " domain TEXT NOT NULL PRIMARY KEY,"
    " id TEXT NOT NULL,"
    " body BLOB NOT NULL,"
    " mode INTEGER NOT NULL," /* enum ww_policy_mode */
    " fetched INTEGER NOT NULL,"
    " expires INTEGER NOT NULL,"
    " checked INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID",
};

const struct ww_schema ww_store_schema = {
    .application_id = 0x57617877, /* "Waxw" */
    .steps = steps,
    .count = sizeof steps / sizeof steps[0],
};
