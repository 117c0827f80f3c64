#include "check/judges.h"

#include "base/ascii.h"
#include "core/dname.h"
#include "core/lint_policy.h"
#include "core/mx_shared.h"
#include "core/words.h"
#include "engine/discovery.h"

#include <stdio.h>

/* Of a line so much is shown. */
#define LINE_SHOWN 160

static const enum ww_check all[] = {
#define WW_CHECK(name, ...) WW_CHECK_##name,
#define WW_CHECK_RULE(name, ...) WW_CHECK_##name,
#include "check/table_policy.h"
#undef WW_CHECK
#undef WW_CHECK_RULE
};

struct line {
    size_t number; /* from 1 */
    size_t start, end;
};

static struct line line_at(struct ww_slice body, size_t offset)
{
    struct line line = {1, 0, body.n};
    for (size_t i = 0; i < body.n; i++) {
        if (body.p[i] != '\n')
            continue;
        if (i >= offset) {
            line.end = i;
            break;
        }
        line.number++;
        line.start = i + 1;
    }
    if (line.end > line.start && body.p[line.end - 1] == '\r' && line.end < body.n)
        line.end--;
    return line;
}

static size_t count_lines(struct ww_slice body)
{
    size_t n = body.n > 0 && body.p[body.n - 1] != '\n';
    for (size_t i = 0; i < body.n; i++)
        n += body.p[i] == '\n';
    return n;
}

/* The key of a field that is missing, or NULL. */
static const char *missing_key(enum ww_err rule)
{
    switch ((int)rule) {
    case WW_E_POLICY_VERSION_MISSING:
        return "version";
    case WW_E_POLICY_MODE_MISSING:
        return "mode";
    case WW_E_POLICY_MAX_AGE_MISSING:
        return "max_age";
    case WW_E_POLICY_MX_MISSING:
        return "mx";
    default:
        return NULL;
    }
}

static bool holds_nocase(struct ww_slice text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.n; i++)
        if (ww_is_nocase(ww_slice(text.p + i, n), word))
            return true;
    return false;
}

static struct ww_slice text_of(struct ww_slice body, const struct line *line)
{
    return ww_slice(body.p + line->start, line->end - line->start);
}

/* A field whose line is broken is not missing as well; nor is any from what is no text. */
static bool is_broken(struct ww_slice body, const struct ww_finding *g, const char *key)
{
    const struct line line = line_at(body, g->offset);
    return g->severity == WW_SEVERITY_ERROR && missing_key(g->rule) == NULL &&
           (g->rule == WW_E_POLICY_OCTET || holds_nocase(text_of(body, &line), key));
}

/* What explains all other errors of its line. */
static bool explains_line(enum ww_err rule)
{
    return rule == WW_E_MX_LEADING_DOT || rule == WW_E_MX_LIST || rule == WW_E_MX_ADDRESS ||
           rule == WW_E_POLICY_MODE_REPORT || rule == WW_E_POLICY_TLSRPT;
}

/* What explains all that is said of a body. */
static bool explains_all(enum ww_err rule)
{
    return rule == WW_E_POLICY_HTML || rule == WW_E_POLICY_JSON;
}

/* The linter names the broken rule and the mistake behind it; one fault is one finding here. */
static bool is_explained(struct ww_slice body, const struct ww_findings *all_found,
                         const struct ww_finding *f)
{
    const struct line line = line_at(body, f->offset);
    const char *missing = missing_key(f->rule);
    for (size_t i = 0; i < all_found->count; i++) {
        const struct ww_finding *g = &all_found->list[i];
        if (g->rule == f->rule)
            continue;
        if (explains_all(g->rule) || (f->rule == WW_E_POLICY_BARE_LF && g->rule == WW_E_POLICY_MIXED_ENDS))
            return true;
        if (missing != NULL && is_broken(body, g, missing))
            return true;
        if (missing == NULL && explains_line(g->rule) && f->severity == WW_SEVERITY_ERROR &&
            g->offset >= line.start && g->offset <= line.end)
            return true;
    }
    return false;
}

static struct ww_slice value_of(struct ww_slice text)
{
    const char *colon = memchr(text.p, ':', text.n);
    size_t at = colon != NULL ? (size_t)(colon - text.p) + 1 : 0;
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
        at++;
    return ww_slice(text.p + at, text.n - at);
}

