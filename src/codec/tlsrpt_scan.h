/* A look at JSON before a tree is made of it: how deep it nests, and of how many values it is. */
#ifndef WW_CODEC_TLSRPT_SCAN_H
#define WW_CODEC_TLSRPT_SCAN_H

#include "base/err.h"
#include "base/slice.h"

/* Values of a report, with the keys of its objects; each takes some hundred octets of memory. */
#define WW_TLSRPT_VALUES_MAX 3000000

/*
 * WW_E_REPORT_NOT_OBJECT, _DEEP or _VALUES, and *offset where; WW_OK: it may be JSON, and if it is, no
 * reader of it gets lost.
 */
WW_MUST_CHECK enum ww_err ww_tlsrpt_scan(struct ww_slice json, size_t max_depth, size_t *offset);

/*
 * Each number that is too large for int64_t or double becomes 1e99, or -1e99, in its place: as large, but
 * Jansson reads it, so that the reader gets to say where it stands. json ends with a NUL character behind it.
 */
void ww_tlsrpt_scan_tame(char *json, size_t n);

#endif
