#include "core/domain_decision.h"

/* How many hosts there are of each kind. */
struct tally {
    size_t all;
    size_t usable;
    size_t unusable;
    size_t free; /* of TLSA records */
    size_t failing;
    size_t allowed; /* usable, and the enforced policy does not forbid them */
};

const char *ww_dane_use_name(enum ww_dane_use use)
{
    static const char *const names[] = {
        [WW_DANE_OFF] = "off", [WW_DANE_ON] = "on", [WW_DANE_MTA] = "mta", [WW_DANE_BLIND] = "blind"};
    return names[use];
}

static struct ww_decision decided(const struct ww_decision *from, enum ww_level level, enum ww_rule rule)
{
    struct ww_decision d = {.level = level, .domain = from->domain, .override = from->override, .rule = rule};
    if (level == WW_LEVEL_HOLD)
        d.reason = ww_rule_text(rule);
    return d;
}

static void add(struct tally *t, const struct ww_domain_case *c, const struct ww_decision *base,
                const struct ww_domain_host *host)
{
    t->all++;
    switch (host->dane) {
    case WW_DANE_SECURE_USABLE:
        t->usable++;
        if (c->settings.suffices || ww_decision_names(base, ww_slice_str(host->name)))
            t->allowed++;
        break;
    case WW_DANE_SECURE_UNUSABLE:
        t->unusable++;
        break;
    case WW_DANE_NONE:
    case WW_DANE_INSECURE:
        t->free++;
        break;
    case WW_DANE_BOGUS:
    case WW_DANE_LOOKUP_FAILED:
        t->failing++;
        break;
    }
}

static struct tally count(const struct ww_domain_case *c, const struct ww_decision *base)
{
    struct tally t = {.all = c->dane->more, .failing = c->dane->more};
    for (size_t i = 0; i < c->dane->count; i++)
        add(&t, c, base, &c->dane->hosts[i]);
    return t;
}

static struct ww_decision without_enforced(const struct ww_decision *base, const struct tally *t)
{
    if (t->free == t->all)
        return *base;
    if (t->usable == t->all)
        return decided(base, WW_LEVEL_DANE_ONLY, WW_RULE_DOMAIN_ALL_USABLE);
    if (t->unusable == t->all)
        return decided(base, WW_LEVEL_ENCRYPT, WW_RULE_DOMAIN_ALL_UNUSABLE);
    return decided(base, WW_LEVEL_DANE, t->failing > 0 ? WW_RULE_DOMAIN_FAILING : WW_RULE_DOMAIN_EACH_HOST);
}

static struct ww_decision with_enforced(const struct ww_domain_case *c, const struct ww_decision *base,
                                        const struct tally *t)
{
    struct ww_decision d = *base;
    struct ww_slice host;
    size_t pos = 0;
    if (t->usable + t->failing == 0)
        return d;
    if (t->allowed > 0)
        return decided(base, WW_LEVEL_DANE_ONLY,
                       t->usable == t->all ? WW_RULE_DOMAIN_ALL_USABLE : WW_RULE_DOMAIN_DANE_FIRST);
    d.among = c->dane;
    if (ww_decision_next_mx(&d, &pos, &host)) {
        d.rule = WW_RULE_DOMAIN_STS_AMONG;
        return d;
    }
    if (t->usable > 0)
        return decided(base, WW_LEVEL_HOLD,
                       base->listed != NULL ? WW_RULE_DOMAIN_LISTED_CONFLICT : WW_RULE_DOMAIN_CONFLICT);
    return decided(base, WW_LEVEL_DANE_ONLY, WW_RULE_DOMAIN_FAILING);
}

/* Level encrypt goes without DANE, and keeps what every one of the hosts may have promised. */
static struct ww_decision blind(const struct ww_decision *base, const struct tally *t)
{
    if (base->level == WW_LEVEL_SECURE || t->all == 0 || t->free > 0)
        return *base;
    return decided(base, WW_LEVEL_ENCRYPT, WW_RULE_DOMAIN_BLIND);
}

static struct ww_decision by_hosts(const struct ww_domain_case *c, const struct ww_decision *base)
{
    const struct tally t = count(c, base);
    if (c->settings.use == WW_DANE_BLIND)
        return blind(base, &t);
    return base->level == WW_LEVEL_SECURE ? with_enforced(c, base, &t) : without_enforced(base, &t);
}

static struct ww_decision without_knowledge(const struct ww_domain_case *c, const struct ww_decision *base)
{
    if (c->settings.use == WW_DANE_BLIND)
        return *base;
    return decided(base, base->level == WW_LEVEL_SECURE ? WW_LEVEL_DANE_ONLY : WW_LEVEL_DANE,
                   WW_RULE_DOMAIN_UNKNOWN);
}

static struct ww_decision by_dane(const struct ww_domain_case *c, const struct ww_decision *base)
{
    switch (c->dane != NULL ? c->dane->mx : WW_DOMAIN_MX_FAILED) {
    case WW_DOMAIN_MX_SECURE:
        return by_hosts(c, base);
    case WW_DOMAIN_MX_BOGUS:
        return decided(base, WW_LEVEL_HOLD, WW_RULE_DOMAIN_MX_BOGUS);
    case WW_DOMAIN_MX_FAILED:
        return without_knowledge(c, base);
    case WW_DOMAIN_MX_INSECURE:
    case WW_DOMAIN_MX_NULL:
    case WW_DOMAIN_MX_NO_DNSSEC:
    case WW_DOMAIN_MX_STATES:
        break;
    }
    return *base;
}

/* At level testing the MTA could be told may, which would override what it is left to do. */
static bool is_left_to_mta(const struct ww_domain_case *c, const struct ww_decision *base,
                           const struct ww_decision *d)
{
    bool by_tlsa =
        d->level == WW_LEVEL_DANE || d->level == WW_LEVEL_DANE_ONLY || d->level == WW_LEVEL_ENCRYPT;
    return c->settings.use == WW_DANE_MTA && by_tlsa && base->level != WW_LEVEL_SECURE;
}

static int64_t earlier(int64_t a, int64_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a > b ? b : a;
}

struct ww_decision ww_domain_decide(const struct ww_domain_case *c)
{
    struct ww_decision base = ww_decide(c->domain, c->policy, c->override);
    if (c->policy == NULL && c->listed != NULL)
        ww_decide_listed(&base, c->override, c->listed);
    bool ordered = base.override != NULL && base.override->level != WW_OVERRIDE_ENFORCE_TESTING;
    int64_t until = base.override != NULL ? base.override->until : 0;
    if (!ordered || base.policy != NULL || base.listed != NULL) {
        until = earlier(until, c->policy_until);
        if (c->policy == NULL)
            until = earlier(until, c->listed_until);
    }
    struct ww_decision d = base;
    if (!ordered && base.level != WW_LEVEL_HOLD && c->settings.use != WW_DANE_OFF) {
        d = by_dane(c, &base);
        if (is_left_to_mta(c, &base, &d))
            d = decided(&base, WW_LEVEL_NONE, WW_RULE_DOMAIN_LEFT);
        until = earlier(until, c->dane != NULL ? c->dane->until : 0);
    }
    d.until = until;
    return d;
}

struct ww_decision ww_domain_decide_without_dane(const struct ww_domain_case *c)
{
    struct ww_domain_case without = *c;
    without.settings.use = WW_DANE_OFF;
    return ww_domain_decide(&without);
}
