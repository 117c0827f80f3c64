#include "core/decision_text.h"

#include "base/ascii.h"
#include "base/time.h"

#define TOO_MANY "it names more MX hosts than can be told"

const char *ww_decision_source_name(enum ww_decision_source source)
{
    static const char *const names[WW_SOURCES] = {
        [WW_SOURCE_CACHE] = "cache",
        [WW_SOURCE_LIVE] = "live",
        [WW_SOURCE_PRELOAD] = "preload",
        [WW_SOURCE_OVERRIDE] = "override",
    };
    return names[source];
}

static bool is_plain(char c)
{
    return ww_is_vchar(c) && c != '"' && c != '\\';
}

static void put_value(struct ww_buf *b, struct ww_slice value)
{
    bool quoted = memchr(value.p, ' ', value.n) != NULL;
    if (quoted)
        ww_buf_char(b, '"');
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        const char escape[] = {'\\', (char)('0' + c / 100), (char)('0' + c / 10 % 10), (char)('0' + c % 10)};
        if (c == ' ' || is_plain(value.p[i]))
            ww_buf_char(b, value.p[i]);
        else
            ww_buf_bytes(b, escape, sizeof escape);
    }
    if (quoted)
        ww_buf_char(b, '"');
}

/* A word without a value says nothing, so that none is written. */
static void put_slice(struct ww_buf *b, const char *key, struct ww_slice value)
{
    if (value.n == 0)
        return;
    ww_buf_char(b, ' ');
    ww_buf_str(b, key);
    ww_buf_char(b, '=');
    put_value(b, value);
}

static void put(struct ww_buf *b, const char *key, const char *value)
{
    put_slice(b, key, ww_slice_str(value));
}

static void put_time(struct ww_buf *b, const char *key, int64_t seconds)
{
    char text[WW_TIME_SIZE];
    if (seconds == 0)
        return;
    ww_time_format(seconds, text);
    put(b, key, text);
}

static void put_dane(struct ww_buf *b, const struct ww_domain_case *c)
{
    const struct ww_domain_dane *dane = c->dane;
    /* Whoever cannot do DANE has no use for its details. */
    if (dane == NULL || c->settings.use == WW_DANE_OFF || c->settings.use == WW_DANE_BLIND)
        return;
    put(b, "dane", ww_domain_mx_name(dane->mx));
    for (size_t i = 0; dane->mx == WW_DOMAIN_MX_SECURE && i < dane->count; i++) {
        ww_buf_str(b, " host=");
        ww_buf_str(b, dane->hosts[i].name);
        ww_buf_char(b, '/');
        ww_buf_str(b, ww_dane_state_name(dane->hosts[i].dane));
    }
    if (dane->mx == WW_DOMAIN_MX_SECURE && dane->more)
        put(b, "more", "yes");
    if (c->settings.suffices)
        put(b, "conflict", "dane");
}

static enum ww_decision_source source_of(const struct ww_decision_told *told, const struct ww_decision *base)
{
    if (base->override != NULL)
        return WW_SOURCE_OVERRIDE;
    return base->listed != NULL ? WW_SOURCE_PRELOAD : told->source;
}

static void put_policy(struct ww_buf *b, const struct ww_decision_told *told, const struct ww_decision *base)
{
    if (source_of(told, base) == WW_SOURCE_PRELOAD)
        put_time(b, "expires", told->about->listed_until);
    if (told->about->policy == NULL)
        return;
    put(b, "mode", ww_policy_mode_name(told->about->policy->mode));
    put(b, "id", told->id);
    put_time(b, "expires", told->expires);
}

static void put_head(struct ww_buf *b, const struct ww_decision_told *told, const struct ww_decision *d,
                     const struct ww_decision *base, const char *why)
{
    ww_buf_str(b, "v=1");
    put(b, "domain", told->about->domain);
    put(b, "level", ww_level_name(told->dry_run ? WW_LEVEL_NONE : d->level));
    if (told->dry_run)
        put(b, "withheld", ww_level_name(d->level));
    put_policy(b, told, base);
    put(b, "source", ww_decision_source_name(source_of(told, base)));
    if (base->override != NULL)
        put(b, "override", ww_override_level_name(base->override->level));
    put_time(b, "until", d->until);
    put_dane(b, told->about);
    put(b, "section", ww_rule_source(d->rule));
    put(b, "why", why);
}

/* Which decision's patterns are told: DANE levels have none of their own, and an enforced policy beside them
 * forbids all the same. */
static const struct ww_decision *with_patterns(const struct ww_decision *d, const struct ww_decision *base)
{
    if (d->level == WW_LEVEL_SECURE || d->level == WW_LEVEL_TESTING)
        return d;
    bool beside = d->level == WW_LEVEL_DANE || d->level == WW_LEVEL_DANE_ONLY || d->level == WW_LEVEL_ENCRYPT;
    return beside && (base->level == WW_LEVEL_SECURE || base->level == WW_LEVEL_TESTING) ? base : NULL;
}

static void put_patterns(struct ww_buf *b, const struct ww_decision *d)
{
    struct ww_slice pattern;
    for (size_t pos = 0; ww_decision_next_mx(d, &pos, &pattern);)
        put_slice(b, d->level == WW_LEVEL_SECURE ? "mx" : "test", pattern);
}

struct ww_decision ww_decision_text_put(struct ww_buf *b, const struct ww_decision_told *told)
{
    const struct ww_decision base = ww_domain_decide_without_dane(told->about);
    struct ww_decision d = ww_domain_decide(told->about);
    size_t start = b->n;
    put_head(b, told, &d, &base, ww_rule_text(d.rule));
    const struct ww_decision *from = told->dry_run ? NULL : with_patterns(&d, &base);
    if (from == NULL)
        return d;
    struct ww_buf patterns = ww_buf(b->p + b->n, b->cap - b->n);
    put_patterns(&patterns, from);
    if (!patterns.failed) {
        b->n += patterns.n;
    } else if (from->level == WW_LEVEL_SECURE) {
        b->n = start;
        d.level = WW_LEVEL_HOLD;
        d.reason = TOO_MANY;
        put_head(b, told, &d, &base, TOO_MANY);
    }
    return d;
}
