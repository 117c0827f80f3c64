#include "daemon/resolver_turns.h"

#include "base/hash.h"
#include "daemon/resolver_site.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BUCKETS ((size_t)4096)

TAILQ_HEAD(turn_list, ww_turn);
TAILQ_HEAD(site_list, ww_turns_site);

/* In the order of being served. */
enum rank {
    RANK_HELD,
    RANK_NEW,
    RANK_AGAIN,
    RANKS,
    RANK_NONE, /* nothing waits, or enough flies */
};

struct ww_turns_site {
    TAILQ_ENTRY(ww_turns_site) order;
    struct ww_turns_site *chain;
    struct turn_list held;
    struct turn_list others;
    size_t flying;
    enum rank rank; /* the list that it stands in */
    bool had_a_turn;
    uint64_t hash;
    size_t n;
    char name[];
};

struct ww_turns {
    struct ww_hash_key key;
    size_t site_max;
    size_t waiting;
    struct site_list order[RANKS];
    struct ww_turns_site *buckets[BUCKETS];
};

struct ww_turns *ww_turns_new(size_t site_max)
{
    struct ww_turns *t = calloc(1, sizeof *t);
    if (t == NULL || getrandom(&t->key, sizeof t->key, 0) != (ssize_t)sizeof t->key) {
        free(t);
        return NULL;
    }
    t->site_max = site_max;
    for (int i = 0; i < RANKS; i++)
        TAILQ_INIT(&t->order[i]);
    return t;
}

void ww_turns_free(struct ww_turns *turns)
{
    free(turns);
}

static struct ww_turns_site **slot_of(struct ww_turns *t, struct ww_slice name, uint64_t hash)
{
    struct ww_turns_site **slot = &t->buckets[hash & (BUCKETS - 1)];
    while (*slot != NULL &&
           ((*slot)->hash != hash || (*slot)->n != name.n || memcmp((*slot)->name, name.p, name.n) != 0))
        slot = &(*slot)->chain;
    return slot;
}

static struct ww_turns_site *find_or_make(struct ww_turns *t, struct ww_slice name)
{
    uint64_t hash = ww_hash(&t->key, name.p, name.n);
    struct ww_turns_site **slot = slot_of(t, name, hash);
    if (*slot != NULL)
        return *slot;
    struct ww_turns_site *s = calloc(1, sizeof *s + name.n);
    if (s == NULL)
        return NULL;
    TAILQ_INIT(&s->held);
    TAILQ_INIT(&s->others);
    s->rank = RANK_NONE;
    s->hash = hash;
    s->n = name.n;
    memcpy(s->name, name.p, name.n);
    return *slot = s;
}

static enum rank rank_of(const struct ww_turns *t, const struct ww_turns_site *s)
{
    if (s->flying >= t->site_max || (TAILQ_EMPTY(&s->held) && TAILQ_EMPTY(&s->others)))
        return RANK_NONE;
    if (!TAILQ_EMPTY(&s->held))
        return RANK_HELD;
    return s->had_a_turn ? RANK_AGAIN : RANK_NEW;
}

static void take_off(struct ww_turns *t, struct ww_turns_site *s)
{
    if (s->rank != RANK_NONE)
        TAILQ_REMOVE(&t->order[s->rank], s, order);
    s->rank = RANK_NONE;
}

/* After each change of a site: it keeps its place unless its rank is another one. */
static void settle(struct ww_turns *t, struct ww_turns_site *s)
{
    enum rank rank = rank_of(t, s);
    if (rank != s->rank) {
        take_off(t, s);
        s->rank = rank;
        if (rank != RANK_NONE)
            TAILQ_INSERT_TAIL(&t->order[rank], s, order);
    }
    if (s->flying > 0 || !TAILQ_EMPTY(&s->held) || !TAILQ_EMPTY(&s->others))
        return;
    *slot_of(t, ww_slice(s->name, s->n), s->hash) = s->chain;
    free(s);
}

static struct turn_list *list_of(const struct ww_turn *turn)
{
    return turn->held ? &turn->site->held : &turn->site->others;
}

bool ww_turns_add(struct ww_turns *turns, struct ww_turn *turn, struct ww_slice domain, bool held)
{
    struct ww_turns_site *s = find_or_make(turns, ww_site_of(domain));
    if (s == NULL)
        return false;
    turn->site = s;
    turn->held = held;
    turn->flying = false;
    TAILQ_INSERT_TAIL(list_of(turn), turn, entry);
    turns->waiting++;
    settle(turns, s);
    return true;
}

static struct ww_turns_site *first_site(struct ww_turns *t)
{
    for (int i = 0; i < RANKS; i++)
        if (!TAILQ_EMPTY(&t->order[i]))
            return TAILQ_FIRST(&t->order[i]);
    return NULL;
}

struct ww_turn *ww_turns_next(struct ww_turns *turns)
{
    struct ww_turns_site *s = first_site(turns);
    if (s == NULL)
        return NULL;
    struct ww_turn *turn = TAILQ_FIRST(TAILQ_EMPTY(&s->held) ? &s->others : &s->held);
    TAILQ_REMOVE(list_of(turn), turn, entry);
    turns->waiting--;
    turn->flying = true;
    s->flying++;
    s->had_a_turn = true;
    take_off(turns, s); /* to the end of the rotation */
    settle(turns, s);
    return turn;
}

void ww_turns_end(struct ww_turns *turns, struct ww_turn *turn)
{
    struct ww_turns_site *s = turn->site;
    if (turn->flying) {
        s->flying--;
    } else {
        TAILQ_REMOVE(list_of(turn), turn, entry);
        turns->waiting--;
    }
    settle(turns, s);
}

size_t ww_turns_waiting(const struct ww_turns *turns)
{
    return turns->waiting;
}
