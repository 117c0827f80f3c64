/* What the files of keeper_outbox.h share. */
#ifndef WW_DAEMON_KEEPER_OUTBOX_PRIVATE_H
#define WW_DAEMON_KEEPER_OUTBOX_PRIVATE_H

#include "daemon/keeper_outbox.h"
#include "proc/chan.h"
#include "proc/msg_report.h"
#include "store/store_outbox.h"

/* Reports that the courier has, of this keeper. */
struct ww_outbox_flights {
    uint64_t numbers[16];
    size_t count;
};

bool ww_outbox_flights_have(const struct ww_outbox_flights *flights, uint64_t number);

struct ww_keeper_outbox {
    struct event_base *base;
    struct ww_keeper_store *store;
    const struct ww_config *config;
    struct ww_stats *stats;
    struct ww_chan *courier; /* NULL while there is none */
    unsigned room;           /* reports that the courier would take */
    struct ww_outbox_flights flights;
    int64_t purged; /* when reports were last purged; 0: never */
    struct event *due;
    char *report; /* a message for the courier, WW_MSG_REPORT_MAX */
    char message[WW_CHAN_MESSAGE_MAX];
};

/* Where one report goes now. */
struct ww_outbox_way {
    struct ww_outbox_report report;
    struct ww_outbox_target targets[WW_OUTBOX_TARGETS_MAX];
    size_t count;
};

/*
 * What the courier is given and tells, as it is in the store: each call is a transaction of its own. Numbers
 * and URIs that there are not (any more) are passed over.
 */

/*
 * Leases a report that is due. *goes: it goes out, to the targets, or with none to where is to be looked up
 * (!report.known); else there is nobody to take it, and it has ended or is due later.
 */
WW_MUST_CHECK enum ww_err ww_keeper_outbox_lease(struct ww_store *store, const struct ww_config *config,
                                                 uint64_t number, int64_t now, struct ww_outbox_way *way,
                                                 bool *goes);
/* *way: where it goes now, of what the record says. */
WW_MUST_CHECK enum ww_err ww_keeper_outbox_found(struct ww_store *store, const struct ww_config *config,
                                                 const struct ww_msg_report_targets *m, uint64_t random,
                                                 int64_t now, struct ww_outbox_way *way);
WW_MUST_CHECK enum ww_err ww_keeper_outbox_tried(struct ww_store *store, const struct ww_msg_report_tried *m,
                                                 uint64_t random, int64_t now);
/* The courier is through with it: it is due again, or has ended. */
WW_MUST_CHECK enum ww_err ww_keeper_outbox_done(struct ww_store *store, uint64_t number, int64_t now);

/* True when the record that an MTA saw counts for who gets no answer of DNS at now. */
bool ww_keeper_outbox_is_last(const struct ww_outbox_report *report, int64_t now);

/*
 * What the operator asks for, a transaction each. WW_E_REPORT_NONE, WW_E_REPORT_NOT_KEPT, or what the store
 * gave.
 */

/* It is due now, whatever became of it, and it is looked up anew where it goes. */
WW_MUST_CHECK enum ww_err ww_keeper_outbox_send(struct ww_store *store, uint64_t number, int64_t now);
/* Where it has failed it is due now. WW_E_REPORT_NOTHING: it has nowhere. */
WW_MUST_CHECK enum ww_err ww_keeper_outbox_retry(struct ww_store *store, uint64_t number, int64_t now);
/* The same of all that are waiting or were given up: how many there are with something to be tried again. */
WW_MUST_CHECK enum ww_err ww_keeper_outbox_retry_all(struct ww_store *store,
                                                     const struct ww_outbox_flights *flights, int64_t now,
                                                     uint64_t *done);

/* What a bounce comes to: but for the first it changes nothing. */
enum ww_keeper_bounce {
    WW_BOUNCE_TAKEN,
    WW_BOUNCE_UNKNOWN,   /* it is of no report that there is */
    WW_BOUNCE_ELSEWHERE, /* of a recipient that the report was not sent to: who got it has it sent on */
    WW_BOUNCE_EARLY,     /* the courier has not told yet that it is sent, or it is tried anew */
    WW_BOUNCE_NOT_SENT,  /* refused at once, given up, suppressed */
    WW_BOUNCE_AGAIN,     /* it has come back before */
};
/* "taken", "unknown", "elsewhere", "early", "not-sent", "again". */
const char *ww_keeper_bounce_name(enum ww_keeper_bounce what);

struct ww_outbox_bounced {
    enum ww_keeper_bounce what;
    struct ww_outbox_report report; /* unless it is unknown */
    char uri[WW_OUTBOX_URI_SIZE];   /* of the destination, when it is taken */
    bool suppressed;
};
/* A transaction, too. */
WW_MUST_CHECK enum ww_err ww_keeper_outbox_bounce(struct ww_store *store, const struct ww_msg_report_ask *m,
                                                  int64_t now, struct ww_outbox_bounced *out);

/* State, due and ended of a report, by what its destinations come to. */
void ww_keeper_outbox_settle(struct ww_outbox_report *r, const struct ww_outbox_target *targets, size_t count,
                             int64_t now);

/* A destination is suppressed from now on, by Waxwing itself: takes down why, and logs it. */
void ww_keeper_outbox_suppress(struct ww_outbox_destination *d, const char *why, int64_t now);

/* Something is due at once, perhaps. */
void ww_keeper_outbox_changed(struct ww_keeper_outbox *k);

#endif
