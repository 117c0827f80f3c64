/* What goes to the keeper, which answers each when it is durable. */
#include "daemon/intake_jobs_private.h"
#include "daemon/log.h"

#include <stdlib.h>
#include <unistd.h>

/* What comes beside the octets. */
#define FRAME_MAX ((size_t)512)

/* To be given again is no harm: the store knows what it has. */
static void lose(struct ww_intake_jobs *jobs)
{
    ww_chan_free(jobs->keeper.chan);
    jobs->keeper.chan = NULL;
    ww_intake_take_back(jobs, INTAKE_TAKING, INTAKE_TO_TAKE);
}

static struct ww_slice write_take(const struct intake_job *job, char *space, size_t size)
{
    struct ww_buf b = ww_buf(space, size);
    struct ww_msg_take m = {
        .job = job->number,
        .channel = job->channel,
        .came_at = job->came_at,
        .mail = job->mail,
        .decoded = ww_slice(job->decoded, job->decoded_n),
        .octets = ww_slice(job->octets, job->octets_n),
    };
    memcpy(m.peer, job->peer, sizeof m.peer);
    ww_msg_put_take(&b, &m);
    return ww_slice(b.p, b.n);
}

/* False: not now. */
static bool give(struct intake_job *job)
{
    const size_t size = job->decoded_n + job->octets_n + FRAME_MAX;
    char *space = malloc(size);
    if (space == NULL)
        return false;
    bool sent = ww_intake_send(&job->jobs->keeper, WW_MSG_TAKE, write_take(job, space, size));
    free(space);
    if (sent)
        ww_intake_job_move(job, INTAKE_TAKING, false);
    else
        lose(job->jobs);
    return sent;
}

void ww_intake_take_more(struct ww_intake_jobs *jobs)
{
    struct intake_job *job;
    while ((job = TAILQ_FIRST(&jobs->lists[INTAKE_TO_TAKE])) != NULL &&
           ww_intake_has_place(&jobs->keeper, INTAKE_AT_KEEPER, job->decoded_n + job->octets_n) && give(job))
        continue;
}

static struct intake_job *find(struct ww_intake_jobs *jobs, uint64_t number)
{
    struct intake_job *job;
    TAILQ_FOREACH(job, &jobs->lists[INTAKE_TAKING], link)
    if (job->number == number)
        return job;
    return NULL;
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_intake_jobs *jobs = ctx;
    struct ww_msg_taken m;
    struct intake_job *job = NULL;
    if (fd >= 0)
        (void)close(fd);
    if (chan != jobs->keeper.chan)
        return;
    if (type == WW_MSG_TAKEN && ww_msg_get_taken(payload, &m) == WW_OK)
        job = find(jobs, m.job);
    if (job == NULL) {
        ww_log_error("message-malformed", "from", "keeper");
        return;
    }
    ww_intake_job_end(job, &m, true);
    ww_intake_take_more(jobs);
    ww_intake_decode_more(jobs);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct ww_intake_jobs *jobs = ctx;
    if (chan == jobs->keeper.chan)
        lose(jobs);
    else
        ww_chan_free(chan);
}

void ww_intake_open_keeper(struct ww_intake_jobs *jobs, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    lose(jobs);
    jobs->keeper.chan = ww_chan_new(jobs->base, fd, &handlers, jobs);
    if (jobs->keeper.chan == NULL)
        ww_log_error("no-memory", "for", "channel to the keeper");
    ww_intake_take_more(jobs);
}
