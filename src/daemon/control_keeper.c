#include "daemon/control_keeper.h"

#include <stdlib.h>

void ww_keeper_asking_clear(struct ww_keeper_asking *k)
{
    if (k->asking != NULL)
        ww_asking_cancel(k->asking);
    k->asking = NULL;
    free(k->joined);
    k->joined = NULL;
}

struct ww_buf ww_keeper_asking_room(void)
{
    char *space = malloc(WW_CHAN_MESSAGE_MAX);
    return ww_buf(space, space != NULL ? WW_CHAN_MESSAGE_MAX : 0);
}

void ww_keeper_asking_send(struct ww_keeper_asking *k, enum ww_ask what, struct ww_buf *question,
                           unsigned deadline_ms, ww_told_cb *cb, void *ctx)
{
    if (!question->failed)
        k->asking = ww_roles_ask(ww_request_control(k->request)->roles, WW_ROLE_KEEPER, 0, what,
                                 ww_slice(question->p, question->n), deadline_ms, cb, ctx);
    free(question->p);
    *question = ww_buf(NULL, 0);
    if (k->asking == NULL)
        ww_request_end(k->request, WW_E_NO_MEMORY, NULL);
}

static enum ww_err take(struct ww_keeper_asking *k, struct ww_slice piece)
{
    if (piece.n > WW_CONTROL_MESSAGE_MAX - k->joined_n)
        return WW_E_TOO_LONG;
    char *longer = realloc(k->joined, k->joined_n + piece.n + 1);
    if (longer == NULL)
        return WW_E_NO_MEMORY;
    if (piece.n > 0)
        memcpy(longer + k->joined_n, piece.p, piece.n);
    k->joined = longer;
    k->joined_n += piece.n;
    return WW_OK;
}

bool ww_keeper_asking_join(struct ww_keeper_asking *k, const struct ww_msg_told *told, json_t **whole)
{
    enum ww_err err = told->err == WW_OK ? take(k, told->payload) : told->err;
    if (err == WW_OK && told->more)
        return false;
    if (told->err == WW_OK && told->more)
        ww_asking_cancel(k->asking);
    k->asking = NULL;
    if (err == WW_OK)
        *whole = json_loadb(k->joined, k->joined_n, 0, NULL);
    else
        ww_request_end(k->request, err, NULL);
    return err == WW_OK;
}

bool ww_keeper_asking_row(struct ww_keeper_asking *k, const struct ww_msg_told *told, json_t **last)
{
    bool good = told->err == WW_OK;
    json_t *item = good ? json_loadb(told->payload.p, told->payload.n, 0, NULL) : NULL;
    if (good && told->more) {
        if (item != NULL)
            ww_request_item(k->request, item);
        return false;
    }
    k->asking = NULL;
    *last = item;
    return true;
}

bool ww_keeper_asking_after(const json_t *last, char *after, size_t size)
{
    const char *name = json_string_value(json_object_get(last, "after"));
    if (name == NULL || strcmp(name, after) <= 0 || strlen(name) >= size)
        return false;
    memcpy(after, name, strlen(name) + 1);
    return true;
}
