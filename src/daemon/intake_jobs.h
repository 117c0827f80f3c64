/*
 * What was handed in on its way through the decoder and the keeper, whatever it came by. Submissions are
 * bounded in number and octets; each ends by a deadline, with an answer in any case.
 */
#ifndef WW_DAEMON_INTAKE_JOBS_H
#define WW_DAEMON_INTAKE_JOBS_H

#include "daemon/config.h"
#include "net/dns.h"
#include "proc/msg_intake.h"
#include "proc/stats.h"

struct event_base;

/* Under way at a time; and their octets. */
#define WW_INTAKE_JOBS_MAX 256
#define WW_INTAKE_OCTETS_MAX ((size_t)48 << 20)
/* From the last octet of a submission to its answer. */
#define WW_INTAKE_DEADLINE_MS 60000
/* A decoder that has said nothing for so long is not waited for. */
#define WW_INTAKE_SILENCE_MS 25000
/* A submission of which the decoder has died so often is kept as it is. */
#define WW_INTAKE_DEATHS_MAX 2

struct ww_intake_jobs;

/* err: not WW_OK: it was not taken, try again; else as in ww_msg_taken. Borrowed during the call. */
typedef void ww_intake_done(void *ctx, const struct ww_msg_taken *taken);

struct ww_intake_submission {
    bool mail; /* else the report itself, as JSON or gzip */
    enum ww_channel channel;
    const char *peer;       /* as in ww_msg_take */
    struct ww_slice octets; /* copied */
};

/* All is borrowed. NULL when memory is short. */
struct ww_intake_jobs *ww_intake_jobs_new(struct event_base *base, const struct ww_config *config,
                                          struct ww_dns *dns, struct ww_stats *stats);
/* Nobody hears of what is under way. */
void ww_intake_jobs_free(struct ww_intake_jobs *jobs);

/* Other times than those above, for what begins from now on. */
struct ww_intake_patience {
    unsigned deadline_ms, silence_ms;
};
void ww_intake_jobs_set_patience(struct ww_intake_jobs *jobs, const struct ww_intake_patience *patience);

/* DNS was tested, so that keys can be looked up; mails wait for that. */
void ww_intake_jobs_dns_tested(struct ww_intake_jobs *jobs);

/* Ends all with a failure to be tried again; ww_intake_jobs_begin takes nothing any more. */
void ww_intake_jobs_stop(struct ww_intake_jobs *jobs);

/* A (new) channel to the decoder, or to the keeper. Owns fd. */
void ww_intake_jobs_peer(struct ww_intake_jobs *jobs, enum ww_role_kind kind, int fd);

/*
 * Takes one over. done is called once, never before this has returned, unless it is cancelled. 0: there is no
 * room, or no keeper for now: try again later (*err says which).
 */
uint64_t ww_intake_jobs_begin(struct ww_intake_jobs *jobs, const struct ww_intake_submission *submission,
                              ww_intake_done *done, void *ctx, enum ww_err *err);
/* Its answer is not wanted any more; it goes on. */
void ww_intake_jobs_forget(struct ww_intake_jobs *jobs, uint64_t number);

/* Whether there is room for another one of so many octets. */
bool ww_intake_jobs_has_room(const struct ww_intake_jobs *jobs, size_t octets);
size_t ww_intake_jobs_count(const struct ww_intake_jobs *jobs);
size_t ww_intake_jobs_octets(const struct ww_intake_jobs *jobs);

#endif
