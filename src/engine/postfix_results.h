/*
 * Joins what smtp(8) processes say in Postfix's log to events, one for each session that has shown something
 * about TLS. A process does one thing after the other, so that its lines belong together; an event is told
 * when the fate of a recipient names the domain.
 *
 *  - Further recipients of a session, and deliveries over a connection that is reused, make no event.
 *  - Each address that was tried is a session: two of them may fail before a third takes the mail.
 *  - A session in clear is "starttls-not-supported", but only after a line about TLS was seen: else the log
 * is without them, and silence means nothing.
 *  - Of sessions to this machine, or to another port than 25, nothing is told: those are filters and relays.
 *
 * What a session was demanded to show the log does not say: `policy` is known where the words imply it,
 * `mode` never.
 */
#ifndef WW_ENGINE_POSTFIX_RESULTS_H
#define WW_ENGINE_POSTFIX_RESULTS_H

#include "core/postfix_log.h"

/* So many processes are remembered; then the one that has been silent for the longest time is forgotten. */
#define WW_POSTFIX_PROCESSES_MAX 1024

/* So many sessions of one delivery wait for its fate; Postfix tries five addresses by default. */
#define WW_POSTFIX_WAITING_MAX 8

/* A process that has begun something is forgotten after this silence, others much sooner (seconds). */
#define WW_POSTFIX_SILENCE 10800
#define WW_POSTFIX_IDLE 300

/* What one process is at. Texts are NUL-terminated; those that do not fit are cut. */
struct ww_postfix_process {
    char host[64]; /* with tag and pid its name */
    char tag[64];
    uint32_t pid;
    int64_t seen; /* when it has said something last */
    bool open;    /* a session is there that was not told of; the next five describe it */
    bool shaken;  /* its handshake has failed */
    enum ww_tls_seen tls;
    char mx[WW_DNAME_SIZE];
    char ip[WW_ADDR_TEXT_SIZE];
    char why[200];       /* what is wrong with its certificate, or its handshake; "" */
    char told_queue[32]; /* the session that was told of last: its message, */
    char told_ip[WW_ADDR_TEXT_SIZE];
    size_t waits;
    struct ww_tls_result waiting[WW_POSTFIX_WAITING_MAX]; /* whole but for domain and session */
};

/* One line of the log. */
struct ww_postfix_heard {
    int64_t time; /* Unix seconds */
    struct ww_slice host;
    struct ww_slice tag;
    uint32_t pid;
    const struct ww_postfix_says *says;
};

struct ww_postfix_results;

/* NULL when memory is short. */
struct ww_postfix_results *ww_postfix_results_new(void);
void ww_postfix_results_free(struct ww_postfix_results *results);

/* An event; borrowed for the call. */
typedef void ww_postfix_tell(void *ctx, const struct ww_tls_result *event);

/* Takes the next line. False when memory is short: the line is lost then. */
bool ww_postfix_results_take(struct ww_postfix_results *results, const struct ww_postfix_heard *heard,
                             ww_postfix_tell *tell, void *ctx);

/* True when a line about TLS was seen. To be kept and set where one goes on later. */
bool ww_postfix_results_has_tls(const struct ww_postfix_results *results);
void ww_postfix_results_set_tls(struct ww_postfix_results *results);

/* What is remembered, to be kept elsewhere and added again: i counts from 0; NULL after the last. */
const struct ww_postfix_process *ww_postfix_results_at(const struct ww_postfix_results *results, size_t i);
bool ww_postfix_results_add(struct ww_postfix_results *results, const struct ww_postfix_process *process);

#endif
