/*
 * Lints the TXT RRs of a name in DNS presentation format, one a line, as `dig +short TXT` prints them
 * (RFC 8461 section 3.1, RFC 8460 section 3). Blank lines, comments, and the CNAME targets that dig prints
 * before the records are left out.
 */
#ifndef WW_CORE_LINT_RECORD_H
#define WW_CORE_LINT_RECORD_H

#include "core/lint.h"
#include "core/sts_record.h"
#include "core/tlsrpt_record.h"

/* Most RRs that are looked at; more are an error. */
#define WW_LINT_RRS_MAX 256

/* Longest input that is looked at, in octets; a longer one is invalid. */
#define WW_LINT_RECORDS_MAX ((size_t)1024 * 1024)

struct ww_lint_record {
    enum ww_verdict verdict; /* VALID, NONE or INVALID */
    union {                  /* when VALID */
        struct ww_sts_record sts;
        struct ww_tlsrpt_record tlsrpt; /* borrows the scratch space, or the texts */
    } record;
    struct ww_findings findings;
};

/* The input is n octets; scratch has room for as many and must live as long as the result is used. */
void ww_lint_sts_record(const char *p, size_t n, char *scratch, struct ww_lint_record *out);
void ww_lint_tlsrpt_record(const char *p, size_t n, char *scratch, struct ww_lint_record *out);

/*
 * The same of the texts of the RRs as they come from DNS, joined; the offsets are those in all texts, laid
 * end to end.
 */
void ww_lint_sts_texts(const struct ww_slice *texts, size_t count, struct ww_lint_record *out);
void ww_lint_tlsrpt_texts(const struct ww_slice *texts, size_t count, struct ww_lint_record *out);

#endif
