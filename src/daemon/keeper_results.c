#include "daemon/keeper_results.h"

#include <stdlib.h>
#include <unistd.h>

struct ww_keeper_results {
    struct event_base *base;
    struct ww_keeper_store *store;
    struct ww_keeper_outbox *outbox;
    const struct ww_config *config;
    struct ww_stats *stats;
};

struct ww_keeper_results *ww_keeper_results_new(struct event_base *base, struct ww_keeper_store *store,
                                                struct ww_keeper_outbox *outbox,
                                                const struct ww_config *config, struct ww_stats *stats)
{
    struct ww_keeper_results *k = calloc(1, sizeof *k);
    if (k != NULL)
        *k = (struct ww_keeper_results){base, store, outbox, config, stats};
    return k;
}

void ww_keeper_results_free(struct ww_keeper_results *k)
{
    free(k);
}

void ww_keeper_results_peer(struct ww_keeper_results *k, int fd)
{
    (void)k;
    (void)close(fd);
}

void ww_keeper_results_well(struct ww_keeper_results *k)
{
    (void)k;
}

void ww_keeper_results_count(struct ww_keeper_results *k)
{
    (void)k;
}

char *ww_keeper_results_render(struct ww_store *store, const struct ww_config *config, const char *domain,
                               size_t *n, enum ww_err *err)
{
    (void)store;
    (void)config;
    (void)domain;
    *n = 0;
    *err = WW_E_NOT_KNOWN;
    return NULL;
}

void ww_keeper_results_on_look(struct ww_keeper_results *k, void (*due)(void *ctx), void *ctx)
{
    (void)k;
    (void)due;
    (void)ctx;
}

bool ww_keeper_results_next_look(struct ww_keeper_results *k, char domain[WW_DNAME_SIZE])
{
    (void)k;
    domain[0] = '\0';
    return false;
}

void ww_keeper_results_looked(struct ww_keeper_results *k, const struct ww_msg_looked *m)
{
    (void)k;
    (void)m;
}
