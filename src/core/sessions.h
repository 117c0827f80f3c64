/*
 * What some SMTP sessions with a recipient domain have come to under one policy on one day: what is counted,
 * kept and reported (RFC 8460 sections 4.3 and 4.4). Counts may be negative: a correction of what was counted
 * before. All slices are borrowed, and hold well-formed UTF-8 without control characters, but for the line
 * feeds that end each line of a list.
 */
#ifndef WW_CORE_SESSIONS_H
#define WW_CORE_SESSIONS_H

#include "base/buf.h"
#include "base/slice.h"
#include "core/addr.h"
#include "core/dname.h"
#include "core/tlsrpt_result.h"

#include <stdbool.h>
#include <stdint.h>

/* Octets of the lists of a policy, each line with its line feed; what is beyond is cut at a line. */
#define WW_SESSIONS_STRINGS_MAX ((size_t)16 * 1024)
#define WW_SESSIONS_MX_HOSTS_MAX ((size_t)8 * 1024)
/* Octets of the free texts of a failure, and of a TLSRPT record; a longer one is cut, a longer record is
 * none. */
#define WW_SESSIONS_TEXT_MAX 500
#define WW_SESSIONS_RECORD_MAX 4096
/* Failure details of one item. */
#define WW_SESSIONS_DETAILS_MAX 64

#define WW_DAY_SECONDS INT64_C(86400)

/* The UTC day of a time, counted from 1970-01-01; times before have day 0. */
static inline int64_t ww_day_of(int64_t seconds)
{
    return seconds > 0 ? seconds / WW_DAY_SECONDS : 0;
}

struct ww_sessions_policy {
    enum ww_policy_type type;
    char domain[WW_DNAME_SIZE]; /* the policy domain: of DANE the MX host; "": not known */
    struct ww_slice strings;    /* the policy, a string a line; empty: not known, or none */
    struct ww_slice mx_hosts;   /* mx patterns of an MTA-STS policy, one a line */
};

/*
 * The strings and the mx patterns of an MTA-STS policy as Postfix reports them when it has the policy from
 * Waxwing, so that both are one policy; patterns in lower case. What does not fit WW_SESSIONS_STRINGS_MAX or
 * WW_SESSIONS_MX_HOSTS_MAX is left out; so much room has to be in b.
 */
struct ww_policy;
void ww_sessions_put_strings(struct ww_buf *b, const struct ww_policy *policy);
void ww_sessions_put_mx_hosts(struct ww_buf *b, const struct ww_policy *policy);

struct ww_sessions_detail {
    enum ww_result_type type;
    struct ww_slice sending_ip;   /* canonical, or empty */
    struct ww_slice receiving_mx; /* canonical, or empty */
    struct ww_slice helo;         /* the first line of the answer to EHLO */
    struct ww_slice receiving_ip; /* canonical, or empty */
    struct ww_slice info;         /* a URI */
    struct ww_slice reason;
    int64_t count; /* sessions */
};

struct ww_sessions {
    char domain[WW_DNAME_SIZE]; /* the recipient domain, canonical */
    int64_t day;                /* ww_day_of */
    struct ww_slice record;     /* its TLSRPT record, as the MTA saw it; empty: not known */
    bool policy_known;          /* else policy is to be taken from what is known of the domain */
    bool by_us;                 /* seen by Waxwing itself, not told by an MTA */
    char policy_id[33];         /* of an MTA-STS policy whose strings are not known; "" */
    struct ww_sessions_policy policy;
    int64_t success;    /* the policy was held */
    int64_t unverified; /* went well, but nobody looked whether the policy was held: mode testing */
    int64_t failure;
    struct ww_sessions_detail *details;
    size_t detail_count;
};

#endif
