/*
 * The outbox: reports that were made, where they go and what became of them, and what is known of
 * destinations. Calls inside ww_store_begin and _commit are part of that transaction. Times are Unix seconds.
 */
#ifndef WW_STORE_STORE_OUTBOX_H
#define WW_STORE_STORE_OUTBOX_H

#include "core/report.h"
#include "engine/courier.h"
#include "store/store.h"

/* Octets of a report's content, gzipped. One that is larger is not sent. */
#define WW_OUTBOX_CONTENT_MAX (((size_t)4 << 20) - (size_t)64 * 1024)
#define WW_OUTBOX_DETAIL_SIZE 320
#define WW_OUTBOX_URI_SIZE 512
#define WW_OUTBOX_TARGETS_MAX 16

struct ww_outbox_report {
    uint64_t number; /* given by the outbox, never twice */
    char domain[WW_DNAME_SIZE];
    int64_t day; /* ww_day_of */
    uint32_t part;
    char id[WW_REPORT_ID_SIZE];
    enum ww_report_state state;
    int64_t made;
    int64_t due;       /* while it is waiting */
    int64_t ended;     /* 0: it is not */
    bool known;        /* its destinations are: it has been looked up where it goes */
    unsigned tries;    /* look-ups that gave no answer */
    int64_t first_try; /* of these; 0: none yet */
    int64_t last_try;
    char detail[WW_OUTBOX_DETAIL_SIZE];   /* of the last look-up, or why it has ended; "" */
    char contact[WW_REPORT_MAILBOX_SIZE]; /* as in the content; the next one too */
    char organization[256];
    char record[WW_SESSIONS_RECORD_MAX + 1]; /* the last TLSRPT record that an MTA saw; "": none */
    unsigned policies;
    int64_t success;
    int64_t failure;
    size_t content_n; /* octets that are kept of the content; 0: none */
};

/*
 * Puts a report in: of the state that it has, WAITING or HELD, due when it says. number, ended, what is known
 * of destinations, and content_n are not read. There is one of a domain, day and part: another, or one with
 * an id that there is, is WW_E_STORE_FAILED. WW_E_TOO_LONG: the content is larger than
 * WW_OUTBOX_CONTENT_MAX.
 */
WW_MUST_CHECK enum ww_err ww_outbox_put(struct ww_store *store, const struct ww_outbox_report *report,
                                        struct ww_slice content, uint64_t *number);

/* WW_E_NOT_KNOWN: there is none. By domain: the latest. */
WW_MUST_CHECK enum ww_err ww_outbox_get(struct ww_store *store, uint64_t number,
                                        struct ww_outbox_report *out);
WW_MUST_CHECK enum ww_err ww_outbox_latest(struct ww_store *store, const char *domain,
                                           struct ww_outbox_report *out);
/* By what is left of the at sign in its id. */
WW_MUST_CHECK enum ww_err ww_outbox_by_id(struct ww_store *store, const char *left,
                                          struct ww_outbox_report *out);

/* Calls cb with the content, borrowed during the call. WW_E_NOT_KNOWN: it is not kept. */
typedef void ww_outbox_content_cb(void *ctx, struct ww_slice content);
WW_MUST_CHECK enum ww_err ww_outbox_content(struct ww_store *store, uint64_t number, ww_outbox_content_cb *cb,
                                            void *ctx);

/*
 * Calls cb for up to max reports, the latest first: of those before the number, or all for 0; of one domain
 * unless that is ""; of one state, unless that is WW_REPORT_STATES.
 */
struct ww_outbox_filter {
    uint64_t before;
    const char *domain;
    enum ww_report_state state;
};
typedef void ww_outbox_report_cb(void *ctx, const struct ww_outbox_report *report);
WW_MUST_CHECK enum ww_err ww_outbox_list(struct ww_store *store, const struct ww_outbox_filter *filter,
                                         size_t max, ww_outbox_report_cb *cb, void *ctx);

/* The number of the waiting report that has been due the longest at now; 0: none is. */
WW_MUST_CHECK enum ww_err ww_outbox_due(struct ww_store *store, int64_t now, uint64_t *number);
/* When the next one is due; 0: none waits. */
WW_MUST_CHECK enum ww_err ww_outbox_next_due(struct ww_store *store, int64_t *due);

