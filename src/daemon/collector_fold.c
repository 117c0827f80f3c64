#include "daemon/collector_fold.h"

#include "daemon/clock.h"
#include "daemon/collector_read.h"
#include "daemon/log.h"
#include "daemon/pieces.h"
#include "engine/line_sessions.h"
#include "engine/tally.h"
#include "proc/chan.h"
#include "proc/msg_report.h"
#include "proc/msg_watch.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Of what a fold may have half, so that what one more record says has room in it as well. */
#define TALLY_MAX (WW_MSG_FOLD_MAX / 2)
/* What one session comes to, as it is sent. */
#define SESSIONS_MAX ((size_t)320 * 1024)
/* Journal and positions stand before the items. */
#define HEAD ((size_t)WW_MSG_JOURNAL_ID_SIZE + 16)
/* Records that are read in one turn of the loop, and from one look at the sockets to the next. */
#define TURN 512
#define BETWEEN_LOOKS 16
/* A keeper that does not take a fold as it should is asked again so much later. */
#define ASK_AGAIN_SECONDS 1
#define FINISH_MS 1000
/* Lines are kept a little longer than a session of theirs may last. */
#define KEEP_SECONDS (WW_LINE_SESSION_SECONDS + 30)

enum state {
    NO_KEEPER,
    ASKED,   /* what is folded? */
    READING, /* that is known */
};

struct ww_fold {
    struct event_base *base;
    struct ww_stats *stats;
    struct ww_fold_handlers handlers;
    struct ww_journal *journal; /* NULL: not there yet */
    struct ww_chan *keeper;
    enum state state;
    bool heard;        /* a keeper, since the journal was opened */
    uint64_t position; /* the keeper's */
    uint64_t next;     /* the record that is read next */
    uint64_t told;     /* the highest that was read in this process: what it says was told of */
    uint64_t sent;     /* where the fold that is on its way ends; 0: none is */
    bool full;         /* no more is read before a fold has gone */
    bool short_of_memory;
    struct ww_tally *tally;
    struct ww_line_sessions *lines;
    struct ww_datagram *datagram;
    char *sessions;       /* room to encode some */
    char *fold;           /* the next one: behind its head items that the tally did not take */
    struct ww_buf items;  /* of it */
    struct event *work;   /* at once */
    struct event *due;    /* a fold */
    struct event *again;  /* asks */
    struct event *finish; /* it is time */
    void (*finished)(void *ctx);
    void *finished_ctx;
};

