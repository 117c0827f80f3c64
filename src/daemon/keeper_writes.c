#include "daemon/keeper_writes.h"

#include "store/store_override.h"

#include <stdlib.h>
#include <sys/queue.h>

struct write {
    TAILQ_ENTRY(write) order;
    enum ww_msg_type type;
    unsigned sender;
    size_t n;
    char payload[];
};

struct ww_writes {
    TAILQ_HEAD(write_order, write) waiting;
    size_t count;
};

struct ww_writes *ww_writes_new(void)
{
    struct ww_writes *writes = calloc(1, sizeof *writes);
    if (writes != NULL)
        TAILQ_INIT(&writes->waiting);
    return writes;
}

static void clear(struct ww_writes *writes)
{
    struct write *w;
    while ((w = TAILQ_FIRST(&writes->waiting)) != NULL) {
        TAILQ_REMOVE(&writes->waiting, w, order);
        free(w);
    }
    writes->count = 0;
}

void ww_writes_free(struct ww_writes *writes)
{
    if (writes == NULL)
        return;
    clear(writes);
    free(writes);
}

size_t ww_writes_count(const struct ww_writes *writes)
{
    return writes->count;
}

static enum ww_err put_policy(const struct ww_writes_into *into, struct ww_slice payload)
{
    struct ww_msg_policy m;
    enum ww_err err = ww_msg_get_policy(payload, &m);
    if (err != WW_OK || into == NULL)
        return err;
    err = ww_store_put_policy(into->store, &m.policy);
    return err == WW_OK ? ww_history_put(into->store, &m.policy, into->versions) : err;
}

static enum ww_err confirm(const struct ww_writes_into *into, struct ww_slice payload)
{
    struct ww_msg_confirm m;
    enum ww_err err = ww_msg_get_confirm(payload, &m);
    if (err != WW_OK || into == NULL)
        return err;
    err = ww_store_confirm_policy(into->store, m.domain, m.id, m.checked);
    return err == WW_OK ? ww_history_confirm(into->store, m.domain, m.id, m.checked) : err;
}

static enum ww_err forget(const struct ww_writes_into *into, struct ww_slice payload)
{
    struct ww_msg_forget m;
    enum ww_err err = ww_msg_get_forget(payload, &m);
    if (err != WW_OK || into == NULL)
        return err;
    return m.domain[0] != '\0' ? ww_store_forget_policy(into->store, m.domain)
                               : ww_store_forget_policies(into->store);
}

static enum ww_err put_override(const struct ww_writes_into *into, struct ww_slice payload)
{
    struct ww_msg_override m;
    enum ww_err err = ww_msg_get_override(payload, &m);
    return err == WW_OK && into != NULL ? ww_store_add_override(into->store, &m.override) : err;
}

/* Into NULL: only says whether the payload is well-formed. */
static enum ww_err put(const struct ww_writes_into *into, enum ww_msg_type type, struct ww_slice payload)
{
    if (type == WW_MSG_FORGET)
        return forget(into, payload);
    if (type == WW_MSG_OVERRIDE)
        return put_override(into, payload);
    return type == WW_MSG_POLICY ? put_policy(into, payload) : confirm(into, payload);
}

enum ww_err ww_writes_add(struct ww_writes *writes, enum ww_msg_type type, struct ww_slice payload,
                          unsigned sender)
{
    enum ww_err err = put(NULL, type, payload);
    if (err != WW_OK)
        return err;
    if (writes->count >= WW_WRITES_MAX)
        return WW_E_CHAN_FULL;
    struct write *w = malloc(sizeof *w + payload.n);
    if (w == NULL)
        return WW_E_NO_MEMORY;
    w->type = type;
    w->sender = sender;
    w->n = payload.n;
    memcpy(w->payload, payload.p, payload.n);
    TAILQ_INSERT_TAIL(&writes->waiting, w, order);
    writes->count++;
    return WW_OK;
}

enum ww_err ww_writes_flush(struct ww_writes *writes, const struct ww_writes_into *into, unsigned sender,
                            uint32_t *stored)
{
    *stored = 0;
    if (writes->count == 0)
        return WW_OK;
    const struct write *w;
    uint32_t count = 0;
    enum ww_err err = ww_store_begin(into->store);
    TAILQ_FOREACH(w, &writes->waiting, order)
    {
        if (err != WW_OK)
            break;
        err = put(into, w->type, ww_slice(w->payload, w->n));
        count += w->sender == sender && w->type != WW_MSG_OVERRIDE;
    }
    if (err == WW_OK)
        err = ww_store_commit(into->store);
    if (err != WW_OK) {
        ww_store_rollback(into->store);
        return err;
    }
    *stored = count;
    clear(writes);
    return WW_OK;
}

void ww_writes_each_policy(const struct ww_writes *writes, void (*cb)(void *ctx, struct ww_slice payload),
                           void *ctx)
{
    const struct write *w;
    TAILQ_FOREACH(w, &writes->waiting, order)
    {
        if (w->type == WW_MSG_POLICY)
            cb(ctx, ww_slice(w->payload, w->n));
    }
}
