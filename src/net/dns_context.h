/* Makes the libunbound contexts that dns.c asks. */
#ifndef WW_NET_DNS_CONTEXT_H
#define WW_NET_DNS_CONTEXT_H

#include "net/dns.h"

struct ub_ctx;

/*
 * A context on the loop, complete: whatever it reads from files was read when this returns. NULL on failure;
 * *detail (static) says what was wrong. The caller frees it with ub_ctx_delete, not from within one of its
 * callbacks.
 */
struct ub_ctx *ww_dns_context(struct event_base *base, const struct ww_dns_options *options, bool validating,
                              const char **detail);

#endif
