/*
 * The keeper's part in TLS results: folds what the collector has into the store, exactly once; when a day has
 * ended, makes its reports and puts them into the outbox; has the watcher look at MX hosts where MTAs cannot
 * tell the truth (docs/reports.md).
 */
#ifndef WW_DAEMON_KEEPER_RESULTS_H
#define WW_DAEMON_KEEPER_RESULTS_H

#include "daemon/keeper_outbox.h"
#include "proc/msg_report.h"

/* Results that come after their day was closed are reported when none has come for so long. Seconds. */
#define WW_RESULTS_QUIET 10
/* A look that nothing was heard of is due again so late. Seconds. */
#define WW_RESULTS_LOOK_LEASE 900

struct ww_keeper_results;

/* All is borrowed. NULL when memory is short. */
struct ww_keeper_results *ww_keeper_results_new(struct event_base *base, struct ww_keeper_store *store,
                                                struct ww_keeper_outbox *outbox,
                                                const struct ww_config *config, struct ww_stats *stats);
void ww_keeper_results_free(struct ww_keeper_results *k);

/* A (new) channel to the collector. Owns fd. */
void ww_keeper_results_peer(struct ww_keeper_results *k, int fd);

/* The store may be well: goes on. */
void ww_keeper_results_well(struct ww_keeper_results *k);

/* Sets the gauges. */
void ww_keeper_results_count(struct ww_keeper_results *k);

/*
 * The JSON of the report that the latest day of a domain which is not closed would be now; allocated, with
 * its length in *n. Its report-id is none that will ever be sent. NULL: *err is WW_E_NOT_KNOWN when there is
 * no such day, WW_E_NO_MEMORY, or what the store gave.
 */
char *ww_keeper_results_render(struct ww_store *store, const struct ww_config *config, const char *domain,
                               size_t *n, enum ww_err *err);

/*
 * Looks at MX hosts, for who has the watcher's channel. `due` is called when one may be due: at once, and
 * whenever one becomes so.
 */
void ww_keeper_results_on_look(struct ww_keeper_results *k, void (*due)(void *ctx), void *ctx);

/*
 * A domain that a look is due at; false: none is, or the store is in trouble. It is due again after
 * WW_RESULTS_LOOK_LEASE, should nothing come of it.
 */
bool ww_keeper_results_next_look(struct ww_keeper_results *k, char domain[WW_DNAME_SIZE]);

/* What a look has found. */
void ww_keeper_results_looked(struct ww_keeper_results *k, const struct ww_msg_looked *m);

#endif
