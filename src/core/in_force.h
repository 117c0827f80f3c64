/*
 * Which MTA-STS policy is in force for a delivery, given the one just fetched, the one in the cache and how
 * discovery went; and what of that is told the domain in a report.
 *
 * An unexpired cached policy outlives every failure of discovery (RFC 8461 section 3.3).
 */
#ifndef WW_CORE_IN_FORCE_H
#define WW_CORE_IN_FORCE_H

#include "core/policy.h"
#include "core/rule.h"

/* What the look-up of the MTA-STS record found (section 3.1). */
enum ww_seen_record {
    WW_RECORD_NONE,     /* none, a broken one, or no answer */
    WW_RECORD_MULTIPLE, /* several: as none */
    WW_RECORD_SAME,     /* one, with the id of the cached policy if there is one */
    WW_RECORD_NEW,      /* one with another id */
};

/* How the fetch went (section 3.3). */
enum ww_seen_fetch {
    WW_FETCH_OK,
    WW_FETCH_NOT_ATTEMPTED, /* no record, a known id, or the wait after a failure */
    WW_FETCH_FAILED,        /* a status other than 200, a time-out, no connection */
    WW_FETCH_WEBPKI,        /* the policy host's certificate is not valid */
    WW_FETCH_INVALID,       /* what was fetched is no policy */
};

struct ww_discovered {
    const struct ww_policy *fetched; /* borrowed; NULL: none. Counts only with a record and WW_FETCH_OK */
    const struct ww_policy *cached;  /* borrowed; NULL: none */
    uint64_t cached_age;             /* seconds since the last fetch that succeeded */
    enum ww_seen_record record;
    enum ww_seen_fetch fetch;
};

struct ww_in_force {
    const struct ww_policy *policy; /* of mode enforce or testing, borrowed; NULL: nothing is to be obeyed */
    bool cached;                    /* it is the cached one */
    enum ww_rule without;           /* why there is none; only when policy is NULL */
    enum ww_result_type result;     /* sts-policy-…, for the report (section 6), or WW_RESULT_NONE */
};

/*
 * A cached policy has expired when its age has reached max_age. A failed fetch is reported when there is a
 * valid record, or an unexpired cached policy of another mode than none; where nothing was fetched, nothing
 * has failed.
 */
struct ww_in_force ww_in_force(const struct ww_discovered *d);

#endif
