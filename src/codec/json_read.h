/*
 * Strict reading of JSON values that somebody wrote by hand: each has one type, and an error names its place,
 * as in "mx[1].cert.names[0]: a string is wanted". Null is as left out, unknown keys are ignored.
 *
 * The first error sticks: after it every read yields its default, so that a reader looks once, at its end.
 */
#ifndef WW_CODEC_JSON_READ_H
#define WW_CODEC_JSON_READ_H

#include "base/buf.h"

#include <jansson.h>

#define WW_JSON_READ_WHY_SIZE 256

struct ww_json_read {
    char place[128]; /* of the value that is read, from the top */
    size_t n;        /* its length */
    bool failed;
    char why[WW_JSON_READ_WHY_SIZE]; /* place and words of the first error: printable ASCII, NUL-terminated */
};

/* An error at the place of a key of the value that is read; key is NULL for that value itself. */
void ww_json_fail(struct ww_json_read *r, const char *key, const char *words);

/* Steps into a member or an element. Give what it returns to ww_json_leave. */
size_t ww_json_enter(struct ww_json_read *r, const char *key);
size_t ww_json_enter_at(struct ww_json_read *r, size_t index);
void ww_json_leave(struct ww_json_read *r, size_t mark);

/* Members of an object, which may be NULL; without the key, or with a wrong type, NULL or the default. */
const json_t *ww_json_object(struct ww_json_read *r, const json_t *object, const char *key);
const json_t *ww_json_array(struct ww_json_read *r, const json_t *object, const char *key);
bool ww_json_bool(struct ww_json_read *r, const json_t *object, const char *key, bool missing);
json_int_t ww_json_integer(struct ww_json_read *r, const json_t *object, const char *key, json_int_t missing);
struct ww_slice ww_json_text(struct ww_json_read *r, const json_t *object, const char *key);

/* A string that is one of words, which end with NULL: its index. */
size_t ww_json_word(struct ww_json_read *r, const json_t *object, const char *key, const char *const *words,
                    size_t missing);

/* The string at an index of an array; empty on an error. */
struct ww_slice ww_json_text_at(struct ww_json_read *r, const json_t *array, size_t index);

#endif
