#include "core/exim.h"

#include "base/ascii.h"
#include "core/mx_match.h"
#include "core/words.h"

/* The line is tried in here, so that what does not fit leaves no trace. */
struct trial {
    struct ww_buf b;
    bool odd; /* something that must not stand in a line */
};

static struct trial begin(const struct ww_buf *b)
{
    size_t room = b->cap - b->n;
    return (struct trial){.b = ww_buf(b->p + b->n, room < WW_EXIM_LINE_MAX ? room : WW_EXIM_LINE_MAX)};
}

static bool commit(struct ww_buf *b, const struct trial *t)
{
    if (t->b.failed || t->odd)
        return false;
    b->n += t->b.n;
    return true;
}

/* Names without their "*.": letters, digits and hyphens, of which none means anything in an expression. */
static void put_name(struct ww_buf *b, struct ww_slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '.')
            ww_buf_char(b, '\\');
        ww_buf_char(b, ww_lower(name.p[i]));
    }
}

static void put_pattern(struct trial *t, struct ww_slice pattern, bool first)
{
    size_t offset;
    t->odd = t->odd || ww_mx_pattern_check(pattern, &offset) != WW_OK;
    if (!first)
        ww_buf_char(&t->b, '|');
    if (pattern.n > 2 && pattern.p[0] == '*') {
        ww_buf_str(&t->b, "[^.]+\\.");
        pattern = ww_slice(pattern.p + 2, pattern.n - 2);
    }
    put_name(&t->b, pattern);
}

/* The hosts that DANE authenticates, where that is enough. True when there was one. */
static bool put_usable(struct trial *t, const struct ww_domain_case *c, bool first)
{
    bool counts = c->settings.suffices && (c->settings.use == WW_DANE_ON || c->settings.use == WW_DANE_MTA) &&
                  c->dane != NULL && c->dane->mx == WW_DOMAIN_MX_SECURE;
    for (size_t i = 0; counts && i < c->dane->count; i++) {
        const struct ww_domain_host *host = &c->dane->hosts[i];
        size_t offset;
        size_t n = strlen(host->name);
        if (host->dane != WW_DANE_SECURE_USABLE || ww_dname_check(host->name, n, &offset) != WW_OK)
            continue;
        put_pattern(t, ww_slice(host->name, n), first);
        first = false;
    }
    return !first;
}

static void put_expression(struct trial *t, const struct ww_domain_case *c, const struct ww_decision *d,
                           bool ordered)
{
    struct ww_slice mx;
    bool first = true;
    ww_buf_str(&t->b, " mxre=^(?i)(");
    for (size_t pos = 0; ww_decision_next_mx(d, &pos, &mx); first = false)
        put_pattern(t, mx, first);
    if (first && ordered) {
        ww_buf_str(&t->b, "([^.]+\\.)*");
        put_pattern(t, ww_slice_str(d->domain), first);
        first = false;
    }
    if (!ordered && put_usable(t, c, first))
        first = false;
    t->odd = t->odd || first;
    ww_buf_str(&t->b, ")$");
}

static void put_patterns(struct ww_buf *b, const struct ww_decision *d)
{
    struct ww_slice mx;
    const char *separator = " mx=";
    for (size_t pos = 0; ww_decision_next_mx(d, &pos, &mx); separator = ":") {
        ww_buf_str(b, separator);
        for (size_t i = 0; i < mx.n; i++)
            ww_buf_char(b, ww_lower(mx.p[i]));
    }
}

/* What people like to see goes along only where it fits. */
static void put_patterns_if_they_fit(struct trial *t, const struct ww_decision *d)
{
    struct ww_buf before = t->b;
    put_patterns(&t->b, d);
    if (t->b.failed && !before.failed)
        t->b = before;
}

static void put_id(struct ww_buf *b, const struct ww_exim_style *style)
{
    if (style->id[0] == '\0')
        return;
    ww_buf_str(b, " id=");
    ww_buf_str(b, style->id);
}

static enum ww_level put_temperr(struct ww_buf *b, const char *domain, const char *reason)
{
    ww_buf_str(b, "mode=temperr reason=\"");
    ww_words_put_domain(b, ww_slice_str(domain));
    ww_buf_str(b, ": ");
    ww_buf_str(b, reason);
    ww_buf_char(b, '"');
    return WW_LEVEL_HOLD;
}

static enum ww_level put_secure(struct ww_buf *b, const struct ww_domain_case *c, const struct ww_decision *d,
                                bool ordered, const struct ww_exim_style *style)
{
    struct trial t = begin(b);
    ww_buf_str(&t.b, ordered ? "mode=secure" : "mode=enforce");
    if (!ordered && d->policy != NULL)
        put_id(&t.b, style);
    put_expression(&t, c, d, ordered);
    put_patterns_if_they_fit(&t, d);
    if (commit(b, &t))
        return WW_LEVEL_SECURE;
    if (t.odd)
        return put_temperr(b, c->domain, "what names its MX hosts cannot be told to Exim");
    return put_temperr(b, c->domain,
                       d->listed != NULL ? "the preload list names more MX hosts than Exim can be told"
                                         : "its MTA-STS policy lists more MX hosts than Exim can be told");
}

static enum ww_level put_testing(struct ww_buf *b, const struct ww_decision *d,
                                 const struct ww_exim_style *style)
{
    struct trial t = begin(b);
    ww_buf_str(&t.b, "mode=testing");
    put_id(&t.b, style);
    put_patterns_if_they_fit(&t, d);
    (void)commit(b, &t);
    return WW_LEVEL_TESTING;
}

static enum ww_level put_word(struct ww_buf *b, const char *word, enum ww_level level)
{
    ww_buf_str(b, word);
    return level;
}

enum ww_level ww_exim_line(struct ww_buf *b, const struct ww_domain_case *c, const struct ww_decision *d,
                           const struct ww_exim_style *style)
{
    const struct ww_decision base = ww_domain_decide_without_dane(c);
    bool ordered = base.override != NULL && base.override->level != WW_OVERRIDE_ENFORCE_TESTING;
    if (style->dry_run)
        return put_word(b, WW_EXIM_NONE, WW_LEVEL_NONE);
    if (d->level == WW_LEVEL_HOLD)
        return put_temperr(b, c->domain, d->reason);
    if (base.level == WW_LEVEL_SECURE)
        return put_secure(b, c, &base, ordered, style);
    switch (d->level) {
    case WW_LEVEL_DANE_ONLY:
        return put_word(b, "mode=dane", WW_LEVEL_DANE_ONLY);
    case WW_LEVEL_ENCRYPT:
        return put_word(b, "mode=encrypt", WW_LEVEL_ENCRYPT);
    case WW_LEVEL_MAY:
        return put_word(b, "mode=may", WW_LEVEL_MAY);
    case WW_LEVEL_NONE:
    case WW_LEVEL_TESTING:
    case WW_LEVEL_SECURE:
    case WW_LEVEL_DANE:
    case WW_LEVEL_HOLD:
        break;
    }
    return base.level == WW_LEVEL_TESTING ? put_testing(b, &base, style)
                                          : put_word(b, WW_EXIM_NONE, WW_LEVEL_NONE);
}
