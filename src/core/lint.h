/*
 * Findings: what a linter has to say about a text, in the order of their places. The verdict is always the
 * strict parser's own; the linters read on behind the first error and add warnings.
 */
#ifndef WW_CORE_LINT_H
#define WW_CORE_LINT_H

#include "base/err.h"
#include "base/slice.h"

enum ww_severity {
    WW_SEVERITY_ERROR,   /* the reason for a verdict other than valid */
    WW_SEVERITY_WARNING, /* fits the standard, but hardly what somebody meant */
    WW_SEVERITY_INFO,
};

enum ww_verdict {
    WW_VERDICT_VALID,
    WW_VERDICT_NONE, /* no record of this kind is there */
    WW_VERDICT_INVALID,
    WW_VERDICT_MATCH,
    WW_VERDICT_NO_MATCH,
};

struct ww_finding {
    enum ww_err rule;
    enum ww_severity severity;
    size_t offset; /* in octets from the beginning of the input */
};

#define WW_FINDINGS_MAX 200

struct ww_findings {
    struct ww_finding list[WW_FINDINGS_MAX]; /* by offset */
    size_t count;
    size_t left_out; /* found, but not listed */
};

/* False when a finding of this severity would be left out. */
bool ww_findings_has_room(const struct ww_findings *f, enum ww_severity severity);

/* Adds a finding at its place. Half of the list is kept for errors, so that warnings never displace the
 * reason. */
void ww_findings_add(struct ww_findings *f, enum ww_err rule, enum ww_severity severity, size_t offset);

/* "error", "warning" or "info". */
const char *ww_severity_name(enum ww_severity severity);

/* "valid", "none", "invalid", "match" or "no-match". */
const char *ww_verdict_name(enum ww_verdict verdict);

#endif
