/*
 * Which alerts a run of a watched domain raises: pure rules on what is kept of its findings, what the run has
 * found, and the time. A finding is told when it appears, when it gets worse, when it has gone for two runs
 * in a row, and while it stays and nobody has acknowledged it, ever more seldom; never twice for the same
 * reason. What could not be looked at neither clears nor raises anything, and what is said of our own side
 * (checks our-…) is none of the domain's.
 */
#ifndef WW_ENGINE_ALERTS_H
#define WW_ENGINE_ALERTS_H

#include "core/lint.h"

#include <stdint.h>

/* NUL included. where and seen are as long as in check/check.h. */
#define WW_ALERT_CHECK_SIZE 64
#define WW_ALERT_WHERE_SIZE 320
#define WW_ALERT_SEEN_SIZE 640
#define WW_ALERT_TEXT_SIZE 256

/* Of a domain's group (a customer, a portfolio), NUL included. */
#define WW_WATCH_GROUP_SIZE 64

/* Stands in the place of a check's id where a certificate nears its end. */
#define WW_ALERT_CERTIFICATE "certificate-end"

enum ww_alert_kind {
    WW_ALERT_APPEARED,
    WW_ALERT_WORSENED, /* its severity is higher than what was told */
    WW_ALERT_CLEARED,
    WW_ALERT_EXPIRING, /* a certificate is as near to its end as a threshold */
    WW_ALERT_REMINDER, /* an error stays, and nobody has acknowledged it */
    WW_ALERT_KINDS,
};

/* "appeared", "worsened", "cleared", "expiring" or "reminder". */
const char *ww_alert_kind_name(enum ww_alert_kind kind);

/* What is kept of one finding, or of one certificate's end. Times are Unix seconds. */
struct ww_alert_state {
    char check[WW_ALERT_CHECK_SIZE];
    char where[WW_ALERT_WHERE_SIZE];
    char seen[WW_ALERT_SEEN_SIZE]; /* the last time */
    enum ww_severity severity;     /* the last time */
    int64_t first_seen;
    int64_t last_seen;
    uint16_t misses;       /* runs in a row that have looked and not found it */
    bool told;             /* an alert was raised of it */
    enum ww_severity said; /* with this severity */
    int64_t told_at;
    uint16_t reminders;
    int64_t acked_until; /* 0: nobody has acknowledged it; INT64_MAX: for as long as it stays */
    char acked_by[WW_ALERT_TEXT_SIZE];
    char reason[WW_ALERT_TEXT_SIZE]; /* and why; both of meaning while it is acknowledged */
    int64_t not_after;               /* of a certificate's end; else 0 */
    uint16_t days;                   /* the threshold that was told of it; 0: none */
    bool gone;                       /* out: it is over, and is to be forgotten */
};

/* What a run has found; text is borrowed, and cut where it is longer than what is kept. */
struct ww_alert_finding {
    const char *check;
    const char *where;
    const char *seen;
    enum ww_severity severity;
};

struct ww_alert_end {
    const char *where; /* what shows the certificate: "mx1.example.com", "mta-sts.example.com" */
    int64_t not_after;
};

struct ww_alert_run {
    int64_t at;
    const struct ww_alert_finding *findings; /* each check and place once */
    size_t count;
    const struct ww_alert_end *ends; /* each place once, with the certificate that ends first */
    size_t end_count;
    /* Whether this run has made the check, so that not finding it means something. */
    bool (*made)(void *ctx, const char *check);
    void *ctx;
};

struct ww_alert_rules {
    enum ww_severity least; /* findings below it are kept, and not told */
};

/* Called for each alert, in the order of the findings; the state is borrowed during the call. */
typedef void ww_alert_cb(void *ctx, enum ww_alert_kind kind, const struct ww_alert_state *state);

/*
 * Brings the states up to the run and raises its alerts. states has room for `max`, of which *count are used;
 * what does not fit is left out, the least severe first. States that are over are marked `gone`, and stay in
 * their places for the caller to remove.
 */
void ww_alerts_run(struct ww_alert_state *states, size_t *count, size_t max, const struct ww_alert_run *run,
                   const struct ww_alert_rules *rules, ww_alert_cb *raise, void *ctx);

/* True while it is acknowledged. */
bool ww_alert_is_acked(const struct ww_alert_state *state, int64_t now);

#endif
