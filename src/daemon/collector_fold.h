/*
 * From the journal to the keeper: reads the records from the keeper's position on, adds them up, and has the
 * keeper fold the sum into the store together with the new position, one after the other. Whatever dies in
 * between, what was not folded is read again, and comes to the same.
 */
#ifndef WW_DAEMON_COLLECTOR_FOLD_H
#define WW_DAEMON_COLLECTOR_FOLD_H

#include "core/sessions.h"
#include "proc/stats.h"
#include "report/journal.h"

struct event_base;
struct ww_fold;

/* A sum is told no later than so long after the first record of it was read, if the one before is durable. */
#define WW_FOLD_EVERY_MS 250

struct ww_fold_handlers {
    void (*drain)(void *ctx);    /* takes what waits in the sockets' queues: called often */
    void (*released)(void *ctx); /* there is room in the journal */
    /* A record that was read for the first time: what it says, or that it breaks a rule. */
    void (*read)(void *ctx, const struct ww_sessions *sessions);
    void (*refused)(void *ctx, const struct ww_journal_record *record, enum ww_err err, size_t offset);
    void *ctx;
};

/* NULL when memory is short. */
struct ww_fold *ww_fold_new(struct event_base *base, struct ww_stats *stats,
                            const struct ww_fold_handlers *handlers);
void ww_fold_free(struct ww_fold *f);

/* From now on there is something to fold. Borrowed. */
void ww_fold_journal(struct ww_fold *f, struct ww_journal *journal);

/* A (new) channel to the keeper. Owns fd. */
void ww_fold_keeper(struct ww_fold *f, int fd);

/* There are new records. */
void ww_fold_more(struct ww_fold *f);

/* How long the oldest record that is not folded has been there. */
int64_t ww_fold_lag(const struct ww_fold *f, int64_t now);

/* Folds what it can at once, then calls done, once: from the loop, and soon. */
void ww_fold_finish(struct ww_fold *f, void (*done)(void *ctx), void *ctx);

#endif
