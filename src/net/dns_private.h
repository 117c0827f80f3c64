/* What dns.c and dns_self_test.c share. */
#ifndef WW_NET_DNS_PRIVATE_H
#define WW_NET_DNS_PRIVATE_H

#include "net/dns.h"

#include <sys/queue.h>

struct event;
struct ub_ctx;

enum ww_dns_mode {
    WW_DNS_WITH_VALIDATION,
    WW_DNS_WITHOUT_VALIDATION,
    WW_DNS_MODES,
};

struct ww_dns_test {
    struct ww_dns_query *query; /* under way, or NULL */
    struct event *done;         /* the verdict is delivered from here */
    ww_dns_health_cb *cb;
    void *ctx;
    enum ww_dns_health health;
    char detail[256];
};

struct ww_dns {
    struct event_base *base;
    struct ub_ctx *ub[WW_DNS_MODES];
    enum ww_dns_mode mode; /* what ww_dns_ask uses */
    unsigned timeout_ms;
    LIST_HEAD(, ww_dns_query) queries;
    LIST_HEAD(, ww_dns_ticket) tickets;
    size_t ticket_count;
    struct ww_dns_test test;
};

/* ww_dns_ask in a mode of one's choice. */
struct ww_dns_query *ww_dns_ask_mode(struct ww_dns *dns, enum ww_dns_mode mode, const char *name,
                                     uint16_t type, ww_dns_cb *cb, void *ctx, enum ww_err *err);

WW_MUST_CHECK enum ww_err ww_dns_test_init(struct ww_dns *dns);
void ww_dns_test_free(struct ww_dns *dns);

#endif
