/*
 * The role that sends reports: it takes those that are due from the keeper, finds out where they go, delivers
 * them, and tells the keeper of each try. It holds nothing that a restart would lose.
 *
 * Of strangers it reads DNS alone: each delivery is a process of its own (courier_send.h).
 */
#include "daemon/asked.h"
#include "daemon/courier_report.h"
#include "daemon/discoverer.h"
#include "daemon/own_name.h"
#include "daemon/pieces.h"
#include "daemon/role.h"
#include "report/mail.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reports that are under way. */
#define PLACES 4
/* Without DNS nothing can be found out: it is tested again so often. */
#define RETEST_SECONDS 30
/* The supervisor has more patience with a role that ends. */
#define STOP_MS 800

struct courier {
    struct event_base *base;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
    struct ww_trust trust;
    struct ww_dns *dns;
    struct ww_chan *keeper;
    struct event *retest;
    bool tested; /* DNS answers */
    bool stopping;
    char host[WW_DNAME_SIZE];
    struct ww_courier_env env;
    struct ww_courier_report *reports[PLACES];
    struct ww_pieces pieces; /* of a report */
    struct ww_courier_share share;
};

static bool tell(void *ctx, enum ww_msg_type type, const struct ww_buf *b)
{
    struct courier *c = ctx;
    return c->keeper != NULL && !b->failed &&
           ww_chan_send(c->keeper, (uint16_t)type, ww_slice(b->p, b->n), -1) == WW_OK;
}

static void tell_room(struct courier *c)
{
    struct ww_msg_courier_room m;
    unsigned room = 0;
    char bytes[16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    for (unsigned i = 0; i < PLACES; i++)
        room += c->reports[i] == NULL ? 1 : 0;
    m.room = (uint16_t)room;
    ww_msg_put_courier_room(&b, &m);
    if (c->tested && !c->stopping)
        (void)tell(c, WW_MSG_COURIER_ROOM, &b);
}

static bool is_sending(const struct courier *c)
{
    for (unsigned i = 0; i < PLACES; i++)
        if (c->reports[i] != NULL && ww_courier_report_is_sending(c->reports[i]))
            return true;
    return false;
}

/* The keeper takes it for room. */
static void on_ended(void *ctx, const struct ww_courier_report *report)
{
    struct courier *c = ctx;
    for (unsigned i = 0; i < PLACES; i++) {
        if (c->reports[i] != report)
            continue;
        ww_courier_report_free(c->reports[i]);
        c->reports[i] = NULL;
    }
    if (c->stopping && !is_sending(c))
        (void)event_base_loopexit(c->base, NULL);
}

/* ---- The keeper ---- */

/* Of one that cannot be taken the keeper hears nothing but that there is room: after a while it is due again.
 */
static void take_report(struct courier *c, struct ww_slice report)
{
    enum ww_err err;
    unsigned i = 0;
    while (i < PLACES && c->reports[i] != NULL)
        i++;
    if (i == PLACES || c->stopping) {
        ww_log_error("report-left-out", "done", "the keeper gives it again");
        return;
    }
    c->reports[i] = ww_courier_report_begin(&c->env, report, &err);
    if (c->reports[i] != NULL)
        return;
    ww_log_error("report-left-out", "detail", ww_err_message(err), "done", "the keeper gives it again");
    tell_room(c);
}

static void take_piece(struct courier *c, struct ww_slice payload)
{
    struct ww_slice whole;
    enum ww_pieces_state state = ww_pieces_take(&c->pieces, payload, &whole);
    if (state == WW_PIECES_MORE)
        return;
    ww_pieces_begin(&c->pieces);
    if (state == WW_PIECES_WHOLE) {
        take_report(c, whole);
    } else {
        ww_log_error("message-malformed", "from", "keeper");
        tell_room(c);
    }
}

static void on_keeper(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct courier *c = ctx;
    struct ww_msg_report_send send;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type == WW_MSG_REPORT) {
        take_piece(c, payload);
    } else if (type == WW_MSG_REPORT_SEND && ww_msg_get_report_send(payload, &send) == WW_OK) {
        for (unsigned i = 0; i < PLACES; i++)
            if (c->reports[i] != NULL && ww_courier_report_number(c->reports[i]) == send.number)
                ww_courier_report_send(c->reports[i], send.targets);
    } else {
        ww_log_error("message-malformed", "from", "keeper");
    }
}

static void forget_keeper(struct courier *c)
{
    ww_chan_free(c->keeper);
    c->keeper = NULL;
    ww_pieces_begin(&c->pieces);
    for (unsigned i = 0; i < PLACES; i++) {
        if (c->reports[i] == NULL || ww_courier_report_lost_keeper(c->reports[i]))
            continue;
        ww_courier_report_free(c->reports[i]);
        c->reports[i] = NULL;
    }
}

