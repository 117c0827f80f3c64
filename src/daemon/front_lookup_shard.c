#include "daemon/front_dry_run.h"
#include "daemon/front_lookup_private.h"
#include "proc/chan.h"

#include <event2/util.h>

unsigned ww_lookup_shard_of(const struct ww_lookup *l, const struct ww_front_name *name)
{
    return (unsigned)((name->hash >> 32) % l->shard_count);
}

int ww_lookup_ask_mx(void *ctx, const struct ww_front_name *name, struct ww_slice payload)
{
    struct ww_lookup *l = ctx;
    const struct ww_lookup_shard *r = &l->shards[ww_lookup_shard_of(l, name)];
    bool sent = r->chan != NULL && ww_chan_send(r->chan, WW_MSG_MX, payload, -1) == WW_OK;
    return sent ? (int)r->index : -1;
}

/* A resolver has a say in the domains that are its own alone. */
static struct ww_front_flight *flight_of(const struct ww_lookup_shard *r, uint64_t number)
{
    struct ww_front_flight *flight = ww_flights_numbered(r->lookup->flights, number);
    return flight != NULL && ww_lookup_shard_of(r->lookup, &flight->name) == r->index ? flight : NULL;
}

static void on_resolver_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload,
                                int fd)
{
    (void)chan;
    struct ww_lookup_shard *r = ctx;
    struct ww_lookup *l = r->lookup;
    struct ww_msg_resolved m;
    struct ww_msg_mx_hosts mx;
    if (fd >= 0)
        evutil_closesocket(fd);
    if (type == WW_MSG_MX_HOSTS && ww_msg_get_mx_hosts(payload, &mx) == WW_OK) {
        ww_dry_run_found(l->dry_run, (int)r->index, &mx, ww_lookup_now());
        return;
    }
    if (type == WW_MSG_SURVEYED && ww_msg_get_surveyed(payload, &l->surveyed) == WW_OK) {
        struct ww_front_flight *surveyed = flight_of(r, l->surveyed.flight);
        if (surveyed != NULL)
            ww_lookup_surveyed(l, surveyed, &l->surveyed.survey);
        return;
    }
    if (type != WW_MSG_RESOLVED || ww_msg_get_resolved(payload, &m) != WW_OK) {
        ww_log_error("message-malformed", "from", "resolver");
        return;
    }
    struct ww_front_flight *flight = flight_of(r, m.flight);
    if (flight != NULL)
        ww_lookup_resolved(l, flight, &m.result);
}

void ww_lookup_leave_shard(struct ww_lookup_shard *r)
{
    ww_chan_free(r->chan);
    r->chan = NULL;
}

static void on_resolver_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    ww_lookup_leave_shard(ctx);
}

void ww_lookup_resolver(struct ww_lookup *lookup, const struct ww_msg_peer *peer, int fd)
{
    static const struct ww_chan_handlers handlers = {on_resolver_message, on_resolver_down};
    if (peer->index >= lookup->shard_count) {
        evutil_closesocket(fd);
        return;
    }
    struct ww_lookup_shard *r = &lookup->shards[peer->index];
    ww_lookup_leave_shard(r);
    r->generation++;
    r->chan = ww_chan_new(lookup->base, fd, &handlers, r);
    if (r->chan == NULL) {
        ww_log_error("no-memory", "for", "channel to a resolver");
        return;
    }
    struct ww_front_flight *next;
    for (struct ww_front_flight *f = ww_flights_next(lookup->flights, NULL); f != NULL; f = next) {
        next = ww_flights_next(lookup->flights, f);
        if (ww_lookup_shard_of(lookup, &f->name) != r->index || f->via == r->generation)
            continue;
        if (peer->instead && f->lives > 0)
            f->lives--;
        if (f->lives >= WW_LOOKUP_LIVES)
            ww_lookup_fail(lookup, f, WW_E_CHAN_DOWN, "the resolver ended while it looked");
        else
            ww_lookup_fly(lookup, f);
    }
}
