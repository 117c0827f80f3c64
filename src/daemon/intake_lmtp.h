/* Mails with reports, by LMTP (RFC 2033), from the MTA of this machine. */
#ifndef WW_DAEMON_INTAKE_LMTP_H
#define WW_DAEMON_INTAKE_LMTP_H

#include "daemon/intake_jobs.h"

/* Connections at a time; further ones wait in the queue of the kernel. */
#define WW_LMTP_CONNECTIONS_MAX 64
/* A connection ends when nothing comes for so long, or no whole command, */
#define WW_LMTP_IDLE_MS 60000
/* and a message has so long from its first octet to its last. */
#define WW_LMTP_MESSAGE_MS 120000

struct ww_intake_lmtp;

/* All is borrowed. NULL when memory is short. */
struct ww_intake_lmtp *ww_intake_lmtp_new(struct event_base *base, const struct ww_config *config,
                                          struct ww_intake_jobs *jobs);
void ww_intake_lmtp_free(struct ww_intake_lmtp *lmtp);

/* Other times than those above, for what begins from now on. */
struct ww_lmtp_patience {
    unsigned idle_ms, message_ms;
};
void ww_intake_lmtp_set_patience(struct ww_intake_lmtp *lmtp, const struct ww_lmtp_patience *patience);

/* Nobody is accepted any more, and who is connected is told to come again. */
void ww_intake_lmtp_stop(struct ww_intake_lmtp *lmtp);

/* Another listener, or a new one of the same name. Owns fd. */
void ww_intake_lmtp_listener(struct ww_intake_lmtp *lmtp, const struct ww_msg_listener *listener, int fd);
/* Who is connected stays. */
void ww_intake_lmtp_listener_gone(struct ww_intake_lmtp *lmtp, const struct ww_msg_listener *listener);

#endif
