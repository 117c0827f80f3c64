/* The TXT record at _smtp._tls.<domain> (RFC 8460 section 3). */
#ifndef WW_CORE_TLSRPT_RECORD_H
#define WW_CORE_TLSRPT_RECORD_H

#include "base/err.h"
#include "base/slice.h"

enum ww_rua_scheme {
    WW_RUA_MAILTO,
    WW_RUA_HTTPS,
    WW_RUA_OTHER, /* a URI that we cannot deliver to */
};

struct ww_tlsrpt_record {
    struct ww_slice rua; /* borrowed: the whole list as written */
    size_t rua_count;    /* at least one */
};

/* Parses one record, its character-strings already joined. On an error *offset is where the rule is broken. */
WW_MUST_CHECK enum ww_err ww_tlsrpt_record_parse(const char *p, size_t n, struct ww_tlsrpt_record *out,
                                                 size_t *offset);

/* The next URI as written. Start with *pos = 0; false after the last. */
bool ww_tlsrpt_next_rua(const struct ww_tlsrpt_record *record, size_t *pos, struct ww_slice *uri,
                        enum ww_rua_scheme *scheme);

#endif
