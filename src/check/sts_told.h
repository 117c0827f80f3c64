/*
 * What is told a domain of a look at its MX hosts (docs/reports.md): sessions under its MTA-STS policy, as
 * one item of what is counted and reported. Pure: all was seen before.
 *
 * An MX host that the policy does not name is one session that has failed. Of a policy in mode testing each
 * host that it names and that answers is one session, successful or not. In mode enforce those hosts are left
 * to the MTAs, which see them.
 */
#ifndef WW_CHECK_STS_TOLD_H
#define WW_CHECK_STS_TOLD_H

#include "check/mx_sessions.h"
#include "core/policy.h"

/* Of more MX hosts those of the best preference are looked at. */
#define WW_STS_HOSTS_MAX 10

struct ww_sts_host {
    char name[WW_DNAME_SIZE];
    bool named;                   /* by the policy */
    struct ww_mx_session session; /* zero: there was none */
};

struct ww_sts_seen {
    char domain[WW_DNAME_SIZE];
    int64_t at;                     /* Unix seconds of the look */
    struct ww_slice record;         /* the TLSRPT record */
    const struct ww_policy *policy; /* of mode testing or enforce */
    size_t count;
    struct ww_sts_host hosts[WW_STS_HOSTS_MAX];
};

/* The item, and what it borrows from; it borrows from what was seen as well. */
struct ww_sts_told {
    struct ww_sessions sessions;
    struct ww_sessions_detail details[WW_STS_HOSTS_MAX];
    char info[WW_STS_HOSTS_MAX][WW_SESSIONS_TEXT_MAX];
    char strings[WW_SESSIONS_STRINGS_MAX];
    char mx_hosts[WW_SESSIONS_MX_HOSTS_MAX];
};

/* True when the host is to be talked to. */
bool ww_sts_wants_session(const struct ww_policy *policy, const struct ww_sts_host *host);

/* False: there is nothing to tell. */
bool ww_sts_tell(const struct ww_sts_seen *seen, struct ww_sts_told *out);

#endif
