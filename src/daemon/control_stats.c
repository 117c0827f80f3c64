#include "daemon/control_stats.h"

#include "daemon/clock.h"
#include "daemon/log.h"

#include <event2/event.h>
#include <stdlib.h>

#define EVERY_SECONDS 10
/* Rounds that a rate looks back over. */
#define SAMPLES 7

struct asked_one {
    struct ww_control_stats *all;
    struct ww_counted *role;
    struct ww_asking *asking; /* NULL: it is not under way */
};

struct sample {
    int64_t ms;
    uint64_t lookups;
};

struct ww_control_stats {
    struct event_base *base;
    struct ww_roles_asked *roles;
    const struct ww_msg_roles *status;
    struct ww_role_stats *self;
    struct event *timer;
    struct event *over; /* ends a round from the loop */
    TAILQ_HEAD(, ww_collecting) waiters;
    bool collecting;
    unsigned pending;
    struct asked_one asked[WW_MSG_ROLES_MAX];
    struct sample samples[SAMPLES]; /* the oldest first */
    unsigned sample_count;
    unsigned count;
    struct ww_counted counted[WW_MSG_ROLES_MAX];
};

/* Its place, or the count of all when it has none. */
static unsigned place_of(const struct ww_control_stats *s, enum ww_role_kind kind, unsigned index)
{
    unsigned i = 0;
    while (i < s->count && (s->counted[i].kind != kind || s->counted[i].index != index))
        i++;
    return i;
}

static struct ww_counted *find_or_add(struct ww_control_stats *s, enum ww_role_kind kind, unsigned index)
{
    unsigned i = place_of(s, kind, index);
    if (i == WW_MSG_ROLES_MAX)
        return NULL;
    if (i == s->count) {
        s->counted[i].kind = kind;
        s->counted[i].index = index;
        s->count++;
    }
    return &s->counted[i];
}

static uint64_t lookups_of(const struct ww_stats *stats)
{
    uint64_t n = 0;
    for (unsigned i = WW_STAT_LOOKUPS; i <= WW_STAT_LOOKUPS_END; i++)
        n += stats->values[i];
    return n;
}

static void take_sample(struct ww_control_stats *s)
{
    const struct ww_counted *front = ww_control_stats_of(s, WW_ROLE_FRONT, 0);
    int64_t now = ww_clock_ms();
    if (front == NULL || !front->up)
        return;
    /* Who asks often does not push out what a minute needs. */
    const struct sample *last = s->sample_count > 0 ? &s->samples[s->sample_count - 1] : NULL;
    if (last != NULL && now - last->ms < EVERY_SECONDS * 1000 / 2)
        return;
    if (s->sample_count == SAMPLES)
        memmove(s->samples, s->samples + 1, --s->sample_count * sizeof s->samples[0]);
    s->samples[s->sample_count++] = (struct sample){now, lookups_of(&front->now) + lookups_of(&front->past)};
}

static void on_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct ww_control_stats *s = arg;
    struct ww_collecting *w;
    unsigned count = 0;
    s->collecting = false;
    take_sample(s);
    TAILQ_FOREACH(w, &s->waiters, entry)
    {
        count++;
    }
    /* Whoever comes while these are told stands behind them, and has begun a new round. */
    for (; count > 0 && (w = TAILQ_FIRST(&s->waiters)) != NULL; count--) {
        TAILQ_REMOVE(&s->waiters, w, entry);
        w->done(w->ctx);
    }
}

static void answered(struct ww_control_stats *s)
{
    if (--s->pending == 0)
        event_active(s->over, EV_TIMEOUT, 0);
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct asked_one *one = ctx;
    struct ww_counted *role = one->role;
    static struct ww_stats stats;
    one->asking = NULL;
    role->up =
        told->err == WW_OK && !told->more && ww_role_stats_get(told->payload, &stats, &role->slow) == WW_OK;
    if (role->up) {
        /* Another process has begun from zero. */
        if (role->known && role->now.process != stats.process)
            ww_stats_add(&role->past, &role->now);
        role->now = stats;
        role->known = true;
    } else if (told->err == WW_OK) {
        ww_log_error("message-malformed", "from", ww_role_kind_name(role->kind));
    }
    answered(one->all);
}

