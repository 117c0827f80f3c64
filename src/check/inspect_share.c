#include "check/inspect_share.h"

#include "check/inspect.h"
#include "net/clock.h"

#include <stdlib.h>
#include <string.h>

struct ww_shared_host {
    TAILQ_ENTRY(ww_shared_host) entry;
    struct ww_share *share;
    struct ww_mx_sight *sight;
    struct ww_mx_look *look; /* NULL: it has ended */
    int64_t begun_at;        /* ww_clock_us, as is the next */
    int64_t ended_at;
    TAILQ_HEAD(, ww_share_waiter) waiters;
};

void ww_share_init(struct ww_share *share, const struct ww_check_env *env)
{
    share->env = env;
    TAILQ_INIT(&share->hosts);
}

static void forget(struct ww_shared_host *h)
{
    TAILQ_REMOVE(&h->share->hosts, h, entry);
    if (h->look != NULL)
        ww_mx_look_cancel(h->look);
    ww_mx_sight_drop(h->sight);
    free(h);
}

void ww_share_clear(struct ww_share *share)
{
    struct ww_shared_host *h;
    while ((h = TAILQ_FIRST(&share->hosts)) != NULL)
        forget(h);
}

/* Nobody is told of it just now. */
static bool is_kept(const struct ww_shared_host *h)
{
    return h->look == NULL && TAILQ_EMPTY(&h->waiters);
}

static bool is_old(const struct ww_shared_host *h, int64_t now)
{
    return now - h->ended_at > (int64_t)WW_INSPECT_SHARE_MS * 1000;
}

static size_t count_kept(const struct ww_share *share)
{
    size_t n = 0;
    const struct ww_shared_host *h;
    TAILQ_FOREACH(h, &share->hosts, entry)
    n += is_kept(h) ? h->sight->count : 0;
    return n;
}

/* Those that have become old, or too many, or have to be seen anew, go on the way. */
static struct ww_shared_host *find(struct ww_share *share, const char *name, int64_t since)
{
    int64_t now = ww_clock_us();
    struct ww_shared_host *next, *found = NULL;
    size_t kept = count_kept(share);
    for (struct ww_shared_host *h = TAILQ_FIRST(&share->hosts); h != NULL; h = next) {
        next = TAILQ_NEXT(h, entry);
        bool named = strcmp(h->sight->name, name) == 0, wanted = named && h->begun_at > since;
        if (is_kept(h) && (is_old(h, now) || named != wanted || (kept > WW_SHARE_ADDRESSES_MAX && !wanted))) {
            kept -= h->sight->count;
            forget(h);
        } else if (wanted) {
            found = h;
        }
    }
    return found;
}

/* Each waiter may free what it likes, other waiters too: the host is held by nobody but the list meanwhile.
 */
static void on_looked(void *ctx)
{
    struct ww_shared_host *h = ctx;
    struct ww_share_waiter *w;
    h->look = NULL;
    h->sight->complete = true;
    h->ended_at = ww_clock_us();
    while ((w = TAILQ_FIRST(&h->waiters)) != NULL) {
        TAILQ_REMOVE(&h->waiters, w, entry);
        w->host = NULL;
        bool last = TAILQ_EMPTY(&h->waiters);
        w->done(w->ctx);
        if (last) /* the share itself may be gone */
            return;
    }
}

static struct ww_shared_host *begin(struct ww_share *share, const struct ww_dane_host *host,
                                    const char *next_hop)
{
    struct ww_shared_host *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->share = share;
    h->begun_at = ww_clock_us();
    TAILQ_INIT(&h->waiters);
    h->sight = ww_mx_sight_new(host->name);
    if (h->sight == NULL) {
        free(h);
        return NULL;
    }
    enum ww_err err;
    h->look = ww_mx_look(share->env, host, next_hop, h->sight, on_looked, h, &err);
    if (h->look == NULL && h->sight->err == WW_OK)
        h->sight->err = err;
    h->sight->complete = h->look == NULL;
    h->ended_at = ww_clock_us();
    TAILQ_INSERT_TAIL(&share->hosts, h, entry);
    return h;
}

bool ww_share_ask(struct ww_share *share, const struct ww_dane_host *host, const char *next_hop,
                  int64_t since, struct ww_share_waiter *waiter, ww_look_done *done, void *ctx)
{
    *waiter = (struct ww_share_waiter){.done = done, .ctx = ctx};
    struct ww_shared_host *h = find(share, host->name, since);
    if (h == NULL)
        h = begin(share, host, next_hop);
    if (h == NULL)
        return false;
    ww_mx_sight_hold(h->sight);
    waiter->sight = h->sight;
    if (h->look == NULL)
        return false;
    waiter->host = h;
    TAILQ_INSERT_TAIL(&h->waiters, waiter, entry);
    return true;
}

void ww_share_leave(struct ww_share_waiter *waiter)
{
    struct ww_shared_host *h = waiter->host;
    if (h == NULL)
        return;
    TAILQ_REMOVE(&h->waiters, waiter, entry);
    waiter->host = NULL;
    if (TAILQ_EMPTY(&h->waiters) && h->look != NULL) /* what is complete is kept, and perhaps being told of */
        forget(h);
}
