/* What has become of a test alert, channel by channel, as the herald tells control. */
#ifndef WW_PROC_MSG_HERALD_H
#define WW_PROC_MSG_HERALD_H

#include "engine/herald.h"
#include "proc/msg_watch.h"

struct ww_msg_alert_test {
    struct {
        bool open; /* it is configured; else nothing else counts */
        bool delivered;
        char detail[WW_MSG_ALERT_DETAIL_SIZE]; /* printable ASCII */
    } channels[WW_HERALD_CHANNELS];
};

void ww_msg_put_alert_test(struct ww_buf *b, const struct ww_msg_alert_test *m);
WW_MUST_CHECK enum ww_err ww_msg_get_alert_test(struct ww_slice payload, struct ww_msg_alert_test *m);

#endif
