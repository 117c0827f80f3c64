/*
 * Addresses, and the guard against connecting to special ones for somebody else's name (IANA special-purpose
 * address registries, RFC 6890).
 */
#ifndef WW_CORE_ADDR_H
#define WW_CORE_ADDR_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

/* An IPv4 (4 octets used) or IPv6 address in network byte order. */
struct ww_addr {
    uint8_t octets[16];
    uint8_t length; /* 4 or 16 */
};

struct ww_prefix {
    struct ww_addr addr;
    uint8_t bits; /* 0 to 32 or 128 */
};

#define WW_ADDR_TEXT_SIZE 46

WW_MUST_CHECK enum ww_err ww_addr_parse(struct ww_slice text, struct ww_addr *out);
/* "192.0.2.0/24", "2001:db8::/32", or an address alone. Bits behind the prefix must be zero. */
WW_MUST_CHECK enum ww_err ww_prefix_parse(struct ww_slice text, struct ww_prefix *out);
void ww_addr_format(const struct ww_addr *a, char out[WW_ADDR_TEXT_SIZE]);
bool ww_prefix_contains(const struct ww_prefix *prefix, const struct ww_addr *a);

/*
 * Why an address is special, such as "loopback" or "private-use"; NULL when it is global unicast. IPv4
 * addresses inside IPv6 ones (mapped, NAT64, 6to4) are judged by the inner address.
 */
const char *ww_addr_special(const struct ww_addr *a);

#endif
