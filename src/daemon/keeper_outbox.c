#include "daemon/keeper_outbox.h"

#include <stdlib.h>
#include <unistd.h>

struct ww_keeper_outbox {
    struct event_base *base;
    struct ww_keeper_store *store;
    const struct ww_config *config;
    struct ww_stats *stats;
};

struct ww_keeper_outbox *ww_keeper_outbox_new(struct event_base *base, struct ww_keeper_store *store,
                                              const struct ww_config *config, struct ww_stats *stats)
{
    struct ww_keeper_outbox *k = calloc(1, sizeof *k);
    if (k != NULL)
        *k = (struct ww_keeper_outbox){base, store, config, stats};
    return k;
}

void ww_keeper_outbox_free(struct ww_keeper_outbox *k)
{
    free(k);
}

void ww_keeper_outbox_peer(struct ww_keeper_outbox *k, int fd)
{
    (void)k;
    (void)close(fd);
}

void ww_keeper_outbox_well(struct ww_keeper_outbox *k)
{
    (void)k;
}

void ww_keeper_outbox_asked(struct ww_keeper_outbox *k, struct ww_asked *asked, const struct ww_msg_ask *ask,
                            struct ww_question_ref ref)
{
    (void)k;
    (void)ask;
    ww_asked_fail(asked, ref, WW_E_CONTROL_COMMAND);
}

void ww_keeper_outbox_count(struct ww_keeper_outbox *k)
{
    (void)k;
}
