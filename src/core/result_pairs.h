/*
 * The words of a line that tells an event: a kind, a version, and key=value pairs, as docs/results.md has
 * them. The keys and their values are the caller's.
 */
#ifndef WW_CORE_RESULT_PAIRS_H
#define WW_CORE_RESULT_PAIRS_H

#include "base/buf.h"
#include "base/err.h"

/* A line without its line feed. */
#define WW_RESULT_LINE_MAX 4095

/* A line may have so many pairs. */
#define WW_RESULT_PAIRS_MAX 32

/* A key that the caller knows: puts its value where it belongs. */
struct ww_result_key {
    const char *name;
    enum ww_err (*put)(void *to, struct ww_slice value);
};

/*
 * Reads a line of that kind and of version 1: calls the `put` of each key that has a value, and skips keys
 * that are not among the count (at most 32) ones. On an error *offset is where the word begins that breaks a
 * rule, and what was put before stays. Values are borrowed for the call of `put` alone.
 */
WW_MUST_CHECK enum ww_err ww_result_pairs_read(const char *p, size_t n, const char *kind,
                                               const struct ww_result_key *keys, size_t count, void *to,
                                               size_t *offset);

/* Appends " key=value" with what quotes it needs; nothing for an empty value. */
void ww_result_pair_put(struct ww_buf *b, const char *key, struct ww_slice value);

#endif
