/*
 * Sends one message through one channel, in a process of its own (job.h) that gives up what this channel does
 * not need: who talks to a mail server or to the host of a webhook can do nothing but that, and the command
 * that is run never meets what strangers have said.
 */
#ifndef WW_DAEMON_HERALD_SEND_H
#define WW_DAEMON_HERALD_SEND_H

#include "daemon/config.h"
#include "daemon/herald_message.h"
#include "engine/herald.h"

#define WW_HERALD_DETAIL_SIZE WW_MSG_ALERT_DETAIL_SIZE

/* So long a message may take. */
#define WW_HERALD_SEND_MS 60000u

struct ww_herald_task {
    const struct ww_config *config;
    enum ww_herald_channel channel;
    struct ww_herald_message message;
    uint32_t skip; /* of mail: bit i, mail_to[i] has it already */
};

struct ww_herald_sent {
    bool delivered;
    uint32_t accepted;                  /* of mail: bit i, the server has taken it for mail_to[i] */
    uint32_t refused;                   /* of mail: and refuses it for good */
    char detail[WW_HERALD_DETAIL_SIZE]; /* what went wrong, be it for some; printable ASCII, or "" */
};

typedef void ww_herald_sent_cb(void *ctx, const struct ww_herald_sent *sent);

struct ww_herald_send;
struct event_base;

/* The task is borrowed during the call alone. NULL: processes or memory are short. */
struct ww_herald_send *ww_herald_send_begin(struct event_base *base, const struct ww_herald_task *task,
                                            ww_herald_sent_cb *cb, void *ctx);
void ww_herald_send_cancel(struct ww_herald_send *send);

/* "waxwing" at this machine, where no sender is configured; and the name of this machine. */
#define WW_HERALD_HOST_SIZE 256
void ww_herald_host(char out[WW_HERALD_HOST_SIZE]);

/* The channels that are configured, by bits. */
unsigned ww_herald_channels_of(const struct ww_config *config);

/* herald_smtp.c, herald_hook.c, herald_run.c: each sends, blocking, in a process that does nothing else. */
void ww_herald_send_mail(const struct ww_herald_task *task, struct ww_herald_sent *out);
void ww_herald_send_hook(const struct ww_herald_task *task, struct ww_herald_sent *out);
void ww_herald_run_command(const struct ww_herald_task *task, struct ww_herald_sent *out);

/* For these: gives up all rights but to connect. False: out->detail says why not. */
bool ww_herald_give_up(const struct ww_config *config, struct ww_herald_sent *out);

/* For these: the words go into out->detail, cut where they are long; a question mark for what is not
 * printable ASCII. */
void ww_herald_say(struct ww_herald_sent *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
