/*
 * Which alerts the reports of others about a domain raise: pure rules on what is kept of its reports, on what
 * was told before, and on the time. Reports that are not verified raise nothing; what they say of the same
 * day is added to the words. docs/alerts.md explains each rule, and the numbers below.
 */
#ifndef WW_ENGINE_REPORT_ALERTS_H
#define WW_ENGINE_REPORT_ALERTS_H

#include "core/dname.h"
#include "engine/alerts.h"

/* A day of the past stands in the place of its age: [0] is today, as bit 0 is. */
#define WW_REPORT_PAST_DAYS 64

/* Failure rate: a day is judged that has so many sessions and failures, and a share of the sessions of a day
 * in the middle; beside the days before it, of which so many have to be known. */
#define WW_REPORT_RATE_SESSIONS 20
#define WW_REPORT_RATE_FAILURES 5
#define WW_REPORT_RATE_SHARE 5
#define WW_REPORT_RATE_BASE_DAYS 28
#define WW_REPORT_RATE_BASE_LEAST 7
/* Usual is what nine of ten of those days stay at or below. Too much is this many times as much, and so many
 * millionths of all sessions more. */
#define WW_REPORT_RATE_FACTOR 2
#define WW_REPORT_RATE_MORE 10000
/* Whatever is older is told no more as news. */
#define WW_REPORT_RATE_NEWS_DAYS 3
/* The reports of a day have come in after so many. */
#define WW_REPORT_SETTLED_DAYS 2
/* Nothing was reported for so long: nobody knows whether it lasts. */
#define WW_REPORT_FORGOTTEN_DAYS 35

/* First failure: no other for so long. Of a rate there are no reminders where nothing new was heard of it. */
#define WW_REPORT_QUIET_DAYS 7

/* Silent: reported on so many of so many days up to its last, and then nothing for so long beyond the longest
 * gap that it had. */
#define WW_REPORT_SENDER_DAYS 7
#define WW_REPORT_SENDER_OF_DAYS 14
#define WW_REPORT_SENDER_GAP_DAYS 28
#define WW_REPORT_SILENT_DAYS 3

/* New result: not before these days, while reports were known for as long before them. */
#define WW_REPORT_NEW_DAYS 7

/* While it lasts: told again after so long. */
#define WW_REPORT_REMINDER (INT64_C(7) * 86400)

/* What is kept of a domain at a time. */
#define WW_REPORT_TOLD_MAX 128
#define WW_REPORT_ABOUT_SIZE WW_DNAME_SIZE
#define WW_REPORT_RESULT_SIZE 64

enum ww_report_alert {
    WW_REPORT_FAILURE_RATE,
    WW_REPORT_FIRST_FAILURE,
    WW_REPORT_SILENT,
    WW_REPORT_NEW_RESULT,
    WW_REPORT_ALERTS,
};

/* "report-failure-rate" and so on, which stands in the place of a check's id. */
const char *ww_report_alert_id(enum ww_report_alert alert);
/* WW_REPORT_ALERTS: it is the id of none. */
enum ww_report_alert ww_report_alert_find(const char *id);

/* What an alert of a new result is about: the result, but of those that somebody made up all are one, as
 * there is no end of them. Borrowed. */
const char *ww_report_result_about(const char *result);

/* Sessions. Not negative, and sums of two of them are none that overflow. */
struct ww_report_day {
    int64_t success, failure;
    int64_t enforced; /* of the failures those under a policy with mode: enforce */
    int64_t unverified_success, unverified_failure;
};

struct ww_report_sender {
    char name[WW_REPORT_ABOUT_SIZE];
    uint64_t days; /* those that it has reported on */
};

struct ww_report_result {
    char name[WW_REPORT_RESULT_SIZE];
    bool known;       /* reported before the last WW_REPORT_NEW_DAYS */
    int64_t day;      /* the first one of these */
    int64_t sessions; /* in these */
    int64_t unverified;
};

/* What most failures of a day have in common, each by itself; "": not said. */
struct ww_report_worst {
    char mx[WW_DNAME_SIZE];
    char result[WW_REPORT_RESULT_SIZE];
    char sender[WW_REPORT_ABOUT_SIZE];
};

struct ww_report_past {
    int64_t today;     /* ww_day_of, as all days are */
    int64_t first_day; /* of all verified reports; -1: there are none */
    struct ww_report_day days[WW_REPORT_PAST_DAYS];
    const struct ww_report_sender *senders;
    size_t sender_count;
    const struct ww_report_result *results; /* of the last WW_REPORT_NEW_DAYS, */
    size_t result_count;
    /* Asked for a day that something is told of. result: of these failures alone, or NULL. */
    void (*worst)(void *ctx, int64_t day, const char *result, struct ww_report_worst *out);
    void *ctx;
};

/* What was told, or is over and stays for a while. Texts are printable ASCII, but for `about`. */
struct ww_report_told {
    enum ww_report_alert what;
    char about[WW_REPORT_ABOUT_SIZE]; /* a sender, a result type; or "" */
    char where[WW_ALERT_WHERE_SIZE];
    char seen[WW_ALERT_SEEN_SIZE];
    enum ww_severity severity;
    int64_t since; /* Unix seconds, as is the next one: when the day began on which it was first so */
    int64_t at;    /* it was told the last time */
    int64_t day;   /* it was last so; of a sender its last */
    bool lasts;
    int64_t usual;       /* of a rate: that before it, in millionths */
    int64_t acked_until; /* while it lasts: no reminders; 0: of nobody */
    bool gone;           /* out: is to be forgotten */
};

/* kind is WW_ALERT_APPEARED, _CLEARED or _REMINDER. Borrowed during the call. */
typedef void ww_report_alert_cb(void *ctx, enum ww_alert_kind kind, const struct ww_report_told *told);

/*
 * Brings what was told up to the reports, and raises the alerts. told has room for WW_REPORT_TOLD_MAX, of
 * which *count are used; where it is full, nothing new is told. Those that are `gone` stay in their places.
 */
void ww_report_alerts_run(struct ww_report_told *told, size_t *count, const struct ww_report_past *past,
                          int64_t now, const struct ww_alert_rules *rules, ww_report_alert_cb *raise,
                          void *ctx);

#endif
