#include "daemon/keeper_publish.h"

#include <stdlib.h>
#include <unistd.h>

struct ww_keeper_publish {
    struct ww_keeper_store *store;
};

struct ww_keeper_publish *ww_keeper_publish_new(struct event_base *base, struct ww_keeper_store *store,
                                                const struct ww_config *config, struct ww_stats *stats)
{
    struct ww_keeper_publish *k = calloc(1, sizeof *k);
    (void)base, (void)config, (void)stats;
    if (k != NULL)
        k->store = store;
    return k;
}

void ww_keeper_publish_free(struct ww_keeper_publish *k)
{
    free(k);
}

void ww_keeper_publish_peer(struct ww_keeper_publish *k, enum ww_role_kind kind, int fd)
{
    (void)k, (void)kind;
    (void)close(fd);
}

void ww_keeper_publish_well(struct ww_keeper_publish *k)
{
    (void)k;
}

void ww_keeper_publish_asked(struct ww_keeper_publish *k, struct ww_asked *asked,
                             const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    (void)k, (void)ask;
    ww_asked_fail(asked, ref, WW_E_CONTROL_COMMAND);
}

void ww_keeper_publish_count(struct ww_keeper_publish *k)
{
    (void)k;
}
