/* What the files of keeper_results.h share. Time is passed in: seconds of the clock, unless said otherwise.
 */
#ifndef WW_DAEMON_KEEPER_RESULTS_PRIVATE_H
#define WW_DAEMON_KEEPER_RESULTS_PRIVATE_H

#include "daemon/keeper_results.h"
#include "daemon/pieces.h"
#include "proc/chan.h"
#include "store/store_results.h"

/* Results of older days than these before today are not taken: nobody wants a report on them. */
#define WW_RESULTS_DAYS_BACK 31
/* A clock that was set forward is believed after so long, unless it is set back. Seconds. */
#define WW_RESULTS_CLOCK_HOLD 600
/* After so long without a leap it is right: days that are ahead of it never were. Seconds. */
#define WW_RESULTS_CLOCK_RIGHT 3600

/* Whether the clock leaps, by another that cannot. All zero is its start. */
struct ww_results_clock {
    bool begun;
    bool forward; /* the last leap was */
    int64_t wall, steady;
    int64_t since; /* of the steady one: the last leap, or the start */
};
/* steady: seconds since some moment that no setting of the clock changes. True: it has leapt ahead. */
bool ww_results_clock_take(struct ww_results_clock *clock, int64_t wall, int64_t steady);
/* Days that have ended by it may be closed. */
bool ww_results_clock_may_close(const struct ww_results_clock *clock);
bool ww_results_clock_is_right(const struct ww_results_clock *clock);

/* The last day that is over at now, and all of whose results are folded. */
int64_t ww_results_last_over(int64_t now);

/* The policy of a domain, as reports have it. */
struct ww_known_policy {
    bool found;
    enum ww_policy_mode mode;
    char id[WW_STS_ID_MAX + 1];
    size_t strings_n, mx_hosts_n;
    char strings[WW_SESSIONS_STRINGS_MAX];
    char mx_hosts[WW_SESSIONS_MX_HOSTS_MAX];
};
/* The one that the store has, unless it had expired at that time. */
WW_MUST_CHECK enum ww_err ww_known_policy_get(struct ww_store *store, const char *domain, int64_t at,
                                              struct ww_known_policy *out);
/*
 * Fills in of the sessions what the MTA did not know. known is what ww_known_policy_get gave, and may be
 * overwritten; the sessions borrow from it.
 */
WW_MUST_CHECK enum ww_err ww_known_policy_resolve(struct ww_store *store, struct ww_known_policy *known,
                                                  struct ww_sessions *s);

/* What a fold has come to. */
struct ww_results_folded {
    uint64_t sessions;
    uint64_t unlisted; /* of these: of a domain too many */
    uint64_t refused;  /* items: malformed, absurd, or too old */
    bool late;         /* some are of a day that is over */
};
struct ww_results_folding {
    struct ww_store *store;
    const struct ww_config *config;
    struct ww_msg_sessions item;
    struct ww_known_policy known;
};
/*
 * Folds, in one transaction, what begins at the position that is known, or anything of a journal that is not.
 * *answer is what the collector is told. On an error nothing has happened.
 */
WW_MUST_CHECK enum ww_err ww_results_fold(struct ww_results_folding *f, const struct ww_msg_fold *m,
                                          int64_t now, struct ww_msg_folded *answer,
                                          struct ww_results_folded *out);
/* The same with what a look has found. */
WW_MUST_CHECK enum ww_err ww_results_fold_look(struct ww_results_folding *f, const struct ww_msg_looked *m,
                                               int64_t now, struct ww_results_folded *out);

/* Of a day what its report says. Borrows from the day, whose failures are put together where they are many.
 */
struct ww_results_report {
    struct ww_report report;
    struct ww_report_policy *policies; /* NULL: there is nothing to report */
    int64_t success, failure;
    char id[WW_REPORT_ID_SIZE];
};
/* unique: a word for the id. False: memory is short. */
WW_MUST_CHECK bool ww_results_report(struct ww_results_day *day, const struct ww_config *config,
                                     const char *host, const char *unique, struct ww_results_report *out);
void ww_results_report_free(struct ww_results_report *report);

/* The name of this machine, if it may stand in a report-id; else "localhost". */
void ww_results_host(char out[WW_DNAME_SIZE]);

/* A walk over the days that are over, some at a time. */
struct ww_results_closing {
    struct ww_store *store;
    const struct ww_config *config;
    const char *host;
    bool begun;
    struct ww_results_open after;
    bool skipped;      /* some that results still come to */
    uint64_t reports;  /* made by the last call */
    uint64_t unlisted; /* sessions of domains too many that it has dropped */
};
/*
 * One transaction: makes reports of some of the days that are over, and forgets them. *more: there are others
 * in this walk. On an error nothing has happened.
 */
WW_MUST_CHECK enum ww_err ww_results_close_some(struct ww_results_closing *c, int64_t now, bool *more);

/* One transaction: what was counted for days that lie ahead, by a clock that was wrong, is of today. */
WW_MUST_CHECK enum ww_err ww_results_redate(struct ww_store *store, int64_t now, size_t *count);

struct ww_keeper_results {
    struct event_base *base;
    struct ww_keeper_store *store;
    struct ww_keeper_outbox *outbox;
    const struct ww_config *config;
    struct ww_stats *stats;
    int64_t (*now)(void);                    /* the clock */
    int64_t (*steady)(void);                 /* one that cannot be set */
    struct ww_chan *collector;               /* NULL while there is none */
    uint8_t journal[WW_MSG_JOURNAL_ID_SIZE]; /* the last that it spoke of */
    bool owed;                               /* an answer, once the store is well */
    struct ww_pieces pieces;                 /* of a fold */
    struct event *tick;
    bool late; /* the tick is to come soon */
    struct ww_results_clock clock;
    struct ww_results_closing closing;
    struct ww_results_folding folding;
    void (*look_due)(void *ctx);
    void *look_ctx;
    char host[WW_DNAME_SIZE];
    char message[256];
};

/* What a minute brings: days that are over are closed, some at a time; the next tick is set. */
void ww_keeper_results_tick(struct ww_keeper_results *k);

#endif
