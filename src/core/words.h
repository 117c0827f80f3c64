/* What comes from outside, in words that a person reads: bounded, and printable ASCII alone. */
#ifndef WW_CORE_WORDS_H
#define WW_CORE_WORDS_H

#include "base/buf.h"

/* A domain name takes at most so many octets in a sentence. */
#define WW_WORDS_DOMAIN_MAX 103

/* Appends text; what is not printable ASCII, and the backslash, becomes \DDD as in DNS zone files. */
void ww_words_put(struct ww_buf *b, struct ww_slice text);

/* The same into what room there is; of a text that does not fit, the beginning and "...". */
void ww_words_put_cut(struct ww_buf *b, struct ww_slice text);

/* Appends a domain name; of a long one "..." and its right end, which says whose name it is. */
void ww_words_put_domain(struct ww_buf *b, struct ww_slice domain);

#endif
