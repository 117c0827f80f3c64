#include "core/lint_policy.h"

#include "base/ascii.h"
#include "core/dname.h"
#include "core/mx_shared.h"
#include "core/policy_line.h"

#define DAY 86400u
#define LARGE 4096

/* What is said once, of the first line that it is true for. */
struct once {
    bool bare_lf, crlf, mixed;
};

static void warn(struct ww_findings *f, enum ww_err rule, size_t offset)
{
    ww_findings_add(f, rule, WW_SEVERITY_WARNING, offset);
}

static void inform(struct ww_findings *f, enum ww_err rule, size_t offset)
{
    ww_findings_add(f, rule, WW_SEVERITY_INFO, offset);
}

static void explain(struct ww_findings *f, enum ww_err rule, size_t offset)
{
    ww_findings_add(f, rule, WW_SEVERITY_ERROR, offset);
}

static bool holds(struct ww_slice s, char c)
{
    return memchr(s.p, c, s.n) != NULL;
}

/* Says more about an error than the grammar does, where the mistake is a known one. */
static void explain_line(struct ww_findings *f, const struct ww_policy_line *line, enum ww_err err,
                         size_t offset)
{
    struct ww_slice value = line->value;
    if (err == WW_E_POLICY_MODE && ww_is_nocase(value, "report"))
        explain(f, WW_E_POLICY_MODE_REPORT, offset);
    if (ww_policy_key(line->key) != WW_POLICY_MX)
        return;
    if (ww_dname_is_address(value.p, value.n))
        explain(f, WW_E_MX_ADDRESS, offset);
    else if (value.p[0] == '.')
        explain(f, WW_E_MX_LEADING_DOT, offset);
    else if (holds(value, ',') || holds(value, ' ') || holds(value, ';'))
        explain(f, WW_E_MX_LIST, offset);
}

static void judge_mx(struct ww_findings *f, struct ww_slice pattern, size_t offset)
{
    bool wildcard = pattern.p[0] == '*';
    struct ww_slice name = wildcard ? ww_slice(pattern.p + 2, pattern.n - 2) : pattern;
    if (!holds(name, '.'))
        warn(f, wildcard ? WW_E_MX_BROAD : WW_E_MX_SINGLE_LABEL, offset);
    else if (ww_mx_shared(pattern) != NULL)
        warn(f, WW_E_MX_SHARED, offset);
}

/* The drafts had reports asked for at _smtp-tlsrpt; and some take the policy for the place. */
static bool is_of_tlsrpt(struct ww_slice text)
{
    return ww_slice_starts(text, "_smtp-tlsrpt") || ww_slice_starts(text, "_smtp._tls") ||
           ww_slice_starts(text, "v=TLSRPT") || ww_slice_starts(text, "rua:");
}

static bool is_known_nocase(struct ww_slice key)
{
    return ww_is_nocase(key, "version") || ww_is_nocase(key, "mode") || ww_is_nocase(key, "max_age") ||
           ww_is_nocase(key, "mx");
}

/* A line that fits the grammar. */
static void judge_line(struct ww_findings *f, const struct ww_policy_line *line, size_t key_at,
                       size_t value_at)
{
    switch (ww_policy_key(line->key)) {
    case WW_POLICY_MX:
        judge_mx(f, line->value, value_at);
        break;
    case WW_POLICY_EXTENSION:
        if (is_known_nocase(line->key))
            warn(f, WW_E_POLICY_CASE, key_at);
        else if (is_of_tlsrpt(line->text))
            warn(f, WW_E_POLICY_TLSRPT, key_at);
        else
            inform(f, WW_E_POLICY_EXTENSION, key_at);
        break;
    case WW_POLICY_VERSION:
    case WW_POLICY_MODE:
    case WW_POLICY_MAX_AGE:
        if (!line->counts)
            warn(f, WW_E_POLICY_DUPLICATE, key_at);
        break;
    }
    for (size_t i = 0; i < line->value.n; i++) {
        if ((unsigned char)line->value.p[i] >= 0x80) {
            warn(f, WW_E_POLICY_NON_ASCII, value_at + i);
            break;
        }
    }
}

