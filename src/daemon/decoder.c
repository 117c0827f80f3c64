/*
 * The role that reads what others have handed in as reports: mail, gzip, JSON. It has no rights at all, holds
 * nothing from one submission to the next, and may die of any of them: by the alarm when it takes too long,
 * by itself when memory is short, as an answer would be a wrong one then.
 */
#include "daemon/asked.h"
#include "daemon/pieces.h"
#include "daemon/role.h"
#include "proc/msg_intake.h"
#include "proc/msg_watch.h"
#include "report/decode.h"
#include "report/dkim_verify.h"

#include <event2/event.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

/* Seconds of the processor that one submission may take; how long it is waited for is up to the intake. */
#define SECONDS_MAX 10
/* Octets of memory that can be written to. */
#define MEMORY_MAX ((rlim_t)768 << 20)
/* Those that are free within the process are given back from here on. */
#define MEMORY_FREE_MAX (8 << 20)
/* Larger blocks have a mapping of their own, which goes when they are freed. */
#define MAPPED_FROM (1 << 20)
/* Of an answer no more is handed to the channel while so much of it waits there. */
#define QUEUED_MAX ((size_t)1 << 20)
/* Without an intake it ends: one that has closed the channel wants another decoder. One that was started
 * again is there by then. */
#define ALONE_SECONDS 10
/* What an answer takes beside report and content. */
#define ANSWER_SIZE ((size_t)64 * 1024)

struct job {
    struct job *next;
    size_t n;
    char octets[]; /* a WW_MSG_DECODE */
};

struct decoder {
    struct event_base *base;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
    struct ww_chan *intake;
    struct ww_pieces pieces;
    char *room; /* for a report as it is encoded */
    struct job *first, **end;
    char *answer; /* NULL: none is being sent */
    struct ww_slice unsent;
    struct event *turn;
    struct event *alone;
};

/* The intake gives it to the next one. */
static _Noreturn void give_up(const char *event)
{
    ww_log_error(event);
    ww_log_flush(true);
    _exit(EXIT_FAILURE);
}

static void *allocate(size_t n)
{
    void *p = malloc(n);
    if (p == NULL)
        give_up("no-memory");
    return p;
}

/* ---- Answers ---- */

static void send_answer(struct decoder *d)
{
    static char octets[WW_MSG_PIECE_SIZE];
    struct ww_buf b = ww_buf(octets, sizeof octets);
    while (ww_chan_queued(d->intake) < QUEUED_MAX && ww_pieces_cut(&d->unsent, &b))
        if (ww_chan_send(d->intake, WW_MSG_DECODED, ww_slice(b.p, b.n), -1) != WW_OK)
            return; /* it is gone, which is told */
    if (d->unsent.n > 0)
        return;
    free(d->answer);
    d->answer = NULL;
    event_active(d->turn, 0, 0);
}

static void answer(struct decoder *d, const struct ww_msg_decoded *m)
{
    size_t size = ANSWER_SIZE + m->report.n + m->content.n;
    d->answer = allocate(size);
    struct ww_buf b = ww_buf(d->answer, size);
    ww_msg_put_decoded(&b, m);
    if (b.failed)
        give_up("message-malformed");
    d->unsent = ww_slice(b.p, b.n);
    send_answer(d);
}

/* ---- One submission ---- */

static void copy_mail(const struct ww_decode *from, struct ww_msg_mail_facts *to)
{
    memcpy(to->from, from->mail.from, sizeof to->from);
    memcpy(to->message_id, from->mail.message_id, sizeof to->message_id);
    memcpy(to->submitter, from->mail.submitter, sizeof to->submitter);
    memcpy(to->about, from->mail.about, sizeof to->about);
    to->dkim = from->dkim;
}

/* Of what can be read, but not be handed on, nothing is: what is kept is the submission. */
static void refuse_large(struct ww_msg_decoded *m)
{
    ww_deviations_add(&m->deviations, WW_E_REPORT_LARGE, WW_SEVERITY_ERROR, "");
    m->report = m->content = ww_slice(NULL, 0);
}

