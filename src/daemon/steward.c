/*
 * The role that tends to the published domains: the keeper says which one is due, and takes what has come of
 * it. It holds nothing that a restart would lose, and no key: it reads what strangers say, so that it can
 * change nothing outside, but ask the keeper to have it changed (steward_work.h).
 */
#include "daemon/asked.h"
#include "daemon/discoverer.h"
#include "daemon/own_name.h"
#include "daemon/pieces.h"
#include "daemon/role.h"
#include "daemon/steward_tend.h"
#include "net/tls_verify.h"
#include "proc/msg_watch.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Of a conversation with an MX host. */
#define SMTP_MS 30000
/* Without DNS nothing can be found out: it is tested again so often. */
#define RETEST_SECONDS 30

struct steward;

/* A place for one. */
struct one {
    struct steward *s;
    struct ww_steward_tend *tend; /* NULL: it is free */
};

struct steward {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
    struct ww_trust trust;
    struct ww_discoverer with;
    struct ww_check_env env;
    char own_name[WW_DNAME_SIZE];
    struct ww_steward_works *works;
    struct ww_steward_hands hands;
    struct ww_chan *keeper;
    struct ww_pieces pieces; /* of what it gives */
    struct event *retest;
    bool tested; /* DNS answers */
    struct one under_way[WW_STEWARD_MAX];
    unsigned busy;
    char *message; /* room for what goes to it */
};

static void tell_room(struct steward *s)
{
    const struct ww_msg_steward_room m = {.room = (uint16_t)(WW_STEWARD_MAX - s->busy)};
    char bytes[16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    if (s->keeper == NULL || !s->tested)
        return;
    ww_msg_put_steward_room(&b, &m);
    if (ww_chan_send(s->keeper, WW_MSG_STEWARD_ROOM, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "keeper");
}

/* A keeper that is gone loses it, and has the domain tended to again. */
static void give_back(struct steward *s, const struct ww_msg_tended *tended)
{
    static char piece[WW_MSG_PIECE_SIZE];
    struct ww_buf part = ww_buf(piece, sizeof piece);
    struct ww_buf b = ww_buf(s->message, WW_MSG_TEND_MAX);
    ww_msg_put_tended(&b, tended);
    struct ww_slice rest = ww_slice(b.p, b.n);
    if (b.failed) {
        ww_log_error("message-malformed", "from", "steward");
        return;
    }
    while (s->keeper != NULL && ww_pieces_cut(&rest, &part))
        if (ww_chan_send(s->keeper, WW_MSG_TENDED, ww_slice(part.p, part.n), -1) != WW_OK)
            return;
}

static void on_tended(void *ctx, const struct ww_msg_tended *tended)
{
    struct one *one = ctx;
    struct steward *s = one->s;
    one->tend = NULL;
    s->busy--;
    if (tended != NULL) {
        const struct ww_published *d = &tended->domain;
        ww_log_debug("tended", "domain", d->domain, "state", ww_published_state_name(d->state), "waits",
                     d->waits, "trouble", d->trouble);
        give_back(s, tended);
    }
    tell_room(s);
}

static struct one *free_place(struct steward *s)
{
    for (unsigned i = 0; i < WW_STEWARD_MAX; i++)
        if (s->under_way[i].tend == NULL)
            return &s->under_way[i];
    return NULL;
}

/* What is not begun is given again, when its lease is over. */
static void take(struct steward *s, struct ww_slice payload)
{
    struct one *one = free_place(s);
    if (one == NULL)
        return;
    one->s = s;
    one->tend = ww_steward_tend(&s->hands, payload, on_tended, one);
    s->busy += one->tend != NULL;
}

static void on_keeper(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct steward *s = ctx;
    struct ww_slice whole;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type == WW_MSG_ORDER_TOLD) {
        if (ww_steward_works_told(s->works, payload) != WW_OK)
            ww_log_error("message-malformed", "from", "keeper");
        return;
    }
    enum ww_pieces_state state =
        type == WW_MSG_TEND ? ww_pieces_take(&s->pieces, payload, &whole) : WW_PIECES_BROKEN;
    if (state == WW_PIECES_MORE)
        return;
    if (state == WW_PIECES_WHOLE)
        take(s, whole);
    else
        ww_log_error("message-malformed", "from", "keeper");
    ww_pieces_begin(&s->pieces);
}

static void on_keeper_down(void *ctx, struct ww_chan *chan)
{
    struct steward *s = ctx;
    ww_chan_free(chan);
    if (s->keeper == chan)
        s->keeper = NULL;
    ww_steward_works_keeper(s->works, s->keeper);
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_keeper, .down = on_keeper_down};
    struct steward *s = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(s->asked, fd);
        return;
    }
    if (m->kind != WW_ROLE_KEEPER) {
        (void)close(fd);
        return;
    }
    ww_chan_free(s->keeper);
    ww_pieces_begin(&s->pieces);
    s->keeper = ww_chan_new(s->base, fd, &handlers, s);
    if (s->keeper == NULL)
        ww_log_error("no-memory", "for", "channel to the keeper");
    ww_steward_works_keeper(s->works, s->keeper);
    tell_room(s);
}

