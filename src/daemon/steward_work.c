#include "daemon/steward_work.h"

#include "proc/chan.h"

#include <stdlib.h>

struct ww_steward_working {
    uint64_t number; /* 0: it is free */
    ww_steward_worked_cb *cb;
    void *ctx;
};

struct ww_steward_works {
    struct ww_chan *keeper;
    uint64_t last;
    struct ww_steward_working asked[WW_ORDERS_MAX];
};

struct ww_steward_works *ww_steward_works_new(void)
{
    return calloc(1, sizeof(struct ww_steward_works));
}

void ww_steward_works_free(struct ww_steward_works *works)
{
    free(works);
}

static void tell(struct ww_steward_working *w, const struct ww_msg_order_done *done)
{
    w->number = 0;
    w->cb(w->ctx, done);
}

void ww_steward_works_keeper(struct ww_steward_works *works, struct ww_chan *keeper)
{
    static const struct ww_msg_order_done lost = {
        .detail = "the role keeper was started anew before it was told what has come of it"};
    works->keeper = keeper;
    for (size_t i = 0; i < WW_ORDERS_MAX && keeper != NULL; i++)
        if (works->asked[i].number != 0)
            tell(&works->asked[i], &lost);
}

enum ww_err ww_steward_works_told(struct ww_steward_works *works, struct ww_slice payload)
{
    struct ww_msg_order_done done;
    enum ww_err err = ww_msg_get_order_done(payload, &done);
    for (size_t i = 0; err == WW_OK && done.number != 0 && i < WW_ORDERS_MAX; i++)
        if (works->asked[i].number == done.number) {
            tell(&works->asked[i], &done);
            break;
        }
    return err;
}

static bool ask(struct ww_steward_works *works, const struct ww_published *domain, enum ww_order what)
{
    char bytes[sizeof(struct ww_msg_order_ask) + 16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    struct ww_msg_order_ask m = {.number = ++works->last, .version = domain->version, .what = what};
    memcpy(m.domain, domain->domain, sizeof m.domain);
    ww_msg_put_order_ask(&b, &m);
    return !b.failed && ww_chan_send(works->keeper, WW_MSG_ORDER_ASK, ww_slice(b.p, b.n), -1) == WW_OK;
}

struct ww_steward_working *ww_steward_work(struct ww_steward_works *works, const struct ww_published *domain,
                                           enum ww_order what, ww_steward_worked_cb *cb, void *ctx)
{
    size_t i = 0;
    while (i < WW_ORDERS_MAX && works->asked[i].number != 0)
        i++;
    if (i == WW_ORDERS_MAX || works->keeper == NULL || !ask(works, domain, what))
        return NULL;
    works->asked[i] = (struct ww_steward_working){.number = works->last, .cb = cb, .ctx = ctx};
    return &works->asked[i];
}

void ww_steward_work_cancel(struct ww_steward_working *working)
{
    if (working != NULL)
        working->number = 0;
}