/* Written to as far as the largest report took, and mapped anew after a large one alone: a mapping for each
 * report would take longer than all else. */
static void empty_room(struct decoder *d)
{
    free(d->room);
    d->room = allocate(WW_RECEIVED_ENCODED_MAX);
}

static void decode_whole(struct decoder *d, const struct ww_msg_decode *m)
{
    static struct ww_msg_decoded out;
    struct ww_decode decoded;
    if (ww_decode(m->mail, m->octets, m->keys, m->key_count, m->now, &decoded) != WW_OK)
        give_up("no-memory");
    out = (struct ww_msg_decoded){.job = m->job, .stage = m->stage, .deviations = decoded.deviations};
    copy_mail(&decoded, &out.mail);
    out.content = decoded.content;
    if (decoded.read != NULL) {
        struct ww_buf b = ww_buf(d->room, WW_RECEIVED_ENCODED_MAX);
        ww_msg_put_received(&b, ww_tlsrpt_report(decoded.read));
        out.report = ww_slice(b.p, b.n);
        if (b.failed || out.content.n > WW_MSG_SUBMISSION_MAX)
            refuse_large(&out);
    }
    bool good = ww_deviations_error(&out.deviations) == NULL;
    ww_stat_add(&d->stats->stats, good ? WW_STAT_DECODED : WW_STAT_UNDECODED, 1);
    answer(d, &out);
    if (out.report.n > MAPPED_FROM)
        empty_room(d);
    ww_decode_clear(&decoded);
}

static void name_keys(struct decoder *d, const struct ww_msg_decode *m)
{
    static struct ww_msg_decoded out;
    out = (struct ww_msg_decoded){.job = m->job, .stage = m->stage};
    if (m->mail)
        ww_dkim_names_of(m->octets, &out.names);
    answer(d, &out);
}

static void set_alarm(time_t seconds)
{
    const struct itimerval timer = {.it_value.tv_sec = seconds};
    if (setitimer(ITIMER_PROF, &timer, NULL) != 0)
        give_up("alarm-failed");
}

static void decode(struct decoder *d, const struct job *job)
{
    struct ww_msg_decode m;
    if (ww_msg_get_decode(ww_slice(job->octets, job->n), &m) != WW_OK)
        give_up("message-malformed");
    set_alarm(SECONDS_MAX);
    if (m.stage == WW_DECODE_NAMES)
        name_keys(d, &m);
    else
        decode_whole(d, &m);
    set_alarm(0);
}

/* One at a time, and none before the last answer is on its way: else they would heap up. */
static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    struct decoder *d = arg;
    struct job *job = d->first;
    (void)fd, (void)what;
    if (job == NULL || d->answer != NULL || d->intake == NULL)
        return;
    d->first = job->next;
    if (d->first == NULL)
        d->end = &d->first;
    decode(d, job);
    free(job);
    if (mallinfo2().fordblks > (size_t)MEMORY_FREE_MAX)
        (void)malloc_trim(0);
}

/* ---- The intake ---- */

static void forget(struct decoder *d)
{
    while (d->first != NULL) {
        struct job *job = d->first;
        d->first = job->next;
        free(job);
    }
    d->end = &d->first;
    free(d->answer);
    d->answer = NULL;
    ww_pieces_begin(&d->pieces);
}

static void take(struct decoder *d, struct ww_slice whole)
{
    struct job *job = allocate(sizeof *job + whole.n);
    job->next = NULL;
    job->n = whole.n;
    memcpy(job->octets, whole.p, whole.n);
    *d->end = job;
    d->end = &job->next;
    ww_pieces_begin(&d->pieces);
    event_active(d->turn, 0, 0);
}

