/*
 * Delivers one report to one destination, in a process of its own (job.h), which can do nothing but connect
 * by the time that it talks to anybody. What signs the mail is wiped before that.
 */
#ifndef WW_DAEMON_COURIER_SEND_H
#define WW_DAEMON_COURIER_SEND_H

#include "core/addr.h"
#include "core/rua.h"
#include "daemon/config.h"
#include "proc/msg_report.h"

/* So long a delivery may take. */
#define WW_COURIER_SEND_MS 60000u

struct ww_courier_task {
    const struct ww_config *config;
    const struct ww_msg_report *report;
    const struct ww_rua *rua;
    const struct ww_addr *addrs; /* of an https: host, which passed the guard */
    size_t addr_count;
    const char *host; /* the name of this machine */
    int64_t now;      /* Unix seconds */
};

struct ww_courier_sent {
    enum ww_target_outcome outcome;
    bool insecure;                          /* as in ww_msg_report_tried */
    char detail[WW_MSG_REPORT_DETAIL_SIZE]; /* what went wrong, or was not good; printable ASCII, or "" */
};

typedef void ww_courier_sent_cb(void *ctx, const struct ww_courier_sent *sent);

struct ww_courier_send;
struct event_base;

/* The task is borrowed during the call alone. NULL: processes or memory are short. */
struct ww_courier_send *ww_courier_send_begin(struct event_base *base, const struct ww_courier_task *task,
                                              ww_courier_sent_cb *cb, void *ctx);
void ww_courier_send_cancel(struct ww_courier_send *send);

/* courier_mail.c, courier_post.c: each delivers, blocking, in a process that does nothing else. */
void ww_courier_mail(const struct ww_courier_task *task, struct ww_courier_sent *out);
void ww_courier_post(const struct ww_courier_task *task, struct ww_courier_sent *out);

/*
 * The mail as it goes out, signed where a key is configured; allocated, with its length in *n. NULL: out says
 * why. addrs are not read.
 */
char *ww_courier_write(const struct ww_courier_task *task, size_t *n, struct ww_courier_sent *out);

/* For these: the words, and that it may go well another time. */
void ww_courier_fail(struct ww_courier_sent *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Gives up all rights but to connect. False: it has failed. */
bool ww_courier_give_up(const struct ww_courier_task *task, struct ww_courier_sent *out);

#endif
