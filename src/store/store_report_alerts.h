/*
 * What the rules of engine/report_alerts.h want to know of a domain's reports, and what was told of them.
 * Times are Unix seconds, days those of ww_day_of.
 */
#ifndef WW_STORE_STORE_REPORT_ALERTS_H
#define WW_STORE_STORE_REPORT_ALERTS_H

#include "engine/report_alerts.h"
#include "store/store.h"

/* More senders of a domain are not listened for, and more results of a week not looked at. */
#define WW_REPORT_SENDERS_MAX 256
#define WW_REPORT_RESULTS_MAX 16

/* A domain's past, as it was told so far. Too large for a stack. */
struct ww_report_known {
    struct ww_report_past past;
    struct ww_report_sender senders[WW_REPORT_SENDERS_MAX];
    struct ww_report_result results[WW_REPORT_RESULTS_MAX];
    struct ww_report_told told[WW_REPORT_TOLD_MAX];
    size_t told_count;
    struct ww_store *store; /* past.worst asks it; borrowed */
    char domain[WW_DNAME_SIZE];
    enum ww_err err; /* of what past.worst has asked */
};

WW_MUST_CHECK enum ww_err ww_report_known_get(struct ww_store *store, const char *domain, int64_t today,
                                              struct ww_report_known *out);

/* These are all from now on that were told of a domain, but for those that are gone. */
WW_MUST_CHECK enum ww_err ww_report_told_put(struct ww_store *store, const char *domain,
                                             const struct ww_report_told *told, size_t count);

/* Acknowledges what lasts of an alert; *count is how many that were. until 0: takes it back. */
WW_MUST_CHECK enum ww_err ww_report_told_ack(struct ww_store *store, const char *domain, const char *what,
                                             int64_t until, int *count);

/* Calls cb for up to max domains behind `after`, in the order of their names, that reports from this number
 * on are about; borrowed during the call. */
typedef void ww_report_domain_cb(void *ctx, const char *domain);
WW_MUST_CHECK enum ww_err ww_report_domains_since(struct ww_store *store, uint64_t number, const char *after,
                                                  size_t max, ww_report_domain_cb *cb, void *ctx);

/* The first domain behind `after` that there are reports of, or were when something was told; "": none. */
WW_MUST_CHECK enum ww_err ww_report_next_domain(struct ww_store *store, const char *after,
                                                char out[WW_DNAME_SIZE]);

#endif
