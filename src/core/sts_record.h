/* The TXT record at _mta-sts.<domain> (RFC 8461 section 3.1). */
#ifndef WW_CORE_STS_RECORD_H
#define WW_CORE_STS_RECORD_H

#include "base/err.h"
#include "base/slice.h"

#define WW_STS_ID_MAX 32

struct ww_sts_record {
    char id[WW_STS_ID_MAX + 1]; /* 1 to 32 letters and digits, NUL-terminated; compared as text */
};

/* What the TXT RRs of one name amount to. */
enum ww_txt_presence {
    WW_TXT_ABSENT,   /* no record of this version: the domain does not take part */
    WW_TXT_PRESENT,  /* exactly one, and it is valid */
    WW_TXT_INVALID,  /* more than one, or one that breaks the grammar: no policy available */
};

/* Parses one record, its character-strings already joined. On an error *offset is where the rule is broken. */
WW_MUST_CHECK enum ww_err ww_sts_record_parse(const char *p, size_t n, struct ww_sts_record *out,
                                              size_t *offset);

/*
 * Picks the record among all TXT RRs of a name: those that do not start with `v=STSv1;` are dropped when there
 * are several; what is left must be one. *why says the rule when the answer is WW_TXT_INVALID, else WW_OK.
 */
enum ww_txt_presence ww_sts_record_select(const struct ww_slice *rrs, size_t count, struct ww_sts_record *out,
                                          enum ww_err *why);

#endif
