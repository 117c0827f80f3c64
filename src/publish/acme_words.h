/* What uacme says when it fails. */
#ifndef WW_PUBLISH_ACME_WORDS_H
#define WW_PUBLISH_ACME_WORDS_H

#include "base/slice.h"

/*
 * A sentence for people out of what it wrote: what the authority says is wrong (RFC 7807, "detail"), else the
 * first thing that went wrong. "" where it has said nothing. NUL-terminated, printable ASCII, cut where it is
 * long.
 */
void ww_acme_words(struct ww_slice said, char *out, size_t size);

#endif
