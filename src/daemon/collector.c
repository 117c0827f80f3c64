/*
 * The role that takes the TLS results of MTAs: datagrams of libtlsrpt and lines of docs/results.md, and what
 * Waxwing itself has seen. Whatever comes is in the journal first.
 */
#include "core/result_line.h"
#include "daemon/asked.h"
#include "daemon/clock.h"
#include "daemon/collector_drain.h"
#include "daemon/collector_fold.h"
#include "daemon/collector_lines.h"
#include "daemon/collector_read.h"
#include "daemon/collector_recheck.h"
#include "daemon/datagram_queue.h"
#include "daemon/role.h"
#include "proc/msg_report.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct collector {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_role_stats *stats;
    void (*tell)(void *process, enum ww_msg_type type);
    void *process;
    struct ww_asked *asked;
    struct ww_journal *journal; /* NULL: not there yet */
    struct ww_drain *intake;
    struct ww_collector_lines *lines;
    struct ww_fold *fold;
    struct ww_chan *front;
    struct ww_recheck recheck;
};

static void on_more(void *ctx)
{
    struct collector *c = ctx;
    ww_fold_more(c->fold);
}

static void on_resume(void *ctx)
{
    struct collector *c = ctx;
    ww_collector_lines_resume(c->lines);
}

static void on_drain(void *ctx)
{
    struct collector *c = ctx;
    ww_drain_all(c->intake);
}

static void on_released(void *ctx)
{
    struct collector *c = ctx;
    ww_drain_released(c->intake);
}

/* RFC 8461 section 5.1: before mail is given up for a failure under a policy, that is looked up anew. */
static void on_read(void *ctx, const struct ww_sessions *sessions)
{
    struct collector *c = ctx;
    struct ww_msg_domain m;
    char bytes[WW_DNAME_SIZE + 16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    bool failed = sessions->failure > 0 && sessions->policy_known && !sessions->by_us &&
                  sessions->policy.type == WW_POLICY_TYPE_STS;
    if (!failed || c->front == NULL ||
        !ww_recheck_take(&c->recheck, sessions->domain, c->config->collect_recheck * 1000, ww_clock_ms()))
        return;
    memcpy(m.domain, sessions->domain, sizeof m.domain);
    ww_msg_put_domain(&b, &m);
    if (!b.failed && ww_chan_send(c->front, WW_MSG_RECHECK, ww_slice(b.p, b.n), -1) == WW_OK)
        ww_stat_add(&c->stats->stats, WW_STAT_COLLECT_RECHECKS, 1);
}

static void on_refused(void *ctx, const struct ww_journal_record *r, enum ww_err err, size_t offset)
{
    struct collector *c = ctx;
    ww_drain_refused(c->intake, r->kind == WW_JOURNAL_LINE ? "line" : "datagram", r->uid, r->pid, err,
                     offset);
}

static void tell_stats(struct collector *c, struct ww_question_ref ref)
{
    struct ww_stats *s = &c->stats->stats;
    if (c->journal != NULL) {
        ww_stat_set(s, WW_STAT_COLLECT_JOURNAL, ww_journal_end(c->journal) - ww_journal_begin(c->journal));
        ww_stat_set(s, WW_STAT_COLLECT_JOURNAL_LIMIT, ww_journal_size(c->journal));
    }
    ww_stat_set(s, WW_STAT_COLLECT_LAG, (uint64_t)ww_fold_lag(c->fold, (int64_t)time(NULL)));
    ww_role_stats_tell(c->stats, c->asked, ref);
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct collector *c = ctx;
    if (ask->what == WW_ASK_STATS)
        tell_stats(c, ref);
    else
        ww_asked_fail(c->asked, ref, WW_E_CONTROL_COMMAND);
}

/* What Waxwing itself has seen. It does not wait: without room for it, it is not reported. */
static void on_front(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct collector *c = ctx;
    struct ww_tls_result event;
    size_t offset;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type != WW_MSG_RESULT || ww_result_line_parse(payload.p, payload.n, &event, &offset) != WW_OK)
        ww_log_error("message-malformed", "from", "front");
    else if (!ww_drain_line(c->intake, &event, (uid_t)-1, 0))
        ww_log_warning("result-lost", "for", event.domain, "detail", "there is no room in the journal");
}

