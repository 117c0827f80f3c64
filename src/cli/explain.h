/*
 * The parts of `waxwing explain`. A look at a domain (explain_look.c) makes one JSON object of all that was
 * seen; explain_report.c adds what the daemon tells, and how it all ends; explain_tree.c makes a tree of that
 * for people, and tree.h draws it. waxwing-explain(1) has the keys of the object.
 */
#ifndef WW_CLI_EXPLAIN_H
#define WW_CLI_EXPLAIN_H

#include "cli/outside.h"
#include "cli/query.h"
#include "codec/json_values.h"
#include "core/dane_survey.h"
#include "core/judge.h"

#include <jansson.h>

struct ww_live;
struct ww_mx_probe_result;
struct ww_overrides;

#define WW_EXPLAIN_VERSION 1

/* Sections for what the tables of errors and rules do not tell. */
#define WW_EXPLAIN_RECORD_SECTION "RFC 8461 section 3.1"
#define WW_EXPLAIN_FETCH_SECTION "RFC 8461 section 3.3"
#define WW_EXPLAIN_POLICY_SECTION "RFC 8461 section 3.2"

/* What is looked at. */
struct ww_look_at {
    const struct ww_config *config;
    const char *domain;   /* canonical */
    const json_t *daemon; /* what the daemon answers to EXPLAIN, or NULL */
    bool only_decide;     /* look at nothing that the decision does not need */
    bool live;            /* talk to the MX hosts as well */
    int64_t at;           /* Unix seconds */
};

/* A look under way, in the process that talks to strangers. */
struct ww_look {
    const struct ww_look_at *order;
    struct ww_outside net;
    json_t *record; /* what came of each step of the discovery, or NULL: there was none */
    json_t *addresses;
    json_t *fetch;
    struct ww_discovery_result found;
    char *body;           /* of the policy that was fetched, or NULL */
    struct ww_policy now; /* in force, of mode none as well; of meaning when has_policy is set */
    bool has_policy;
    bool policy_is_cached; /* by the daemon: the look has found none. The next ones are of that: */
    char *cached_body;
    const char *cached_id;
    int64_t cached_fetched;
    int64_t cached_expires;
    struct ww_life life; /* as if a daemon had found the policy just now */
    struct ww_dane_survey survey;
    bool surveyed;
    struct ww_overrides *overrides;     /* of the configuration */
    const struct ww_override *override; /* the one that counts, or NULL: of these, or of the daemon: */
    struct ww_override daemons;
    char daemons_mx[WW_OVERRIDE_MX_SIZE];
    char *ordered_body; /* patterns of the override, as a policy */
    struct ww_policy ordered;
    bool has_ordered;
    struct ww_preload_entry listed; /* what the daemon's preload list says of the domain; with has_listed */
    int64_t listed_until;
    char listed_texts[16 * 1024]; /* the daemon tells of no more than half of that */
    char listed_image[17 * 1024];
    char *listed_body; /* its patterns, as a policy */
    struct ww_policy listed_policy;
    bool has_listed;
    struct ww_live *live; /* NULL: no host is talked to */
};

/* Octets that a look tells at most. */
#define WW_LOOK_OUTPUT_MAX ((size_t)1 << 20)

/* How long a look takes at most, in milliseconds; and its survey for DANE. */
unsigned ww_look_dane_ms(const struct ww_config *config);
unsigned ww_look_deadline_ms(const struct ww_look_at *order);

/*
 * Looks, and writes one line of JSON to `out`: {"dns", "mta_sts", "mx", "now"}, or {"failed": why}. To be
 * called in a process of its own (worker.h; ctx is a struct ww_look_at), whose rights it gives up.
 */
void ww_look(void *ctx, int out);

/* Looks in a process of its own. Returns what that told; NULL: `why` says what was wrong. */
json_t *ww_look_apart(const struct ww_look_at *order, char why[WW_QUERY_WHY_SIZE]);

/* The discovery's part: it is begun, observed, and told of when all has ended. */
bool ww_look_sts_begin(struct ww_look *look);
json_t *ww_look_sts_json(const struct ww_look *look);

/* Which override counts. False: memory is short. */
bool ww_look_override(struct ww_look *look);

/* What the daemon's preload list says. False: memory is short. */
bool ww_look_preload(struct ww_look *look);

/* The survey's part. */
bool ww_look_mx_begin(struct ww_look *look);
json_t *ww_look_mx_json(const struct ww_look *look);

/* The probes of MX hosts: made before confinement; begun when the survey is there. NULL: *why says it. */
#define WW_LIVE_PROBE_MS 45000
struct ww_live *ww_live_new(struct ww_look *look, const char **why);
void ww_live_free(struct ww_live *live);
void ww_live_begin(struct ww_look *look);
/* What was seen of a host; NULL: *err says why, or is WW_OK where it was not to be talked to. */
const struct ww_mx_probe_result *ww_live_result(const struct ww_look *look, const struct ww_dane_host *host,
                                                enum ww_err *err);
json_t *ww_live_json(const struct ww_look *look, const struct ww_dane_host *host);

/* What follows from it all, as EXPLAIN tells it (codec/explain.h). */
json_t *ww_look_now_json(const struct ww_look *look);

/*
 * How a host is judged by what was seen of it; or where it was not talked to, as if it did all well:
 * {"action", "live", "policy_type", "result_type", "needs", "why", "source"}.
 */
json_t *ww_look_host_json(const struct ww_look *look, const struct ww_dane_host *host);

/* Which way a script takes: the exit status too, but for the temporary class. */
enum ww_explain_class {
    WW_CLASS_AUTHENTICATED, /* a delivery must have authenticated TLS */
    WW_CLASS_OPEN,          /* nothing is demanded */
    WW_CLASS_PARTLY,        /* TLS, or authentication at some hosts */
    WW_CLASS_HELD,          /* no mail would be delivered now */
    WW_CLASS_UNKNOWN,       /* it could not be found out now: WW_EXIT_TEMPORARY */
    WW_CLASSES,
};

/*
 * The whole object from what a look told (taken over; NULL: it failed, why says so) and what the daemon
 * answers (borrowed; NULL: why_no_daemon). NULL: out of memory.
 */
json_t *ww_explain_report(const char *domain, int64_t at, json_t *look, const char *why_failed,
                          const json_t *daemon, const char *why_no_daemon);

enum ww_explain_class ww_explain_class(const json_t *report);

/* The tree for people, as tree.h draws it. NULL: out of memory. */
json_t *ww_explain_tree(const json_t *report);

#endif
