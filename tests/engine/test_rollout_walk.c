/*
 * Random histories of a domain, years of them: an operator who wishes for anything, hosts that come into DNS
 * only when the engine says that they may, evidence that turns, looks that fail, certificates that end, a
 * policy host that is down or late, policies of somebody else before ours and in its place. Whatever happens,
 * no sender with any cache that it may hold refuses a good host of the MX records. An argument says how many
 * histories are lived through.
 */
#include "rollout_world.h"

#include "core/publication.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#ifdef WW_SANITIZED
#define WALKS 5 /* they are slow, and see all of the code in these */
#else
#define WALKS 12
#endif
#define YEARS 2
#define ALL_HOSTS ((1u << WORLD_HOSTS) - 1)

static uint64_t walks = WALKS;

static bool one_of(struct world *w, uint64_t many)
{
    return world_random(w, many) == 0;
}

static world_hosts any_host(struct world *w)
{
    return 1u << world_random(w, WORLD_HOSTS);
}

/* Seldom something else than what is in DNS, or shall be. */
static void want_something(struct world *w, world_hosts *wanted)
{
    if (one_of(w, 30))
        *wanted ^= any_host(w);
    if (one_of(w, 15))
        *wanted |= w->mx;
    if (one_of(w, 60))
        *wanted = w->mx;
    world_want(w, *wanted);
    if (one_of(w, 4) && *wanted & 1) /* mx0 to mx4 in one */
        (void)snprintf(w->domain.mx[0], WW_PUBLISHED_PATTERN_SIZE, "*.example.net");
}

/* The domain that is followed goes its own ways. */
static void follow_something(struct world *w, world_hosts wanted)
{
    const char *mx[WORLD_HOSTS];
    size_t n = 0;
    for (unsigned i = 0; i < WORLD_HOSTS; i++)
        if (wanted >> i & 1)
            mx[n++] = world_host(i);
    enum ww_policy_mode mode = one_of(w, 50) ? (enum ww_policy_mode)world_random(w, 2) : WW_MODE_ENFORCE;
    struct ww_publication p = {.mode = mode, .max_age = w->domain.max_age, .mx = mx, .mx_count = n};
    struct ww_buf b = ww_buf(w->mirrored, sizeof w->mirrored - 1);
    ww_publication_put_policy(&b, &p);
    assert_false(b.failed);
    b.p[b.n] = '\0';
}

static void operate(struct world *w, world_hosts *wanted)
{
    static const uint32_t max_ages[] = {86400, 604800, 30 * 86400, 365 * 86400};
    static const struct {
        enum ww_rollout_wish wish;
        uint64_t many;
    } wishes[] = {{WW_WISH_START, 30},
                  {WW_WISH_PROMOTE, 10},
                  {WW_WISH_DEMOTE, 200},
                  {WW_WISH_RETIRE, 300},
                  {WW_WISH_REMOVE, 10}};
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++)
        if (one_of(w, wishes[i].many))
            (void)world_wish(w, wishes[i].wish);
    if (one_of(w, 100))
        w->domain.max_age = max_ages[world_random(w, 4)];
    if (one_of(w, 100))
        w->domain.automatic = !w->domain.automatic;
    if (one_of(w, w->domain.stopped ? 20 : 200))
        w->domain.stopped = !w->domain.stopped;
    if (one_of(w, 3))
        want_something(w, wanted);
    if (w->domain.host == WW_HOSTED_MIRROR && one_of(w, 3))
        follow_something(w, *wanted);
}

static bool was_seen(const struct world *w, unsigned host)
{
    for (size_t i = 0; i < w->mx_seen_count; i++)
        if (w->mx_seen[i].gone_at == 0 && strcmp(w->mx_seen[i].name, world_host(host)) == 0)
            return true;
    return false;
}

/*
 * Hosts leave DNS as they like, but for the last one; they come as soon as they may. One that comes and goes
 * between two looks is known to nobody: that may be refused.
 */
static void change_dns(struct world *w, world_hosts wanted)
{
    for (unsigned i = 0; i < WORLD_HOSTS; i++) {
        world_hosts host = 1u << i, rest = w->mx & ~host;
        bool is_wanted = (wanted & host) != 0;
        if (rest != w->mx) {
            if (rest != 0 && was_seen(w, i) && one_of(w, is_wanted ? 300 : 20))
                world_dns(w, rest);
        } else if (one_of(w, is_wanted ? 2 : 200) && world_host_from(w, i) <= w->now) {
            world_dns(w, w->mx | host);
        }
    }
}

/* A policy that covers whatever is there: what it does to hosts that come later is the engine's to foresee.
 */
