/*
 * The policy body at https://mta-sts.<domain>/.well-known/mta-sts.txt (RFC 8461 section 3.2).
 *
 * A parsed policy borrows the body. Its mx patterns and lines are read from the body by iterators, so that
 * their number has no limit but the body's size and nothing is allocated.
 */
#ifndef WW_CORE_POLICY_H
#define WW_CORE_POLICY_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

/* Largest body that is looked at, in octets; a longer one is invalid whatever it holds (section 3.3). */
#define WW_POLICY_BODY_MAX 65536

#define WW_POLICY_MAX_AGE_MAX 31557600u /* seconds */

enum ww_policy_mode {
    WW_MODE_NONE,
    WW_MODE_TESTING,
    WW_MODE_ENFORCE,
};

struct ww_policy {
    struct ww_slice body;     /* borrowed: all bytes that were parsed */
    enum ww_policy_mode mode;
    uint32_t max_age;         /* seconds, 0 to WW_POLICY_MAX_AGE_MAX */
    size_t mx_count;          /* 0 only when mode is none */
};

/*
 * Parses a whole body. Strict: a line that fits no rule of the grammar, an mx line that is no pattern, or a known
 * key whose first line has a broken value makes the policy invalid. On an error *offset is where.
 */
WW_MUST_CHECK enum ww_err ww_policy_parse(const char *p, size_t n, struct ww_policy *out, size_t *offset);

/*
 * The next mx pattern as published, for instance "*.example.net". Start with *pos = 0; false after the last.
 */
bool ww_policy_next_mx(const struct ww_policy *policy, size_t *pos, struct ww_slice *pattern);

/*
 * The next line of a valid policy, without its line end and trailing white space: known fields and extensions,
 * duplicates included. Start with *pos = 0; false after the last.
 */
struct ww_policy_line {
    struct ww_slice text;  /* the line: "mode: enforce" */
    struct ww_slice key;   /* "mode" */
    struct ww_slice value; /* "enforce" */
    bool counts;           /* false: a later duplicate of a single field, or an extension */
};
bool ww_policy_next_line(const struct ww_policy *policy, size_t *pos, struct ww_policy_line *line);

/* "none", "testing" or "enforce". */
const char *ww_policy_mode_name(enum ww_policy_mode mode);

#endif
