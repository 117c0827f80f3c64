/*
 * What the parts of intake_jobs.h share. A submission goes from list to list: it waits for the decoder, is
 * with it, waits for its keys, for the decoder again, for the keeper, is with that, and has ended.
 */
#ifndef WW_DAEMON_INTAKE_JOBS_PRIVATE_H
#define WW_DAEMON_INTAKE_JOBS_PRIVATE_H

#include "daemon/intake_jobs.h"
#include "daemon/intake_keys.h"
#include "daemon/pieces.h"
#include "proc/chan.h"

#include <event2/event.h>
#include <sys/queue.h>

/* With the decoder, or with the keeper, are so many at a time, of so many octets unless it is one alone: what
 * waits in a channel's queue stays far below its cap, and a death costs little. */
#define INTAKE_AT_DECODER 8
#define INTAKE_AT_KEEPER 32
#define INTAKE_AT_PEER_OCTETS ((size_t)16 << 20)
/* While more octets than that have come from the decoder and wait for the keeper, it gets nothing new. */
#define INTAKE_DECODED_OCTETS ((size_t)32 << 20)

enum intake_place {
    INTAKE_TO_DECODE,
    INTAKE_DECODING, /* in the order in which it is answered */
    INTAKE_KEYS,
    INTAKE_TO_TAKE,
    INTAKE_TAKING,
    INTAKE_PLACES,
};

struct intake_job {
    TAILQ_ENTRY(intake_job) link;
    struct ww_intake_jobs *jobs;
    enum intake_place place;
    uint64_t number;
    bool mail;
    enum ww_channel channel;
    int64_t came_at;
    char peer[sizeof((struct ww_msg_take *)NULL)->peer];
    char *octets; /* NULL where a report was read */
    size_t octets_n;
    enum ww_decode_stage stage;
    struct ww_dkim_key_names names;
    struct ww_dkim_found_key keys[WW_DKIM_SIGNATURES_MAX];
    char *records; /* of the keys */
    char *decoded; /* payload of its WW_MSG_DECODED; NULL: the decoder has died of it each time */
    size_t decoded_n;
    size_t weight; /* octets, at the peer that has it */
    unsigned deaths;
    struct event *deadline;
    ww_intake_done *done; /* NULL: nobody waits */
    void *ctx;
    bool over; /* it was answered, but somebody has it still */
};

TAILQ_HEAD(intake_list, intake_job);

struct intake_peer {
    struct ww_chan *chan; /* NULL: there is none */
    size_t count;         /* with it */
    size_t octets;
};

struct ww_intake_jobs {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_stats *stats;
    struct ww_intake_keys *keys;
    struct ww_intake_patience patience;
    struct intake_list lists[INTAKE_PLACES];
    struct intake_peer decoder, keeper;
    struct event *silence;   /* the decoder has been at its first one for too long */
    struct ww_pieces pieces; /* of what the decoder says */
    uint64_t last;
    enum ww_channel last_channel; /* of what the decoder was given last */
    bool stopping;
    size_t count;
    size_t octets;         /* of submissions */
    size_t decoded_octets; /* of what the decoder has made of them */
};

/* Moves it to the end of a list, or to its beginning. */
void ww_intake_job_move(struct intake_job *job, enum intake_place place, bool first);
/*
 * Answers it. It is gone then, unless a peer has it: then it is when that is done with it (out_of_hands).
 * Whoever waits for it may begin others, and forget some, from inside of the call.
 */
void ww_intake_job_end(struct intake_job *job, const struct ww_msg_taken *taken, bool out_of_hands);
/* The same: it may be tried again. */
void ww_intake_job_fail(struct intake_job *job, enum ww_err err, bool out_of_hands);
/* Frees one that is over. */
void ww_intake_job_drop(struct intake_job *job);
void ww_intake_job_forget_octets(struct intake_job *job);

/* Gives a message in pieces. False: the peer is gone. */
bool ww_intake_send(struct intake_peer *peer, enum ww_msg_type type, struct ww_slice payload);
/* Whether another one of so many octets goes to that peer now. */
bool ww_intake_has_place(const struct intake_peer *peer, size_t count_max, size_t octets);
/* What a peer that is lost has had is to be given again, in its order; what is over goes. */
void ww_intake_take_back(struct ww_intake_jobs *jobs, enum intake_place from, enum intake_place to);

/* The decoder: intake_decode.c. */
void ww_intake_open_decoder(struct ww_intake_jobs *jobs, int fd);
void ww_intake_decode_more(struct ww_intake_jobs *jobs);
/* Those whose keys are known go on. */
void ww_intake_look_at_keys(struct ww_intake_jobs *jobs);
/* The decoder has been at its first one for too long: an event's callback. */
void ww_intake_on_silence(evutil_socket_t fd, short what, void *arg);

/* The keeper: intake_take.c. */
void ww_intake_open_keeper(struct ww_intake_jobs *jobs, int fd);
void ww_intake_take_more(struct ww_intake_jobs *jobs);

#endif