static void usurp(struct world *w)
{
    static const uint32_t max_ages[] = {86400, 604800, 30 * 86400, 90 * 86400};
    world_hosts hosts = world_anywhere(w) | any_host(w);
    world_usurp(w, one_of(w, 4) ? WW_MODE_TESTING : WW_MODE_ENFORCE, max_ages[world_random(w, 4)], hosts);
    if (one_of(w, 2))
        world_set_record(w, "foreign");
}

/* Somebody else's policy that nobody has looked at is known to nobody, so that it comes when a look does. */
static void change_host(struct world *w)
{
    if (w->usurped && one_of(w, 8) && world_own(w) != WORLD_NONE)
        world_restore(w);
    else if (!w->look_fails && !w->host_down && one_of(w, 150))
        usurp(w);
}

static void change_world(struct world *w)
{
    if (one_of(w, 60))
        w->good &= ~any_host(w);
    if (one_of(w, 8))
        w->good = ALL_HOSTS;
    if (one_of(w, 20))
        w->evidence =
            one_of(w, 4) ? WW_EVIDENCE_BAD : (enum ww_rollout_evidence)world_random(w, WW_EVIDENCE_BAD);
    w->look_fails = one_of(w, w->look_fails ? 2 : 20);
    w->certificate_good = !one_of(w, w->certificate_good ? 100 : 2);
    w->host_down = one_of(w, w->host_down ? 2 : 40);
    w->mx_authentic = !one_of(w, 5);
    w->by_hand_now = one_of(w, 3);
    /* The publisher hears of a new policy late. */
    w->host_late = one_of(w, 4);
    if (!w->host_late && !w->usurped && world_own(w) != WORLD_NONE)
        w->shown = world_own(w);
    change_host(w);
}

static void step(struct world *w, world_hosts *wanted)
{
    w->now += 1 + (int64_t)world_random(w, (uint64_t)WORLD_DAY / 2);
    world_visit(w, CROWD_SENDERS / 16);
    world_deliver(w);
    operate(w, wanted);
    change_dns(w, *wanted);
    change_world(w);
    world_visit(w, CROWD_SENDERS / 16);
    world_tend(w);
    world_visit(w, CROWD_SENDERS / 16);
    world_deliver(w);
}

static void walk(uint64_t seed, struct world *all)
{
    static const uint32_t ttls[] = {60, 3600, 86400, 2 * 86400};
    struct world w;
    world_hosts wanted = 3;
    world_begin(&w, seed);
    w.mx_ttl = ttls[world_random(&w, 4)];
    w.record_ttl = ttls[world_random(&w, 4)];
    w.domain.dns = seed % 2 == 0 ? WW_DNS_BY_UPDATE : WW_DNS_BY_HAND;
    w.domain.automatic = seed % 3 == 0;
    if (seed % 5 == 0)
        w.domain.host = WW_HOSTED_MIRROR;
    world_dns(&w, wanted);
    world_want(&w, wanted);
    if (seed % 2 == 0) { /* there was a policy before the domain was added */
        usurp(&w);
        world_tend(&w);
    }
    while (w.now < WORLD_START + YEARS * 365 * WORLD_DAY) {
        step(&w, &wanted);
        if (w.refusals > 0)
            fail_msg("seed %llu: refused on day %lld, %s: %s", (unsigned long long)seed,
                     (long long)((w.now - WORLD_START) / WORLD_DAY), ww_published_state_name(w.domain.state),
                     w.plan.waits);
    }
    all->enforcing += w.enforcing;
    all->serves += w.serves;
    all->promotions += w.promotions;
    all->demotions += w.demotions;
    all->growths += w.growths;
    all->gone += w.gone;
    all->usurpations += w.usurpations;
    world_end(&w);
}

static void nobody_refuses_whatever_happens(void **state)
{
    (void)state;
    struct world all = {0};
    for (uint64_t seed = 1; seed <= walks; seed++)
        walk(seed, &all);
    print_message(
        "%zu policies, %zu promotions, %zu demotions, %zu longer, %zu retired, %zu of somebody else, "
        "%zu deliveries under enforce\n",
        all.serves, all.promotions, all.demotions, all.growths, all.gone, all.usurpations, all.enforcing);
    /* The walks went everywhere. */
    assert_true(all.promotions > 2 * walks);
    assert_true(all.demotions > walks / 2);
    assert_true(all.growths > walks);
    assert_true(all.gone > walks / 4);
    assert_true(all.usurpations > walks);
    assert_true(all.enforcing > 100 * walks * CROWD_SENDERS);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        walks = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_refuses_whatever_happens)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
