/*
 * The policy body at https://mta-sts.<domain>/.well-known/mta-sts.txt (RFC 8461 section 3.2).
 *
 * A parsed policy borrows the body. Its mx patterns and lines are read from the body by iterators, so that
 * their number has no limit but the body's size and nothing is allocated.
 *
 * Strict: a line that fits no rule of the grammar, an mx line that is no pattern, or a known key whose first
 * line has a broken value makes the policy invalid. Later lines of a known key other than mx are never
 * consulted; they have to fit the rule for extensions as any line has.
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

/* The keys that the standard knows. */
enum ww_policy_key {
    WW_POLICY_VERSION,
    WW_POLICY_MODE,
    WW_POLICY_MAX_AGE,
    WW_POLICY_MX,
    WW_POLICY_EXTENSION,
};

struct ww_policy {
    struct ww_slice body; /* borrowed: all bytes that were parsed */
    enum ww_policy_mode mode;
    uint32_t max_age;                  /* seconds, 0 to WW_POLICY_MAX_AGE_MAX */
    size_t mx_count;                   /* 0 only when mode is none */
    size_t first[WW_POLICY_EXTENSION]; /* private: where the first line of a known key stands */
    unsigned seen;                     /* private: bit 1 << key for each known key */
};

struct ww_policy_line {
    struct ww_slice text;  /* the line: "mode: enforce" */
    struct ww_slice key;   /* "mode" */
    struct ww_slice value; /* "enforce" */
    bool counts;           /* false: a later duplicate of a single field, or an extension */
};

/* Parses a whole body. On an error *offset is where the rule is broken. */
WW_MUST_CHECK enum ww_err ww_policy_parse(const char *p, size_t n, struct ww_policy *out, size_t *offset);

/*
 * Reads a body once more that ww_policy_parse has taken, in a fraction of the time: the rules that every line
 * must fit, and those of mx patterns, are not looked at again. For the answers to look-ups.
 */
WW_MUST_CHECK enum ww_err ww_policy_parse_again(const char *p, size_t n, struct ww_policy *out);

/* Tells a page for people, which no policy can begin like: that says more than the rule it breaks first. */
bool ww_policy_is_page(const char *p, size_t n);

/*
 * The next mx pattern as published, for instance "*.example.net". Start with *pos = 0; false after the last.
 */
bool ww_policy_next_mx(const struct ww_policy *policy, size_t *pos, struct ww_slice *pattern);

/*
 * The next line of a valid policy, without its line end and trailing white space: known fields and
 * extensions, duplicates included. Start with *pos = 0; false after the last.
 */
bool ww_policy_next_line(const struct ww_policy *policy, size_t *pos, struct ww_policy_line *line);

/* The same without a look into the line. */
bool ww_policy_next_text(const struct ww_policy *policy, size_t *pos, struct ww_slice *text);

/* "none", "testing" or "enforce". */
const char *ww_policy_mode_name(enum ww_policy_mode mode);

/* What a key is; upper and lower case differ. */
enum ww_policy_key ww_policy_key(struct ww_slice key);

/*
 * Parsing line by line, for a linter that goes on after an error: begin, take each line that policy_line.h
 * cuts, finish. `take` sets line->counts; `skip` takes note of a line whose value is broken, so that its
 * field is not called missing; `finish` says which field is missing first, if any.
 */
void ww_policy_begin(struct ww_policy *policy, const char *p, size_t n);
WW_MUST_CHECK enum ww_err ww_policy_take(struct ww_policy *policy, struct ww_policy_line *line,
                                         size_t *offset);
void ww_policy_skip(struct ww_policy *policy, const struct ww_policy_line *line);
WW_MUST_CHECK enum ww_err ww_policy_finish(const struct ww_policy *policy);

#endif
