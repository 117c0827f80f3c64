/* The values that stand in the JSON objects for people and scripts: strangers' text, times, octets, errors.
 */
#ifndef WW_CODEC_JSON_VALUES_H
#define WW_CODEC_JSON_VALUES_H

#include "base/err.h"
#include "base/slice.h"

#include <jansson.h>
#include <stdint.h>

/* A new object of an error, or null for WW_OK: {"id", "message", "source"}. */
json_t *ww_json_error(enum ww_err err);

/* Octets as lower-case hexadecimal digits. */
json_t *ww_json_hex(const uint8_t *octets, size_t n);

/* RFC 3339 in UTC; null for 0. */
json_t *ww_json_time(int64_t seconds);
/* The other way round; 0 for null, and for what is no time. */
int64_t ww_json_time_of(const json_t *json, const char *key);

/* A stranger's text as words, cut where it is long; null for NULL and "". */
json_t *ww_json_words(const char *text);
json_t *ww_json_octets(struct ww_slice text);

#endif
