/*
 * The keeper's part in overrides that are set at run time: it stores them, tells the front of each change,
 * and deletes those that have ended. What is set or removed has happened when it is durable.
 */
#ifndef WW_DAEMON_KEEPER_OVERRIDES_H
#define WW_DAEMON_KEEPER_OVERRIDES_H

#include "daemon/keeper_store.h"
#include "proc/msg.h"

struct ww_keeper_overrides;

/* Sends the front a message; without one nothing happens. */
typedef void ww_keeper_tell(void *ctx, enum ww_msg_type type, struct ww_slice payload);

/* store is borrowed. NULL when memory is short. */
struct ww_keeper_overrides *ww_keeper_overrides_new(struct event_base *base, struct ww_keeper_store *store,
                                                    ww_keeper_tell *tell, void *ctx);
void ww_keeper_overrides_free(struct ww_keeper_overrides *overrides);

/* A front asks for all; while the store is in trouble it gets what can be read, and all when that is over. */
void ww_keeper_overrides_load(struct ww_keeper_overrides *overrides, uint32_t number);
/* That front is gone. */
void ww_keeper_overrides_leave(struct ww_keeper_overrides *overrides);

/* The store can be written, for the first time or again. */
void ww_keeper_overrides_well(struct ww_keeper_overrides *overrides);

/*
 * Sets one, in place of what was set for its key; it is checked already. On an
 * error nothing has changed: WW_E_OVERRIDE_PAST, WW_E_OVERRIDE_FULL, WW_E_OVERRIDE_NOT_KEPT.
 */
WW_MUST_CHECK enum ww_err ww_keeper_overrides_set(struct ww_keeper_overrides *overrides,
                                                  const struct ww_override *override);

/* Removes the one of a key. On an error nothing has changed: WW_E_OVERRIDE_NONE, WW_E_OVERRIDE_NOT_KEPT. */
WW_MUST_CHECK enum ww_err ww_keeper_overrides_remove(struct ww_keeper_overrides *overrides, const char *key,
                                                     const char *who);

/* What control asks of them: WW_ASK_OVERRIDE_SET or WW_ASK_OVERRIDE_REMOVE. */
WW_MUST_CHECK enum ww_err ww_keeper_overrides_asked(struct ww_keeper_overrides *overrides,
                                                    const struct ww_msg_ask *ask);

#endif
