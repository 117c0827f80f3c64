/*
 * The life of a policy domain in the cache, as pure rules on a value (RFC 8461 sections 3.3, 5.1, 8.3).
 *
 * What must stay true: an unexpired policy survives every failure, and only a valid policy replaces it.
 * All times are Unix seconds and passed in.
 */
#ifndef WW_ENGINE_LIFE_H
#define WW_ENGINE_LIFE_H

#include "engine/discovery.h"

struct ww_life_rules {
    int64_t recheck; /* the record is looked at again at the first use after so many seconds, or when its
                        TTL has ended if that is later: a day at most */
    int64_t no_record_min; /* bounds of what the TTL of "no record" is taken for */
    int64_t no_record_max;
    int64_t fetch_retry; /* no GET for so long after a failed one for the same id; at least 300 */
    int64_t dns_retry;   /* no new flight for so long after a failed record look-up */
    int64_t used_within; /* what was used within so many seconds is refreshed ahead of the next use */
};

/* What is known of one domain. The policy body is kept by the holder, beside it. */
struct ww_life {
    char id[WW_STS_ID_MAX + 1];        /* of the cached policy; "" without one */
    char failed_id[WW_STS_ID_MAX + 1]; /* record id whose GET failed; "" without */
    uint8_t failures;                  /* flights in a row that could not refresh the policy */
    bool alerted;                      /* the operator was told so */
    enum ww_policy_mode mode;          /* of the cached policy */
    enum ww_discovery_outcome last;    /* outcome of the last flight; meaningful when checked is not 0 */
    enum ww_err why;                   /* of the last flight */
    int64_t fetched;                   /* when the cached policy was last fetched */
    int64_t expires;     /* fetched + max_age; what has expired stays here until it is replaced */
    int64_t checked;     /* when the last flight ended; 0 never */
    int64_t next_flight; /* a use at or after this time begins a flight */
    int64_t retry_at;    /* no GET for failed_id before */
};

enum ww_life_change {
    WW_LIFE_SAME,     /* nothing worth storing */
    WW_LIFE_REPLACED, /* a new policy: the holder keeps result->body now, and stores it */
    WW_LIFE_CHECKED,  /* the cached policy was confirmed: store the times */
};

/*
 * Takes over what a store kept: the caller has set id, mode, fetched, expires and checked, the rest is zero.
 * Failures are not kept. A GET that failed may be made once more after a start, when its time has not come:
 * one a domain that is in use, held to the limits of all fetches. Keeping them would let strangers, who have
 * us look at names that fail, write to the disk.
 * False when that is no policy that can still be used; then *life is as if nothing were known.
 */
bool ww_life_restore(struct ww_life *life, int64_t now, const struct ww_life_rules *rules);

/*
 * True when a policy is cached and not expired. A policy of max_age 0 counts in the very second in which it
 * came, so that the look-ups that wait for its flight get it.
 */
bool ww_life_has_policy(const struct ww_life *life, int64_t now);

/*
 * True when a look-up can be answered at once: by the policy, or by the knowledge, still fresh, that there is
 * none or that none can be had. When it cannot, a flight is always wanted.
 */
bool ww_life_can_answer(const struct ww_life *life, int64_t now);

/* True when a use at this time should begin a flight, whether or not it was answered at once. */
bool ww_life_wants_flight(const struct ww_life *life, int64_t now);

/* So long after a fetch the next is due: a day, or half of max_age if that is less (section 5.1). */
int64_t ww_life_refresh_after(const struct ww_life *life);

/*
 * True when a use should fetch the policy again though its id is unchanged. engine/refresh.h says when that
 * is done ahead of any use.
 */
bool ww_life_wants_refresh(const struct ww_life *life, int64_t now);

/*
 * How long to leave a domain alone after the last of its failures: fetch_retry, doubled with each failure, up
 * to four hours (or fetch_retry, if that is longer). 0 without a failure.
 */
int64_t ww_life_back_off(const struct ww_life *life, const struct ww_life_rules *rules);

/* What the flight needs to know. */
void ww_life_ask(const struct ww_life *life, const char *domain, int64_t now, struct ww_discovery_ask *ask);

/*
 * Takes in a flight's result; now is when it ended. For WW_FOUND_POLICY `policy` is the parsed result->body
 * (NULL counts as WW_FOUND_POLICY_INVALID), else it is not looked at.
 *
 * The lifetime counts from the last successful fetch: a confirmed id does not make it longer. Nothing but a
 * fetch moves the dates, whatever the clock does meanwhile: a clock that is behind for a while, as at the
 * start of a machine without one, must not make a policy end early. If it was ahead at the fetch, by less
 * than the policy host's certificate allows, and no fetch has succeeded since it was set right, the policy
 * lives longer by as much; a refresh is wanted all that time.
 */
enum ww_life_change ww_life_apply(struct ww_life *life, const struct ww_discovery_result *result,
                                  const struct ww_policy *policy, int64_t now,
                                  const struct ww_life_rules *rules);

#endif
