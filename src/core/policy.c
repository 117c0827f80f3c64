#include "core/policy.h"

#include "base/ascii.h"
#include "core/mx_match.h"
#include "core/policy_line.h"

#define MAX_AGE_DIGITS 10

static const char *const key_names[] = {
    [WW_POLICY_VERSION] = "version",
    [WW_POLICY_MODE] = "mode",
    [WW_POLICY_MAX_AGE] = "max_age",
    [WW_POLICY_MX] = "mx",
};

static const char *const mode_names[] = {
    [WW_MODE_NONE] = "none",
    [WW_MODE_TESTING] = "testing",
    [WW_MODE_ENFORCE] = "enforce",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *ww_policy_mode_name(enum ww_policy_mode mode)
{
    return (size_t)mode < COUNT(mode_names) ? mode_names[mode] : "none";
}

enum ww_policy_key ww_policy_key(struct ww_slice key)
{
    /* No two names that are equally long begin with the same letters. */
    enum ww_policy_key like = WW_POLICY_EXTENSION;
    if (key.n == 2)
        like = WW_POLICY_MX;
    else if (key.n == 4)
        like = WW_POLICY_MODE;
    else if (key.n == 7)
        like = key.p[0] == 'v' ? WW_POLICY_VERSION : WW_POLICY_MAX_AGE;
    return like != WW_POLICY_EXTENSION && memcmp(key.p, key_names[like], key.n) == 0 ? like
                                                                                     : WW_POLICY_EXTENSION;
}

/* The readers of values; *offset is relative to the value. */

static enum ww_err read_mode(struct ww_slice value, enum ww_policy_mode *mode)
{
    for (size_t i = 0; i < COUNT(mode_names); i++) {
        if (ww_slice_is(value, mode_names[i])) {
            *mode = (enum ww_policy_mode)i;
            return WW_OK;
        }
    }
    return WW_E_POLICY_MODE;
}

static enum ww_err read_max_age(struct ww_slice value, uint32_t *max_age, size_t *offset)
{
    uint64_t seconds = 0;
    for (size_t i = 0; i < value.n; i++) {
        *offset = i;
        if (!ww_is_digit(value.p[i]) || i == MAX_AGE_DIGITS)
            return WW_E_POLICY_MAX_AGE;
        seconds = seconds * 10 + (uint64_t)(value.p[i] - '0');
    }
    *offset = 0;
    if (seconds > WW_POLICY_MAX_AGE_MAX)
        return WW_E_POLICY_MAX_AGE_RANGE;
    *max_age = (uint32_t)seconds;
    return WW_OK;
}

static enum ww_err read_value(struct ww_policy *policy, enum ww_policy_key key, struct ww_slice value,
                              size_t *offset)
{
    *offset = 0;
    switch (key) {
    case WW_POLICY_VERSION:
        return ww_slice_is(value, "STSv1") ? WW_OK : WW_E_POLICY_VERSION;
    case WW_POLICY_MODE:
        return read_mode(value, &policy->mode);
    case WW_POLICY_MAX_AGE:
        return read_max_age(value, &policy->max_age, offset);
    case WW_POLICY_MX:
        policy->mx_count++;
        return ww_mx_pattern_check(value, offset);
    case WW_POLICY_EXTENSION:
        break;
    }
    return WW_OK;
}

void ww_policy_begin(struct ww_policy *policy, const char *p, size_t n)
{
    memset(policy, 0, sizeof *policy);
    policy->body = ww_slice(p, n);
}

/* Takes note of where a line stands, and whether it counts. */
static enum ww_policy_key note_line(struct ww_policy *policy, struct ww_policy_line *line)
{
    enum ww_policy_key key = ww_policy_key(line->key);
    bool seen = (policy->seen & 1u << key) != 0;
    line->counts = key == WW_POLICY_MX || (key != WW_POLICY_EXTENSION && !seen);
    if (!line->counts)
        return key;
    if (!seen)
        policy->first[key] = (size_t)(line->text.p - policy->body.p);
    policy->seen |= 1u << key;
    return key;
}

enum ww_err ww_policy_take(struct ww_policy *policy, struct ww_policy_line *line, size_t *offset)
{
    enum ww_policy_key key = note_line(policy, line);
    if (!line->counts)
        return WW_OK;
    enum ww_err err = read_value(policy, key, line->value, offset);
    *offset += (size_t)(line->value.p - policy->body.p);
    return err;
}

void ww_policy_skip(struct ww_policy *policy, const struct ww_policy_line *line)
{
    policy->seen |= 1u << ww_policy_key(line->key);
}

enum ww_err ww_policy_finish(const struct ww_policy *policy)
{
    static const struct {
        enum ww_policy_key key;
        enum ww_err missing;
    } required[] = {
        {WW_POLICY_VERSION, WW_E_POLICY_VERSION_MISSING},
        {WW_POLICY_MODE, WW_E_POLICY_MODE_MISSING},
        {WW_POLICY_MAX_AGE, WW_E_POLICY_MAX_AGE_MISSING},
    };
    for (size_t i = 0; i < COUNT(required); i++)
        if ((policy->seen & 1u << required[i].key) == 0)
            return required[i].missing;
    bool has_mx = (policy->seen & 1u << WW_POLICY_MX) != 0;
    return !has_mx && policy->mode != WW_MODE_NONE ? WW_E_POLICY_MX_MISSING : WW_OK;
}

enum ww_err ww_policy_parse(const char *p, size_t n, struct ww_policy *out, size_t *offset)
{
    ww_policy_begin(out, p, n);
    *offset = 0;
    if (n == 0)
        return WW_E_POLICY_EMPTY;
    if (n > WW_POLICY_BODY_MAX) {
        *offset = WW_POLICY_BODY_MAX;
        return WW_E_POLICY_TOO_LONG;
    }
    struct ww_policy_line line;
    enum ww_err err;
    for (size_t pos = 0; ww_policy_line_next(p, n, &pos, &line, &err, offset);) {
        if (err == WW_OK)
            err = ww_policy_take(out, &line, offset);
        if (err != WW_OK)
            return err;
    }
    *offset = n;
    return ww_policy_finish(out);
}

enum ww_err ww_policy_parse_again(const char *p, size_t n, struct ww_policy *out)
{
    struct ww_policy_line line;
    size_t offset;
    ww_policy_begin(out, p, n);
    for (size_t pos = 0; ww_policy_line_cut(p, n, &pos, &line);) {
        enum ww_policy_key key = note_line(out, &line);
        enum ww_err err = WW_OK;
        if (key == WW_POLICY_MX)
            out->mx_count++;
        else if (line.counts)
            err = read_value(out, key, line.value, &offset);
        if (err != WW_OK)
            return err;
    }
    return ww_policy_finish(out);
}

bool ww_policy_next_line(const struct ww_policy *policy, size_t *pos, struct ww_policy_line *line)
{
    const struct ww_slice body = policy->body;
    if (!ww_policy_line_cut(body.p, body.n, pos, line))
        return false;
    enum ww_policy_key key = ww_policy_key(line->key);
    line->counts = key == WW_POLICY_MX ||
                   (key != WW_POLICY_EXTENSION && policy->first[key] == (size_t)(line->text.p - body.p));
    return true;
}

bool ww_policy_next_text(const struct ww_policy *policy, size_t *pos, struct ww_slice *text)
{
    return ww_policy_line_text(policy->body.p, policy->body.n, pos, text);
}

bool ww_policy_next_mx(const struct ww_policy *policy, size_t *pos, struct ww_slice *pattern)
{
    static const char key[] = "mx:";
    const size_t key_n = sizeof key - 1;
    struct ww_slice text;
    if (*pos == 0)
        *pos = policy->first[WW_POLICY_MX];
    while (ww_policy_next_text(policy, pos, &text)) {
        if (text.n < key_n || memcmp(text.p, key, key_n) != 0)
            continue;
        size_t at = key_n;
        while (at < text.n && ww_is_wsp(text.p[at]))
            at++;
        *pattern = ww_slice(text.p + at, text.n - at);
        return true;
    }
    return false;
}

bool ww_policy_is_page(const char *p, size_t n)
{
    return n > 0 && p[0] == '<';
}
