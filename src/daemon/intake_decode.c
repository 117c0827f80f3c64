/* What the decoder is given, and what it says of it. It may have been taken over by what it reads. */
#include "daemon/clock.h"
#include "daemon/intake_jobs_private.h"
#include "daemon/log.h"

#include <stdlib.h>
#include <unistd.h>

/* What comes in front of the octets, with all keys. */
#define FRAME_MAX ((size_t)WW_DKIM_SIGNATURES_MAX * (WW_DKIM_KEY_RECORD_MAX + WW_DNAME_SIZE + 16) + 64)

static struct intake_job *first_of(const struct ww_intake_jobs *jobs)
{
    return TAILQ_FIRST(&jobs->lists[INTAKE_DECODING]);
}

/* The time that it has begins anew, whenever another one becomes the first. */
static void listen_to_silence(struct ww_intake_jobs *jobs)
{
    unsigned ms = jobs->patience.silence_ms;
    const struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    (void)event_del(jobs->silence);
    if (first_of(jobs) != NULL)
        (void)event_add(jobs->silence, &wait);
}

static void blame(struct intake_job *job, const char *why)
{
    job->deaths++;
    bool given_up = job->deaths >= WW_INTAKE_DEATHS_MAX;
    ww_stat_add(job->jobs->stats, WW_STAT_DECODER_DEATHS, 1);
    ww_log_warning("decoder-lost", "detail", why, "channel", ww_channel_name(job->channel), "peer",
                   job->peer[0] != '\0' ? job->peer : NULL, "done",
                   given_up ? "the report is kept unread, in quarantine" : "the report is read once more");
    if (given_up && !job->over)
        ww_intake_job_move(job, INTAKE_TO_TAKE, false);
}

/* why: it has died of its first one, or was closed for it; NULL: another one takes its place. */
static void lose(struct ww_intake_jobs *jobs, const char *why)
{
    ww_chan_free(jobs->decoder.chan);
    jobs->decoder.chan = NULL;
    ww_pieces_begin(&jobs->pieces);
    if (why != NULL && first_of(jobs) != NULL)
        blame(first_of(jobs), why);
    ww_intake_take_back(jobs, INTAKE_DECODING, INTAKE_TO_DECODE);
    listen_to_silence(jobs);
    ww_intake_take_more(jobs);
}

static void refuse(struct ww_intake_jobs *jobs, const char *why)
{
    ww_log_error("message-malformed", "from", "decoder", "detail", why);
    lose(jobs, why);
}

void ww_intake_on_silence(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    lose(arg, "it has not answered in time");
}

/* ---- What it is given ---- */

static struct ww_slice write_decode(const struct intake_job *job, char *space, size_t size)
{
    struct ww_buf b = ww_buf(space, size);
    struct ww_msg_decode m = {
        .job = job->number,
        .stage = job->stage,
        .mail = job->mail,
        .now = job->came_at,
        .key_count = job->stage == WW_DECODE_WHOLE ? job->names.count : 0,
        .octets = ww_slice(job->octets, job->octets_n),
    };
    memcpy(m.keys, job->keys, sizeof m.keys);
    ww_msg_put_decode(&b, &m);
    return ww_slice(b.p, b.n);
}

/* False: not now. */
static bool give(struct intake_job *job)
{
    const size_t size = job->octets_n + FRAME_MAX;
    char *space = malloc(size);
    if (space == NULL)
        return false;
    bool sent = ww_intake_send(&job->jobs->decoder, WW_MSG_DECODE, write_decode(job, space, size));
    free(space);
    job->jobs->last_channel = job->channel;
    if (sent)
        ww_intake_job_move(job, INTAKE_DECODING, false);
    else
        lose(job->jobs, "it has died");
    return sent;
}

/* By turns: what floods one channel keeps nobody waiting who has come by another. */
static struct intake_job *next_to_decode(const struct ww_intake_jobs *jobs)
{
    struct intake_job *job;
    TAILQ_FOREACH(job, &jobs->lists[INTAKE_TO_DECODE], link)
    if (job->channel != jobs->last_channel)
        return job;
    return TAILQ_FIRST(&jobs->lists[INTAKE_TO_DECODE]);
}

void ww_intake_decode_more(struct ww_intake_jobs *jobs)
{
    struct intake_job *job;
    bool idle = first_of(jobs) == NULL;
    while ((job = next_to_decode(jobs)) != NULL &&
           ww_intake_has_place(&jobs->decoder, INTAKE_AT_DECODER, job->octets_n) &&
           jobs->decoded_octets < INTAKE_DECODED_OCTETS && give(job))
        continue;
    if (idle)
        listen_to_silence(jobs);
}

/* ---- Keys ---- */

