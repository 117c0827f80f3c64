/*
 * The role that inspects the watched domains, and looks at MX hosts for the reports of others: the keeper
 * says which domain is due, and takes what was found. It holds nothing that a restart would lose.
 */
#include "check/past.h"
#include "daemon/asked.h"
#include "daemon/discoverer.h"
#include "daemon/own_name.h"
#include "daemon/pieces.h"
#include "daemon/role.h"
#include "daemon/watcher_looks.h"
#include "daemon/watcher_report.h"
#include "net/tls_verify.h"
#include "proc/msg_report.h"
#include "proc/msg_watch.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Of one inspection; and of a conversation with an MX host. */
#define DEADLINE_MS 90000
#define SMTP_MS 30000
/* Without DNS nothing can be found out: it is tested again so often. */
#define RETEST_SECONDS 30

struct watcher;

/* A place for one. */
struct one {
    struct watcher *w;
    struct ww_inspection *inspection; /* NULL: it is free */
};

struct watcher {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
    struct ww_trust trust;
    struct ww_discoverer with;
    struct ww_check_env env;
    char own_name[WW_DNAME_SIZE];
    struct ww_inspector *inspector;
    struct ww_watcher_looks *looks;
    struct ww_chan *keeper;
    struct event *retest;
    bool tested; /* DNS answers */
    struct one under_way[WW_WATCHER_MAX];
    unsigned busy;
    char *report; /* room for what goes to the keeper */
};

static void tell_room(struct watcher *w)
{
    const struct ww_msg_watch_room m = {
        .room = (uint16_t)(w->config->watch_parallel > w->busy ? w->config->watch_parallel - w->busy : 0)};
    char bytes[16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    if (w->keeper == NULL || !w->tested)
        return;
    ww_msg_put_watch_room(&b, &m);
    if (ww_chan_send(w->keeper, WW_MSG_WATCH_ROOM, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "keeper");
}

/* In pieces; a keeper that is gone loses it, and has the domain inspected again. */
static void send_report(struct watcher *w, enum ww_msg_type type, struct ww_slice report)
{
    static char message[WW_MSG_PIECE_SIZE];
    struct ww_buf b = ww_buf(message, sizeof message);
    while (w->keeper != NULL && ww_pieces_cut(&report, &b))
        if (ww_chan_send(w->keeper, (uint16_t)type, ww_slice(b.p, b.n), -1) != WW_OK)
            return;
}

static void send_failure(struct watcher *w, const char *domain)
{
    struct ww_msg_watched m = {.failed = true};
    struct ww_buf b = ww_buf(w->report, WW_MSG_WATCHED_MAX);
    memcpy(m.domain, domain, strlen(domain) + 1);
    ww_msg_put_watched(&b, &m);
    send_report(w, WW_MSG_WATCHED, ww_slice(b.p, b.n));
}

static void on_report(void *ctx, const struct ww_sight *sight, const struct ww_check_report *report)
{
    struct one *one = ctx;
    struct watcher *w = one->w;
    one->inspection = NULL;
    w->busy--;
    struct ww_buf b = ww_buf(w->report, WW_MSG_WATCHED_MAX);
    if (ww_watcher_report_put(&b, sight, report))
        send_report(w, WW_MSG_WATCHED, ww_slice(b.p, b.n));
    else
        send_failure(w, sight->domain);
}

static void on_looked(void *ctx, struct ww_slice looked)
{
    send_report(ctx, WW_MSG_LOOKED, looked);
}

static struct one *free_place(struct watcher *w)
{
    for (unsigned i = 0; i < WW_WATCHER_MAX; i++)
        if (w->under_way[i].inspection == NULL)
            return &w->under_way[i];
    return NULL;
}

static void inspect(struct watcher *w, const struct ww_msg_watch *m)
{
    struct ww_past past;
    struct one *one = free_place(w);
    if (one != NULL) {
        one->w = w;
        one->inspection =
            ww_inspect(w->inspector, m->domain, (int64_t)time(NULL), DEADLINE_MS, NULL, on_report, one);
    }
    if (one == NULL || one->inspection == NULL) {
        ww_log_error("no-memory", "for", m->domain);
        send_failure(w, m->domain);
        return;
    }
    w->busy++;
    ww_watcher_past_read(m, &past);
    if (m->has_past && !ww_inspect_against(one->inspection, &past))
        ww_log_error("no-memory", "for", m->domain);
}

static void on_keeper(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct watcher *w = ctx;
    struct ww_msg_watch m;
    struct ww_msg_domain look;
    (void)chan;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_WATCH && ww_msg_get_watch(payload, &m) == WW_OK)
        inspect(w, &m);
    else if (type == WW_MSG_LOOK && ww_msg_get_domain(payload, &look) == WW_OK)
        ww_watcher_looks_begin(w->looks, look.domain);
    else
        ww_log_error("message-malformed", "from", "keeper");
}

static void on_keeper_down(void *ctx, struct ww_chan *chan)
{
    struct watcher *w = ctx;
    ww_chan_free(chan);
    if (w->keeper == chan)
        w->keeper = NULL;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_keeper, .down = on_keeper_down};
    struct watcher *w = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(w->asked, fd);
        return;
    }
    if (m->kind != WW_ROLE_KEEPER) {
        (void)close(fd);
        return;
    }
    ww_chan_free(w->keeper);
    w->keeper = ww_chan_new(w->base, fd, &handlers, w);
    if (w->keeper == NULL)
        ww_log_error("no-memory", "for", "channel to the keeper");
    tell_room(w);
}

