/* A policy with its times: what the store keeps, and what front and keeper send each other. */
#ifndef WW_CORE_STORED_POLICY_H
#define WW_CORE_STORED_POLICY_H

#include "core/origin.h"
#include "core/policy.h"

struct ww_stored_policy {
    const char *domain; /* canonical */
    const char *id;
    struct ww_slice body;
    enum ww_policy_mode mode; /* for the order of loading; the body decides */
    int64_t fetched;          /* Unix seconds */
    int64_t expires;
    int64_t checked;                /* last confirmed, or last used if that is longer ago */
    const struct ww_origin *origin; /* of that fetch; NULL where it is not known, or not wanted */
};

#endif