/* The room for pieces is filled up to the largest that has come. */
static void empty_pieces(struct decoder *d)
{
    ww_pieces_clear(&d->pieces);
    if (!ww_pieces_init(&d->pieces, WW_MSG_DECODE_MAX))
        give_up("no-memory");
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct decoder *d = ctx;
    struct ww_slice whole;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type != WW_MSG_DECODE) {
        ww_log_error("message-unknown", "from", "intake");
        return;
    }
    enum ww_pieces_state state = ww_pieces_take(&d->pieces, payload, &whole);
    if (state == WW_PIECES_BROKEN)
        give_up("message-malformed");
    if (state != WW_PIECES_WHOLE)
        return;
    take(d, whole);
    if (whole.n > MAPPED_FROM)
        empty_pieces(d);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    const struct timeval wait = {.tv_sec = ALONE_SECONDS};
    struct decoder *d = ctx;
    ww_chan_free(chan);
    d->intake = NULL;
    forget(d);
    if (event_add(d->alone, &wait) != 0)
        give_up("no-memory");
}

static void on_alone(evutil_socket_t fd, short what, void *arg)
{
    struct decoder *d = arg;
    (void)fd, (void)what;
    (void)event_base_loopexit(d->base, NULL);
}

static void on_drained(void *ctx, struct ww_chan *chan)
{
    struct decoder *d = ctx;
    (void)chan;
    if (d->answer != NULL)
        send_answer(d);
}

static void meet_intake(struct decoder *d, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    ww_chan_free(d->intake);
    forget(d);
    (void)event_del(d->alone);
    d->intake = ww_chan_new(d->base, fd, &handlers, d);
    if (d->intake == NULL)
        give_up("no-memory");
    ww_chan_on_drained(d->intake, on_drained);
}

/* ---- The role ---- */

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct decoder *d = ctx;
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(d->stats, d->asked, ref);
    else
        ww_asked_fail(d->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct decoder *d = state;
    forget(d);
    ww_chan_free(d->intake);
    ww_pieces_clear(&d->pieces);
    free(d->room);
    ww_asked_free(d->asked);
    if (d->turn != NULL)
        event_free(d->turn);
    if (d->alone != NULL)
        event_free(d->alone);
    free(d);
}

/* Sanitizers map terabytes. */
static bool limit_memory(void)
{
#ifndef WW_SANITIZED
    const struct rlimit limit = {.rlim_cur = MEMORY_MAX, .rlim_max = MEMORY_MAX};
    return setrlimit(RLIMIT_DATA, &limit) == 0;
#else
    return true;
#endif
}

static void *start(const struct ww_role_env *env)
{
    struct decoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    d->base = env->base;
    d->stats = env->stats;
    d->end = &d->first;
    d->asked = ww_asked_new(env->base, on_asked, d);
    d->turn = event_new(env->base, -1, 0, on_turn, d);
    d->alone = evtimer_new(env->base, on_alone, d);
    (void)signal(SIGPROF, SIG_DFL);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    (void)mallopt(M_TRIM_THRESHOLD, MEMORY_FREE_MAX);
    ww_decode_init();
    d->room = malloc(WW_RECEIVED_ENCODED_MAX);
    if (!ww_pieces_init(&d->pieces, WW_MSG_DECODE_MAX) || d->room == NULL || d->asked == NULL ||
        d->turn == NULL || d->alone == NULL || !limit_memory()) {
        ww_log_error("no-memory");
        finish(d);
        return NULL;
    }
    return d;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    struct decoder *d = state;
    if (m->kind == WW_ROLE_CONTROL)
        ww_asked_peer(d->asked, fd);
    else if (m->kind == WW_ROLE_INTAKE)
        meet_intake(d, fd);
    else
        (void)close(fd);
}

static void stop(void *state)
{
    struct decoder *d = state;
    (void)event_base_loopexit(d->base, NULL);
}

const struct ww_role ww_role_decoder = {
    .kind = WW_ROLE_DECODER,
    .rights = 0,
    .start = start,
    .peer = peer,
    .stop = stop,
    .finish = finish,
};
