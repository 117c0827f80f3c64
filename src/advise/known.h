/*
 * One failure of a report in the light of what is known: which policy its sender used, what the present one
 * says of that host, and what an inspection has found there. Each thing known is a sentence with an id.
 */
#ifndef WW_ADVISE_KNOWN_H
#define WW_ADVISE_KNOWN_H

#include "advise/use.h"

#define WW_KNOWN_MAX 8
#define WW_KNOWN_WORDS_SIZE 640

struct ww_known {
    const char *id;                  /* static */
    char words[WW_KNOWN_WORDS_SIZE]; /* without a full stop; printable ASCII */
};

struct ww_known_failure {
    const char *result;
    const char *mx;   /* canonical; "" */
    const char *type; /* of the policy, as the next two */
    struct ww_slice strings;
    struct ww_slice mx_hosts;
    int64_t day; /* of the report */
};

/* Of the evidence domain, versions and look count. Returns how many there are. */
size_t ww_known_of(const struct ww_evidence *evidence, const struct ww_known_failure *failure,
                   struct ww_known out[WW_KNOWN_MAX]);

#endif
