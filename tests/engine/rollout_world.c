#include "rollout_world.h"

#include "core/mx_match.h"
#include "core/publication.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

uint64_t world_random(struct world *w, uint64_t below)
{
    return crowd_random(&w->crowd, below);
}

const char *world_host(unsigned i)
{
    static const char *const hosts[WORLD_HOSTS] = {
        "mx0.example.net", "mx1.example.net", "mx2.example.net", "mx3.example.net",
        "mx4.example.net", "mx5.example.org", "mx6.example.org", "mail.example.com",
    };
    return hosts[i];
}

void world_begin(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->now = WORLD_START;
    w->policies = calloc(WORLD_POLICIES, sizeof *w->policies);
    assert_non_null(w->policies);
    w->shown = w->former = WORLD_NONE;
    w->certificate_good = true;
    w->record_ttl = 300;
    w->mx_ttl = 3600;
    w->good = (1u << WORLD_HOSTS) - 1;
    (void)snprintf(w->domain.domain, sizeof w->domain.domain, "example.com");
    w->domain.dns = WW_DNS_BY_UPDATE;
    w->domain.max_age = 30 * 86400;
    crowd_begin(&w->crowd, w->domain.domain, seed);
    for (unsigned i = 0; i < WORLD_HOSTS; i++)
        assert_int_equal(crowd_host(&w->crowd, ww_slice_str(world_host(i))), 1u << i);
}

void world_end(struct world *w)
{
    free(w->policies);
    crowd_end(&w->crowd);
}

static world_hosts covers(const struct ww_policy *policy)
{
    world_hosts hosts = 0;
    for (unsigned i = 0; i < WORLD_HOSTS; i++)
        if (policy->mx_count > 0 && ww_mx_match_policy(policy, ww_slice_str(world_host(i))))
            hosts |= 1u << i;
    return hosts;
}

/* ---- the keeper ---- */

size_t world_own(const struct world *w)
{
    size_t i = w->policy_count;
    while (i > w->first && w->policies[i - 1].foreign)
        i--;
    return i > w->first && w->policies[i - 1].until == 0 ? i - 1 : WORLD_NONE;
}

static struct world_policy *served(const struct world *w)
{
    size_t own = world_own(w);
    return own != WORLD_NONE ? &w->policies[own] : NULL;
}

static struct world_policy *add_policy(struct world *w, const struct ww_publication *what)
{
    struct world_policy *p = &w->policies[w->policy_count++];
    size_t offset;
    assert_true(w->policy_count < WORLD_POLICIES);
    struct ww_buf b = ww_buf(p->text, sizeof p->text);
    ww_publication_put_policy(&b, what);
    assert_false(b.failed);
    assert_int_equal(ww_policy_parse(b.p, b.n, &p->policy, &offset), WW_OK);
    p->covers = covers(&p->policy);
    return p;
}

static void serve(struct world *w, enum ww_policy_mode mode, uint32_t max_age, const char *const *mx,
                  size_t mx_count)
{
    const struct ww_publication what = {.mode = mode, .max_age = max_age, .mx = mx, .mx_count = mx_count};
    struct world_policy *before = served(w), *p = add_policy(w, &what);
    ww_publication_make_id(w->now, p->policy.body, before != NULL ? before->id : NULL, p->id);
    p->since = w->now;
    if (before != NULL)
        before->until = w->now;
    w->serves++;
    w->promotions += before != NULL && before->policy.mode != WW_MODE_ENFORCE && mode == WW_MODE_ENFORCE;
    w->demotions += before != NULL && before->policy.mode == WW_MODE_ENFORCE && mode == WW_MODE_TESTING;
    w->growths += before != NULL && before->policy.mode == WW_MODE_ENFORCE && mode == WW_MODE_ENFORCE &&
                  before->policy.max_age < max_age;
    if (!w->host_late && !w->usurped)
        w->shown = w->policy_count - 1;
}

static bool binds(const struct world *w, const struct world_policy *p)
{
    int64_t slow = p->foreign ? WW_ROLLOUT_SLOW : 0;
    return p->until == 0 || p->until + slow + p->policy.max_age > w->now;
}

static void put_served(const struct world_policy *p, struct ww_served *s)
{
    *s = (struct ww_served){
        .since = p->since, .until = p->until, .foreign = p->foreign, .body = p->policy.body};
    memcpy(s->id, p->id, sizeof s->id);
}

