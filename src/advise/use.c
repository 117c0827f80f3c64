#include "advise/use.h"

#include "base/ascii.h"
#include "core/mx_match.h"

/* More patterns of a sender are not compared: then it is not known which policy it used. */
#define PATTERNS_MAX 128

struct said {
    struct ww_slice mode, max_age; /* empty: not said */
    struct ww_slice patterns[PATTERNS_MAX];
    size_t count;
    bool many;
};

const char *ww_use_name(enum ww_use_kind kind)
{
    static const char *const names[WW_USES] = {
        [WW_USE_NOW] = "current",       [WW_USE_BEFORE] = "older", [WW_USE_STRANGE] = "unknown",
        [WW_USE_NOT_SAID] = "not-said", [WW_USE_NONE] = "none",    [WW_USE_DANE] = "dane",
    };
    return names[kind];
}

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && strchr(" \t\r", s.p[s.n - 1]) != NULL && s.p[s.n - 1] != '\0')
        s.n--;
    return s;
}

static bool next_line(struct ww_slice *rest, struct ww_slice *line)
{
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
    size_t skip = end != NULL ? n + 1 : n;
    *line = trim(ww_slice(rest->p, n));
    *rest = ww_slice(rest->p + skip, rest->n - skip);
    return true;
}

static bool same(struct ww_slice a, struct ww_slice b)
{
    bool equal = a.n == b.n;
    for (size_t i = 0; equal && i < a.n; i++)
        equal = ww_lower(a.p[i]) == ww_lower(b.p[i]);
    return equal;
}

static void say_pattern(struct said *s, struct ww_slice pattern)
{
    if (s->count == PATTERNS_MAX)
        s->many = true;
    else if (pattern.n > 0)
        s->patterns[s->count++] = pattern;
}

static void read_line(struct said *s, struct ww_slice line)
{
    const char *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
    if (colon == NULL)
        return;
    struct ww_slice key = trim(ww_slice(line.p, (size_t)(colon - line.p)));
    struct ww_slice value = trim(ww_slice(colon + 1, line.n - (size_t)(colon + 1 - line.p)));
    if (same(key, ww_slice_str("mode")))
        s->mode = value;
    else if (same(key, ww_slice_str("max_age")))
        s->max_age = value;
    else if (same(key, ww_slice_str("mx")))
        say_pattern(s, value);
}

static void read_said(struct said *s, struct ww_slice strings, struct ww_slice mx_hosts)
{
    struct ww_slice line;
    *s = (struct said){.count = 0};
    while (next_line(&strings, &line))
        read_line(s, line);
    if (s->count > 0)
        return;
    while (next_line(&mx_hosts, &line))
        say_pattern(s, line);
}

static bool is_number(struct ww_slice text, uint32_t number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || value > UINT32_MAX)
            return false;
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    }
    return value == number;
}

static bool says(const struct said *s, struct ww_slice pattern)
{
    for (size_t i = 0; i < s->count; i++)
        if (same(s->patterns[i], pattern))
            return true;
    return false;
}

static bool has(const struct ww_policy *policy, struct ww_slice pattern)
{
    struct ww_slice own;
    size_t pos = 0;
    while (ww_policy_next_mx(policy, &pos, &own))
        if (same(own, pattern))
            return true;
    return false;
}

static bool fits(const struct said *s, const struct ww_evidence_version *v)
{
    struct ww_slice own;
    size_t pos = 0;
    if (!v->has_policy || (s->mode.n > 0 && !same(s->mode, ww_slice_str(ww_policy_mode_name(v->mode)))) ||
        (s->max_age.n > 0 && !is_number(s->max_age, v->policy.max_age)))
        return false;
    for (size_t i = 0; i < s->count; i++)
        if (!has(&v->policy, s->patterns[i]))
            return false;
    while (s->count > 0 && ww_policy_next_mx(&v->policy, &pos, &own))
        if (!says(s, own))
            return false;
    return true;
}

struct ww_use ww_use_of(const struct ww_evidence_version *versions, size_t count, const char *type,
                        struct ww_slice strings, struct ww_slice mx_hosts)
{
    struct said s;
    if (strcmp(type, "no-policy-found") == 0)
        return (struct ww_use){WW_USE_NONE, 0};
    if (strcmp(type, "tlsa") == 0)
        return (struct ww_use){WW_USE_DANE, 0};
    read_said(&s, strings, mx_hosts);
    if (s.many || (s.mode.n == 0 && s.count == 0))
        return (struct ww_use){WW_USE_NOT_SAID, 0};
    for (size_t i = 0; i < count; i++)
        if (fits(&s, &versions[i]))
            return (struct ww_use){i == 0 ? WW_USE_NOW : WW_USE_BEFORE, i};
    return (struct ww_use){WW_USE_STRANGE, 0};
}

bool ww_version_names(const struct ww_evidence_version *version, const char *mx)
{
    return version->has_policy && ww_mx_match_policy(&version->policy, ww_slice_str(mx));
}

int64_t ww_versions_name_since(const struct ww_evidence_version *versions, size_t count, const char *mx)
{
    int64_t since = 0;
    for (size_t i = 0; i < count && ww_version_names(&versions[i], mx); i++)
        since = versions[i].first_seen;
    return since;
}

bool ww_look_has_mx(const struct ww_evidence_look *look, const char *mx)
{
    size_t n = strlen(mx);
    for (const char *p = look->mx; n > 0 && *p != '\0'; p += strspn(p, " ")) {
        size_t length = strcspn(p, " ");
        if (same(ww_slice(p, length), ww_slice(mx, n)))
            return true;
        p += length;
    }
    return false;
}

bool ww_fault_is_at(const struct ww_evidence_fault *fault, const char *host)
{
    size_t n = strlen(host);
    return n > 0 && strncmp(fault->where, host, n) == 0 &&
           (fault->where[n] == '\0' || fault->where[n] == ' ');
}

bool ww_fault_refuses(const struct ww_evidence_fault *fault)
{
    return fault->kind == WW_FAULT_REFUSES || fault->kind == WW_FAULT_DANE;
}

const struct ww_evidence_fault *ww_look_fault_at(const struct ww_evidence_look *look, const char *mx)
{
    for (size_t i = 0; look->looked && i < look->count; i++)
        if (look->faults[i].bad && ww_fault_refuses(&look->faults[i]) && ww_fault_is_at(&look->faults[i], mx))
            return &look->faults[i];
    return NULL;
}