/* `end` is behind the line's line feed, if it has one. */
static void judge_line_end(struct ww_findings *f, struct once *once, const char *p, size_t end)
{
    if (end == 0 || p[end - 1] != '\n')
        return;
    bool crlf = end >= 2 && p[end - 2] == '\r';
    if (!crlf && !once->bare_lf)
        inform(f, WW_E_POLICY_BARE_LF, end - 1);
    *(crlf ? &once->crlf : &once->bare_lf) = true;
    if (once->crlf && once->bare_lf && !once->mixed) {
        warn(f, WW_E_POLICY_MIXED_ENDS, end - 1);
        once->mixed = true;
    }
}

/* Takes all lines as the parser does, but goes on after an error. */
static void lint_lines(const char *p, size_t n, struct ww_lint_policy *out)
{
    struct ww_policy policy;
    struct ww_policy_line line;
    struct once once = {false, false, false};
    enum ww_err err;
    size_t offset;
    ww_policy_begin(&policy, p, n);
    for (size_t pos = 0; ww_policy_line_next(p, n, &pos, &line, &err, &offset);) {
        judge_line_end(&out->findings, &once, p, pos);
        if (err != WW_OK) {
            explain(&out->findings, err, offset);
            if (is_of_tlsrpt(line.text))
                explain(&out->findings, WW_E_POLICY_TLSRPT, (size_t)(line.text.p - p));
            ww_policy_skip(&policy, &line);
            continue;
        }
        size_t value_at = (size_t)(line.value.p - p);
        err = ww_policy_take(&policy, &line, &offset);
        if (err == WW_OK) {
            judge_line(&out->findings, &line, (size_t)(line.text.p - p), value_at);
        } else {
            explain(&out->findings, err, offset);
            explain_line(&out->findings, &line, err, value_at);
        }
    }
    err = ww_policy_finish(&policy);
    if (err != WW_OK)
        explain(&out->findings, err, n);
}

/* A valid policy as a whole. */
static void judge_policy(struct ww_findings *f, const struct ww_policy *policy)
{
    size_t mode = policy->first[WW_POLICY_MODE], max_age = policy->first[WW_POLICY_MAX_AGE];
    if (policy->mode == WW_MODE_NONE)
        warn(f, WW_E_POLICY_NONE, mode);
    if (policy->mode == WW_MODE_TESTING)
        warn(f, WW_E_POLICY_TESTING, mode);
    /* A domain that opts out does so with a short max_age. */
    if (policy->mode == WW_MODE_NONE)
        return;
    if (policy->max_age < DAY)
        warn(f, WW_E_POLICY_MAX_AGE_SHORT, max_age);
    else if (policy->mode == WW_MODE_ENFORCE && policy->max_age < 14 * DAY)
        warn(f, WW_E_POLICY_MAX_AGE_WEEKS, max_age);
}

void ww_lint_policy(const char *p, size_t n, struct ww_lint_policy *out)
{
    memset(out, 0, sizeof *out);
    size_t offset;
    enum ww_err err = ww_policy_parse(p, n, &out->policy, &offset);
    out->verdict = err == WW_OK ? WW_VERDICT_VALID : WW_VERDICT_INVALID;
    if (err == WW_E_POLICY_TOO_LONG || err == WW_E_POLICY_EMPTY) {
        explain(&out->findings, err, offset);
        return;
    }
    if (ww_policy_is_page(p, n))
        explain(&out->findings, WW_E_POLICY_HTML, 0);
    else if (p[0] == '{')
        explain(&out->findings, WW_E_POLICY_JSON, 0);
    lint_lines(p, n, out);
    if (n > LARGE)
        warn(&out->findings, WW_E_POLICY_LARGE, LARGE);
    if (err == WW_OK)
        judge_policy(&out->findings, &out->policy);
}
