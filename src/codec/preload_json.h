/*
 * The text of a preload list in the format of STARTTLS Everywhere (version 0.1): JSON into an image of
 * core/preload.h, and back.
 *
 * Aliases are put in place, ".x" becomes "*.x", domains and patterns become A-labels in lower case; members
 * that the format does not need are ignored. A list is taken whole or not at all.
 */
#ifndef WW_CODEC_PRELOAD_JSON_H
#define WW_CODEC_PRELOAD_JSON_H

#include "base/err.h"
#include "core/preload.h"

/* Longest text that is looked at, in octets. */
#define WW_PRELOAD_JSON_MAX ((size_t)32 << 20)

#define WW_PRELOAD_WHY_SIZE 400

/*
 * Compiles a text. *image is freed by the caller with free(). On an error it is NULL, and why tells the place
 * (a line and a column, a member, or a domain) and what is wrong, in printable ASCII, NUL-terminated.
 *
 * WW_E_PRELOAD_JSON: no JSON, or more than the limits; WW_E_PRELOAD_MEMBER: a member is missing, there twice,
 * or not what the format wants; WW_E_PRELOAD_POLICY: a domain or its policy is wrong; WW_E_NO_MEMORY.
 */
WW_MUST_CHECK enum ww_err ww_preload_json_read(const char *p, size_t n, uint8_t **image, size_t *image_n,
                                               char why[WW_PRELOAD_WHY_SIZE]);

/*
 * The list as text, which ww_preload_json_read reads to the same image: one line an entry, names sorted, each
 * alias once. NUL-terminated; freed by the caller with free(); NULL when memory is out. *n is its length.
 */
char *ww_preload_json_write(const struct ww_preload *list, size_t *n);

/*
 * A time of the format: RFC 3339 with or without a fraction ("2018-06-18T09:41:50.264201364-07:00"), also
 * with a zone like "+0000", or without a zone, which is UTC. False: it is none.
 */
bool ww_preload_time(struct ww_slice text, int64_t *seconds);

#endif