/* Writes state, due, ended, known, tries, first_try, last_try, detail. */
WW_MUST_CHECK enum ww_err ww_outbox_set(struct ww_store *store, const struct ww_outbox_report *report);
/* What was reported is not kept: nobody has asked for it. */
WW_MUST_CHECK enum ww_err ww_outbox_drop_content(struct ww_store *store, uint64_t number);

struct ww_outbox_target {
    char uri[WW_OUTBOX_URI_SIZE];
    struct ww_courier_target at;
    int64_t tried;   /* the last time; 0: not yet */
    bool insecure;   /* it took the report over a connection that nobody could trust */
    bool redirected; /* in place of those that the record names */
    char detail[WW_OUTBOX_DETAIL_SIZE];
};

/* At most WW_OUTBOX_TARGETS_MAX of a report, in the order of their URIs. */
WW_MUST_CHECK enum ww_err ww_outbox_targets(struct ww_store *store, uint64_t number,
                                            struct ww_outbox_target out[WW_OUTBOX_TARGETS_MAX],
                                            size_t *count);
/* A new target, or what became of one. */
WW_MUST_CHECK enum ww_err ww_outbox_put_target(struct ww_store *store, uint64_t number,
                                               const struct ww_outbox_target *target);
WW_MUST_CHECK enum ww_err ww_outbox_drop_targets(struct ww_store *store, uint64_t number);

/* Of the reports that were sent or refused there, latest first, up to `most`: how many have been refused. */
WW_MUST_CHECK enum ww_err ww_outbox_refused_last(struct ww_store *store, const char *uri, unsigned most,
                                                 unsigned *in_a_row);

struct ww_outbox_destination {
    char uri[WW_OUTBOX_URI_SIZE];
    struct ww_courier_standing standing;
    int64_t since; /* of what is known */
    char who[256]; /* "": Waxwing itself */
    char reason[256];
};

/* Of a destination that nothing is known of all is 0. */
WW_MUST_CHECK enum ww_err ww_outbox_destination(struct ww_store *store, const char *uri,
                                                struct ww_outbox_destination *out);
/* One that has neither refused nor is suppressed is forgotten. */
WW_MUST_CHECK enum ww_err ww_outbox_put_destination(struct ww_store *store,
                                                    const struct ww_outbox_destination *destination);
/* Calls cb for up to max that are suppressed at now, by URI, behind `after`. */
typedef void ww_outbox_destination_cb(void *ctx, const struct ww_outbox_destination *destination);
WW_MUST_CHECK enum ww_err ww_outbox_suppressed(struct ww_store *store, int64_t now, const char *after,
                                               size_t max, ww_outbox_destination_cb *cb, void *ctx);

/*
 * Calls cb for up to max days that no report was made of yet, of one domain unless that is "", by domain, day
 * and part; behind `after` unless that is NULL.
 */
struct ww_outbox_open_day {
    char domain[WW_DNAME_SIZE];
    int64_t day;
    uint32_t part;
    int64_t last_at; /* when the last result came */
    int64_t success, unverified, failure;
};
typedef void ww_outbox_open_day_cb(void *ctx, const struct ww_outbox_open_day *day);
WW_MUST_CHECK enum ww_err ww_outbox_open_days(struct ww_store *store, const char *domain,
                                              const struct ww_outbox_open_day *after, size_t max,
                                              ww_outbox_open_day_cb *cb, void *ctx);

/* Deletes up to max reports that ended, or are held and were made, before that time. */
WW_MUST_CHECK enum ww_err ww_outbox_purge(struct ww_store *store, int64_t before, size_t max);

struct ww_outbox_counts {
    uint64_t reports[WW_REPORT_STATES];
    uint64_t targets[WW_TARGET_STATES];
    uint64_t suppressed; /* destinations, at now */
    int64_t oldest_due;  /* of the waiting reports; 0: none waits */
};
WW_MUST_CHECK enum ww_err ww_outbox_counts(struct ww_store *store, int64_t now, struct ww_outbox_counts *out);

#endif
