/* TLSA records that stand at an MX host, whatever DNSSEC has to say of them. */
#ifndef WW_CHECK_TLSA_SIGHT_H
#define WW_CHECK_TLSA_SIGHT_H

#include <stdbool.h>
#include <stdint.h>

struct ww_tlsa_sight {
    bool
        wanted; /* the survey has no answer of worth: the host's zone is not signed, or the answer is bogus */
    bool looked;    /* there was an answer */
    uint16_t count; /* of records */
};

#endif