static void put_place(struct ww_buf *b, struct ww_slice body, size_t offset, enum ww_err rule)
{
    const struct line line = line_at(body, offset);
    char room[LINE_SHOWN];
    struct ww_buf words = ww_buf(room, sizeof room);
    ww_words_put_cut(&words, text_of(body, &line));
    ww_buf_str(b, "line ");
    ww_buf_decimal(b, line.number);
    if (offset > line.start && offset < line.end) {
        ww_buf_str(b, ", column ");
        ww_buf_decimal(b, offset - line.start + 1);
    }
    ww_buf_str(b, ": \"");
    ww_buf_bytes(b, words.p, words.n);
    ww_buf_str(b, "\"");
    const char *whose = rule == WW_E_MX_SHARED ? ww_mx_shared(value_of(text_of(body, &line))) : NULL;
    if (whose != NULL) {
        ww_buf_str(b, ": ");
        ww_buf_str(b, whose);
    }
}

static void put_seen(struct ww_buf *b, struct ww_slice body, const struct ww_finding *f)
{
    if (f->rule == WW_E_POLICY_EMPTY) {
        ww_buf_str(b, "a body without an octet");
    } else if (f->rule == WW_E_POLICY_LARGE || f->rule == WW_E_POLICY_TOO_LONG) {
        ww_buf_decimal(b, body.n);
        ww_buf_str(b, " octets");
    } else if (missing_key(f->rule) != NULL) {
        ww_buf_str(b, "none of its ");
        ww_buf_decimal(b, count_lines(body));
        ww_buf_str(b, " lines has it");
    } else {
        put_place(b, body, f->offset, f->rule);
    }
}

/* A provider's own domain may well have a pattern for its own hosts. */
static bool is_own(const struct ww_sight *sight, const struct ww_finding *f)
{
    if (f->rule != WW_E_MX_SHARED)
        return false;
    const struct line line = line_at(sight->host.body, f->offset);
    struct ww_slice base = value_of(text_of(sight->host.body, &line));
    size_t n = strlen(sight->domain);
    return base.n > n && base.p[base.n - n - 1] == '.' &&
           ww_dname_eq(ww_slice(base.p + base.n - n, n), ww_slice(sight->domain, n));
}

/* The findings that are told of. */
struct told {
    const struct ww_findings *found;
    bool of[WW_FINDINGS_MAX];
};

/* One finding a rule, at its first place: f is that. */
static void tell(const struct ww_sight *sight, const struct told *told, size_t f, const char *where,
                 struct ww_check_report *report)
{
    const struct ww_finding *first = &told->found->list[f];
    enum ww_check check = ww_check_of_rule(first->rule);
    char seen[WW_CHECK_SEEN_SIZE];
    struct ww_buf b = ww_buf(seen, sizeof seen - 1);
    size_t more = 0;
    for (size_t i = f + 1; i < told->found->count; i++)
        more += told->of[i] && told->found->list[i].rule == first->rule;
    if (check == WW_CHECKS)
        return;
    put_seen(&b, sight->host.body, first);
    if (more > 0) {
        ww_buf_str(&b, "; and ");
        ww_buf_decimal(&b, more);
        ww_buf_str(&b, " more like it");
    }
    seen[b.n] = '\0';
    ww_check_found(report, check, where, "%s", seen);
}

static bool is_first(const struct told *told, size_t f)
{
    size_t i = 0;
    while (!told->of[i] || told->found->list[i].rule != told->found->list[f].rule)
        i++;
    return i == f;
}

static void judge(const struct ww_sight *sight, const struct ww_findings *found,
                  struct ww_check_report *report)
{
    struct told told = {.found = found};
    char where[WW_CHECK_WHERE_SIZE] = "policy";
    if (!sight->offline)
        (void)snprintf(where, sizeof where, "https://mta-sts.%s%s", sight->domain, WW_POLICY_PATH);
    for (size_t i = 0; i < found->count; i++)
        told.of[i] =
            !is_explained(sight->host.body, found, &found->list[i]) && !is_own(sight, &found->list[i]);
    for (size_t i = 0; i < found->count; i++)
        if (told.of[i] && is_first(&told, i))
            tell(sight, &told, i, where, report);
}

void ww_judge_policy(const struct ww_sight *sight, struct ww_check_report *report)
{
    const struct ww_slice body = sight->host.body;
    struct ww_lint_policy lint;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (body.p != NULL)
            ww_check_made(report, all[i]);
        else
            ww_check_not_tested(report, all[i], "no policy was seen");
    }
    if (body.p == NULL)
        return;
    ww_lint_policy(body.p, body.n, &lint);
    judge(sight, &lint.findings, report);
}
