#include "daemon/resolver_mx.h"

#include <stdlib.h>
#include <sys/queue.h>

struct asked {
    LIST_ENTRY(asked) entry;
    struct ww_resolver_mx *all;
    struct ww_mx_lookup *lookup;
    void *owner;
    uint64_t number;
};

struct ww_resolver_mx {
    struct ww_dns *dns;
    ww_resolver_mx_cb *cb;
    LIST_HEAD(, asked) asked;
    size_t count;
};

struct ww_resolver_mx *ww_resolver_mx_new(struct ww_dns *dns, ww_resolver_mx_cb *cb)
{
    struct ww_resolver_mx *mx = calloc(1, sizeof *mx);
    if (mx == NULL)
        return NULL;
    mx->dns = dns;
    mx->cb = cb;
    LIST_INIT(&mx->asked);
    return mx;
}

static void drop(struct asked *a)
{
    LIST_REMOVE(a, entry);
    a->all->count--;
    free(a);
}

static void cancel_of(struct ww_resolver_mx *mx, const void *owner, bool everybody)
{
    for (struct asked *a = LIST_FIRST(&mx->asked), *next; a != NULL; a = next) {
        next = LIST_NEXT(a, entry);
        if (!everybody && a->owner != owner)
            continue;
        ww_mx_lookup_cancel(a->lookup);
        drop(a);
    }
}

void ww_resolver_mx_free(struct ww_resolver_mx *mx)
{
    if (mx == NULL)
        return;
    cancel_of(mx, NULL, true);
    free(mx);
}

void ww_resolver_mx_forget(struct ww_resolver_mx *mx, const void *owner)
{
    cancel_of(mx, owner, false);
}

static void on_found(void *ctx, const struct ww_mx_hosts *found)
{
    struct asked *a = ctx;
    struct ww_resolver_mx *mx = a->all;
    void *owner = a->owner;
    uint64_t number = a->number;
    drop(a);
    mx->cb(owner, number, found);
}

static void refuse(struct ww_resolver_mx *mx, void *owner, uint64_t number, enum ww_err err)
{
    struct ww_mx_hosts failed;
    ww_mx_hosts_fail(&failed, err, NULL);
    mx->cb(owner, number, &failed);
}

void ww_resolver_mx_ask(struct ww_resolver_mx *mx, void *owner, uint64_t number, const char *domain)
{
    enum ww_err err = WW_E_NO_MEMORY;
    struct asked *a = mx->count < WW_RESOLVER_MX_MAX ? malloc(sizeof *a) : NULL;
    if (a == NULL) {
        refuse(mx, owner, number, mx->count < WW_RESOLVER_MX_MAX ? err : WW_E_RESOLVER_BUSY);
        return;
    }
    *a = (struct asked){.all = mx, .owner = owner, .number = number};
    a->lookup = ww_mx_lookup(mx->dns, domain, on_found, a, &err);
    if (a->lookup == NULL) {
        free(a);
        refuse(mx, owner, number, err);
        return;
    }
    LIST_INSERT_HEAD(&mx->asked, a, entry);
    mx->count++;
}
