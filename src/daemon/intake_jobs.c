#include "core/words.h"
#include "daemon/intake_jobs_private.h"
#include "daemon/log.h"
#include "proc/msg_watch.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const struct timeval *span(unsigned ms, struct timeval *space)
{
    *space = (struct timeval){.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    return space;
}

/* ---- One submission ---- */

static bool is_with_a_peer(const struct intake_job *job)
{
    return job->place == INTAKE_DECODING || job->place == INTAKE_TAKING;
}

static struct intake_peer *peer_that_has(struct intake_job *job)
{
    return job->place == INTAKE_DECODING ? &job->jobs->decoder : &job->jobs->keeper;
}

static void take_out(struct intake_job *job)
{
    TAILQ_REMOVE(&job->jobs->lists[job->place], job, link);
    if (!is_with_a_peer(job))
        return;
    struct intake_peer *peer = peer_that_has(job);
    peer->count--;
    peer->octets -= job->weight;
}

static void put_in(struct intake_job *job, enum intake_place place, bool first)
{
    job->place = place;
    if (first)
        TAILQ_INSERT_HEAD(&job->jobs->lists[place], job, link);
    else
        TAILQ_INSERT_TAIL(&job->jobs->lists[place], job, link);
    if (!is_with_a_peer(job))
        return;
    struct intake_peer *peer = peer_that_has(job);
    job->weight = job->octets_n + job->decoded_n;
    peer->count++;
    peer->octets += job->weight;
}

void ww_intake_job_move(struct intake_job *job, enum intake_place place, bool first)
{
    take_out(job);
    put_in(job, place, first);
}

void ww_intake_job_forget_octets(struct intake_job *job)
{
    job->jobs->octets -= job->octets_n;
    free(job->octets);
    job->octets = NULL;
    job->octets_n = 0;
}

static void release(struct intake_job *job)
{
    job->jobs->decoded_octets -= job->decoded_n;
    job->jobs->count--;
    ww_intake_job_forget_octets(job);
    if (job->deadline != NULL)
        event_free(job->deadline);
    free(job->decoded);
    free(job->records);
    free(job);
}

void ww_intake_job_drop(struct intake_job *job)
{
    take_out(job);
    release(job);
}

static void log_end(const struct intake_job *job, const struct ww_msg_taken *taken)
{
    const char *channel = ww_channel_name(job->channel);
    const char *peer = job->peer[0] != '\0' ? job->peer : NULL;
    if (taken->err != WW_OK)
        ww_log_warning("report-not-taken", "channel", channel, "detail", ww_err_message(taken->err), "peer",
                       peer, "done", "whoever has handed it in is told to try again");
    else
        ww_log_debug("report-taken", "channel", channel, "outcome", ww_taken_name(taken->taken), "peer",
                     peer);
}

void ww_intake_job_end(struct intake_job *job, const struct ww_msg_taken *taken, bool out_of_hands)
{
    const struct ww_msg_taken copy = *taken;
    ww_intake_done *done = job->done;
    void *ctx = job->ctx;
    if (!job->over) {
        unsigned outcome = copy.err != WW_OK ? WW_STAT_SUBMISSION_LATER : copy.taken;
        ww_stat_add(job->jobs->stats, ww_stat_submission(job->channel, outcome), 1);
        log_end(job, &copy);
        (void)event_del(job->deadline);
    }
    job->over = true;
    job->done = NULL;
    if (out_of_hands || !is_with_a_peer(job))
        ww_intake_job_drop(job);
    if (done != NULL)
        done(ctx, &copy);
}

void ww_intake_job_fail(struct intake_job *job, enum ww_err err, bool out_of_hands)
{
    const struct ww_msg_taken taken = {.job = job->number, .err = err};
    ww_intake_job_end(job, &taken, out_of_hands);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct intake_job *job = arg;
    struct ww_intake_jobs *jobs = job->jobs;
    (void)fd, (void)what;
    ww_intake_job_fail(job, WW_E_INTAKE_DEADLINE, false);
    ww_intake_take_more(jobs);
    ww_intake_decode_more(jobs);
}

/* ---- Peers ---- */

bool ww_intake_has_place(const struct intake_peer *peer, size_t count_max, size_t octets)
{
    return peer->chan != NULL &&
           (peer->count == 0 || (peer->count < count_max && octets <= INTAKE_AT_PEER_OCTETS &&
                                 peer->octets <= INTAKE_AT_PEER_OCTETS - octets));
}

bool ww_intake_send(struct intake_peer *peer, enum ww_msg_type type, struct ww_slice payload)
{
    static char space[WW_MSG_PIECE_SIZE];
    struct ww_buf b = ww_buf(space, sizeof space);
    while (ww_pieces_cut(&payload, &b))
        if (ww_chan_send(peer->chan, (uint16_t)type, ww_slice(b.p, b.n), -1) != WW_OK)
            return false;
    return true;
}

void ww_intake_take_back(struct ww_intake_jobs *jobs, enum intake_place from, enum intake_place to)
{
    struct intake_job *job;
    while ((job = TAILQ_LAST(&jobs->lists[from], intake_list)) != NULL) {
        if (job->over)
            ww_intake_job_drop(job);
        else
            ww_intake_job_move(job, to, true);
    }
}

void ww_intake_jobs_peer(struct ww_intake_jobs *jobs, enum ww_role_kind kind, int fd)
{
    if (kind == WW_ROLE_DECODER)
        ww_intake_open_decoder(jobs, fd);
    else if (kind == WW_ROLE_KEEPER)
        ww_intake_open_keeper(jobs, fd);
    else
        (void)close(fd);
}

/* ---- All of them ---- */

static void on_key_known(void *ctx)
{
    ww_intake_look_at_keys(ctx);
}

struct ww_intake_jobs *ww_intake_jobs_new(struct event_base *base, const struct ww_config *config,
                                          struct ww_dns *dns, struct ww_stats *stats)
{
    struct ww_intake_jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs == NULL)
        return NULL;
    jobs->base = base;
    jobs->config = config;
    jobs->stats = stats;
    jobs->patience = (struct ww_intake_patience){WW_INTAKE_DEADLINE_MS, WW_INTAKE_SILENCE_MS};
    for (unsigned i = 0; i < INTAKE_PLACES; i++)
        TAILQ_INIT(&jobs->lists[i]);
    jobs->keys = ww_intake_keys_new(dns, stats, on_key_known, jobs);
    jobs->silence = evtimer_new(base, ww_intake_on_silence, jobs);
    if (jobs->keys != NULL && jobs->silence != NULL && ww_pieces_init(&jobs->pieces, WW_MSG_DECODED_MAX))
        return jobs;
    ww_intake_jobs_free(jobs);
    return NULL;
}

