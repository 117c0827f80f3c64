/* A policy: its iterators agree with its counts, its line ends make no difference, and lint agrees with it.
 */
#include "check_lint.h"
#include "core/lint_policy.h"
#include "core/mx_match.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_valid(const struct ww_policy *policy)
{
    struct ww_policy_line line;
    struct ww_slice pattern;
    size_t offset, mx = 0, count[WW_POLICY_EXTENSION + 1] = {0};
    for (size_t pos = 0; ww_policy_next_line(policy, &pos, &line);) {
        CHECK(line.key.n > 0 && line.value.n > 0);
        if (line.counts)
            count[ww_policy_key(line.key)]++;
    }
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &pattern); mx++)
        CHECK(ww_mx_pattern_check(pattern, &offset) == WW_OK);
    CHECK(mx == policy->mx_count && mx == count[WW_POLICY_MX]);
    CHECK(mx > 0 || policy->mode == WW_MODE_NONE);
    CHECK(count[WW_POLICY_VERSION] == 1 && count[WW_POLICY_MODE] == 1 && count[WW_POLICY_MAX_AGE] == 1);
    CHECK(count[WW_POLICY_EXTENSION] == 0);
    CHECK(policy->max_age <= WW_POLICY_MAX_AGE_MAX);
}

/* Read again a valid policy is the same; what is none does no harm. */
static void check_again(const char *p, size_t n, enum ww_err err, const struct ww_policy *policy)
{
    struct ww_policy again;
    struct ww_slice slice;
    enum ww_err other_err = ww_policy_parse_again(p, n, &again);
    if (err == WW_OK) {
        CHECK(other_err == WW_OK && again.body.p == p && again.body.n == n);
        CHECK(again.mode == policy->mode && again.max_age == policy->max_age);
        CHECK(again.mx_count == policy->mx_count && again.seen == policy->seen);
        CHECK(memcmp(again.first, policy->first, sizeof again.first) == 0);
    }
    for (size_t pos = 0; ww_policy_next_mx(&again, &pos, &slice);)
        CHECK(slice.p >= p && slice.p + slice.n <= p + n);
}

/* The same body with CRLF for each LF, or with LF for each CRLF. */
static void check_line_ends(const char *p, size_t n, enum ww_err err, const struct ww_policy *policy,
                            bool crlf)
{
    char *copy = malloc(2 * n + 1);
    CHECK(copy != NULL);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (crlf && p[i] == '\n' && (i == 0 || p[i - 1] != '\r'))
            copy[m++] = '\r';
        if (crlf || p[i] != '\r' || i + 1 == n || p[i + 1] != '\n')
            copy[m++] = p[i];
    }
    struct ww_policy other;
    size_t offset;
    enum ww_err other_err = m <= WW_POLICY_BODY_MAX ? ww_policy_parse(copy, m, &other, &offset) : err;
    CHECK((other_err == WW_OK) == (err == WW_OK));
    if (err == WW_OK && m <= WW_POLICY_BODY_MAX) {
        CHECK(other.mode == policy->mode && other.max_age == policy->max_age);
        CHECK(other.mx_count == policy->mx_count);
    }
    free(copy);
}

static void check_lint(const char *p, size_t n, enum ww_err err, size_t offset)
{
    static struct ww_lint_policy lint;
    ww_lint_policy(p, n, &lint);
    CHECK((lint.verdict == WW_VERDICT_VALID) == (err == WW_OK));
    check_findings(&lint.findings, lint.verdict, n);
    bool found = err == WW_OK;
    for (size_t i = 0; i < lint.findings.count; i++)
        if (lint.findings.list[i].rule == err && lint.findings.list[i].offset == offset)
            found = true;
    CHECK(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    struct ww_policy policy;
    size_t offset = SIZE_MAX;
    enum ww_err err = ww_policy_parse(p, size, &policy, &offset);
    CHECK(offset <= size);
    CHECK((size > WW_POLICY_BODY_MAX) == (err == WW_E_POLICY_TOO_LONG));
    check_lint(p, size, err, offset);
    if (err == WW_OK)
        check_valid(&policy);
    check_again(p, size, err, &policy);
    if (size <= WW_POLICY_BODY_MAX) {
        /* A CR in front of CRLF is broken either way, but the copies would join or part them. */
        bool odd = false;
        for (size_t i = 0; i + 1 < size; i++)
            odd = odd || (p[i] == '\r' && p[i + 1] == '\r');
        if (!odd) {
            check_line_ends(p, size, err, &policy, true);
            check_line_ends(p, size, err, &policy, false);
        }
    }
    return 0;
}