static void on_front_down(void *ctx, struct ww_chan *chan)
{
    struct collector *c = ctx;
    ww_chan_free(chan);
    c->front = NULL;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_front, .down = on_front_down};
    struct collector *c = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(c->asked, fd);
    } else if (m->kind == WW_ROLE_KEEPER) {
        ww_fold_keeper(c->fold, fd);
    } else if (m->kind == WW_ROLE_FRONT) {
        ww_chan_free(c->front);
        c->front = ww_chan_new(c->base, fd, &handlers, c);
        if (c->front == NULL)
            ww_log_error("no-memory", "for", "channel to front");
    } else {
        (void)close(fd);
    }
}

static void listener(void *state, const struct ww_msg_listener *l, int fd)
{
    struct collector *c = state;
    if (l->purpose == WW_LISTEN_DATAGRAMS)
        ww_drain_listen(c->intake, l->name, fd);
    else
        ww_collector_lines_listen(c->lines, l->name, fd);
}

static void listener_gone(void *state, const struct ww_msg_listener *l)
{
    struct collector *c = state;
    if (l->purpose == WW_LISTEN_DATAGRAMS)
        ww_drain_listener_gone(c->intake, l->name);
    else
        ww_collector_lines_listener_gone(c->lines, l->name);
}

static void tell_found(const struct ww_journal *journal)
{
    const struct ww_journal_found *found = ww_journal_found(journal);
    char records[24], recovered[24], discarded[24];
    if (found->records == 0 && found->discarded == 0)
        return;
    (void)snprintf(records, sizeof records, "%" PRIu64, found->records);
    (void)snprintf(recovered, sizeof recovered, "%" PRIu64, found->recovered);
    (void)snprintf(discarded, sizeof discarded, "%" PRIu64, found->discarded);
    ww_log_info("journal-found", "records", records, "recovered", recovered, "discarded", discarded);
}

/* Of one that cannot be used the supervisor is told, which gives another. */
static void journal(void *state, int fd)
{
    struct collector *c = state;
    enum ww_err err;
    if (c->journal != NULL) {
        (void)close(fd);
        return;
    }
    c->journal = ww_journal_open(fd, (int64_t)time(NULL), ww_collector_is_datagram, &err);
    if (c->journal == NULL) {
        ww_log_error("journal-failed", "error", ww_err_id(err), "detail", ww_err_message(err));
        c->tell(c->process, WW_MSG_JOURNAL);
        return;
    }
    tell_found(c->journal);
    ww_drain_journal(c->intake, c->journal);
    ww_fold_journal(c->fold, c->journal);
}

static void finish(void *state)
{
    struct collector *c = state;
    ww_asked_free(c->asked);
    ww_chan_free(c->front);
    ww_collector_lines_free(c->lines);
    if (c->intake != NULL)
        ww_drain_all(c->intake);
    ww_drain_free(c->intake);
    ww_fold_free(c->fold);
    ww_journal_free(c->journal);
    free(c);
}

static bool make_all(struct collector *c)
{
    const struct ww_drain_handlers intake = {on_more, on_resume, c};
    const struct ww_fold_handlers fold = {on_drain, on_released, on_read, on_refused, c};
    struct ww_stats *stats = &c->stats->stats;
    c->asked = ww_asked_new(c->base, on_asked, c);
    c->intake = ww_drain_new(c->base, ww_datagram_queue(), stats, &intake);
    c->lines = c->intake != NULL ? ww_collector_lines_new(c->base, c->intake) : NULL;
    c->fold = ww_fold_new(c->base, stats, &fold);
    return c->asked != NULL && c->lines != NULL && c->fold != NULL;
}

static void *start(const struct ww_role_env *env)
{
    struct collector *c = calloc(1, sizeof *c);
    if (c == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    c->base = env->base;
    c->config = env->config;
    c->stats = env->stats;
    c->tell = env->tell;
    c->process = env->process;
    (void)!getrandom(&c->recheck.key, sizeof c->recheck.key, 0);
    if (make_all(c))
        return c;
    ww_log_error("no-memory");
    finish(c);
    return NULL;
}

static void on_finished(void *ctx)
{
    struct collector *c = ctx;
    (void)event_base_loopexit(c->base, NULL);
}

static void stop(void *state)
{
    struct collector *c = state;
    ww_drain_all(c->intake);
    ww_fold_finish(c->fold, on_finished, c);
}

/* collect.recheck is read where it counts. */
static void reload(void *state)
{
    (void)state;
}

const struct ww_role ww_role_collector = {
    .kind = WW_ROLE_COLLECTOR,
    .rights = WW_MAY_ACCEPT,
    .start = start,
    .peer = peer,
    .listener = listener,
    .listener_gone = listener_gone,
    .journal = journal,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
