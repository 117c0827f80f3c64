/* What the files of keeper_received.h share. */
#ifndef WW_DAEMON_KEEPER_RECEIVED_PRIVATE_H
#define WW_DAEMON_KEEPER_RECEIVED_PRIVATE_H

#include "daemon/keeper_received.h"
#include "daemon/keeper_results_private.h"
#include "daemon/pieces.h"
#include "proc/chan.h"
#include "proc/msg_intake.h"
#include "store/store_received.h"

#include <jansson.h>

/* Written in one transaction at the most. */
#define WW_KEEPER_RECEIVED_BATCH 64
#define WW_KEEPER_RECEIVED_OCTETS ((size_t)8 << 20)

/* Something that the intake has given, and what it will be told. */
struct ww_received_waiting {
    char *octets; /* the payload of a WW_MSG_TAKE; owned */
    size_t n;
    struct ww_msg_taken taken;
};

struct ww_keeper_received {
    struct event_base *base;
    struct ww_keeper_store *store;
    const struct ww_config *config;
    struct ww_stats *stats;
    struct ww_keeper_report_alerts *alerts; /* NULL: nobody wants to know */
    int64_t (*now)(void);                   /* the clock */
    int64_t (*steady)(void);                /* one that cannot be set */
    struct ww_chan *intake;                 /* NULL while there is none */
    struct ww_pieces pieces;
    struct ww_received_waiting waiting[WW_KEEPER_RECEIVED_BATCH];
    size_t count, octets;
    struct event *batch;
    struct event *purge;
    struct ww_results_clock clock;
    char message[sizeof(struct ww_msg_taken) + 64];
};

/*
 * Takes down what waits, in one transaction, and fills in what each is told. One that cannot be kept does not
 * keep the others from it. An error: the store is in trouble, and nothing has happened.
 */
WW_MUST_CHECK enum ww_err ww_keeper_received_take(struct ww_store *store, const struct ww_config *config,
                                                  struct ww_received_waiting *waiting, size_t count);

/* Who a report is from: *verified, when a domain has signed for it. */
void ww_keeper_received_sender(const struct ww_msg_take *take, const struct ww_msg_mail_facts *mail,
                               struct ww_slice organization, char out[WW_RECEIVED_NAME_MAX + 1],
                               bool *verified);

/* What is told of reports, as JSON; NULL: memory is short. What is no UTF-8 is told by its octets. */
json_t *ww_keeper_received_row(const struct ww_received_facts *f);
json_t *ww_keeper_received_head(const struct ww_received_facts *f); /* with all that is known beside it */
json_t *ww_keeper_received_policy(const struct ww_received_row *row);
json_t *ww_keeper_received_failure(const struct ww_received_detail *d);
json_t *ww_keeper_received_export(const struct ww_received_facts *f, const struct ww_received_row *row);
json_t *ww_keeper_received_sum(enum ww_received_by by, const struct ww_received_sum *s);
json_t *ww_keeper_received_quarantined(const struct ww_received_quarantine *q);

/* Adds to the JSON of a failure, as "known", what Waxwing itself knows that bears on it: a list of words. */
void ww_keeper_received_known(struct ww_store *store, const struct ww_received_facts *facts,
                              const struct ww_received_row *row, json_t *failure);

#endif
