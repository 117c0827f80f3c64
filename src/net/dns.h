/*
 * DNS through libunbound on the loop: validating in-process, recursing from the root or forwarding.
 * Callbacks never run before the call that started the query has returned, and may cancel or free anything:
 * the query itself is gone when its callback runs. Every query ends: by its answer, by the deadline, or by
 * ww_dns_cancel (no callback then).
 */
#ifndef WW_NET_DNS_H
#define WW_NET_DNS_H

#include "base/err.h"
#include "base/slice.h"
#include "core/addr.h"
#include "core/dnssec.h"

struct event_base;

struct ww_dns_options {
    const struct ww_addr *forward; /* resolvers to forward to; none: recursion from the root */
    size_t forward_count;
    const char *root_hints; /* file, or NULL: built in */
    /* DS or DNSKEY records, a line each; none: those of the file trust_anchor, or if that is NULL the
     * built-in ones */
    const char *const *anchors;
    size_t anchor_count;
    const char *trust_anchor;
    const struct ww_addr *sources; /* addresses to send from; none: the system's choice */
    size_t source_count;
    bool tcp_only;       /* ask over TCP alone */
    unsigned timeout_ms; /* of one query as a whole */
};

/* Longest words on a failure, NUL included. */
#define WW_DNS_DETAIL_SIZE 256

/* The root's trust anchors that this version came with, as lines. */
#define WW_DNS_ROOT_ANCHORS 2
extern const char *const ww_dns_root_anchors[WW_DNS_ROOT_ANCHORS];

struct ww_dns_reply {
    enum ww_err err;        /* WW_OK: packet holds an answer, NXDOMAIN and NODATA included */
    const char *detail;     /* words on a failure (why bogus), or NULL; printable ASCII, borrowed during the
                               callback */
    struct ww_slice packet; /* borrowed during the callback */
    /*
     * By libunbound's own validation, whatever a resolver on the way has set as AD bit. Bogus goes with
     * WW_E_DNS_BOGUS. Unknown after any other failure, and always while validation is off.
     */
    enum ww_dnssec dnssec;
};

struct ww_dns;
struct ww_dns_query;
typedef void ww_dns_cb(void *ctx, const struct ww_dns_reply *reply);

/* NULL when the options name a file that cannot be read or memory is short; *detail (static) says which. */
struct ww_dns *ww_dns_new(struct event_base *base, const struct ww_dns_options *options, const char **detail);
void ww_dns_free(struct ww_dns *dns);

/* The loop it was made on. */
struct event_base *ww_dns_base(const struct ww_dns *dns);

/* NULL: *err says why, no callback follows. */
struct ww_dns_query *ww_dns_ask(struct ww_dns *dns, const char *name, uint16_t type, ww_dns_cb *cb, void *ctx,
                                enum ww_err *err);
void ww_dns_cancel(struct ww_dns_query *query);

/* The same without validation, whatever the self-test has found: what comes is for others to verify. */
struct ww_dns_query *ww_dns_ask_plain(struct ww_dns *dns, const char *name, uint16_t type, ww_dns_cb *cb,
                                      void *ctx, enum ww_err *err);

/*
 * The self-test of the trust chain. When the path strips DNSSEC or alters answers, every signed name would
 * be bogus: then validation is switched off for this context, since MTA-STS does not rest on DNSSEC. Every
 * reply is of unknown state from then on, and none of them insecure: stripping must not look like an unsigned
 * zone, or it would turn DANE off. A later self-test that succeeds switches it on again.
 */
enum ww_dns_health {
    WW_DNS_VALIDATING,  /* the chain from the trust anchor holds */
    WW_DNS_STRIPPED,    /* answers come, but DNSSEC does not get through: validation is off now */
    WW_DNS_UNREACHABLE, /* no answer at all: port 53 blocked, or no network */
    WW_DNS_ANCHOR, /* DNSSEC gets through, but the root's signatures do not fit the trust anchors, or are out
                      of their time: validation is off, as when it is stripped */
    WW_DNS_HEALTHS,
};
typedef void ww_dns_health_cb(void *ctx, enum ww_dns_health health, const char *detail);
void ww_dns_self_test(struct ww_dns *dns, ww_dns_health_cb *cb, void *ctx);

#endif
