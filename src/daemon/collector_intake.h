/*
 * What comes in goes into the journal: datagrams of libtlsrpt straight from the kernel's queue, before all
 * else is done; lines before they are answered. When the ring is full nothing is taken out of the queues any
 * more, so that senders see that they are full.
 */
#ifndef WW_DAEMON_COLLECTOR_INTAKE_H
#define WW_DAEMON_COLLECTOR_INTAKE_H

#include "core/tls_result.h"
#include "proc/stats.h"
#include "report/journal.h"

struct event_base;
struct ww_intake;

struct ww_intake_handlers {
    void (*more)(void *ctx);   /* there are new records */
    void (*resume)(void *ctx); /* there is room for lines again */
    void *ctx;
};

/* queue: what the sockets' queues hold, or 0. NULL when memory is short. */
struct ww_intake *ww_intake_new(struct event_base *base, unsigned queue, struct ww_stats *stats,
                                const struct ww_intake_handlers *handlers);
void ww_intake_free(struct ww_intake *in);

/* From now on it can be received. Borrowed. */
void ww_intake_journal(struct ww_intake *in, struct ww_journal *journal);

/* A socket of datagrams; owns fd. */
void ww_intake_listen(struct ww_intake *in, const char *name, int fd);
void ww_intake_listener_gone(struct ww_intake *in, const char *name);

/* Takes all datagrams that wait now. */
void ww_intake_drain(struct ww_intake *in);

/* Records were released. */
void ww_intake_released(struct ww_intake *in);

/* Whether a line can be taken. */
bool ww_intake_ready(const struct ww_intake *in);

/* Writes an event down. False: there is no room, which is told of. */
bool ww_intake_line(struct ww_intake *in, const struct ww_tls_result *event, uid_t uid, pid_t pid);

/* Counts what was refused, and tells of it: "datagram" or "line", from whom, why, and at which octet. */
void ww_intake_refused(struct ww_intake *in, const char *kind, uid_t uid, pid_t pid, enum ww_err err,
                       size_t offset);

#endif
