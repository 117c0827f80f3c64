/* gzip (RFC 1952) through zlib, with a cap on what comes out. */
#ifndef WW_CODEC_GZIP_H
#define WW_CODEC_GZIP_H

#include "base/err.h"
#include "base/slice.h"

/* One member without name or time: the same octets in, the same octets out. Allocated. NULL: memory is short.
 */
char *ww_gzip(struct ww_slice octets, size_t *n);

/*
 * All members, one after the other; allocated. NULL: *err is WW_E_GZIP, WW_E_TOO_LONG (more than max octets
 * would come out) or WW_E_NO_MEMORY.
 */
char *ww_gunzip(struct ww_slice octets, size_t max, size_t *n, enum ww_err *err);

#endif
