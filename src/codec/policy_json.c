#include "codec/policy_json.h"

#include "base/ascii.h"
#include "codec/explain_parts.h"

#define VERSION 1

/* Of a decision that demands nothing: what is answered in a dry run. */
static const struct ww_decision withheld = {.level = WW_LEVEL_NONE};

struct demand {
    const char *tls;
    const char *verify;
};

/* Whoever overlooks `hold` finds no MX host allowed, and a certificate to be verified. */
static struct demand demand_of(enum ww_level level)
{
    static const struct demand demands[] = {
        [WW_LEVEL_NONE] = {"none", "none"},          [WW_LEVEL_TESTING] = {"opportunistic", "none"},
        [WW_LEVEL_SECURE] = {"required", "webpki"},  [WW_LEVEL_HOLD] = {"required", "webpki"},
        [WW_LEVEL_MAY] = {"opportunistic", "none"},  [WW_LEVEL_ENCRYPT] = {"required", "none"},
        [WW_LEVEL_DANE] = {"opportunistic", "dane"}, [WW_LEVEL_DANE_ONLY] = {"required", "dane"},
    };
    return demands[level];
}

static json_t *lower_case(struct ww_slice s)
{
    char text[WW_DNAME_SIZE + 2];
    size_t n = s.n < sizeof text ? s.n : sizeof text;
    for (size_t i = 0; i < n; i++)
        text[i] = ww_lower(s.p[i]);
    return json_stringn(text, n);
}

/* The patterns that a decision of level SECURE holds MX hosts against; null when it has none. */
static json_t *patterns(const struct ww_decision *d)
{
    struct ww_slice mx;
    size_t pos = 0;
    if (!ww_decision_next_mx(d, &pos, &mx))
        return json_null();
    json_t *list = json_array();
    for (bool more = list != NULL; more; more = ww_decision_next_mx(d, &pos, &mx)) {
        if (json_array_append_new(list, lower_case(mx)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/*
 * A sender of this API can be told patterns beside DANE, as Postfix cannot: where an enforced policy stands
 * behind dane-only, it forbids the hosts that it does not name, however good their TLSA records are.
 */
static json_t *allowed(const struct ww_explain *e, const struct ww_decision *d)
{
    if (d->level == WW_LEVEL_SECURE)
        return patterns(d);
    if (d->level == WW_LEVEL_HOLD)
        return json_array();
    if (d->level != WW_LEVEL_DANE_ONLY || e->settings.suffices)
        return json_null();
    const struct ww_domain_case c = ww_part_case(e);
    const struct ww_decision sts = ww_domain_decide_without_dane(&c);
    return sts.level == WW_LEVEL_SECURE ? patterns(&sts) : json_null();
}

/* An override that puts something in the place of DANE's verdict goes before it (RFC 7435 section 3). */
static bool may_try_dane(const struct ww_explain *e, const struct ww_decision *d)
{
    bool can = e->settings.use == WW_DANE_ON || e->settings.use == WW_DANE_MTA;
    bool ordered = d->override != NULL && d->override->level != WW_OVERRIDE_ENFORCE_TESTING &&
                   d->override->level != WW_OVERRIDE_OFF;
    return can && !ordered && d->level != WW_LEVEL_HOLD;
}

static void set_demands(json_t *object, const struct ww_explain *e, const struct ww_decision *d, bool *failed)
{
    const struct demand demand = demand_of(d->level);
    ww_part_set(object, "hold", json_boolean(d->level == WW_LEVEL_HOLD), failed);
    ww_part_set(object, "tls", json_string(demand.tls), failed);
    ww_part_set(object, "verify", json_string(demand.verify), failed);
    ww_part_set(object, "mx", allowed(e, d), failed);
    ww_part_set(object, "try_dane", json_boolean(may_try_dane(e, d)), failed);
    ww_part_set(object, "level", json_string(ww_level_name(d->level)), failed);
}

/* Beside DANE too the patterns of a list are told: see allowed. */
static json_t *source(const struct ww_explain *e, const struct ww_decision *d)
{
    const struct ww_domain_case c = ww_part_case(e);
    if (d->level != WW_LEVEL_DANE_ONLY)
        return ww_part_source(e, d);
    const struct ww_decision without = ww_domain_decide_without_dane(&c);
    return ww_part_source(e, &without);
}

static json_t *would_or_null(const struct ww_explain *e, const struct ww_decision *d, bool *failed)
{
    if (!e->dry_run)
        return json_null();
    json_t *would = json_object();
    set_demands(would, e, d, failed);
    return would;
}

static json_t *why(const struct ww_decision *d, bool *failed)
{
    bool ruled = d->rule != WW_RULE_COUNT;
    json_t *json = json_object();
    ww_part_set(json, "text", json_string(ruled ? ww_rule_text(d->rule) : d->reason), failed);
    ww_part_set(json, "section", ww_part_string(ruled ? ww_rule_source(d->rule) : NULL), failed);
    return json;
}

static json_t *policy_or_null(const struct ww_explain *e, bool *failed)
{
    if (e->policy == NULL)
        return json_null();
    json_t *json = json_object();
    ww_part_policy(json, e, failed);
    return json;
}

enum ww_err ww_policy_json(struct ww_buf *b, const struct ww_explain *e, const struct ww_decision *d)
{
    bool failed = false;
    json_t *root = json_object();
    ww_part_set(root, "version", json_integer(VERSION), &failed);
    ww_part_set(root, "domain", json_string(e->domain), &failed);
    set_demands(root, e, e->dry_run ? &withheld : d, &failed);
    ww_part_set(root, "why", why(d, &failed), &failed);
    ww_part_set(root, "until", ww_part_time(d->until), &failed);
    ww_part_set(root, "source", source(e, d), &failed);
    ww_part_set(root, "policy", policy_or_null(e, &failed), &failed);
    ww_part_set(root, "dane", ww_part_dane(e->dane, &failed), &failed);
    ww_part_set(root, "override", ww_part_override(e->override, d, &failed), &failed);
    ww_part_set(root, "error", ww_part_error(e->why), &failed);
    ww_part_set(root, "detail", ww_part_string(e->detail), &failed);
    ww_part_set(root, "dry_run", json_boolean(e->dry_run), &failed);
    ww_part_set(root, "would", would_or_null(e, d, &failed), &failed);
    if (failed) {
        json_decref(root);
        return WW_E_NO_MEMORY;
    }
    return ww_part_put(b, root, b->cap - b->n);
}

enum ww_err ww_policy_problem(struct ww_buf *b, const struct ww_policy_problem *problem)
{
    json_t *root = json_pack("{s:i, s:s, s:o, s:o}", "status", (int)problem->status, "title", problem->title,
                             "detail", ww_part_string(problem->detail), "error", ww_part_error(problem->err));
    return ww_part_put(b, root, b->cap - b->n);
}
