/*
 * Parts of what is known of a domain, as JSON values: what the map EXPLAIN and the HTTP API have in common.
 * For these two alone.
 */
#ifndef WW_CODEC_EXPLAIN_PARTS_H
#define WW_CODEC_EXPLAIN_PARTS_H

#include "codec/explain.h"

#include <jansson.h>

/* Sticky like the buffers: sets a member, and takes over its value; a value of NULL is a failure. */
void ww_part_set(json_t *object, const char *key, json_t *value, bool *failed);

/* RFC 3339 in UTC; null for 0. */
json_t *ww_part_time(int64_t seconds);

/* Null for NULL and "". */
json_t *ww_part_string(const char *s);

/* {id, message, source}, or null. */
json_t *ww_part_error(enum ww_err why);

/* Sets mode, id, max_age, fetched and expires of the policy in force; null without one. */
void ww_part_policy(json_t *object, const struct ww_explain *e, bool *failed);

/* What is decided about. Borrows. */
struct ww_domain_case ww_part_case(const struct ww_explain *e);

/* Where the answer comes from; d is the decision. */
json_t *ww_part_source(const struct ww_explain *e, const struct ww_decision *d);

/* {key, level, applied, source, until, reason, who, set, mx}, or null; applied: d is what it has ordered. */
json_t *ww_part_override(const struct ww_override *o, const struct ww_decision *d, bool *failed);

/* {mx, until, hosts [{host, dane}], more}, or null. */
json_t *ww_part_dane(const struct ww_domain_dane *dane, bool *failed);

/*
 * Appends the JSON text of root, which is freed, on one line without a line end. Fails with WW_E_NO_MEMORY,
 * also for a root of NULL, or WW_E_TOO_LONG when it takes more than room.
 */
WW_MUST_CHECK enum ww_err ww_part_put(struct ww_buf *b, json_t *root, size_t room);

#endif
