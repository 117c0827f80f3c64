/*
 * The TXT record at _smtp._tls.<domain> (RFC 8460 section 3).
 *
 * Of a repeated rua the first counts, even when it is broken, as RFC 8461 rules for its records; a later one
 * has to fit the grammar of some field.
 */
#ifndef WW_CORE_TLSRPT_RECORD_H
#define WW_CORE_TLSRPT_RECORD_H

#include "base/err.h"
#include "base/slice.h"
#include "core/txt_record.h"

enum ww_rua_scheme {
    WW_RUA_MAILTO,
    WW_RUA_HTTPS,
    WW_RUA_OTHER, /* a URI that we cannot deliver to */
};

struct ww_tlsrpt_record {
    struct ww_slice rua; /* borrowed: the whole list as written */
    size_t rua_count;    /* at least one */
};

/* The version and the rules of the frame. */
extern const struct ww_txt_kind ww_tlsrpt_record_kind;

/* Parses one record, its character-strings already joined. On an error *offset is where the rule is broken.
 */
WW_MUST_CHECK enum ww_err ww_tlsrpt_record_parse(const char *p, size_t n, struct ww_tlsrpt_record *out,
                                                 size_t *offset);

/* Takes the list of the first rua field. On an error *offset is where in the record. */
WW_MUST_CHECK enum ww_err ww_tlsrpt_record_take_rua(const struct ww_txt_field *field,
                                                    struct ww_tlsrpt_record *out, size_t *offset);

/* Checks a field that does not count: a later rua, or an extension. */
WW_MUST_CHECK enum ww_err ww_tlsrpt_record_check_other(const struct ww_txt_field *field, size_t *offset);

/* Picks the record among all TXT RRs of a name and parses it, as ww_sts_record_select does. */
enum ww_txt_presence ww_tlsrpt_record_select(const struct ww_slice *rrs, size_t count,
                                             struct ww_tlsrpt_record *out, enum ww_err *why);

/* The next URI as written. Start with *pos = 0; false after the last. */
bool ww_tlsrpt_next_rua(const struct ww_tlsrpt_record *record, size_t *pos, struct ww_slice *uri,
                        enum ww_rua_scheme *scheme);

#endif
