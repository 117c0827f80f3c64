/*
 * One discovery of a domain's MTA-STS policy as a pure state machine (RFC 8461 section 3): record, then
 * policy.
 *
 * The caller loops: ask ww_discovery_want, do it, report the event, until the want is WW_WANT_NOTHING; then
 * the result is final. A discovery makes at most one record look-up and one GET.
 */
#ifndef WW_ENGINE_DISCOVERY_H
#define WW_ENGINE_DISCOVERY_H

#include "core/dname.h"
#include "core/origin.h"
#include "core/policy.h"
#include "core/sts_record.h"

/* Where the policy host keeps the policy (section 3.3). */
#define WW_POLICY_PATH "/.well-known/mta-sts.txt"

/* What is known before: it saves or forbids the GET. */
struct ww_discovery_ask {
    char domain[WW_DNAME_SIZE];       /* canonical */
    char known_id[WW_STS_ID_MAX + 1]; /* id of the unexpired cached policy, or "": the same id needs no GET */
    char failed_id[WW_STS_ID_MAX + 1]; /* id whose GET failed, or "" */
    int64_t retry_at;                  /* Unix seconds: no GET for failed_id before (section 3.3) */
    bool refetch;                      /* GET though the id is known: a refresh ahead of expiry */
};

enum ww_discovery_want {
    WW_WANT_RECORD,  /* look up TXT at ww_discovery_name */
    WW_WANT_POLICY,  /* GET WW_POLICY_PATH from the host ww_discovery_name */
    WW_WANT_NOTHING, /* the result is there */
};

enum ww_discovery_outcome {
    WW_FOUND_POLICY,         /* fetched and valid: id, body */
    WW_FOUND_UNCHANGED,      /* the record's id is known_id */
    WW_FOUND_NO_RECORD,      /* the name or the record does not exist */
    WW_FOUND_RECORD_INVALID, /* several records, or a broken one */
    WW_FOUND_DNS_FAILURE,    /* the record look-up failed: time-out, SERVFAIL, bogus */
    WW_FOUND_FETCH_FAILURE,  /* a valid record, but the GET failed */
    WW_FOUND_POLICY_INVALID, /* a valid record, but the body is no policy */
    WW_FOUND_WAITING,        /* a valid record whose GET failed a short while ago and was not tried again */
};

#define WW_DISCOVERY_DETAIL_SIZE 256

struct ww_discovery_result {
    enum ww_discovery_outcome outcome;
    enum ww_err why;                       /* the rule or the fault behind a failure; WW_OK otherwise */
    char id[WW_STS_ID_MAX + 1];            /* of the record; "" without a valid one */
    uint32_t record_ttl;                   /* seconds; of the negative answer for NO_RECORD; 0 when unknown */
    struct ww_slice body;                  /* WW_FOUND_POLICY: borrowed from the event until the next call */
    struct ww_origin origin;               /* WW_FOUND_POLICY: where it came from */
    char detail[WW_DISCOVERY_DETAIL_SIZE]; /* what a person reads: names the place and the fault, printable
                                              ASCII; "" on success */
};

/* Events. A failure other than WW_OK means that the other fields are not set. */
struct ww_record_event {
    enum ww_err failure;    /* DNS time-out, SERVFAIL, bogus, … */
    const char *detail;     /* for failures: more words, or NULL */
    struct ww_slice packet; /* the raw answer to the TXT question */
};

struct ww_policy_event {
    enum ww_err failure;            /* address, connection, TLS, certificate, time-out, size, … */
    const char *detail;             /* for failures: more words, or NULL */
    unsigned status;                /* HTTP status */
    const char *content_type;       /* header value or NULL when there was none */
    struct ww_slice body;           /* must stay valid as long as the result is used */
    const struct ww_origin *origin; /* or NULL */
};

struct ww_discovery {
    struct ww_discovery_ask ask;
    enum ww_discovery_want want;
    struct ww_discovery_result result;
};

void ww_discovery_start(struct ww_discovery *d, const struct ww_discovery_ask *ask);
enum ww_discovery_want ww_discovery_want(const struct ww_discovery *d);

/* Room for either name of any domain, though one that is too long to be asked for. */
#define WW_DISCOVERY_NAME_SIZE (WW_DNAME_SIZE + 16)

/* The name that the present want is about: "_mta-sts.<domain>" or "mta-sts.<domain>". */
void ww_discovery_name(const struct ww_discovery *d, char out[WW_DISCOVERY_NAME_SIZE]);

void ww_discovery_on_record(struct ww_discovery *d, const struct ww_record_event *event, int64_t now);
void ww_discovery_on_policy(struct ww_discovery *d, const struct ww_policy_event *event);

/* Borrowed; final once the want is WW_WANT_NOTHING. */
const struct ww_discovery_result *ww_discovery_result(const struct ww_discovery *d);

/* "policy", "unchanged", "no-record", … for logs and JSON. */
const char *ww_discovery_outcome_name(enum ww_discovery_outcome outcome);

#endif
