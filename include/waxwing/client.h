/*
 * Asking a running waxwingd, over one of the sockets that it listens on (waxwing.conf(5), `listen`).
 *
 * What waxwingd cannot say, because it is down, hangs or talks nonsense, is decided by what it has last said
 * of the domain, as long as that counts, and else as the caller has told the client: a failure never makes a
 * decision weaker. So there is a decision in any case, and an error beside it says what went wrong.
 */
#ifndef WAXWING_CLIENT_H
#define WAXWING_CLIENT_H

#include <waxwing/decision.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What to do where waxwingd does not answer and nothing is remembered. The most careful: _HOLD. */
enum waxwing_fallback {
    WAXWING_FALLBACK_HOLD = 0, /* WAXWING_LEVEL_HOLD: the mail waits */
    WAXWING_FALLBACK_NONE = 1  /* WAXWING_LEVEL_NONE: go on as if nothing were known */
};

/* For `remember`: nothing. */
#define WAXWING_REMEMBER_NOTHING ((size_t)-1)

/* Zero means the default. */
struct waxwing_client_options {
    size_t size;          /* sizeof(struct waxwing_client_options) */
    const char *address;  /* "unix:/path", "inet:127.0.0.1:8461" (the default) or "inet:[::1]:8461" */
    unsigned deadline_ms; /* for one question, connecting included: 7000. waxwingd waits for DNS and HTTPS up
                             to its own answer_deadline (5 s by default) where nothing is known yet */
    enum waxwing_fallback fallback;
    size_t remember; /* answers that are kept: 1000, of some hundred octets each */
};

struct waxwing_client;

/*
 * NULL when all is well; free *client with waxwing_client_free; it is NULL on an error. Options NULL: the
 * defaults. Nothing is connected to yet. One connection is kept open between questions; a child process after
 * fork must make a client of its own.
 */
WAXWING_API const struct waxwing_error *waxwing_client_new(const struct waxwing_client_options *options,
                                                           struct waxwing_client **client);

/* Not before all its questions have ended. */
WAXWING_API void waxwing_client_free(struct waxwing_client *client);

/*
 * Asks, and waits for the answer until the deadline. NULL: waxwingd has answered. Otherwise what went wrong,
 * and *decision is what counts all the same (WAXWING_SOURCE_REMEMBERED or _FALLBACK). Free it with
 * waxwing_decision_free. It is NULL with the errors "no-memory" and "argument" alone: hold the mail then.
 *
 * The domain is what stands behind the @, in A-labels or UTF-8. Of an address literal, which no policy can be
 * for, nothing is demanded.
 */
WAXWING_API const struct waxwing_error *waxwing_client_ask(struct waxwing_client *client, const char *domain,
                                                           struct waxwing_decision **decision);

/* A question that is under way. */
struct waxwing_query;

/*
 * The same without waiting, for programs with a loop of their own:
 *
 *     waxwing_query_start(client, domain, &query);
 *     while (!waxwing_query_step(query))
 *         poll waxwing_query_fd(query) for waxwing_query_events(query), waxwing_query_timeout(query) at most;
 *     waxwing_query_result(query, &decision);
 *
 * NULL when all is well; *query is NULL on an error ("no-memory", "argument"). Several may be under way at
 * once, each with a connection of its own.
 */
WAXWING_API const struct waxwing_error *waxwing_query_start(struct waxwing_client *client, const char *domain,
                                                            struct waxwing_query **query);

/*
 * What to wait for: the descriptor, which may be another one after each step, or -1 for none; POLLIN or
 * POLLOUT of poll(2), or 0 for none; and so many milliseconds at most.
 */
WAXWING_API int waxwing_query_fd(const struct waxwing_query *query);
WAXWING_API short waxwing_query_events(const struct waxwing_query *query);
WAXWING_API int waxwing_query_timeout(const struct waxwing_query *query);

/* Goes on, without ever waiting. True when it has ended. To call it too often does no harm. */
WAXWING_API int waxwing_query_step(struct waxwing_query *query);

/* What waxwing_client_ask gives. The query is gone then; one that has not ended is given up, as at its
 * deadline. */
WAXWING_API const struct waxwing_error *waxwing_query_result(struct waxwing_query *query,
                                                             struct waxwing_decision **decision);

/* Ends it without an answer. NULL does nothing. */
WAXWING_API void waxwing_query_cancel(struct waxwing_query *query);

#ifdef __cplusplus
}
#endif

#endif