static void ask_one(struct ww_control_stats *s, unsigned i, const struct ww_role_status *status)
{
    struct asked_one *one = &s->asked[i];
    one->all = s;
    one->role = find_or_add(s, status->kind, status->index);
    if (one->role == NULL)
        return;
    if (status->kind == WW_ROLE_CONTROL) {
        ww_role_stats_self(s->self);
        one->role->now = s->self->stats;
        one->role->up = one->role->known = true;
        return;
    }
    one->asking = ww_roles_ask(s->roles, status->kind, status->index, WW_ASK_STATS, ww_slice(NULL, 0),
                               WW_STATS_DEADLINE_MS, on_told, one);
    s->pending += one->asking != NULL;
    one->role->up = one->role->up && one->asking != NULL;
}

static void begin(struct ww_control_stats *s)
{
    s->collecting = true;
    s->pending = 1;
    for (unsigned i = 0; i < s->count; i++)
        s->counted[i].up = false; /* some may be there no more */
    for (unsigned i = 0; i < s->status->count; i++)
        ask_one(s, i, &s->status->roles[i]);
    answered(s);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct ww_control_stats *s = arg;
    if (!s->collecting)
        begin(s);
}

struct ww_control_stats *ww_control_stats_new(struct event_base *base, struct ww_roles_asked *roles,
                                              const struct ww_msg_roles *status, struct ww_role_stats *self)
{
    const struct timeval every = {.tv_sec = EVERY_SECONDS};
    struct ww_control_stats *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->base = base;
    s->roles = roles;
    s->status = status;
    s->self = self;
    TAILQ_INIT(&s->waiters);
    s->timer = event_new(base, -1, EV_PERSIST, on_timer, s);
    s->over = evtimer_new(base, on_over, s);
    if (s->timer != NULL && s->over != NULL && event_add(s->timer, &every) == 0)
        return s;
    ww_control_stats_free(s);
    return NULL;
}

void ww_control_stats_free(struct ww_control_stats *s)
{
    if (s == NULL)
        return;
    for (unsigned i = 0; i < WW_MSG_ROLES_MAX; i++)
        if (s->asked[i].asking != NULL)
            ww_asking_cancel(s->asked[i].asking);
    if (s->timer != NULL)
        event_free(s->timer);
    if (s->over != NULL)
        event_free(s->over);
    free(s);
}

void ww_control_stats_collect(struct ww_control_stats *s, struct ww_collecting *waiter)
{
    TAILQ_INSERT_TAIL(&s->waiters, waiter, entry);
    if (!s->collecting)
        begin(s);
}

void ww_control_stats_leave(struct ww_control_stats *s, struct ww_collecting *waiter)
{
    TAILQ_REMOVE(&s->waiters, waiter, entry);
}

const struct ww_counted *ww_control_stats_of(const struct ww_control_stats *s, enum ww_role_kind kind,
                                             unsigned index)
{
    unsigned i = place_of(s, kind, index);
    return i < s->count ? &s->counted[i] : NULL;
}

void ww_control_stats_sum(const struct ww_control_stats *s, struct ww_stats *sum)
{
    memset(sum, 0, sizeof *sum);
    for (unsigned i = 0; i < s->count; i++) {
        const struct ww_counted *c = &s->counted[i];
        ww_stats_add(sum, &c->past);
        for (unsigned at = 0; at < WW_STAT_VALUES; at++)
            sum->values[at] += c->now.values[at];
    }
}

void ww_control_stats_slow(const struct ww_control_stats *s, struct ww_slow_hosts *slow)
{
    slow->count = 0;
    for (unsigned i = 0; i < s->count; i++)
        ww_slow_hosts_merge(slow, &s->counted[i].slow);
}

double ww_control_stats_rate(const struct ww_control_stats *s)
{
    if (s->sample_count < 2)
        return -1;
    const struct sample *first = &s->samples[0], *last = &s->samples[s->sample_count - 1];
    return (double)(last->lookups - first->lookups) * 1000 / (double)(last->ms - first->ms);
}
