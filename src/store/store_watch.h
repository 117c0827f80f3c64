/*
 * Watched domains in the store: the list, when each is due, how its runs have ended, its last report, what is
 * known of its findings, and the alerts that are not delivered. Several writes that belong together go into
 * one transaction (ww_store_begin). Bounded: runs and findings a domain, alerts as a whole.
 */
#ifndef WW_STORE_STORE_WATCH_H
#define WW_STORE_STORE_WATCH_H

#include "core/policy_version.h"
#include "engine/alerts.h"
#include "store/store.h"

#define WW_WATCH_WORD_SIZE 16

/* More domains are not watched. */
#define WW_WATCH_DOMAINS_MAX 100000
/* Of a domain: runs that are all kept, and for how long before them the last one of each day is. */
#define WW_WATCH_RUNS_KEPT 50
#define WW_WATCH_DAYS_KEPT 366
#define WW_WATCH_FINDINGS_MAX 256
/* A longer report is not kept. */
#define WW_WATCH_REPORT_MAX ((size_t)192 * 1024)
/* Names of MX hosts, with a space between them. */
#define WW_WATCH_MX_SIZE 4200
/* Alerts that wait: the oldest go for new ones, and after so long. */
#define WW_WATCH_ALERTS_MAX 10000
#define WW_WATCH_ALERT_SECONDS (INT64_C(30) * 86400)

/* How an inspection has ended. */
struct ww_watch_run {
    int64_t at; /* 0: there was none */
    uint32_t ms;
    unsigned severity; /* enum ww_severity; WW_SEVERITY_INFO + 1: nothing was found */
    uint32_t errors, warnings, infos;
    char outlook[WW_WATCH_WORD_SIZE]; /* ww_outlook_name */
    char mode[WW_WATCH_WORD_SIZE];    /* of the policy; "": none */
};

struct ww_watch {
    char domain[WW_DNAME_SIZE];
    char group[WW_WATCH_GROUP_SIZE]; /* "": none */
    int64_t added;
    int64_t every; /* seconds; 0: as configured */
    int64_t due;
    struct ww_watch_run last;
    uint8_t mx_hash[WW_VERSION_HASH_SIZE]; /* zero: not known */
    char mx[WW_WATCH_MX_SIZE];
};

/* Puts a domain on the list, due at once; of one that is there group and interval are set. */
WW_MUST_CHECK enum ww_err ww_watch_put(struct ww_store *store, const char *domain, const char *group,
                                       int64_t every, int64_t now);
/* With all that is known of it, but its history of policies. */
WW_MUST_CHECK enum ww_err ww_watch_remove(struct ww_store *store, const char *domain, bool *found);

/* Domains, and what their last runs have found together. */
struct ww_watch_totals {
    uint64_t domains, errors, warnings, infos;
};
WW_MUST_CHECK enum ww_err ww_watch_totals(struct ww_store *store, struct ww_watch_totals *out);

/* Calls cb for up to max domains behind `after` in the order of their names; borrowed during the call. */
typedef void ww_watch_cb(void *ctx, const struct ww_watch *watch);
WW_MUST_CHECK enum ww_err ww_watch_list(struct ww_store *store, const char *after, size_t max,
                                        ww_watch_cb *cb, void *ctx);
/* WW_E_NOT_KNOWN: it is not watched. */
WW_MUST_CHECK enum ww_err ww_watch_get(struct ww_store *store, const char *domain, struct ww_watch *out);

/* The name of one that is due at now, longest first; "": none. When the next one is; 0: none is watched. */
WW_MUST_CHECK enum ww_err ww_watch_due(struct ww_store *store, int64_t now, char domain[WW_DNAME_SIZE]);
WW_MUST_CHECK enum ww_err ww_watch_next_due(struct ww_store *store, int64_t *due);
WW_MUST_CHECK enum ww_err ww_watch_set_due(struct ww_store *store, const char *domain, int64_t due,
                                           bool *found);

/* The domain was inspected: how that ended, and with which policy and hosts. report is empty where it is too
 * long. */
WW_MUST_CHECK enum ww_err ww_watch_ran(struct ww_store *store, const struct ww_watch *watch,
                                       struct ww_slice report);

/* Newest first. */
typedef void ww_watch_run_cb(void *ctx, const struct ww_watch_run *run);
WW_MUST_CHECK enum ww_err ww_watch_runs(struct ww_store *store, const char *domain, size_t max,
                                        ww_watch_run_cb *cb, void *ctx);

/* Calls cb once, if there is one. */
typedef void ww_watch_blob_cb(void *ctx, struct ww_slice blob);
WW_MUST_CHECK enum ww_err ww_watch_report(struct ww_store *store, const char *domain, ww_watch_blob_cb *cb,
                                          void *ctx);

/* The worst first. */
typedef void ww_watch_finding_cb(void *ctx, const struct ww_alert_state *state);
WW_MUST_CHECK enum ww_err ww_watch_findings(struct ww_store *store, const char *domain,
                                            ww_watch_finding_cb *cb, void *ctx);
/* These are all there are from now on, but for those that are gone. */
WW_MUST_CHECK enum ww_err ww_watch_put_findings(struct ww_store *store, const char *domain,
                                                const struct ww_alert_state *states, size_t count);
/* Acknowledges all findings of a check of a domain; *count is how many that were. until 0: takes it back. */
WW_MUST_CHECK enum ww_err ww_watch_ack(struct ww_store *store, const char *domain, const char *check,
                                       int64_t until, const char *who, const char *reason, int *count);

/* An alert that waits to be delivered. */
struct ww_watch_alert {
    uint64_t number;
    int64_t at;
    const char *domain;
    const char *delivered; /* the channels that have had it, each ended by a line feed */
    struct ww_slice content;
};

WW_MUST_CHECK enum ww_err ww_watch_put_alert(struct ww_store *store, const char *domain, int64_t at,
                                             struct ww_slice content, uint64_t *number);
typedef void ww_watch_alert_cb(void *ctx, const struct ww_watch_alert *alert);
WW_MUST_CHECK enum ww_err ww_watch_alerts(struct ww_store *store, uint64_t after, size_t max,
                                          ww_watch_alert_cb *cb, void *ctx);
/* One that is not there is no error. */
WW_MUST_CHECK enum ww_err ww_watch_alert_done(struct ww_store *store, uint64_t number);
WW_MUST_CHECK enum ww_err ww_watch_alert_delivered(struct ww_store *store, uint64_t number,
                                                   const char *channel);
WW_MUST_CHECK enum ww_err ww_watch_alerts_expire(struct ww_store *store, int64_t now);
WW_MUST_CHECK enum ww_err ww_watch_alert_count(struct ww_store *store, uint64_t *count);

#endif
