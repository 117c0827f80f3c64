/*
 * What the store has yet to take: writes of the front in their order, kept while the store is in trouble, and
 * written in batches of one transaction.
 */
#ifndef WW_DAEMON_KEEPER_WRITES_H
#define WW_DAEMON_KEEPER_WRITES_H

#include "proc/msg.h"
#include "store/history.h"

/* The front has far fewer on their way; what comes beyond is refused. */
#define WW_WRITES_MAX 4096

struct ww_writes;

struct ww_writes *ww_writes_new(void);
void ww_writes_free(struct ww_writes *writes);
size_t ww_writes_count(const struct ww_writes *writes);

/*
 * Takes a WW_MSG_POLICY, WW_MSG_CONFIRM, WW_MSG_FORGET or WW_MSG_OVERRIDE; sender is a number that says from
 * whom.
 */
WW_MUST_CHECK enum ww_err ww_writes_add(struct ww_writes *writes, enum ww_msg_type type,
                                        struct ww_slice payload, unsigned sender);

/* Where they go. */
struct ww_writes_into {
    struct ww_store *store;
    unsigned versions; /* that the history keeps of a domain */
};

/*
 * Writes all of them, or on an error none. On success *stored is how many of them were the sender's,
 * overrides left out, and nothing waits any more.
 */
WW_MUST_CHECK enum ww_err ww_writes_flush(struct ww_writes *writes, const struct ww_writes_into *into,
                                          unsigned sender, uint32_t *stored);

/* Calls cb for each policy that waits, as its payload. */
void ww_writes_each_policy(const struct ww_writes *writes, void (*cb)(void *ctx, struct ww_slice payload),
                           void *ctx);

#endif
