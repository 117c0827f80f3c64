/* Mails with reports, by LMTP (RFC 2033), from the MTA of this machine. */
#ifndef WW_DAEMON_INTAKE_LMTP_H
#define WW_DAEMON_INTAKE_LMTP_H

#include "daemon/intake_jobs.h"

struct ww_intake_lmtp;

/* All is borrowed. NULL when memory is short. */
struct ww_intake_lmtp *ww_intake_lmtp_new(struct event_base *base, const struct ww_config *config,
                                          struct ww_intake_jobs *jobs, struct ww_stats *stats);
void ww_intake_lmtp_free(struct ww_intake_lmtp *lmtp);

/* Another listener, or a new one of the same name. Owns fd. */
void ww_intake_lmtp_listener(struct ww_intake_lmtp *lmtp, const struct ww_msg_listener *listener, int fd);
/* Who is connected stays. */
void ww_intake_lmtp_listener_gone(struct ww_intake_lmtp *lmtp, const struct ww_msg_listener *listener);

#endif
