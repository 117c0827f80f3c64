/*
 * Strict JSON (RFC 8259) read front to back without a tree: for texts so large that one value each in memory
 * would be many times their size. Allocates nothing, whatever the text holds.
 *
 * The first error sticks: after it every call fails, `wrong` has the words and `at` is where. Values nest no
 * deeper than WW_JSON_SCAN_DEPTH; strings have to be well-formed UTF-8 without a NUL character.
 * For texts whose writer does not look at what he is given, `any_octets` lets octets from 0x80 on pass as
 * they are.
 */
#ifndef WW_CODEC_JSON_SCAN_H
#define WW_CODEC_JSON_SCAN_H

#include "base/buf.h"

#define WW_JSON_SCAN_DEPTH 64

struct ww_json_scan {
    const char *p; /* borrowed */
    size_t n;
    size_t at;         /* octets read */
    const char *wrong; /* what is wrong, a constant; NULL while nothing is */
    bool any_octets;   /* for the caller to set */
};

enum ww_json_kind {
    WW_JSON_OBJECT,
    WW_JSON_ARRAY,
    WW_JSON_STRING,
    WW_JSON_NUMBER,
    WW_JSON_LITERAL, /* true, false, null, or what is no value at all */
};

struct ww_json_scan ww_json_scan(const char *p, size_t n);

/* What the next value is, by its first character. Also takes the white space before it. */
enum ww_json_kind ww_json_scan_kind(struct ww_json_scan *s);

/* Takes the brace or bracket that begins an object or an array. */
bool ww_json_scan_open(struct ww_json_scan *s, enum ww_json_kind kind);

/*
 * The next element of an array, whose value is to be taken then; the next member of an object, whose key is
 * written to *key and whose value is to be taken then. *first is true before the first call. False: there is
 * none, the end was taken; or an error.
 */
bool ww_json_scan_element(struct ww_json_scan *s, bool *first);
bool ww_json_scan_member(struct ww_json_scan *s, bool *first, struct ww_buf *key);

/* Takes a string, its escapes resolved. What does not fit makes out->failed, which is no error of the text.
 */
bool ww_json_scan_string(struct ww_json_scan *s, struct ww_buf *out);

/* Takes a number as it is written. */
bool ww_json_scan_number(struct ww_json_scan *s, struct ww_slice *text);

/* Takes a value of any kind. */
bool ww_json_scan_skip(struct ww_json_scan *s);

/* True when nothing but white space is left. */
bool ww_json_scan_end(struct ww_json_scan *s);

/* Line and column of an offset, both from 1 on; columns are octets. */
void ww_json_scan_place(const struct ww_json_scan *s, size_t at, size_t *line, size_t *column);

#endif
