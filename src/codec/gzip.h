/* gzip (RFC 1952) through zlib, with a cap on what comes out. */
#ifndef WW_CODEC_GZIP_H
#define WW_CODEC_GZIP_H

#include "base/err.h"
#include "base/slice.h"

/* One member without name or time: the same octets in, the same octets out. Allocated. NULL: memory is short.
 */
char *ww_gzip(struct ww_slice octets, size_t *n);

/* The same in a fraction of the time, and some more octets. */
char *ww_gzip_fast(struct ww_slice octets, size_t *n);

/*
 * All members, one after the other; allocated. NULL: *err is WW_E_GZIP, WW_E_TOO_LONG (more than max octets
 * would come out) or WW_E_NO_MEMORY.
 */
char *ww_gunzip(struct ww_slice octets, size_t max, size_t *n, enum ww_err *err);

/* The same, where something that is no gzip may follow the last member; how many there are, and what follows.
 */
char *ww_gunzip_members(struct ww_slice octets, size_t max, size_t *n, size_t *members, struct ww_slice *rest,
                        enum ww_err *err);

#endif
