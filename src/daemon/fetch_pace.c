#include "daemon/fetch_pace.h"

#include "daemon/resolver_turns.h"

#include <stdlib.h>

#define SECOND_MS 1000

struct ww_fetch {
    struct ww_turn turn; /* first: a turn is a fetch */
    TAILQ_ENTRY(ww_fetch) age;
    void *owner;
    int64_t since; /* it waits, or was begun */
    bool young;    /* begun within a second */
    bool ended;    /* and yet counts, as long as it is young */
};

struct ww_pace {
    struct ww_pace_limits limits;
    struct ww_turns *turns;
    TAILQ_HEAD(, ww_fetch) waiting;
    TAILQ_HEAD(, ww_fetch) young;
    size_t young_count;
};

struct ww_pace *ww_pace_new(const struct ww_pace_limits *limits)
{
    struct ww_pace *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->limits = *limits;
    TAILQ_INIT(&p->waiting);
    TAILQ_INIT(&p->young);
    p->turns = ww_turns_new(limits->per_site);
    if (p->turns != NULL)
        return p;
    free(p);
    return NULL;
}

static void fetch_free(struct ww_pace *p, struct ww_fetch *f)
{
    ww_turns_end(p->turns, &f->turn);
    free(f);
}

/* What was begun before this second. */
static void grow_old(struct ww_pace *p, int64_t now)
{
    struct ww_fetch *f;
    while ((f = TAILQ_FIRST(&p->young)) != NULL && now - f->since >= SECOND_MS) {
        TAILQ_REMOVE(&p->young, f, age);
        p->young_count--;
        f->young = false;
        if (f->ended)
            fetch_free(p, f);
    }
}

void ww_pace_free(struct ww_pace *pace)
{
    if (pace == NULL)
        return;
    grow_old(pace, INT64_MAX);
    ww_turns_free(pace->turns);
    free(pace);
}

struct ww_fetch *ww_pace_add(struct ww_pace *pace, void *owner, struct ww_slice domain, bool held,
                             int64_t now)
{
    struct ww_fetch *f = calloc(1, sizeof *f);
    if (f == NULL || !ww_turns_add(pace->turns, &f->turn, domain, held)) {
        free(f);
        return NULL;
    }
    f->owner = owner;
    f->since = now;
    TAILQ_INSERT_TAIL(&pace->waiting, f, age);
    return f;
}

void *ww_pace_next(struct ww_pace *pace, int64_t now)
{
    grow_old(pace, now);
    if (pace->young_count >= pace->limits.per_second)
        return NULL;
    struct ww_fetch *f = (struct ww_fetch *)ww_turns_next(pace->turns);
    if (f == NULL)
        return NULL;
    TAILQ_REMOVE(&pace->waiting, f, age);
    TAILQ_INSERT_TAIL(&pace->young, f, age);
    pace->young_count++;
    f->young = true;
    f->since = now;
    return f->owner;
}

void *ww_pace_late(const struct ww_pace *pace, int64_t now)
{
    const struct ww_fetch *f = TAILQ_FIRST(&pace->waiting);
    return f != NULL && now - f->since >= pace->limits.wait_ms ? f->owner : NULL;
}

void ww_pace_end(struct ww_pace *pace, struct ww_fetch *fetch, int64_t now)
{
    fetch->ended = true;
    if (!fetch->turn.flying)
        TAILQ_REMOVE(&pace->waiting, fetch, age);
    if (!fetch->young)
        fetch_free(pace, fetch);
    grow_old(pace, now);
}

int64_t ww_pace_due(const struct ww_pace *pace)
{
    const struct ww_fetch *waits = TAILQ_FIRST(&pace->waiting), *young = TAILQ_FIRST(&pace->young);
    if (waits == NULL)
        return INT64_MAX;
    int64_t due = waits->since + pace->limits.wait_ms;
    return young != NULL && young->since + SECOND_MS < due ? young->since + SECOND_MS : due;
}
