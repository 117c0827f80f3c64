/*
 * SMTP sessions with MX hosts as a sender has them, to see whether they are what MTA-STS wants: one with each
 * host, which all who ask for that host share. No mail is sent, and one host is talked to at a time by one
 * session, over the first of its addresses that answers.
 */
#ifndef WW_CHECK_MX_SESSIONS_H
#define WW_CHECK_MX_SESSIONS_H

#include "check/env.h"
#include "core/dname.h"
#include "core/rule.h"
#include "core/sessions.h"

#include <sys/queue.h>

/* Hosts that are kept; of more, the oldest are forgotten. */
#define WW_MX_SESSIONS_MAX 1024

#define WW_MX_SESSION_REASON_SIZE (WW_SESSIONS_TEXT_MAX + 1)
#define WW_MX_SESSION_HELO_SIZE 160

struct ww_mx_session {
    bool reached;                           /* the host has answered EHLO; else nothing else has a meaning */
    int64_t at;                             /* Unix seconds of its end */
    enum ww_rule rule;                      /* what MTA-STS finds (ww_judge_sts_host) */
    char reason[WW_MX_SESSION_REASON_SIZE]; /* where that is a fault: printable ASCII */
    char ip[WW_ADDR_TEXT_SIZE];             /* of the host, */
    char from[WW_ADDR_TEXT_SIZE];           /* and ours */
    char helo[WW_MX_SESSION_HELO_SIZE];
};

struct ww_mx_sessions;
struct ww_mx_sessions_host;

/* Borrowed during the callback. */
typedef void ww_mx_session_cb(void *ctx, const struct ww_mx_session *session);

/* Somebody who waits. Lives where the caller likes; zero: it waits for nobody. */
struct ww_mx_session_waiter {
    TAILQ_ENTRY(ww_mx_session_waiter) entry;
    struct ww_mx_sessions_host *host;
    ww_mx_session_cb *cb;
    void *ctx;
};

/* env is borrowed. Sessions count for keep_seconds. NULL when memory is short. */
struct ww_mx_sessions *ww_mx_sessions_new(const struct ww_check_env *env, int64_t keep_seconds);
/* Nobody may be waiting. */
void ww_mx_sessions_free(struct ww_mx_sessions *sessions);

void ww_mx_sessions_keep(struct ww_mx_sessions *sessions, int64_t keep_seconds);

/*
 * Asks for a session with a host. What is known already is given back, borrowed until the loop goes on.
 * NULL: cb will be called; or, where waiter->host is NULL, memory is short.
 */
const struct ww_mx_session *ww_mx_sessions_ask(struct ww_mx_sessions *sessions, const char *host,
                                               struct ww_mx_session_waiter *waiter, ww_mx_session_cb *cb,
                                               void *ctx);

/* Waits no more. A session that nobody waits for any more is broken off. */
void ww_mx_sessions_leave(struct ww_mx_session_waiter *waiter);

#endif
