/*
 * The records that a published domain should have now: _mta-sts and _smtp._tls, and those of its policy host
 * where they are given; and what has to go when it is retired. A record is left out as long as it would lead
 * to nothing: _mta-sts comes after the policy with its id was seen from outside. Pure.
 */
#ifndef WW_PUBLISH_DOMAIN_ZONE_H
#define WW_PUBLISH_DOMAIN_ZONE_H

#include "core/published.h"
#include "publish/zone.h"

/* All is borrowed; "" and 0: there is none. */
struct ww_domain_zone {
    int64_t now;
    const char *domain;
    enum ww_published_state state;
    const char *rua;
    const char *served_id; /* of the policy that is served */
    bool served_none;      /* its mode is none */
    int64_t binds_until;  /* the last sender has forgotten each policy of another mode by then; INT64_MAX: one
                             of them is still seen */
    const char *shown_id; /* that was last seen from outside */
    const char *record_id; /* that DNS has */
    uint32_t ttl;
    const char *target; /* of a CNAME at the policy host; excludes addresses */
    const char *ipv4[WW_DNS_UPDATE_VALUES_MAX];
    size_t ipv4_count;
    const char *ipv6[WW_DNS_UPDATE_VALUES_MAX];
    size_t ipv6_count;
};

/* The texts that the zone's values lie in. */
struct ww_domain_zone_room {
    char record[WW_STS_ID_MAX + 32];
    char tlsrpt[WW_PUBLISHED_RUA_SIZE + 32];
    char target[WW_DNAME_SIZE + 1];
};

/* Both have to stay for as long as the zone is used. */
void ww_domain_zone(const struct ww_domain_zone *in, struct ww_domain_zone_room *room, struct ww_zone *out);

#endif