/* What the resolvers say of DNS is not said again: only whether anything can be found out counts here. */
static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct watcher *w = ctx;
    const struct timeval retest = {.tv_sec = RETEST_SECONDS};
    (void)detail;
    bool before = w->tested;
    w->tested = w->tested || health != WW_DNS_UNREACHABLE;
    if (health != WW_DNS_VALIDATING)
        (void)evtimer_add(w->retest, &retest);
    if (!before)
        tell_room(w);
}

static void on_retest(evutil_socket_t fd, short what, void *arg)
{
    struct watcher *w = arg;
    (void)fd, (void)what;
    ww_dns_self_test(w->with.dns, on_health, w);
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct watcher *w = ctx;
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(w->stats, w->asked, ref);
    else
        ww_asked_fail(w->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct watcher *w = state;
    for (unsigned i = 0; i < WW_WATCHER_MAX; i++)
        if (w->under_way[i].inspection != NULL)
            ww_inspect_cancel(w->under_way[i].inspection);
    ww_inspector_free(w->inspector);
    ww_watcher_looks_free(w->looks);
    ww_asked_free(w->asked);
    ww_chan_free(w->keeper);
    if (w->retest != NULL)
        event_free(w->retest);
    X509_STORE_free(w->env.store);
    ww_discoverer_close(&w->with);
    ww_trust_clear(&w->trust);
    free(w->report);
    free(w);
}

static void fill_env(struct watcher *w)
{
    const struct ww_config *c = w->config;
    w->env = (struct ww_check_env){
        .base = w->base,
        .dns = w->with.dns,
        .https = w->with.https,
        .allow = w->with.allow,
        .allow_count = w->with.allow_count,
        .sources = c->fetch_sources,
        .source_count = c->fetch_source_count,
        .store = ww_tls_store_new(c->fetch_ca_file),
        .ca_file = c->fetch_ca_file,
        .helo = ww_own_name(w->own_name) ? w->own_name : NULL,
        .dns_timeout_ms = c->dns_timeout_ms,
        .web_ms = c->fetch_deadline_ms,
        .smtp_ms = SMTP_MS,
    };
}

static bool open_all(struct watcher *w)
{
    const char *detail = "the file of trusted authorities cannot be read, or holds no certificate";
    char why[4096 + 512];
    if (!ww_trust_load(&w->trust, w->config, ww_anchor_system_files, why, sizeof why)) {
        ww_log_error("anchors-unusable", "detail", why);
        return false;
    }
    bool good = ww_discoverer_open(&w->with, w->base, w->config, &w->trust, &detail);
    if (good)
        fill_env(w);
    if (!good || w->env.store == NULL) {
        ww_log_error("discoverer-failed", "detail", detail);
        return false;
    }
    w->inspector = ww_inspector_new(&w->env);
    w->looks = ww_watcher_looks_new(&w->env, &w->with, w->config, &w->stats->stats, on_looked, w);
    w->asked = ww_asked_new(w->base, on_asked, w);
    w->retest = evtimer_new(w->base, on_retest, w);
    w->report = malloc(WW_MSG_WATCHED_MAX);
    good = w->inspector != NULL && w->looks != NULL && w->asked != NULL && w->retest != NULL &&
           w->report != NULL;
    if (!good)
        ww_log_error("no-memory");
    return good;
}

static void *start(const struct ww_role_env *env)
{
    struct watcher *w = calloc(1, sizeof *w);
    if (w == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    json_object_seed(0); /* while files can still be opened */
    w->base = env->base;
    w->config = env->config;
    w->stats = env->stats;
    if (!open_all(w)) {
        finish(w);
        return NULL;
    }
    ww_dns_self_test(w->with.dns, on_health, w);
    return w;
}

static void stop(void *state)
{
    struct watcher *w = state;
    (void)event_base_loopexit(w->base, NULL);
}

static void reload(void *state)
{
    tell_room(state);
}

const struct ww_role ww_role_watcher = {
    .kind = WW_ROLE_WATCHER,
    .rights = WW_MAY_CONNECT,
    .start = start,
    .peer = peer,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