/* All that bind, and the newest of our others: what store/store_publish.h gives. */
static size_t history(const struct world *w, struct ww_served out[WW_PUBLISHED_SERVED_MAX])
{
    size_t binding = 0, own = 0, skip = 0, n = 0;
    for (size_t i = 0; i < w->policy_count; i++)
        if (w->policies[i].foreign && w->policies[i].since != 0 && binds(w, &w->policies[i])) {
            assert_true(n < WW_PUBLISHED_FOREIGN_MAX);
            put_served(&w->policies[i], &out[n++]);
        }
    for (size_t i = w->first; i < w->policy_count; i++) {
        own += !w->policies[i].foreign;
        binding += !w->policies[i].foreign && binds(w, &w->policies[i]);
    }
    assert_true(binding <= WW_PUBLISHED_OWN_MAX);
    if (own > WW_PUBLISHED_OWN_MAX)
        skip = own - WW_PUBLISHED_OWN_MAX;
    for (size_t i = w->first; i < w->policy_count; i++) {
        const struct world_policy *p = &w->policies[i];
        if (p->foreign)
            continue;
        if (!binds(w, p) && skip > 0)
            skip--;
        else
            put_served(p, &out[n++]);
    }
    return n;
}

/* What is seen of somebody else's ends the others of that kind. */
static void see_foreign(struct world *w, struct world_policy *seen)
{
    for (size_t i = 0; i < w->policy_count; i++) {
        struct world_policy *p = &w->policies[i];
        if (p->foreign && p->since != 0 && p->until == 0 && p != seen)
            p->until = w->now;
    }
    if (seen != NULL) {
        seen->since = seen->since != 0 ? seen->since : w->now;
        seen->until = 0;
    }
}

/* The newest one is seen for the first time: those before it were served until now. */
static void see_policy(struct world *w)
{
    struct world_policy *p = w->shown != WORLD_NONE && !w->host_down ? &w->policies[w->shown] : NULL;
    if (p != NULL && (p->foreign || p == served(w)))
        see_foreign(w, p->foreign ? p : NULL);
    if (p == NULL || p->foreign || strcmp(p->id, w->domain.shown_id) == 0)
        return;
    size_t i = w->policy_count;
    while (i > w->first &&
           (w->policies[i - 1].foreign || strcmp(w->policies[i - 1].id, w->domain.shown_id) != 0))
        i--;
    for (i = i > w->first ? i - 1 : w->first; i < w->shown; i++)
        if (!w->policies[i].foreign && w->policies[i].until != 0 && w->policies[i].until < w->now)
            w->policies[i].until = w->now;
    memcpy(w->domain.shown_id, p->id, sizeof p->id);
    w->domain.shown_at = w->now;
}

static struct ww_published_mx *mx_row(struct world *w, unsigned host)
{
    for (size_t i = 0; i < w->mx_seen_count; i++)
        if (strcmp(w->mx_seen[i].name, world_host(host)) == 0)
            return &w->mx_seen[i];
    struct ww_published_mx *mx = &w->mx_seen[w->mx_seen_count++];
    memset(mx, 0, sizeof *mx);
    (void)snprintf(mx->name, sizeof mx->name, "%s", world_host(host));
    mx->seen_at = w->now;
    return mx;
}

static void see_hosts(struct world *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->mx_seen_count; i++)
        if (w->mx_seen[i].gone_at == 0 || w->now < ww_rollout_leaves_at(&w->domain, &w->mx_seen[i]))
            w->mx_seen[kept++] = w->mx_seen[i];
    w->mx_seen_count = kept;
    for (size_t i = 0; i < w->mx_seen_count; i++)
        if (w->mx_seen[i].gone_at == 0)
            w->mx_seen[i].gone_at = w->now;
    for (unsigned i = 0; i < WORLD_HOSTS; i++) {
        if ((w->mx >> i & 1) == 0)
            continue;
        struct ww_published_mx *mx = mx_row(w, i);
        mx->gone_at = 0;
        mx->tls = w->good >> i & 1 ? WW_PUBLISHED_MX_GOOD : WW_PUBLISHED_MX_BAD;
    }
}

static void look(struct world *w)
{
    struct ww_published *d = &w->domain;
    see_policy(w);
    see_hosts(w);
    d->looked_at = w->now;
    d->record_ttl = w->record_ttl;
    d->mx_ttl = w->mx_ttl;
    d->certificate_until = w->certificate_good ? w->now + 60 * WORLD_DAY : w->now + 5 * WORLD_DAY;
    if (strcmp(d->record_id, w->record) != 0) {
        memcpy(d->record_id, w->record, sizeof d->record_id);
        d->record_since = w->now;
    }
}

