#include "daemon/watcher_looks.h"

#include "check/sts_look.h"
#include "daemon/log.h"
#include "proc/msg_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a host has shown counts for no longer than this, for whichever domain. Nor for longer than from one
 * look at a domain to the next: one session must not be told twice of one domain. */
#define KEEP_SECONDS 3600

/* A place for one. */
struct place {
    struct ww_watcher_looks *all;
    struct ww_sts_look *look; /* NULL: it is free */
    char domain[WW_DNAME_SIZE];
};

struct ww_watcher_looks {
    const struct ww_discoverer *with;
    const struct ww_config *config;
    struct ww_stats *stats;
    struct ww_mx_sessions *sessions;
    struct place places[WW_LOOKS_MAX];
    char item[WW_MSG_LOOKED_MAX / 2];
    char part[WW_MSG_LOOKED_MAX / 2 + 8];
    char looked[WW_MSG_LOOKED_MAX];
    ww_watcher_looks_tell *tell;
    void *ctx;
};

static int64_t keep_seconds(const struct ww_config *config)
{
    return config->collect_look_interval < KEEP_SECONDS ? config->collect_look_interval : KEEP_SECONDS;
}

struct ww_watcher_looks *ww_watcher_looks_new(const struct ww_check_env *env,
                                              const struct ww_discoverer *with,
                                              const struct ww_config *config, struct ww_stats *stats,
                                              ww_watcher_looks_tell *tell, void *ctx)
{
    struct ww_watcher_looks *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->with = with;
    l->config = config;
    l->stats = stats;
    l->tell = tell;
    l->ctx = ctx;
    l->sessions = ww_mx_sessions_new(env, keep_seconds(config));
    if (l->sessions != NULL)
        return l;
    free(l);
    return NULL;
}

void ww_watcher_looks_free(struct ww_watcher_looks *looks)
{
    if (looks == NULL)
        return;
    for (unsigned i = 0; i < WW_LOOKS_MAX; i++)
        if (looks->places[i].look != NULL)
            ww_sts_look_cancel(looks->places[i].look);
    ww_mx_sessions_free(looks->sessions);
    free(looks);
}

static void tell(struct ww_watcher_looks *l, const struct ww_msg_looked *m)
{
    struct ww_buf b = ww_buf(l->looked, sizeof l->looked);
    ww_msg_put_looked(&b, m);
    l->tell(l->ctx, ww_slice(b.p, b.n));
}

static void tell_failure(struct ww_watcher_looks *l, const char *domain)
{
    struct ww_msg_looked m = {.asked = true, .failed = true};
    memcpy(m.domain, domain, strlen(domain) + 1);
    tell(l, &m);
}

static struct ww_slice written(struct ww_watcher_looks *l, const struct ww_sessions *told)
{
    struct ww_buf item = ww_buf(l->item, sizeof l->item);
    struct ww_buf part = ww_buf(l->part, sizeof l->part);
    ww_msg_put_sessions(&item, told);
    ww_msg_put_part(&part, ww_slice(item.p, item.n));
    return ww_slice(part.p, item.failed || part.failed ? 0 : part.n);
}

static void note(struct ww_watcher_looks *l, const char *domain, const struct ww_sts_look_result *result)
{
    char success[24], failure[24];
    int64_t good = result->told != NULL ? result->told->success : 0;
    int64_t bad = result->told != NULL ? result->told->failure : 0;
    (void)snprintf(success, sizeof success, "%" PRId64, good);
    (void)snprintf(failure, sizeof failure, "%" PRId64, bad);
    ww_log_debug("looked", "domain", domain, "asked", result->asked ? "true" : "false", "success", success,
                 "failure", failure);
    ww_stat_add(l->stats, WW_STAT_LOOKS, 1);
    ww_stat_add(l->stats, WW_STAT_LOOK_FAILURES, (uint64_t)bad);
}

static void on_looked(void *ctx, const struct ww_sts_look_result *result)
{
    struct place *place = ctx;
    struct ww_watcher_looks *l = place->all;
    struct ww_msg_looked m = {.asked = result->asked};
    place->look = NULL;
    memcpy(m.domain, place->domain, sizeof m.domain);
    if (result->told != NULL)
        m.items = written(l, result->told);
    note(l, place->domain, result);
    tell(l, &m);
}

static struct place *free_place(struct ww_watcher_looks *l)
{
    for (unsigned i = 0; i < WW_LOOKS_MAX; i++)
        if (l->places[i].look == NULL)
            return &l->places[i];
    return NULL;
}

void ww_watcher_looks_begin(struct ww_watcher_looks *looks, const char *domain)
{
    struct place *place = free_place(looks);
    ww_mx_sessions_keep(looks->sessions, keep_seconds(looks->config));
    if (place != NULL) {
        place->all = looks;
        memcpy(place->domain, domain, strlen(domain) + 1);
        place->look = ww_sts_look(looks->with, looks->sessions, domain, on_looked, place);
    }
    if (place == NULL || place->look == NULL)
        tell_failure(looks, domain);
}
