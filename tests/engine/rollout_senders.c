#include "rollout_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct ww_life_rules rules = {
    .recheck = 300, .no_record_min = 60, .no_record_max = 3600, .fetch_retry = 300, .dns_retry = 30};

/* As long as a resolver may hold it: not all of them do. */
static int64_t held_until(struct world *w, uint32_t ttl)
{
    int64_t slow = world_random(w, 4) == 0 ? (int64_t)world_random(w, WW_ROLLOUT_SLOW) : 0;
    return w->now + (world_random(w, 2) == 0 ? ttl : (int64_t)world_random(w, ttl + UINT64_C(1))) + slow;
}

static void resolve(struct world *w, struct world_sender *s)
{
    if (w->now >= s->record_until) {
        memcpy(s->record, w->record, sizeof s->record);
        s->record_until = held_until(w, w->record_ttl);
    }
    if (w->now >= s->mx_until) {
        s->mx = w->mx;
        s->mx_until = held_until(w, w->mx_ttl);
    }
}

/* Whose host a sender finds, as its resolver is quick or slow. */
static size_t leads_to(struct world *w)
{
    if (w->former != WORLD_NONE && w->now < w->former_until && world_random(w, 3) == 0)
        return w->former;
    return w->host_down ? WORLD_NONE : w->shown;
}

/* What engine/discovery.h would find: the record as the sender's resolver has it, the policy as it is. */
static void discover(struct world *w, struct world_sender *s)
{
    struct ww_discovery_ask ask;
    struct ww_discovery_result found = {.record_ttl = w->record_ttl};
    size_t shown = leads_to(w);
    const struct world_policy *p = shown != WORLD_NONE ? &w->policies[shown] : NULL;
    ww_life_ask(&s->life, w->domain.domain, w->now, &ask);
    memcpy(found.id, s->record, sizeof found.id);
    if (s->record[0] == '\0')
        found.outcome = WW_FOUND_NO_RECORD;
    else if (strcmp(s->record, ask.known_id) == 0 && !ask.refetch)
        found.outcome = WW_FOUND_UNCHANGED;
    else if (strcmp(s->record, ask.failed_id) == 0)
        found.outcome = WW_FOUND_WAITING;
    else
        found.outcome = p != NULL ? WW_FOUND_POLICY : WW_FOUND_FETCH_FAILURE;
    bool fetched = found.outcome == WW_FOUND_POLICY;
    (void)ww_life_apply(&s->life, &found, fetched ? &p->policy : NULL, w->now, &rules);
    if (fetched)
        s->policy = shown;
}

void world_visit(struct world *w, size_t count)
{
    /* Whatever is there to be fetched may be fetched in this second by somebody. */
    if (w->shown != WORLD_NONE && !w->host_down)
        w->policies[w->shown].really_until = w->now;
    if (w->former != WORLD_NONE && w->now < w->former_until)
        w->policies[w->former].really_until = w->now;
    for (size_t i = 0; i < count; i++) {
        struct world_sender *s = &w->senders[world_random(w, WORLD_SENDERS)];
        resolve(w, s);
        if (ww_life_wants_flight(&s->life, w->now) || ww_life_wants_refresh(&s->life, w->now))
            discover(w, s);
    }
}

world_hosts world_anywhere(const struct world *w)
{
    world_hosts mx = w->mx;
    for (unsigned i = 0; i < WORLD_HOSTS; i++)
        if (w->mx_left[i] != 0 && w->now < w->mx_left[i] + w->mx_ttl + WW_ROLLOUT_SLOW)
            mx |= 1u << i;
    return mx;
}

void world_deliver(struct world *w)
{
    for (size_t i = 0; i < WORLD_SENDERS; i++) {
        const struct world_sender *s = &w->senders[i];
        if (s->policy == WORLD_NONE || s->life.mode != WW_MODE_ENFORCE ||
            !ww_life_has_policy(&s->life, w->now))
            continue;
        world_hosts mx = w->mx | (w->now < s->mx_until ? s->mx : 0);
        w->enforcing++;
        w->refusals += (mx & w->good & ~w->policies[s->policy].covers) != 0;
    }
    /* Those that are not among the thousand. */
    world_hosts mx = world_anywhere(w) & w->good;
    for (size_t i = 0; i < w->policy_count; i++) {
        const struct world_policy *p = &w->policies[i];
        if (p->policy.mode == WW_MODE_ENFORCE && w->now < p->really_until + p->policy.max_age)
            w->refusals += (mx & ~p->covers) != 0;
    }
}