static void on_keeper_down(void *ctx, struct ww_chan *chan)
{
    struct courier *c = ctx;
    if (c->keeper == chan)
        forget_keeper(c);
    else
        ww_chan_free(chan);
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_keeper, .down = on_keeper_down};
    struct courier *c = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(c->asked, fd);
        return;
    }
    if (m->kind != WW_ROLE_KEEPER) {
        (void)close(fd);
        return;
    }
    forget_keeper(c);
    c->keeper = ww_chan_new(c->base, fd, &handlers, c);
    if (c->keeper == NULL)
        ww_log_error("no-memory", "for", "channel to the keeper");
    for (unsigned i = 0; i < PLACES; i++)
        if (c->reports[i] != NULL)
            ww_courier_report_tell(c->reports[i]);
    tell_room(c);
}

/* ---- DNS ---- */

/* What the resolvers say of DNS is not said again: only whether anything can be found out counts here. */
static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct courier *c = ctx;
    const struct timeval retest = {.tv_sec = RETEST_SECONDS};
    bool before = c->tested;
    (void)detail;
    c->tested = c->tested || health != WW_DNS_UNREACHABLE;
    if (health != WW_DNS_VALIDATING)
        (void)evtimer_add(c->retest, &retest);
    if (!before)
        tell_room(c);
}

static void on_retest(evutil_socket_t fd, short what, void *arg)
{
    struct courier *c = arg;
    (void)fd, (void)what;
    ww_dns_self_test(c->dns, on_health, c);
}

static bool open_dns(struct courier *c, const struct ww_config *config)
{
    char why[4096 + 512];
    const char *detail = NULL;
    struct ww_dns_options options;
    if (!ww_trust_load(&c->trust, config, ww_anchor_system_files, why, sizeof why)) {
        ww_log_error("anchors-unusable", "detail", why);
        return false;
    }
    ww_discoverer_dns_options(config, &c->trust, &options);
    c->dns = ww_dns_new(c->base, &options, &detail);
    if (c->dns == NULL)
        ww_log_error("discoverer-failed", "detail", detail);
    return c->dns != NULL;
}

/* ---- The role ---- */

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct courier *c = ctx;
    uint64_t count = 0;
    for (unsigned i = 0; i < PLACES; i++)
        count += c->reports[i] != NULL ? 1 : 0;
    ww_stat_set(&c->stats->stats, WW_STAT_REPORTS_UNDER_WAY, count);
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(c->stats, c->asked, ref);
    else
        ww_asked_fail(c->asked, ref, WW_E_CONTROL_COMMAND);
}

/* Who can read it can sign as the domain does, and who can write it can stop that. A group may be the role's.
 */
static void look_at_key(const struct ww_config *config)
{
    const char *path = config->report_dkim_key;
    struct stat st;
    if (path != NULL && stat(path, &st) == 0 && (st.st_mode & (S_IRWXO | S_IWGRP)) != 0)
        ww_log_warning("dkim-key-open", "path", path, "detail", "others can read the key, or write it",
                       "advice", "give it to the user of the role courier, and chmod 600");
}

static void finish(void *state)
{
    struct courier *c = state;
    for (unsigned i = 0; i < PLACES; i++)
        ww_courier_report_free(c->reports[i]);
    ww_pieces_clear(&c->pieces);
    ww_chan_free(c->keeper);
    ww_asked_free(c->asked);
    if (c->retest != NULL)
        event_free(c->retest);
    if (c->dns != NULL)
        ww_dns_free(c->dns);
    ww_trust_clear(&c->trust);
    free(c);
}

static void *start(const struct ww_role_env *env)
{
    struct courier *c = calloc(1, sizeof *c);
    if (c == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    c->base = env->base;
    c->stats = env->stats;
    if (!ww_own_name(c->host))
        (void)strcpy(c->host, "localhost");
    c->env = (struct ww_courier_env){
        .base = c->base,
        .config = env->config,
        .stats = &env->stats->stats,
        .share = &c->share,
        .host = c->host,
        .tell = tell,
        .ended = on_ended,
        .ctx = c,
    };
    ww_report_mail_init();
    c->asked = ww_asked_new(env->base, on_asked, c);
    c->retest = evtimer_new(env->base, on_retest, c);
    if (!ww_pieces_init(&c->pieces, WW_MSG_REPORT_MAX) || c->asked == NULL || c->retest == NULL) {
        ww_log_error("no-memory");
        finish(c);
        return NULL;
    }
    if (!open_dns(c, env->config)) {
        finish(c);
        return NULL;
    }
    c->env.dns = c->dns;
    look_at_key(env->config);
    ww_dns_self_test(c->dns, on_health, c);
    return c;
}

/* What is under way goes on by the settings of before; all that is begun goes by the new ones. */
static void reload(void *state)
{
    const struct courier *c = state;
    look_at_key(c->env.config);
}

/* What is being sent now may have arrived when its process is ended, and would be sent again. */
static void stop(void *state)
{
    const struct timeval patience = {.tv_sec = 0, .tv_usec = STOP_MS * 1000};
    struct courier *c = state;
    c->stopping = true;
    for (unsigned i = 0; i < PLACES; i++)
        if (c->reports[i] != NULL)
            ww_courier_report_stop(c->reports[i]);
    (void)event_base_loopexit(c->base, is_sending(c) ? &patience : NULL);
}

const struct ww_role ww_role_courier = {
    .kind = WW_ROLE_COURIER,
    .rights = WW_MAY_RUN | WW_MAY_CONNECT,
    .start = start,
    .peer = peer,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
