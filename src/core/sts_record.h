/*
 * The TXT record at _mta-sts.<domain> (RFC 8461 section 3.1).
 *
 * Of a repeated field the first counts, even when its value is broken: a later `id` is never consulted, but
 * has to fit the grammar as any extension has.
 */
#ifndef WW_CORE_STS_RECORD_H
#define WW_CORE_STS_RECORD_H

#include "base/err.h"
#include "base/slice.h"
#include "core/txt_record.h"

#define WW_STS_ID_MAX 32

struct ww_sts_record {
    char id[WW_STS_ID_MAX + 1]; /* 1 to 32 letters and digits, NUL-terminated; compared as text */
};

/* The version and the rules of the frame. */
extern const struct ww_txt_kind ww_sts_record_kind;

/* Parses one record, its character-strings already joined. On an error *offset is where the rule is broken.
 */
WW_MUST_CHECK enum ww_err ww_sts_record_parse(const char *p, size_t n, struct ww_sts_record *out,
                                              size_t *offset);

/* Takes the value of the first id field. On an error *offset is where in the record. */
WW_MUST_CHECK enum ww_err ww_sts_record_take_id(const struct ww_txt_field *field, struct ww_sts_record *out,
                                                size_t *offset);

/*
 * Picks the record among all TXT RRs of a name (see ww_txt_record_pick) and parses it: of several RRs those
 * are dropped that do not start with `v=STSv1;`, and what is left must be one. *why says the rule when the
 * answer is WW_TXT_INVALID, else WW_OK.
 */
enum ww_txt_presence ww_sts_record_select(const struct ww_slice *rrs, size_t count, struct ww_sts_record *out,
                                          enum ww_err *why);

#endif
