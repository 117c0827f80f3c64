/*
 * One report on its way: where it goes is looked up, the keeper says which of the destinations get it, each
 * gets it in a process of its own, and the keeper is told of each. What could not be told, as the keeper was
 * gone, is told to the next one.
 */
#ifndef WW_DAEMON_COURIER_REPORT_H
#define WW_DAEMON_COURIER_REPORT_H

#include "daemon/config.h"
#include "engine/courier_share.h"
#include "net/dns.h"
#include "proc/msg_report.h"
#include "proc/stats.h"

struct ww_courier_report;

/* What all reports share. All is borrowed. */
struct ww_courier_env {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_stats *stats;
    struct ww_dns *dns;
    struct ww_courier_share *share;
    const char *host; /* the name of this machine */
    /* False: there is no keeper. */
    bool (*tell)(void *ctx, enum ww_msg_type type, const struct ww_buf *b);
    /* The report has ended, the keeper knows, and it is gone. Never called during a call of these. */
    void (*ended)(void *ctx, const struct ww_courier_report *report);
    void *ctx;
};

/* The payload of a WW_MSG_REPORT. NULL: *err says why. */
struct ww_courier_report *ww_courier_report_begin(const struct ww_courier_env *env, struct ww_slice payload,
                                                  enum ww_err *err);
void ww_courier_report_free(struct ww_courier_report *r);

uint64_t ww_courier_report_number(const struct ww_courier_report *r);
/* Something is under way to a destination. */
bool ww_courier_report_is_sending(const struct ww_courier_report *r);
/* Nothing more is begun. */
void ww_courier_report_stop(struct ww_courier_report *r);

/* The keeper's WW_MSG_REPORT_SEND. */
void ww_courier_report_send(struct ww_courier_report *r, struct ww_slice targets);

/* The keeper is gone. False: nothing was tried, and the report is of no use any more. */
bool ww_courier_report_lost_keeper(const struct ww_courier_report *r);
/* And there is another. */
void ww_courier_report_tell(struct ww_courier_report *r);

#endif