/* Whether all are known, which are the job's own then. */
static bool take_keys(struct intake_job *job, int64_t now_ms)
{
    bool all = true;
    for (size_t i = 0; i < job->names.count; i++) {
        struct ww_dkim_found_key *key = &job->keys[i];
        char *record = job->records + i * WW_DKIM_KEY_RECORD_MAX;
        if (!ww_intake_keys_get(job->jobs->keys, job->names.names[i], now_ms, key)) {
            all = false;
            continue;
        }
        memcpy(record, key->record.p, key->record.n);
        key->record.p = record;
    }
    return all;
}

static void go_on_with_keys(struct intake_job *job, int64_t now_ms)
{
    if (job->records == NULL)
        job->records = malloc(sizeof(char[WW_DKIM_SIGNATURES_MAX][WW_DKIM_KEY_RECORD_MAX]));
    if (job->records == NULL) {
        ww_intake_job_fail(job, WW_E_NO_MEMORY, true);
    } else if (take_keys(job, now_ms)) {
        job->stage = WW_DECODE_WHOLE;
        ww_intake_job_move(job, INTAKE_TO_DECODE, false);
    }
}

void ww_intake_look_at_keys(struct ww_intake_jobs *jobs)
{
    struct intake_job *job = TAILQ_FIRST(&jobs->lists[INTAKE_KEYS]);
    int64_t now_ms = ww_clock_ms();
    while (job != NULL) {
        struct intake_job *next = TAILQ_NEXT(job, link);
        go_on_with_keys(job, now_ms);
        job = next;
    }
    ww_intake_decode_more(jobs);
}

/* ---- What it says ---- */

/* What the keeper would not believe is not given to it. */
static const char *judge(const struct ww_msg_decoded *m)
{
    enum ww_err err = WW_OK;
    bool unread = ww_deviations_error(&m->deviations) != NULL;
    if (unread ? m->content.n > 0 : m->report.n == 0)
        return "its answer contradicts itself";
    if (m->report.n == 0)
        return NULL;
    struct ww_received *report = ww_msg_get_received(m->report, &err);
    free(report);
    return err == WW_E_MSG_MALFORMED ? "its report is none" : NULL;
}

static void take_whole(struct intake_job *job, const struct ww_msg_decoded *m, struct ww_slice payload)
{
    job->decoded = malloc(payload.n);
    if (job->decoded == NULL) {
        ww_intake_job_fail(job, WW_E_NO_MEMORY, true);
        return;
    }
    memcpy(job->decoded, payload.p, payload.n);
    job->decoded_n = payload.n;
    job->jobs->decoded_octets += payload.n;
    if (ww_deviations_error(&m->deviations) == NULL)
        ww_intake_job_forget_octets(job);
    ww_intake_job_move(job, INTAKE_TO_TAKE, false);
    ww_intake_take_more(job->jobs);
}

static void take_answer(struct ww_intake_jobs *jobs, struct ww_slice payload)
{
    static struct ww_msg_decoded m;
    struct intake_job *job = first_of(jobs);
    const char *why = NULL;
    if (ww_msg_get_decoded(payload, &m) != WW_OK)
        why = "its answer cannot be read";
    else if (job == NULL || m.job != job->number || m.stage != job->stage)
        why = "its answer is to no question";
    else if (m.stage == WW_DECODE_WHOLE)
        why = judge(&m);
    if (why != NULL || job == NULL) {
        refuse(jobs, why);
        return;
    }
    if (job->over) {
        ww_intake_job_drop(job);
    } else if (m.stage == WW_DECODE_WHOLE) {
        take_whole(job, &m, payload);
    } else {
        job->names = m.names;
        ww_intake_job_move(job, INTAKE_KEYS, false);
        go_on_with_keys(job, ww_clock_ms());
    }
    listen_to_silence(jobs);
    ww_intake_decode_more(jobs);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_intake_jobs *jobs = ctx;
    struct ww_slice whole;
    if (fd >= 0)
        (void)close(fd);
    if (chan != jobs->decoder.chan)
        return;
    if (type != WW_MSG_DECODED) {
        refuse(jobs, "it says what it is not asked");
        return;
    }
    enum ww_pieces_state state = ww_pieces_take(&jobs->pieces, payload, &whole);
    if (state == WW_PIECES_BROKEN || jobs->pieces.lost) {
        refuse(jobs, "its answer is too long");
    } else if (state == WW_PIECES_WHOLE) {
        take_answer(jobs, whole);
        ww_pieces_begin(&jobs->pieces);
    }
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct ww_intake_jobs *jobs = ctx;
    if (chan == jobs->decoder.chan)
        lose(jobs, "it has died");
    else
        ww_chan_free(chan);
}

void ww_intake_open_decoder(struct ww_intake_jobs *jobs, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    lose(jobs, NULL);
    jobs->decoder.chan = ww_chan_new(jobs->base, fd, &handlers, jobs);
    if (jobs->decoder.chan == NULL)
        ww_log_error("no-memory", "for", "channel to the decoder");
    ww_intake_decode_more(jobs);
}
