/*
 * What comes in goes into the journal: datagrams of libtlsrpt straight from the kernel's queue, before all
 * else is done; lines before they are answered. When the ring is full nothing is taken out of the queues any
 * more, so that senders see that they are full.
 */
#ifndef WW_DAEMON_COLLECTOR_DRAIN_H
#define WW_DAEMON_COLLECTOR_DRAIN_H

#include "core/tls_result.h"
#include "proc/stats.h"
#include "report/journal.h"

struct event_base;
struct ww_drain;

struct ww_drain_handlers {
    void (*more)(void *ctx);   /* there are new records */
    void (*resume)(void *ctx); /* there is room for lines again */
    void *ctx;
};

/* queue: what the sockets' queues hold, or 0. NULL when memory is short. */
struct ww_drain *ww_drain_new(struct event_base *base, unsigned queue, struct ww_stats *stats,
                              const struct ww_drain_handlers *handlers);
void ww_drain_free(struct ww_drain *in);

/* From now on it can be received. Borrowed. */
void ww_drain_journal(struct ww_drain *in, struct ww_journal *journal);

/* A socket of datagrams; owns fd. */
void ww_drain_listen(struct ww_drain *in, const char *name, int fd);
void ww_drain_listener_gone(struct ww_drain *in, const char *name);

/* Takes all datagrams that wait now. */
void ww_drain_all(struct ww_drain *in);

/* Records were released. */
void ww_drain_released(struct ww_drain *in);

/* Whether a line can be taken. */
bool ww_drain_ready(const struct ww_drain *in);

/* Writes an event down. False: there is no room, which is told of. */
bool ww_drain_line(struct ww_drain *in, const struct ww_tls_result *event, uid_t uid, pid_t pid);

/* Counts what was refused, and tells of it: "datagram" or "line", from whom, why, and at which octet. */
void ww_drain_refused(struct ww_drain *in, const char *kind, uid_t uid, pid_t pid, enum ww_err err,
                      size_t offset);

#endif
