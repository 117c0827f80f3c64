/*
 * What a sender has to do with mail for a domain, as JSON: the answer of the HTTP API. Its members are stable
 * (docs/schema/policy-v1.json), and those that a sender needs ask for no knowledge of our levels.
 */
#ifndef WW_CODEC_POLICY_JSON_H
#define WW_CODEC_POLICY_JSON_H

#include "codec/explain.h"

/* The longest: MX patterns, which take no more than the policy's body, and all the rest. */
#define WW_POLICY_JSON_MAX (WW_POLICY_BODY_MAX + 16384)

/*
 * Appends one JSON object, on one line without a line end:
 *
 *   version (1), domain,
 *   hold (no delivery for now: try again later), tls ("none": the sender's own default; "opportunistic": when
 * it is offered, and no failure of it holds mail; "required"), verify ("none", "webpki", "dane"), mx
 * (patterns of the hosts that may be delivered to, lower case; null: any host; []: none), try_dane (a sender
 * that can do DANE by itself does: where a host has usable TLSA records, they take the place of verify),
 * level (ww_level_name), why {text, section (or null)}, until (the decision may be another then, or null),
 * source, policy (or null) {mode, id, max_age, fetched, expires}, dane, override, error and detail as in
 * EXPLAIN, dry_run, would (or null) {hold, tls, verify, mx, try_dane, level}
 *
 * In a dry run nothing is demanded; would is what else had been. d is the decision on what e tells. Fails
 * with WW_E_NO_MEMORY, or WW_E_TOO_LONG when b is too small.
 */
WW_MUST_CHECK enum ww_err ww_policy_json(struct ww_buf *b, const struct ww_explain *e,
                                         const struct ww_decision *d);

/* What went wrong with a request, for ww_policy_problem. */
struct ww_policy_problem {
    unsigned status;    /* of HTTP */
    const char *title;  /* the same for all of its kind */
    const char *detail; /* what to do, or NULL */
    enum ww_err err;    /* the rule that the request breaks, or WW_OK */
};

#define WW_POLICY_PROBLEM_MAX 1024

/*
 * Appends a problem (RFC 9457, application/problem+json): status, title, detail or null, error as above. b
 * has room for WW_POLICY_PROBLEM_MAX. Fails with WW_E_NO_MEMORY.
 */
WW_MUST_CHECK enum ww_err ww_policy_problem(struct ww_buf *b, const struct ww_policy_problem *problem);

#endif
