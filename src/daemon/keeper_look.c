#include "daemon/keeper_look.h"

#include "daemon/log.h"
#include "daemon/pieces.h"

#include <stdlib.h>

struct ww_keeper_look {
    struct ww_keeper_results *results;
    const struct ww_config *config;
    void (*wanted)(void *ctx);
    void *ctx;
    struct ww_chan *watcher;  /* NULL while there is none */
    char next[WW_DNAME_SIZE]; /* taken from the results when there was no watcher; "": none */
    bool begun;               /* a look was due once */
    unsigned looking;         /* that the watcher has */
    struct ww_pieces pieces;
};

static bool is_on(const struct ww_keeper_look *k)
{
    return k->config->collect && k->config->collect_look;
}

bool ww_keeper_look_is_wanted(const struct ww_keeper_look *k)
{
    return k->begun && is_on(k);
}

static bool take_next(struct ww_keeper_look *k)
{
    if (k->next[0] == '\0' && !ww_keeper_results_next_look(k->results, k->next))
        k->next[0] = '\0';
    return k->next[0] != '\0';
}

/* A watcher that does not take it is gone: it is due again later. */
static void hand_out(struct ww_keeper_look *k)
{
    struct ww_msg_domain m;
    char space[WW_DNAME_SIZE + 8];
    struct ww_buf b = ww_buf(space, sizeof space);
    memcpy(m.domain, k->next, sizeof m.domain);
    k->next[0] = '\0';
    ww_msg_put_domain(&b, &m);
    if (ww_chan_send(k->watcher, WW_MSG_LOOK, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "watcher");
    k->looking++;
}

/* What is taken from the results is leased: no more of it than can be done now. */
static void go_on(struct ww_keeper_look *k)
{
    while (is_on(k) && (k->watcher != NULL ? k->looking < WW_LOOKS_MAX : k->next[0] == '\0') &&
           take_next(k)) {
        bool before = k->begun;
        k->begun = true;
        if (!before)
            k->wanted(k->ctx);
        if (k->watcher != NULL)
            hand_out(k);
    }
}

static void on_due(void *ctx)
{
    go_on(ctx);
}

struct ww_keeper_look *ww_keeper_look_new(struct ww_keeper_results *results, const struct ww_config *config,
                                          void (*wanted)(void *ctx), void *ctx)
{
    struct ww_keeper_look *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->results = results;
    k->config = config;
    k->wanted = wanted;
    k->ctx = ctx;
    if (!ww_pieces_init(&k->pieces, WW_MSG_LOOKED_MAX)) {
        free(k);
        return NULL;
    }
    ww_keeper_results_on_look(results, on_due, k);
    return k;
}

void ww_keeper_look_free(struct ww_keeper_look *k)
{
    if (k == NULL)
        return;
    ww_pieces_clear(&k->pieces);
    free(k);
}

void ww_keeper_look_watcher(struct ww_keeper_look *k, struct ww_chan *watcher)
{
    if (watcher != k->watcher) {
        k->looking = 0;
        ww_pieces_begin(&k->pieces);
    }
    k->watcher = watcher;
    if (watcher != NULL)
        go_on(k);
}

void ww_keeper_look_take(struct ww_keeper_look *k, struct ww_slice payload)
{
    struct ww_msg_looked m;
    struct ww_slice whole;
    enum ww_pieces_state state = ww_pieces_take(&k->pieces, payload, &whole);
    if (state == WW_PIECES_MORE)
        return;
    if (state == WW_PIECES_WHOLE && ww_msg_get_looked(whole, &m) == WW_OK)
        ww_keeper_results_looked(k->results, &m);
    else
        ww_log_error("message-malformed", "from", "watcher");
    ww_pieces_begin(&k->pieces);
    if (k->looking > 0)
        k->looking--;
    go_on(k);
}
