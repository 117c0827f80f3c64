/*
 * Putting a damaged store aside, so that a new one can be made at its path and nothing is lost that somebody
 * may still want to look into.
 */
#ifndef WW_STORE_ASIDE_H
#define WW_STORE_ASIDE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many are kept; then whatever damages them is not fed with more. */
#define WW_STORE_ASIDE_MAX 3

/*
 * Whether the file, which SQLite calls damaged or no database, was ours once: it bears our mark, or its first
 * page is lost and its size is that of a database. Anything else is of others, and stays where it is.
 */
bool ww_store_was_ours(const char *path);

/*
 * Renames the closed store to a sibling, path.corrupt-<UTC time>, its companions along with it. kept gets the
 * new name. WW_E_STORE_ASIDE, and words in detail: nothing has changed.
 */
WW_MUST_CHECK enum ww_err ww_store_put_aside(const char *path, int64_t now, char *kept, size_t kept_size,
                                             char *detail, size_t detail_size);

#endif
