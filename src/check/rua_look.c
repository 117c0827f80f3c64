#include "check/rua_look.h"

#include "core/words.h"

#include <event2/event.h>
#include <stdlib.h>

void ww_rua_begins(struct ww_rua_ask *ask)
{
    ask->waits++;
    ask->look->waits++;
}

void ww_rua_ends(struct ww_rua_ask *ask)
{
    struct ww_rua_look *look = ask->look;
    if (--ask->waits == 0)
        ask->out->ended = true;
    if (--look->waits == 0)
        event_active(look->end, EV_TIMEOUT, 0);
}

void ww_rua_keep(char out[WW_RUA_DETAIL_SIZE], const char *front, const char *words)
{
    struct ww_buf b = ww_buf(out, WW_RUA_DETAIL_SIZE - 1);
    ww_buf_str(&b, front);
    ww_words_put_cut(&b, ww_slice_str(words != NULL ? words : ""));
    out[b.n] = '\0';
}

bool ww_rua_find(struct ww_rua_ask *ask, const char *host, ww_addresses_cb *cb, enum ww_err *err)
{
    const struct ww_check_env *env = ask->look->env;
    const struct ww_addresses_options options = {
        .dns = env->dns, .allow = env->allow, .allow_count = env->allow_count};
    ask->addresses = ww_addresses_find(&options, host, cb, ask, err);
    if (ask->addresses != NULL)
        ww_rua_begins(ask);
    return ask->addresses != NULL;
}

/* ---- https ---- */

static void on_get(void *ctx, const struct ww_https_reply *reply)
{
    struct ww_rua_ask *ask = ctx;
    struct ww_rua_web *web = &ask->out->web;
    ask->get = NULL;
    web->err = reply->err;
    web->status = reply->status;
    ww_rua_keep(web->detail, "", reply->detail);
    ww_rua_ends(ask);
}

static void on_web_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct ww_rua_ask *ask = ctx;
    struct ww_rua_web *web = &ask->out->web;
    ask->addresses = NULL;
    web->err = reply->err;
    ww_rua_keep(web->detail, "", reply->detail);
    if (reply->err == WW_OK)
        ask->get = ww_https_get(ask->look->env->https, ask->out->name, ask->path, reply->addrs, reply->count,
                                on_get, ask, &web->err);
    if (ask->get != NULL)
        ww_rua_begins(ask);
    ww_rua_ends(ask);
}

static void begin_web(struct ww_rua_ask *ask, const struct ww_rua *rua)
{
    struct ww_rua_web *web = &ask->out->web;
    if (web->other_port || ask->look->env->https == NULL)
        return;
    memcpy(ask->path, rua->path, sizeof ask->path);
    web->asked = true;
    (void)ww_rua_find(ask, ask->out->name, on_web_addresses, &web->err);
}

/* ---- The whole ---- */

static void look_free(struct ww_rua_look *look)
{
    for (size_t i = 0; i < WW_RUA_MAX; i++) {
        struct ww_rua_ask *ask = &look->asks[i];
        if (ask->addresses != NULL)
            ww_addresses_cancel(ask->addresses);
        if (ask->get != NULL)
            ww_https_cancel(ask->get);
        ww_rua_mail_cancel(ask);
    }
    if (look->end != NULL)
        event_free(look->end);
    free(look);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct ww_rua_look *look = arg;
    ww_look_done *done = look->done;
    void *ctx = look->ctx;
    look_free(look);
    done(ctx);
}

/* A mail domain that stands there twice is looked at once. */
static bool is_known(const struct ww_rua_sight *sight, const struct ww_rua_destination *d)
{
    for (size_t i = 0; i + 1 < sight->count; i++)
        if (sight->destinations[i].scheme == d->scheme && strcmp(sight->destinations[i].uri, d->uri) == 0)
            return true;
    return false;
}

static void begin(struct ww_rua_look *look, struct ww_slice uri, enum ww_rua_scheme scheme)
{
    struct ww_rua_sight *sight = look->sight;
    struct ww_rua rua;
    if (sight->count == WW_RUA_MAX) {
        sight->more = true;
        return;
    }
    struct ww_rua_ask *ask = &look->asks[sight->count];
    struct ww_rua_destination *out = &sight->destinations[sight->count++];
    out->scheme = scheme;
    ask->look = look;
    ask->out = out;
    if (!ww_rua_read(uri, out, &rua))
        return;
    if (is_known(sight, out)) {
        sight->count--;
        *out = (struct ww_rua_destination){.ended = false};
        return;
    }
    ww_rua_begins(ask);
    if (scheme == WW_RUA_MAILTO)
        ww_rua_mail_begin(ask);
    else
        begin_web(ask, &rua);
    ww_rua_ends(ask);
}

struct ww_rua_look *ww_rua_look(const struct ww_check_env *env, const char *rua, struct ww_rua_sight *sight,
                                ww_look_done *done, void *ctx, enum ww_err *err)
{
    struct ww_rua_look *look = calloc(1, sizeof *look);
    const struct ww_tlsrpt_record record = {.rua = ww_slice_str(rua)};
    struct ww_slice uri;
    enum ww_rua_scheme scheme;
    *err = WW_E_NO_MEMORY;
    if (look == NULL)
        return NULL;
    look->env = env;
    look->sight = sight;
    look->done = done;
    look->ctx = ctx;
    look->discoverer = (struct ww_discoverer){
        .dns = env->dns, .https = env->https, .allow = env->allow, .allow_count = env->allow_count};
    look->end = evtimer_new(env->base, on_end, look);
    if (look->end == NULL) {
        look_free(look);
        return NULL;
    }
    sight->looked = true;
    look->waits = 1;
    for (size_t pos = 0; ww_tlsrpt_next_rua(&record, &pos, &uri, &scheme);)
        begin(look, uri, scheme);
    if (--look->waits == 0)
        event_active(look->end, EV_TIMEOUT, 0);
    *err = WW_OK;
    return look;
}

void ww_rua_look_cancel(struct ww_rua_look *look)
{
    look_free(look);
}
