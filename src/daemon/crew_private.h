/* What the files of crew.h share: the roles' processes, and which of them is which. */
#ifndef WW_DAEMON_CREW_PRIVATE_H
#define WW_DAEMON_CREW_PRIVATE_H

#include "daemon/crew.h"

/* preload, watcher, herald, collector, courier, intake, decoder, publisher, steward and clerk */
#define EXTRAS 10

struct ww_child {
    struct ww_crew *crew;
    enum ww_role_kind kind;
    uint16_t index;
    char name[WW_ROLE_NAME_SIZE];
    pid_t pid; /* 0: dead */
    struct ww_chan *chan;
    struct event *timer; /* dead: start it again; its channel is down: kill it */
    int64_t started;     /* by the clock of timers, */
    int64_t since;       /* and in Unix seconds */
    unsigned deaths;     /* in a row */
    uint32_t restarts;
    bool ready;
    bool was_ready;
    bool succeeded; /* another has taken its place */
    bool dismissed; /* it was told to end, as the configuration wants it no more */
};

static inline struct ww_child *keeper_of(const struct ww_crew *crew)
{
    return crew->children[0];
}

static inline struct ww_child *spare_of(const struct ww_crew *crew)
{
    return crew->children[crew->count];
}

static inline struct ww_child *front_of(const struct ww_crew *crew)
{
    return crew->children[crew->count - 1];
}

static inline struct ww_child *control_of(const struct ww_crew *crew)
{
    return crew->children[crew->count - 2];
}

/* Which of those that not every configuration wants; they stand before control. */
static inline struct ww_child *extra_of(const struct ww_crew *crew, size_t i)
{
    return crew->children[crew->count - 2 - EXTRAS + i];
}

static inline struct ww_child *collector_of(const struct ww_crew *crew)
{
    return extra_of(crew, 3);
}

static inline struct ww_child *intake_of(const struct ww_crew *crew)
{
    return extra_of(crew, 5);
}

static inline struct ww_child *publisher_of(const struct ww_crew *crew)
{
    return extra_of(crew, 7);
}

/* The keeper has the list of the watched domains, what was seen of them and is to be told of it, and the
 * reports that are to be sent. */
static inline bool has_store_work(const struct ww_child *c)
{
    return c->kind == WW_ROLE_WATCHER || c->kind == WW_ROLE_HERALD || c->kind == WW_ROLE_COURIER;
}

/* They take in the reports of others. */
static inline bool is_for_reception(const struct ww_child *c)
{
    return c->kind == WW_ROLE_INTAKE || c->kind == WW_ROLE_DECODER;
}

/* They publish the policies of domains of our own. */
static inline bool is_for_publication(const struct ww_child *c)
{
    return c->kind == WW_ROLE_PUBLISHER || c->kind == WW_ROLE_STEWARD || c->kind == WW_ROLE_CLERK;
}

/* crew_join.c: joins two by a channel, if they have something to say to each other. instead: a takes the
 * place of one that has not died. */
void ww_crew_join(struct ww_child *a, struct ww_child *b, bool instead);

/* Who accepts on it. */
struct ww_child *ww_crew_server(const struct ww_crew *crew, const struct ww_listener *listener);

#endif
