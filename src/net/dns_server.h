/*
 * Asks one given name server one question, on the loop: no recursion, no validation. Over UDP from a random
 * port, twice at most, then over TCP where the answer was cut short. What does not answer the question (id,
 * name, type) is passed over. The address has passed a guard before (drive/addresses.h).
 *
 * The callback never runs before the call that asked has returned, and may cancel or free anything: the
 * question is gone by then.
 */
#ifndef WW_NET_DNS_SERVER_H
#define WW_NET_DNS_SERVER_H

#include "core/addr.h"
#include "core/dns_answer.h"

struct event_base;

struct ww_dns_server_options {
    struct event_base *base;
    const struct ww_addr *sources; /* addresses to ask from, one a family at most; none: the system's */
    size_t source_count;
    unsigned deadline_ms; /* of the question as a whole */
};

struct ww_dns_server_reply {
    enum ww_err err;             /* WW_OK: the server has answered, with whatever RCODE */
    int error;                   /* errno behind WW_E_DNS_UNREACHABLE and WW_E_DNS_NO_WAY, else 0 */
    bool tcp;                    /* it was over TCP at last */
    int64_t us;                  /* that it took */
    struct ww_slice packet;      /* borrowed during the callback */
    struct ww_dns_answer answer; /* of the packet */
};

struct ww_dns_server_query;
typedef void ww_dns_server_cb(void *ctx, const struct ww_dns_server_reply *reply);

/*
 * NULL: *err says why, no callback follows; WW_E_DNS_NO_WAY: this machine has no way to the address. The name
 * is copied.
 */
struct ww_dns_server_query *ww_dns_server_ask(const struct ww_dns_server_options *options,
                                              const struct ww_addr *server, const char *name, uint16_t type,
                                              ww_dns_server_cb *cb, void *ctx, enum ww_err *err);
void ww_dns_server_cancel(struct ww_dns_server_query *query);

#endif
