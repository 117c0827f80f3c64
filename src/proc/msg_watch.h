/*
 * Watched domains in messages. The keeper has the list, what is known of each domain, and the alerts that
 * have not been delivered; the watcher inspects; the herald delivers.
 *
 * Alerts: as soon as there is a (new) channel between keeper and herald, the keeper sends every alert that
 * is not done, oldest first, as WW_MSG_ALERT; later each new one at once. For each of its channels the herald
 * tells what has become of it (WW_MSG_ALERTED), the last time with `done`. What is not done is given again
 * when either of the two has started anew, with the channels that have had it already. The herald tries
 * again and gives up by rules of its own; one number given twice on one channel is one alert.
 */
#ifndef WW_PROC_MSG_WATCH_H
#define WW_PROC_MSG_WATCH_H

#include "engine/alerts.h"
#include "proc/msg.h"

/* Alerts of one run that are listed. */
#define WW_MSG_ALERT_ITEMS_MAX 32
/* Channels of the herald, as its configuration names them. */
#define WW_MSG_ALERT_CHANNELS_MAX 8
#define WW_MSG_ALERT_CHANNEL_SIZE 64
#define WW_MSG_ALERT_DETAIL_SIZE 256

/* All texts are printable ASCII. */
struct ww_msg_alert_item {
    enum ww_alert_kind kind;
    enum ww_severity severity;
    char check[WW_ALERT_CHECK_SIZE]; /* or WW_ALERT_CERTIFICATE */
    char where[WW_ALERT_WHERE_SIZE];
    char seen[WW_ALERT_SEEN_SIZE];
    int64_t since; /* first seen; of a certificate its end */
};

struct ww_msg_alert {
    uint64_t number; /* the keeper's; comes back with each answer */
    int64_t at;      /* of the run */
    char domain[WW_DNAME_SIZE];
    char group[WW_WATCH_GROUP_SIZE]; /* "": none */
    uint16_t errors;                 /* findings of the run, told or not */
    uint16_t warnings;
    uint16_t left_out; /* alerts that are not listed */
    uint16_t delivered_count;
    char delivered[WW_MSG_ALERT_CHANNELS_MAX][WW_MSG_ALERT_CHANNEL_SIZE]; /* these have had it */
    uint16_t count;
    struct ww_msg_alert_item items[WW_MSG_ALERT_ITEMS_MAX]; /* at least one */
};

/* Herald to keeper. */
struct ww_msg_alerted {
    uint64_t number;
    bool done; /* nothing more is done with it, be it delivered or given up */
    bool delivered;
    char channel[WW_MSG_ALERT_CHANNEL_SIZE]; /* "": of none: there is nobody to tell */
    char detail[WW_MSG_ALERT_DETAIL_SIZE];   /* why not */
};

/* An encoded alert has at most so many octets. */
#define WW_MSG_ALERT_MAX ((size_t)40 * 1024)

void ww_msg_put_alert(struct ww_buf *b, const struct ww_msg_alert *m);
WW_MUST_CHECK enum ww_err ww_msg_get_alert(struct ww_slice payload, struct ww_msg_alert *m);
void ww_msg_put_alerted(struct ww_buf *b, const struct ww_msg_alerted *m);
WW_MUST_CHECK enum ww_err ww_msg_get_alerted(struct ww_slice payload, struct ww_msg_alerted *m);

#endif