/* What the resolvers say of DNS is not said again: only whether anything can be found out counts here. */
static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct steward *s = ctx;
    const struct timeval retest = {.tv_sec = RETEST_SECONDS};
    (void)detail;
    bool before = s->tested;
    s->tested = s->tested || health != WW_DNS_UNREACHABLE;
    if (health != WW_DNS_VALIDATING)
        (void)evtimer_add(s->retest, &retest);
    if (!before)
        tell_room(s);
}

static void on_retest(evutil_socket_t fd, short what, void *arg)
{
    struct steward *s = arg;
    (void)fd, (void)what;
    ww_dns_self_test(s->with.dns, on_health, s);
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct steward *s = ctx;
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(s->stats, s->asked, ref);
    else
        ww_asked_fail(s->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct steward *s = state;
    for (unsigned i = 0; i < WW_STEWARD_MAX; i++)
        if (s->under_way[i].tend != NULL)
            ww_steward_tend_cancel(s->under_way[i].tend);
    ww_inspector_free(s->hands.eyes.inspector);
    ww_patience_free(s->hands.patience);
    ww_steward_works_free(s->works);
    ww_asked_free(s->asked);
    ww_chan_free(s->keeper);
    ww_pieces_clear(&s->pieces);
    if (s->retest != NULL)
        event_free(s->retest);
    X509_STORE_free(s->env.store);
    ww_discoverer_close(&s->with);
    ww_trust_clear(&s->trust);
    free(s->message);
    free(s);
}

static void fill_env(struct steward *s)
{
    const struct ww_config *c = s->config;
    s->env = (struct ww_check_env){
        .base = s->base,
        .dns = s->with.dns,
        .https = s->with.https,
        .allow = s->with.allow,
        .allow_count = s->with.allow_count,
        .sources = c->fetch_sources,
        .source_count = c->fetch_source_count,
        .store = ww_tls_store_new(c->fetch_ca_file),
        .ca_file = c->fetch_ca_file,
        .helo = ww_own_name(s->own_name) ? s->own_name : NULL,
        .dns_timeout_ms = c->dns_timeout_ms,
        .web_ms = c->fetch_deadline_ms,
        .smtp_ms = SMTP_MS,
    };
}

static void fill_hands(struct steward *s)
{
    s->hands = (struct ww_steward_hands){
        .config = s->config,
        .patience = ww_patience_new(),
        .eyes = {.env = &s->env, .inspector = ww_inspector_new(&s->env)},
        .look = ww_steward_look,
        .look_cancel = ww_steward_look_cancel,
        .works = s->works,
        .work = ww_steward_work,
        .work_cancel = ww_steward_work_cancel,
    };
}

static bool open_all(struct steward *s)
{
    const char *detail = "the file of trusted authorities cannot be read, or holds no certificate";
    char why[4096 + 512];
    if (!ww_trust_load(&s->trust, s->config, ww_anchor_system_files, why, sizeof why)) {
        ww_log_error("anchors-unusable", "detail", why);
        return false;
    }
    bool good = ww_discoverer_open(&s->with, s->base, s->config, &s->trust, &detail);
    if (good)
        fill_env(s);
    if (!good || s->env.store == NULL) {
        ww_log_error("discoverer-failed", "detail", detail);
        return false;
    }
    s->works = ww_steward_works_new();
    fill_hands(s);
    s->asked = ww_asked_new(s->base, on_asked, s);
    s->retest = evtimer_new(s->base, on_retest, s);
    s->message = malloc(WW_MSG_TEND_MAX);
    good = ww_pieces_init(&s->pieces, WW_MSG_TEND_MAX) && s->works != NULL && s->hands.patience != NULL &&
           s->hands.eyes.inspector != NULL && s->asked != NULL && s->retest != NULL && s->message != NULL;
    if (!good)
        ww_log_error("no-memory");
    return good;
}

static void *start(const struct ww_role_env *env)
{
    struct steward *s = calloc(1, sizeof *s);
    if (s == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    s->base = env->base;
    s->config = env->config;
    s->stats = env->stats;
    if (!open_all(s)) {
        finish(s);
        return NULL;
    }
    ww_dns_self_test(s->with.dns, on_health, s);
    return s;
}

static void stop(void *state)
{
    struct steward *s = state;
    (void)event_base_loopexit(s->base, NULL);
}

/* What it connects with, and plans by, is read anew for each domain. */
static void reload(void *state)
{
    tell_room(state);
}

const struct ww_role ww_role_steward = {
    .kind = WW_ROLE_STEWARD,
    .rights = WW_MAY_CONNECT,
    .start = start,
    .peer = peer,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
