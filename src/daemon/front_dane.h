/*
 * What DANE has come to for a domain, packed into a few octets for the cache: most domains have none, and
 * take three.
 */
#ifndef WW_DAEMON_FRONT_DANE_H
#define WW_DAEMON_FRONT_DANE_H

#include "core/domain_dane.h"

#define WW_FRONT_DANE_MAX (3 + WW_DANE_HOSTS_MAX * (2 + WW_DNAME_SIZE))

/* Returns how many octets it takes. Hosts are packed where they have a meaning: with secure MX records. */
size_t ww_front_dane_pack(const struct ww_domain_dane *dane, char out[WW_FRONT_DANE_MAX]);

/* Of what ww_front_dane_pack has written: `room` takes the hosts, whose names are borrowed from `packed`. */
struct ww_domain_dane ww_front_dane_unpack(struct ww_slice packed, int64_t until,
                                           struct ww_domain_host room[WW_DANE_HOSTS_MAX]);

#endif