static void facts(const struct world *w, struct ww_served served_room[WW_PUBLISHED_SERVED_MAX],
                  struct ww_rollout *in)
{
    memset(in, 0, sizeof *in);
    in->now = w->now;
    in->domain = &w->domain;
    in->served = served_room;
    in->served_count = history(w, served_room);
    in->mx = w->mx_seen;
    in->mx_count = w->mx_seen_count;
    in->facts = !w->look_fails;
    in->mx_authentic = w->mx_authentic;
    in->certificate_good = w->certificate_good;
    in->rua_seen = w->reports_asked ? w->domain.rua : NULL;
    in->evidence = w->evidence;
    in->mirrored = ww_slice_str(w->mirrored);
}

static bool is_usurped(const struct world *w)
{
    struct ww_served room[WW_PUBLISHED_SERVED_MAX];
    return ww_published_foreign(room, history(w, room)) != NULL;
}

/* What no plan may say, whatever the world is like. */
static void check_plan(const struct world *w)
{
    const struct ww_rollout_plan *plan = &w->plan;
    const struct world_policy *p = served(w);
    bool shown = p != NULL && strcmp(w->domain.shown_id, p->id) == 0;
    bool recorded = p != NULL && strcmp(w->domain.record_id, p->id) == 0;
    assert_true(plan->step == WW_ROLLOUT_IDLE || plan->waits[0] != '\0');
    for (const char *c = plan->waits; *c != '\0'; c++)
        assert_in_range(*c, ' ', '~');
    if (plan->step == WW_ROLLOUT_SERVE) {
        assert_true(plan->mode == WW_MODE_NONE || plan->mx_count > 0);
        assert_true(p != NULL || plan->mode != WW_MODE_ENFORCE);
        if (plan->mode == WW_MODE_ENFORCE && p->policy.mode != WW_MODE_ENFORCE)
            assert_true(shown && recorded && p->policy.mode == WW_MODE_TESTING);
    }
    if (plan->step == WW_ROLLOUT_RECORD)
        assert_true(shown && !recorded);
    if (is_usurped(w)) /* as far as the keeper knows */
        assert_true(plan->step != WW_ROLLOUT_RECORD && plan->step != WW_ROLLOUT_UNRECORD);
    if (plan->step == WW_ROLLOUT_UNSERVE)
        assert_true(p != NULL && p->policy.mode == WW_MODE_NONE && w->record[0] == '\0');
    if (plan->step == WW_ROLLOUT_WAIT && plan->until != 0)
        assert_true(plan->until > w->now && plan->until != INT64_MAX);
    assert_false(w->domain.stopped && plan->step != WW_ROLLOUT_IDLE);
}

static void serve_planned(struct world *w)
{
    const char *mx[WW_PUBLISHED_MX_MAX];
    struct world_policy *before = served(w);
    for (size_t i = 0; i < w->plan.mx_count; i++)
        mx[i] = w->plan.mx[i];
    serve(w, w->plan.mode, w->plan.max_age, mx, w->plan.mx_count);
    if (before != NULL) /* ids change exactly when bodies change */
        assert_false(ww_slice_eq(before->policy.body, served(w)->policy.body));
}

/* True when something was done, so that the next look may see more. */
static bool take_step(struct world *w)
{
    bool can_set = w->domain.dns == WW_DNS_BY_UPDATE || w->by_hand_now;
    switch (w->plan.step) {
    case WW_ROLLOUT_SERVE:
        serve_planned(w);
        return true;
    case WW_ROLLOUT_RECORD:
        if (can_set)
            world_set_record(w, served(w)->id);
        return can_set;
    case WW_ROLLOUT_TLSRPT:
        w->reports_asked = can_set;
        return can_set;
    case WW_ROLLOUT_UNRECORD:
        if (can_set)
            world_set_record(w, "");
        return can_set;
    case WW_ROLLOUT_UNSERVE:
        world_unserve(w);
        return true;
    case WW_ROLLOUT_LOOK:
    case WW_ROLLOUT_CERTIFICATE:
    case WW_ROLLOUT_SHOWN:
    case WW_ROLLOUT_WAIT:
    case WW_ROLLOUT_OPERATOR:
    case WW_ROLLOUT_IDLE:
        break;
    }
    return false;
}

void world_tend(struct world *w)
{
    enum ww_published_state before = w->domain.state;
    for (int rounds = 0;; rounds++) {
        struct ww_served room[WW_PUBLISHED_SERVED_MAX];
        struct ww_rollout in;
        assert_true(rounds < 12); /* it comes to rest */
        if (!w->look_fails)
            look(w);
        facts(w, room, &in);
        ww_rollout_plan(&in, &w->plan);
        check_plan(w);
        if (w->plan.state != w->domain.state)
            w->domain.state_since = w->now;
        w->domain.state = w->plan.state;
        if (w->plan.bad)
            w->domain.bad_at = w->now;
        if (!take_step(w))
            break;
    }
    w->gone += w->domain.state == WW_PUBLISHED_GONE && before != WW_PUBLISHED_GONE;
}