void ww_intake_jobs_free(struct ww_intake_jobs *jobs)
{
    if (jobs == NULL)
        return;
    for (unsigned i = 0; i < INTAKE_PLACES; i++)
        while (!TAILQ_EMPTY(&jobs->lists[i]))
            ww_intake_job_drop(TAILQ_FIRST(&jobs->lists[i]));
    ww_chan_free(jobs->decoder.chan);
    ww_chan_free(jobs->keeper.chan);
    ww_intake_keys_free(jobs->keys);
    ww_pieces_clear(&jobs->pieces);
    if (jobs->silence != NULL)
        event_free(jobs->silence);
    free(jobs);
}

void ww_intake_jobs_set_patience(struct ww_intake_jobs *jobs, const struct ww_intake_patience *patience)
{
    jobs->patience = *patience;
}

void ww_intake_jobs_dns_tested(struct ww_intake_jobs *jobs)
{
    ww_intake_keys_begin(jobs->keys);
}

void ww_intake_jobs_stop(struct ww_intake_jobs *jobs)
{
    jobs->stopping = true;
    for (unsigned i = 0; i < INTAKE_PLACES; i++) {
        struct intake_job *job = TAILQ_FIRST(&jobs->lists[i]);
        while (job != NULL) {
            struct intake_job *next = TAILQ_NEXT(job, link);
            ww_intake_job_fail(job, WW_E_INTAKE_STOPS, false);
            job = next;
        }
    }
}

bool ww_intake_jobs_has_room(const struct ww_intake_jobs *jobs, size_t octets)
{
    return jobs->count < WW_INTAKE_JOBS_MAX && octets <= WW_INTAKE_OCTETS_MAX - jobs->octets;
}

size_t ww_intake_jobs_count(const struct ww_intake_jobs *jobs)
{
    return jobs->count;
}

size_t ww_intake_jobs_octets(const struct ww_intake_jobs *jobs)
{
    return jobs->octets;
}

/* NULL: memory is short. */
static struct intake_job *make(struct ww_intake_jobs *jobs, const struct ww_intake_submission *s)
{
    struct intake_job *job = calloc(1, sizeof *job);
    struct timeval deadline;
    if (job == NULL)
        return NULL;
    job->jobs = jobs;
    job->number = ++jobs->last;
    job->mail = s->mail;
    job->stage = s->mail ? WW_DECODE_NAMES : WW_DECODE_WHOLE;
    job->channel = s->channel;
    job->came_at = (int64_t)time(NULL);
    struct ww_buf b = ww_buf(job->peer, sizeof job->peer - 1);
    ww_words_put_cut(&b, ww_slice_str(s->peer));
    job->octets = malloc(s->octets.n + 1);
    job->deadline = evtimer_new(jobs->base, on_deadline, job);
    jobs->count++;
    if (job->octets == NULL || job->deadline == NULL ||
        event_add(job->deadline, span(jobs->patience.deadline_ms, &deadline)) != 0) {
        release(job);
        return NULL;
    }
    if (s->octets.n > 0)
        memcpy(job->octets, s->octets.p, s->octets.n);
    job->octets_n = s->octets.n;
    jobs->octets += s->octets.n;
    put_in(job, INTAKE_TO_DECODE, false);
    return job;
}

uint64_t ww_intake_jobs_begin(struct ww_intake_jobs *jobs, const struct ww_intake_submission *submission,
                              ww_intake_done *done, void *ctx, enum ww_err *err)
{
    struct intake_job *job = NULL;
    *err = jobs->stopping                                         ? WW_E_INTAKE_STOPS
           : jobs->keeper.chan == NULL                            ? WW_E_INTAKE_NO_KEEPER
           : !ww_intake_jobs_has_room(jobs, submission->octets.n) ? WW_E_INTAKE_FULL
           : submission->octets.n > jobs->config->intake_max_size ? WW_E_TOO_LONG
                                                                  : WW_OK;
    if (*err == WW_OK) {
        job = make(jobs, submission);
        *err = job == NULL ? WW_E_NO_MEMORY : WW_OK;
    }
    if (job == NULL) {
        ww_stat_add(jobs->stats, ww_stat_submission(submission->channel, WW_STAT_SUBMISSION_LATER), 1);
        return 0;
    }
    uint64_t number = job->number;
    job->done = done;
    job->ctx = ctx;
    ww_intake_decode_more(jobs);
    return number;
}

void ww_intake_jobs_forget(struct ww_intake_jobs *jobs, uint64_t number)
{
    struct intake_job *job;
    for (unsigned i = 0; i < INTAKE_PLACES; i++)
        TAILQ_FOREACH(job, &jobs->lists[i], link)
    if (job->number == number)
        job->done = NULL;
}
