/* One question to a name server over TCP (RFC 7766), and its answer. Blocks, for a bounded time as a whole.
 */
#ifndef WW_PUBLISH_DNS_TCP_H
#define WW_PUBLISH_DNS_TCP_H

#include "base/slice.h"
#include "core/addr.h"

#include <stdint.h>

/* Room for the longest answer. */
#define WW_DNS_TCP_MAX 65535

/*
 * Sends the message, and reads one into `answer`: *n octets. until is on ww_clock_us. NULL, or (static) what
 * went wrong.
 */
const char *ww_dns_tcp(const struct ww_addr *server, struct ww_slice message, int64_t until,
                       uint8_t answer[WW_DNS_TCP_MAX], size_t *n);

#endif