/* ---- doings ---- */

void world_want(struct world *w, world_hosts hosts)
{
    w->domain.mx_count = 0;
    for (unsigned i = 0; i < WORLD_HOSTS; i++)
        if (hosts >> i & 1)
            (void)snprintf(w->domain.mx[w->domain.mx_count++], WW_PUBLISHED_PATTERN_SIZE, "%s",
                           world_host(i));
}

/* What left the MX records before the domain was added nobody knows: it is not held against the engine. */
static void forget(struct world *w)
{
    w->first = w->policy_count;
    see_foreign(w, NULL); /* nobody looks any more */
    w->domain.state = WW_PUBLISHED_DRAFT;
    w->domain.shown_id[0] = '\0';
    w->mx_seen_count = 0;
    memset(w->mx_left, 0, sizeof w->mx_left);
    for (size_t i = 0; i < CROWD_SENDERS; i++)
        w->crowd.senders[i].mx &= w->mx;
}

bool world_wish(struct world *w, enum ww_rollout_wish wish)
{
    static const enum ww_published_goal goals[] = {WW_GOAL_TESTING, WW_GOAL_ENFORCE, WW_GOAL_TESTING,
                                                   WW_GOAL_RETIRE, WW_GOAL_DRAFT};
    struct ww_served room[WW_PUBLISHED_SERVED_MAX];
    char why[WW_PUBLISHED_WORDS_SIZE];
    struct ww_rollout in;
    facts(w, room, &in);
    bool allowed = ww_rollout_allows(&in, wish, why);
    assert_true(allowed == (why[0] == '\0'));
    if (allowed)
        w->domain.goal = goals[wish];
    if (allowed && wish == WW_WISH_REMOVE)
        forget(w);
    return allowed;
}

void world_dns(struct world *w, world_hosts mx)
{
    for (unsigned i = 0; i < WORLD_HOSTS; i++)
        if (w->mx >> i & 1 && (mx >> i & 1) == 0)
            w->mx_left[i] = w->now;
    w->mx = mx;
}

int64_t world_host_from(const struct world *w, unsigned host)
{
    struct ww_served room[WW_PUBLISHED_SERVED_MAX], in_fact[WW_PUBLISHED_SERVED_MAX];
    size_t n = ww_rollout_in_fact(&w->domain, room, history(w, room), in_fact);
    return ww_rollout_host_from(in_fact, n, w->now, world_host(host));
}

static size_t name_hosts(world_hosts mx, const char *hosts[WORLD_HOSTS])
{
    size_t n = 0;
    for (unsigned i = 0; i < WORLD_HOSTS; i++)
        if (mx >> i & 1)
            hosts[n++] = world_host(i);
    return n;
}

void world_serve(struct world *w, enum ww_policy_mode mode, uint32_t max_age, world_hosts mx)
{
    const char *hosts[WORLD_HOSTS];
    size_t n = name_hosts(mx, hosts);
    serve(w, mode, max_age, hosts, n);
}

/* Whose host the name led to, slow resolvers take for another day. */
static void move_name(struct world *w, size_t shown)
{
    w->former = w->shown;
    w->former_until = w->now + WW_ROLLOUT_SLOW;
    w->shown = shown;
    w->usurped = shown != WORLD_NONE && w->policies[shown].foreign;
}

void world_usurp(struct world *w, enum ww_policy_mode mode, uint32_t max_age, world_hosts mx)
{
    const char *hosts[WORLD_HOSTS];
    const struct ww_publication what = {
        .mode = mode, .max_age = max_age, .mx = hosts, .mx_count = name_hosts(mx, hosts)};
    struct world_policy *p = add_policy(w, &what);
    p->foreign = true;
    if (w->policy_count % 2 == 0) /* where there is a record */
        (void)snprintf(p->id, sizeof p->id, "foreign%zu", w->policy_count);
    w->usurpations++;
    move_name(w, w->policy_count - 1);
}

void world_restore(struct world *w)
{
    move_name(w, world_own(w));
}

void world_unserve(struct world *w)
{
    struct world_policy *p = served(w);
    if (p != NULL)
        p->until = w->now;
    if (!w->usurped)
        w->shown = WORLD_NONE;
}

void world_set_record(struct world *w, const char *id)
{
    (void)snprintf(w->record, sizeof w->record, "%s", id);
}
