/* A domain before publication: the checks that can be made of its zone file and its policy, without network.
 */
#ifndef WW_CHECK_OFFLINE_H
#define WW_CHECK_OFFLINE_H

#include "base/slice.h"

#include <jansson.h>
#include <stdint.h>

/* Longest zone file that is read, in octets. */
#define WW_OFFLINE_ZONE_MAX ((size_t)16 << 20)

struct ww_offline_fault {
    unsigned line; /* of the zone file, from 1; 0: of the file as a whole */
    char why[256];
};

/*
 * The report (report_json.h) of a domain, canonical, as it would be with this master file (RFC 1035 section
 * 5) and this policy. p is NULL where one of them is not there: what follows from it is not tested then. A
 * policy counts as one whose record is published. at: Unix seconds. NULL: the zone file cannot be read, or
 * memory is short: *fault says so.
 */
json_t *ww_check_offline(const char *domain, struct ww_slice zone, struct ww_slice policy, int64_t at,
                         struct ww_offline_fault *fault);

#endif