static struct timeval after(int64_t ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static void set(struct event *e, int64_t ms)
{
    const struct timeval tv = after(ms);
    if (!evtimer_pending(e, NULL))
        (void)evtimer_add(e, &tv);
}

static void encode_one(struct ww_fold *f, const struct ww_sessions *sessions)
{
    struct ww_buf b = ww_buf(f->sessions, SESSIONS_MAX);
    ww_msg_put_sessions(&b, sessions);
    if (!b.failed)
        ww_msg_put_part(&f->items, ww_slice(b.p, b.n));
    if (b.failed || f->items.failed)
        ww_log_error("result-lost", "for", sessions->domain, "detail", "it has no room in a message");
    f->items.failed = false;
}

/* More failures than an item has go into another one, which counts no sessions. */
static void encode(void *ctx, const struct ww_sessions *sessions)
{
    struct ww_sessions part = *sessions;
    size_t left = sessions->detail_count;
    do {
        part.detail_count = left < WW_SESSIONS_DETAILS_MAX ? left : WW_SESSIONS_DETAILS_MAX;
        left -= part.detail_count;
        encode_one(ctx, &part);
        if (left > 0)
            part.details += part.detail_count;
        part.success = part.unverified = part.failure = 0;
    } while (left > 0);
}

static void forget(void *ctx, const struct ww_sessions *sessions)
{
    (void)ctx, (void)sessions;
}

static void add(void *ctx, const struct ww_sessions *sessions)
{
    struct ww_fold *f = ctx;
    if (f->next >= f->told)
        f->handlers.read(f->handlers.ctx, sessions);
    if (ww_tally_add(f->tally, sessions) == WW_OK)
        return;
    encode(f, sessions);
    f->full = true;
}

/* What was folded before is not counted again, but a line may yet say more of the same session. */
static enum ww_err read_line(struct ww_fold *f, const struct ww_journal_record *r, size_t *offset)
{
    struct ww_tls_result event;
    enum ww_err err = ww_collector_read_line(r, &event, offset);
    if (err == WW_OK)
        f->short_of_memory = !ww_line_sessions_take(f->lines, &event, r->at < f->position, add, f);
    return err;
}

static enum ww_err read_datagram(struct ww_fold *f, const struct ww_journal_record *r, size_t *offset)
{
    if (r->at < f->position)
        return WW_OK;
    enum ww_err err = ww_collector_read_datagram(r, f->datagram, offset);
    for (size_t i = 0; err == WW_OK && i < f->datagram->count; i++)
        add(f, &f->datagram->sessions[i]);
    return err;
}

static void read_record(struct ww_fold *f, const struct ww_journal_record *r)
{
    size_t offset = 0;
    enum ww_err err = r->kind == WW_JOURNAL_LINE ? read_line(f, r, &offset) : read_datagram(f, r, &offset);
    if (f->short_of_memory)
        return;
    if (err != WW_OK && r->at >= f->told && r->at >= f->position)
        f->handlers.refused(f->handlers.ctx, r, err, offset);
    f->next = r->next;
    if (f->told < r->next)
        f->told = r->next;
}

static bool send_pieces(struct ww_fold *f, struct ww_slice fold)
{
    static char message[WW_MSG_PIECE_SIZE];
    struct ww_buf b = ww_buf(message, sizeof message);
    while (ww_pieces_cut(&fold, &b)) {
        if (ww_chan_send(f->keeper, WW_MSG_FOLD, ww_slice(b.p, b.n), -1) != WW_OK)
            return false;
        f->handlers.drain(f->handlers.ctx);
    }
    return true;
}

static void clear(struct ww_fold *f)
{
    ww_tally_take(f->tally, forget, f);
    f->items = ww_buf(f->fold + HEAD, WW_MSG_FOLD_MAX - HEAD);
    f->full = false;
    (void)event_del(f->due);
}

/* A keeper that cannot be told is gone: the next one is asked where to go on. */
static void send_fold(struct ww_fold *f)
{
    struct ww_msg_fold m = {.from = f->position, .to = f->next};
    if (f->state != READING || f->sent != 0 || f->next <= f->position)
        return;
    struct ww_buf head = ww_buf(f->fold, HEAD);
    memcpy(m.journal, ww_journal_id(f->journal), sizeof m.journal);
    ww_msg_put_fold(&head, &m);
    ww_tally_take(f->tally, encode, f);
    const struct ww_slice fold = ww_slice(f->fold, HEAD + f->items.n);
    clear(f);
    f->sent = m.to;
    if (send_pieces(f, fold))
        ww_stat_add(f->stats, WW_STAT_COLLECT_FOLDS, 1);
}

/* At once when it matters, else when it is due. */
static void send_or_wait(struct ww_fold *f)
{
    bool crowded = f->next - f->position > ww_journal_size(f->journal) / 8;
    if (f->next <= f->position)
        return;
    if (f->full || crowded || f->finished != NULL)
        send_fold(f);
    else
        set(f->due, WW_FOLD_EVERY_MS);
}

static void finish_if_done(struct ww_fold *f)
{
    struct ww_journal_record r;
    if (f->finished == NULL)
        return;
    bool nothing = f->state != READING ||
                   (f->sent == 0 && f->next <= f->position && !ww_journal_read(f->journal, f->next, &r));
    if (nothing)
        event_active(f->finish, EV_TIMEOUT, 0);
}

static void on_work(evutil_socket_t fd, short what, void *arg)
{
    struct ww_fold *f = arg;
    struct ww_journal_record r;
    (void)fd, (void)what;
    f->short_of_memory = false;
    for (unsigned i = 0; i < TURN && f->state == READING && !f->full; i++) {
        if (i % BETWEEN_LOOKS == 0)
            f->handlers.drain(f->handlers.ctx);
        if (!ww_journal_read(f->journal, f->next, &r))
            break;
        read_record(f, &r);
        if (f->short_of_memory)
            break;
    }
    if (f->state != READING)
        return;
    send_or_wait(f);
    if (f->short_of_memory)
        set(f->due, WW_FOLD_EVERY_MS);
    if (!f->full && !f->short_of_memory && ww_journal_read(f->journal, f->next, &r))
        set(f->work, 0);
    finish_if_done(f);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
    struct ww_fold *f = arg;
    (void)fd, (void)what;
    if (f->short_of_memory)
        set(f->work, 0);
    send_fold(f);
}

static void ask(struct ww_fold *f)
{
    struct ww_msg_fold_ask m;
    char bytes[64];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    if (f->keeper == NULL || f->journal == NULL)
        return;
    memcpy(m.journal, ww_journal_id(f->journal), sizeof m.journal);
    ww_msg_put_fold_ask(&b, &m);
    f->state = ASKED;
    f->sent = 0;
    (void)event_del(f->again);
    if (ww_chan_send(f->keeper, WW_MSG_FOLD_ASK, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "keeper");
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ask(arg);
}

static void ask_later(struct ww_fold *f)
{
    f->state = ASKED;
    f->sent = 0;
    set(f->again, ASK_AGAIN_SECONDS * 1000);
}

/* What is folded is released, but for lines of sessions that may not be over, if there is room for them. */
static void release(struct ww_fold *f)
{
    struct ww_journal_record r;
    uint64_t before = ww_journal_begin(f->journal);
    int64_t since = (int64_t)time(NULL) - KEEP_SECONDS;
    bool crowded = ww_journal_end(f->journal) - before > ww_journal_size(f->journal) / 2;
    while (before < f->position && ww_journal_read(f->journal, before, &r) &&
           (crowded || r.kind != WW_JOURNAL_LINE || r.time < since))
        before = r.next;
    ww_journal_release(f->journal, before);
    f->handlers.released(f->handlers.ctx);
}

/* From the oldest record that is kept on: those that are folded already say what lines there were. */
static bool read_anew(struct ww_fold *f)
{
    struct ww_line_sessions *lines = ww_line_sessions_new();
    if (lines == NULL)
        return false;
    ww_line_sessions_free(f->lines);
    f->lines = lines;
    clear(f);
    f->next = ww_journal_begin(f->journal);
    return true;
}

/*
 * Where the keeper stands. After a power loss it may know of more than the journal, which then begins a life
 * of its own, or less than was released: what is gone is gone, and the rest is folded.
 */
static void begin_at(struct ww_fold *f, const struct ww_msg_folded *m)
{
    f->position = m->known ? m->position : ww_journal_begin(f->journal);
    if (!ww_journal_resume(f->journal, f->position)) {
        ww_log_warning("journal-behind", "done", "its results are folded under a new name");
        ask_later(f);
        return;
    }
    if (!read_anew(f)) {
        ww_log_error("no-memory");
        ask_later(f);
        return;
    }
    f->state = READING;
    set(f->work, 0);
}

static void on_folded(struct ww_fold *f, const struct ww_msg_folded *m)
{
    if (f->state == ASKED) {
        begin_at(f, m);
        return;
    }
    if (f->sent == 0 || !m->known || m->position != f->sent) {
        ww_log_warning("fold-refused", "done", "the keeper is asked where to go on");
        ask_later(f);
        return;
    }
    f->position = f->sent;
    f->sent = 0;
    release(f);
    send_or_wait(f);
    set(f->work, 0);
    finish_if_done(f);
}

static void on_keeper(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_fold *f = ctx;
    struct ww_msg_folded m;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type != WW_MSG_FOLDED || ww_msg_get_folded(payload, &m) != WW_OK)
        ww_log_error("message-malformed", "from", "keeper");
    else if (f->state != NO_KEEPER && memcmp(m.journal, ww_journal_id(f->journal), sizeof m.journal) == 0)
        on_folded(f, &m);
}

static void on_keeper_down(void *ctx, struct ww_chan *chan)
{
    struct ww_fold *f = ctx;
    ww_chan_free(chan);
    f->keeper = NULL;
    f->state = NO_KEEPER;
    finish_if_done(f);
}

void ww_fold_keeper(struct ww_fold *f, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_keeper, .down = on_keeper_down};
    ww_chan_free(f->keeper);
    f->state = NO_KEEPER;
    f->keeper = ww_chan_new(f->base, fd, &handlers, f);
    if (f->keeper == NULL)
        ww_log_error("no-memory", "for", "channel to the keeper");
    ask(f);
}

