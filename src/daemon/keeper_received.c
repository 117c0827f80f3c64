#include "daemon/keeper_received.h"

#include "daemon/log.h"
#include "proc/chan.h"
#include "proc/msg_intake.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

struct ww_keeper_received {
    struct event_base *base;
    struct ww_keeper_store *store;
    const struct ww_config *config;
    struct ww_stats *stats;
};

struct ww_keeper_received *ww_keeper_received_new(struct event_base *base, struct ww_keeper_store *store,
                                                  const struct ww_config *config, struct ww_stats *stats)
{
    struct ww_keeper_received *k = calloc(1, sizeof *k);
    if (k != NULL)
        *k = (struct ww_keeper_received){base, store, config, stats};
    return k;
}

void ww_keeper_received_free(struct ww_keeper_received *k)
{
    free(k);
}

void ww_keeper_received_peer(struct ww_keeper_received *k, int fd)
{
    (void)k;
    (void)close(fd);
}

void ww_keeper_received_well(struct ww_keeper_received *k)
{
    (void)k;
}

void ww_keeper_received_asked(struct ww_keeper_received *k, struct ww_asked *asked,
                              const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    (void)k;
    (void)ask;
    ww_asked_fail(asked, ref, WW_E_CONTROL_COMMAND);
}

void ww_keeper_received_count(struct ww_keeper_received *k)
{
    (void)k;
}
