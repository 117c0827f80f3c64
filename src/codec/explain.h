/*
 * What is known of one domain, what follows from it and what Postfix is told, as JSON: the answer of the map
 * EXPLAIN and of `waxwing query --json`.
 */
#ifndef WW_CODEC_EXPLAIN_H
#define WW_CODEC_EXPLAIN_H

#include "base/buf.h"
#include "base/err.h"
#include "core/domain_decision.h"
#include "core/override.h"
#include "core/policy.h"

/* All pointers are borrowed during the call. All times are Unix seconds; 0: not known. */
struct ww_explain {
    const char *domain;             /* canonical */
    const struct ww_policy *policy; /* the one that is in force now, or NULL */
    const char *id;                 /* the policy's; not looked at without one */
    int64_t fetched;                /* when the policy was last fetched; not looked at without one */
    int64_t expires;                /* until when it is valid; not looked at without one */
    const char *source; /* where the answer comes from: "cache", "live", or "direct" without a daemon; told as
                           "preload" where the list has decided */
    const char *last;   /* ww_discovery_outcome_name of the last flight; NULL: there was none */
    enum ww_err why;    /* the fault behind it, or WW_OK */
    const char *detail; /* its words, or NULL */
    int64_t checked;    /* when it ended */
    int64_t next_check; /* a use after this time looks at the record again */
    bool testing_may;   /* the configured style of testing policies */
    const struct ww_preload_entry *listed; /* what a preload list that counts says of the domain, or NULL */
    int64_t listed_until;                  /* when that list expires; not looked at without `listed` */
    const struct ww_override *override;    /* the one that counts for the domain, or NULL */
    bool dry_run;                          /* as configured */
    const struct ww_domain_dane *dane;     /* what the look-ups of DANE have found, or NULL: not known */
    struct ww_dane_settings settings;      /* of DANE */
};

/* Draws the random numbers that the JSON library wants, while files can still be opened. Once, before
 * confining. */
void ww_explain_prepare(void);

/* Longest JSON text that is written: with "OK " before it, it fits a socketmap reply. */
#define WW_EXPLAIN_MAX 99000

/*
 * Appends one JSON object, on one line without a line end:
 *
 *   domain, level (ww_level_name), why, section (of the rule that has decided), until (the decision may be
 * another then, or null), source, override (or null) {key, level, applied, source ("configuration", "run
 * time"), until, reason, who, set, mx (its own patterns)}, mode, id, max_age, fetched, expires (null without
 * a policy), mx (patterns as published), preload (or null) {mode, mx, alias (or null), expires, counts: no
 * MTA-STS policy is in force}, dane (or null) {mx ("secure", "insecure", "bogus", "failed",
 * "null"), until, hosts [{host, dane (ww_dane_state_name)}], more (there are others)}, last, error {id,
 * message, source} or null, detail or null, checked, next_check (or null), postfix {"QUERY": reply,
 * "QUERYwithTLSRPT": reply}, dry_run, would_answer (the same without dry run; null when there is none),
 * truncated
 *
 * An override that changes nothing, as one to enforce a testing policy where there is none, is not applied.
 * Times are RFC 3339 in UTC. Patterns and replies that would pass WW_EXPLAIN_MAX are cut, and truncated is
 * true. Fails with WW_E_NO_MEMORY, or WW_E_TOO_LONG when b is too small.
 */
WW_MUST_CHECK enum ww_err ww_explain_json(struct ww_buf *b, const struct ww_explain *e);

#endif
