/*
 * Brings a database to the present schema. The schema is an ordered list of steps: step i leads from version
 * i to i + 1, an empty file has version 0. A step that was released is never changed; a new one is appended.
 */
#ifndef WW_STORE_MIGRATE_H
#define WW_STORE_MIGRATE_H

#include "base/err.h"

#include <sqlite3.h>
#include <stddef.h>

struct ww_schema {
    int application_id;       /* marks the file as ours */
    const char *const *steps; /* SQL text */
    int count;                /* the present version */
};

extern const struct ww_schema ww_store_schema;

/*
 * Runs the missing steps in one transaction: all of them happen, or none. A file of another application or of
 * a newer version is refused untouched; a present one is only read, so that a lock of others does not matter.
 * *before is the version that the file had. Words on a failure go to detail.
 */
WW_MUST_CHECK enum ww_err ww_migrate(sqlite3 *db, const struct ww_schema *schema, int *before, char *detail,
                                     size_t detail_size);

/* The error that stands for a SQLite result code, the last one of db. */
enum ww_err ww_store_err(sqlite3 *db, int rc);

#endif
