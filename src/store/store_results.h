/*
 * TLS results that no report was made of yet, added up by recipient domain, UTC day and policy; up to where
 * journals are folded; and the domains whose MX hosts are looked at. Several writes that belong together go
 * into one transaction (ww_store_begin). Times are Unix seconds.
 *
 * What comes after a report on a day was made is another part of it. Of a domain and day one part is open at
 * a time. Bounded; what is beyond a bound is kept in the sums, but not by itself:
 *  - of a domain and day, another policy counts for one of its type without strings,
 *  - of a policy, another failure counts for one of its type without anything but WW_RESULTS_OTHER,
 *  - of a day, another domain counts for the domain "", by types of policies, and is not reported,
 *  - of a day with more than WW_RESULTS_OCTETS_MAX, each new policy and failure is another one.
 */
#ifndef WW_STORE_STORE_RESULTS_H
#define WW_STORE_STORE_RESULTS_H

#include "core/sessions.h"
#include "store/store.h"

#define WW_RESULTS_POLICIES_MAX 64
#define WW_RESULTS_DETAILS_MAX 200
#define WW_RESULTS_DOMAINS_MAX 200000
/* Of the policies and failures of a day: who may write to the socket cannot fill the disk. */
#define WW_RESULTS_OCTETS_MAX (INT64_C(512) << 20)
#define WW_RESULTS_OTHER "other failures, not listed one by one"
/* Domains that are looked at; the count of an item beyond which it is absurd. */
#define WW_RESULTS_LOOKS_MAX 100000
#define WW_RESULTS_COUNT_MAX (INT64_C(1) << 40)

#define WW_RESULTS_JOURNAL_SIZE 16
/* Journals other than the present one that are remembered. */
#define WW_RESULTS_JOURNALS_MAX 8

struct ww_results_position {
    bool known; /* else the rest means nothing */
    uint64_t position;
    int64_t at; /* when it was put */
};
WW_MUST_CHECK enum ww_err ww_results_position(struct ww_store *store,
                                              const uint8_t journal[WW_RESULTS_JOURNAL_SIZE],
                                              struct ww_results_position *out);
WW_MUST_CHECK enum ww_err ww_results_put_position(struct ww_store *store,
                                                  const uint8_t journal[WW_RESULTS_JOURNAL_SIZE],
                                                  uint64_t position, int64_t now);

/*
 * Adds sessions under the policy that they name. *listed is false when the domain is one too many of its day.
 * WW_E_TOO_LONG: a count is absurd; nothing was added.
 */
WW_MUST_CHECK enum ww_err ww_results_add(struct ww_store *store, const struct ww_sessions *sessions,
                                         int64_t now, bool *listed);

/* A day of a domain that is open. */
struct ww_results_open {
    char domain[WW_DNAME_SIZE];
    int64_t day;
    uint32_t part;
    int64_t first_at; /* when the first and the last result came */
    int64_t last_at;
};
/*
 * Calls cb for up to max open days up to `last`, in the order of days and of domains, behind that of `after`
 * (NULL: from the first on).
 */
typedef void ww_results_open_cb(void *ctx, const struct ww_results_open *open);
WW_MUST_CHECK enum ww_err ww_results_list(struct ww_store *store, const struct ww_results_open *after,
                                          int64_t last, size_t max, ww_results_open_cb *cb, void *ctx);
/* The latest open day of a domain. WW_E_NOT_KNOWN: there is none. */
WW_MUST_CHECK enum ww_err ww_results_latest(struct ww_store *store, const char *domain,
                                            struct ww_results_open *out);
/* How many there are. */
WW_MUST_CHECK enum ww_err ww_results_count(struct ww_store *store, uint64_t *count);

struct ww_results_policy {
    struct ww_sessions_policy policy;
    int64_t success, unverified, failure; /* never negative, as are those of details */
    struct ww_sessions_detail *details;   /* the most frequent first */
    size_t detail_count;
};

/* All that is known of an open day. */
struct ww_results_day {
    struct ww_results_open open;
    struct ww_slice record; /* the last TLSRPT record that an MTA saw; empty: none */
    struct ww_results_policy *policies;
    size_t count;
    struct ww_results_text *texts; /* private */
};
/* NULL: *err is WW_E_NOT_KNOWN, WW_E_NO_MEMORY, or what the store gave. */
struct ww_results_day *ww_results_load(struct ww_store *store, const char *domain, int64_t day,
                                       enum ww_err *err);
void ww_results_day_free(struct ww_results_day *day);

/* The open day with all that was counted. None: nothing happens. */
WW_MUST_CHECK enum ww_err ww_results_forget(struct ww_store *store, const char *domain, int64_t day);

/* The domain had mail, and a look at its MX hosts is of use; a new one is due at once. */
WW_MUST_CHECK enum ww_err ww_results_want_look(struct ww_store *store, const char *domain, int64_t now);
/*
 * The one that has been due the longest at now, and that had mail later than `since`; others that are due are
 * removed on the way, but only some at a time. "": none, for now. A time after `latest` is none.
 */
WW_MUST_CHECK enum ww_err ww_results_look_due(struct ww_store *store, int64_t now, int64_t since,
                                              int64_t latest, char domain[WW_DNAME_SIZE]);
/* One that is not there is no error. */
WW_MUST_CHECK enum ww_err ww_results_look_set_due(struct ww_store *store, const char *domain, int64_t due);

#endif