void ww_fold_journal(struct ww_fold *f, struct ww_journal *journal)
{
    f->journal = journal;
    f->told = ww_journal_begin(journal);
    ask(f);
}

void ww_fold_more(struct ww_fold *f)
{
    if (f->state == READING && !f->full)
        set(f->work, 0);
}

int64_t ww_fold_lag(const struct ww_fold *f, int64_t now)
{
    struct ww_journal_record r;
    if (f->journal == NULL)
        return 0;
    uint64_t at = f->state == READING ? f->position : ww_journal_begin(f->journal);
    return ww_journal_read(f->journal, at, &r) && now > r.time ? now - r.time : 0;
}

static void on_finish(evutil_socket_t fd, short what, void *arg)
{
    struct ww_fold *f = arg;
    void (*done)(void *ctx) = f->finished;
    (void)fd, (void)what;
    f->finished = NULL;
    (void)event_del(f->finish);
    if (done != NULL)
        done(f->finished_ctx);
}

void ww_fold_finish(struct ww_fold *f, void (*done)(void *ctx), void *ctx)
{
    f->finished = done;
    f->finished_ctx = ctx;
    set(f->finish, FINISH_MS);
    set(f->work, 0);
    finish_if_done(f);
}

struct ww_fold *ww_fold_new(struct event_base *base, struct ww_stats *stats,
                            const struct ww_fold_handlers *handlers)
{
    struct ww_fold *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->base = base;
    f->stats = stats;
    f->handlers = *handlers;
    f->tally = ww_tally_new(TALLY_MAX);
    f->datagram = malloc(sizeof *f->datagram);
    f->sessions = malloc(SESSIONS_MAX);
    f->fold = malloc(WW_MSG_FOLD_MAX);
    f->work = evtimer_new(base, on_work, f);
    f->due = evtimer_new(base, on_due, f);
    f->again = evtimer_new(base, on_again, f);
    f->finish = evtimer_new(base, on_finish, f);
    if (f->tally != NULL && f->datagram != NULL && f->sessions != NULL && f->fold != NULL &&
        f->work != NULL && f->due != NULL && f->again != NULL && f->finish != NULL)
        return f;
    ww_fold_free(f);
    return NULL;
}

void ww_fold_free(struct ww_fold *f)
{
    if (f == NULL)
        return;
    struct event *const events[] = {f->work, f->due, f->again, f->finish};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (events[i] != NULL)
            event_free(events[i]);
    ww_chan_free(f->keeper);
    ww_tally_free(f->tally);
    ww_line_sessions_free(f->lines);
    free(f->datagram);
    free(f->sessions);
    free(f->fold);
    free(f);
}
