#include "rollout_world.h"

#include "packet.h"

#include <stdio.h>

/* Whose host a sender finds, as its resolver is quick or slow. */
static size_t leads_to(struct world *w)
{
    if (w->former != WORLD_NONE && w->now < w->former_until && world_random(w, 3) == 0)
        return w->former;
    return w->host_down ? WORLD_NONE : w->shown;
}

static void show_policy(struct world *w, size_t which)
{
    struct ww_policy_event page = {.failure = WW_E_HTTPS_CONNECT};
    if (which != WORLD_NONE)
        page = (struct ww_policy_event){
            .status = 200, .content_type = "text/plain", .body = w->policies[which].policy.body};
    crowd_show_policy(&w->crowd, &page);
}

/* What is there now for anybody to see. */
static void show(struct world *w)
{
    static uint8_t room[PACKET_SIZE];
    char name[WW_DNAME_SIZE + 16], text[WW_STS_ID_MAX + 32];
    struct packet answer = {.ttl = w->record_ttl};
    (void)snprintf(name, sizeof name, "_mta-sts.%s", w->domain.domain);
    (void)snprintf(text, sizeof text, "v=STSv1; id=%s;", w->record);
    if (w->record[0] != '\0')
        answer.record = text;
    crowd_show_record(&w->crowd, packet_write(&answer, name, room));
    show_policy(w, w->host_down ? WORLD_NONE : w->shown);
    crowd_show_mx(&w->crowd, w->mx, w->mx_ttl);
}

void world_visit(struct world *w, size_t count)
{
    /* Whatever is there to be fetched may be fetched in this second by somebody. */
    if (w->shown != WORLD_NONE && !w->host_down)
        w->policies[w->shown].really_until = w->now;
    if (w->former != WORLD_NONE && w->now < w->former_until)
        w->policies[w->former].really_until = w->now;
    show(w);
    for (size_t i = 0; i < count; i++) {
        show_policy(w, leads_to(w));
        crowd_look(&w->crowd, &w->crowd.senders[world_random(w, CROWD_SENDERS)], w->now);
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
    show(w);
    for (size_t i = 0; i < CROWD_SENDERS; i++) {
        world_hosts mx, named;
        if (!crowd_is_bound(&w->crowd, &w->crowd.senders[i], w->now, &mx, &named))
            continue;
        bool refuses = (mx & w->good & ~named) != 0;
        w->enforcing++;
        w->crowd_refusals += refuses;
        w->refusals += refuses;
    }
    /* Those that are not among the thousand. */
    world_hosts mx = world_anywhere(w) & w->good;
    for (size_t i = 0; i < w->policy_count; i++) {
        const struct world_policy *p = &w->policies[i];
        if (p->policy.mode == WW_MODE_ENFORCE && w->now < p->really_until + p->policy.max_age)
            w->refusals += (mx & ~p->covers) != 0;
    }
}
