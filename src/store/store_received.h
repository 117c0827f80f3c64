/*
 * Reports of others, what they say of each recipient domain, and sums over them. Calls inside ww_store_begin
 * and _commit are part of that transaction; without one, those that write several rows are not whole. Times
 * are Unix seconds.
 *
 * What a report says of a domain is counted once, however often it comes, by sender, report-id, range and
 * domain. What a verified sender says takes the place of what was said in the name of its organization.
 */
#ifndef WW_STORE_STORE_RECEIVED_H
#define WW_STORE_STORE_RECEIVED_H

#include "core/dkim_fact.h"
#include "core/received.h"
#include "core/sessions.h"
#include "store/store.h"

#define WW_RECEIVED_PEER_SIZE 128
/* Sessions of a policy or failure, and of what a report says of a domain; absurd ones count as so many. */
#define WW_RECEIVED_SESSIONS_MAX (INT64_C(1) << 40)

/* What is known of a report beside what it says. */
struct ww_received_facts {
    uint64_t number;            /* given by the store, never twice */
    char domain[WW_DNAME_SIZE]; /* that it is about, or the first that it names; "": nobody knows */
    char sender[WW_RECEIVED_NAME_MAX + 1]; /* who stands for it: a domain, or a name in lower case */
    bool verified;                         /* a domain that has signed it, and is that of From */
    char organization[WW_RECEIVED_NAME_MAX + 1];
    char contact[WW_RECEIVED_NAME_MAX + 1];
    char report_id[WW_RECEIVED_NAME_MAX + 1];
    int64_t begin, end;
    char submitter[WW_DNAME_SIZE];
    char mail_from[WW_RECEIVED_NAME_MAX + 1];
    char message_id[WW_RECEIVED_NAME_MAX + 1];
    unsigned channel; /* enum ww_channel */
    char peer[WW_RECEIVED_PEER_SIZE];
    int64_t came_at;
    struct ww_dkim_fact dkim;
    uint32_t policies; /* that are kept, and their sums */
    int64_t success, failure;
    struct ww_deviations deviations;
    size_t content_n; /* octets that are kept of its JSON, gzipped; 0: none */
};

/* The name of an organization as one compares it, and as what stands for a sender: in lower case. */
void ww_received_name_key(struct ww_slice name, char out[WW_RECEIVED_NAME_MAX + 1]);

/* A report to be kept. All is borrowed. */
struct ww_received_new {
    const struct ww_received *report;
    /* number, domain, organization to end, policies to failure, and content_n are not read. */
    const struct ww_received_facts *facts;
    const char *about;       /* as for ww_received_domain */
    struct ww_slice content; /* JSON, gzipped */
    char *const *domains;    /* that reports are taken of, NULL-terminated, canonical; NULL or none: all */
    int64_t octets, per_day; /* that it counts for, and that a day may have: ww_day_of(came_at) */
};

enum ww_received_fate {
    WW_RECEIVED_NEW,   /* of one domain at least */
    WW_RECEIVED_AGAIN, /* it was there already */
    WW_RECEIVED_OTHERS /* it says nothing of those domains: nothing is kept */
};

/* Whether the day of came_at may have so many octets more: else WW_E_RECEIVED_TODAY. */
WW_MUST_CHECK enum ww_err ww_received_has_room(struct ww_store *store, int64_t came_at, int64_t octets,
                                               int64_t per_day);

/*
 * Keeps a report. *number: its own, or of the one that was there, or 0. WW_E_RECEIVED_TODAY: the day has no
 * room for it; WW_E_MSG_MALFORMED: a name is no domain name, or a time is none: nothing has happened. After
 * another error something may have: roll back.
 */
WW_MUST_CHECK enum ww_err ww_received_put(struct ww_store *store, const struct ww_received_new *new,
                                          enum ww_received_fate *fate, uint64_t *number);

/*
 * Inside a transaction: what is written from now on is kept, or nothing of it. An error: the transaction is
 * over, roll back.
 */
WW_MUST_CHECK enum ww_err ww_received_save(struct ww_store *store);
WW_MUST_CHECK enum ww_err ww_received_save_done(struct ww_store *store);
WW_MUST_CHECK enum ww_err ww_received_save_back(struct ww_store *store);

/* WW_E_NOT_KNOWN: there is none. */
WW_MUST_CHECK enum ww_err ww_received_get(struct ww_store *store, uint64_t number,
                                          struct ww_received_facts *out);

/* Calls cb with the content, borrowed during the call. WW_E_NOT_KNOWN: it is not kept, or nothing is. */
typedef void ww_received_octets_cb(void *ctx, struct ww_slice octets);
WW_MUST_CHECK enum ww_err ww_received_content(struct ww_store *store, uint64_t number,
                                              ww_received_octets_cb *cb, void *ctx);

/* Deletes a report, with all that was counted of it. WW_E_NOT_KNOWN: there is none. */
WW_MUST_CHECK enum ww_err ww_received_remove(struct ww_store *store, uint64_t number);

/* Which reports. Days are those of ww_day_of, from first on, before end. */
struct ww_received_filter {
    const char *domain; /* "": all, as in the next two */
    const char *sender;
    const char *result; /* type of a failure */
    bool failed;        /* with failures alone */
    int64_t first_day, end_day;
};

/*
 * Calls cb for up to max reports, those before the number (0: all), the latest first. Not more than some
 * 20,000 numbers are looked at: *next is where it goes on, as `before`, or 0 when it has come to the end.
 */
typedef void ww_received_facts_cb(void *ctx, const struct ww_received_facts *facts);
WW_MUST_CHECK enum ww_err ww_received_list(struct ww_store *store, const struct ww_received_filter *filter,
                                           uint64_t before, size_t max, ww_received_facts_cb *cb, void *ctx,
                                           uint64_t *next);

/* The number of the first report behind that one; the same bound, *next: where it goes on. 0: none is there.
 */
WW_MUST_CHECK enum ww_err ww_received_after(struct ww_store *store, const struct ww_received_filter *filter,
                                            uint64_t after, uint64_t *number, uint64_t *next);

/* A policy of a report, and one of its failures. All is borrowed. */
struct ww_received_row {
    struct ww_slice domain; /* the recipient domain */
    int64_t place;          /* among the policies of the report */
    struct ww_slice type;
    struct ww_slice policy_domain;     /* "": none */
    struct ww_slice strings, mx_hosts; /* one a line */
    int64_t success, failure;
    bool is_first;    /* the policy's first row */
    bool has_failure; /* else it has none, and the rest is empty */
    struct ww_received_detail detail;
};

/*
 * Calls cb for up to max rows of a report, of one domain unless that is "", behind the first `skip`: by
 * domain, and as they stood in it.
 */
typedef void ww_received_row_cb(void *ctx, const struct ww_received_row *row);
WW_MUST_CHECK enum ww_err ww_received_rows(struct ww_store *store, uint64_t number, const char *domain,
                                           uint64_t skip, size_t max, ww_received_row_cb *cb, void *ctx);

/* By what reports are added up. */
enum ww_received_sums {
    WW_RECEIVED_SUMS_DAY, /* the latest first; of the others those with most sessions */
    WW_RECEIVED_SUMS_DOMAIN,
    WW_RECEIVED_SUMS_SENDER,
    WW_RECEIVED_SUMS_RESULT, /* of these two `sessions` and `last` are told, of the others the rest */
    WW_RECEIVED_SUMS_MX,
};

struct ww_received_sum {
    struct ww_slice key; /* "" of days; borrowed */
    int64_t day;         /* of days */
    int64_t reports, success, failure, verified_success, verified_failure;
    int64_t sessions, verified_sessions; /* with that failure */
    int64_t last;                        /* day */
    int64_t senders, domains;            /* how many of them */
};

/*
 * Calls cb for up to max sums. failed of the filter says nothing, result nothing but for RESULT and MX. A sum
 * has no more than readers of JSON can have (RFC 7493 section 2.2).
 */
typedef void ww_received_sum_cb(void *ctx, const struct ww_received_sum *sum);
WW_MUST_CHECK enum ww_err ww_received_sums(struct ww_store *store, enum ww_received_sums by,
                                           const struct ww_received_filter *filter, size_t max,
                                           ww_received_sum_cb *cb, void *ctx);

/* A submission that could not be read. */
struct ww_received_quarantine {
    /* Of facts: number, domain, organization, report_id (as far as they could be read), channel, peer,
     * came_at, mail_from, message_id, dkim (its result and domain), deviations. */
    struct ww_received_facts facts;
    bool mail; /* it is one */
    uint64_t size;
};

/* The number of the one with these octets; 0: there is none. */
WW_MUST_CHECK enum ww_err ww_received_quarantine_find(struct ww_store *store, struct ww_slice octets,
                                                      uint64_t *number);
/*
 * Keeps its octets; packed: the same, gzipped. The same ones are kept once: *number is theirs.
 * WW_E_RECEIVED_TODAY: as for ww_received_put.
 */
WW_MUST_CHECK enum ww_err ww_received_quarantine_put(struct ww_store *store,
                                                     const struct ww_received_quarantine *item,
                                                     struct ww_slice octets, struct ww_slice packed,
                                                     int64_t per_day, uint64_t *number);

/* Calls cb for up to max, those before the number (0: all), the latest first. */
typedef void ww_received_quarantine_cb(void *ctx, const struct ww_received_quarantine *item);
WW_MUST_CHECK enum ww_err ww_received_quarantine_list(struct ww_store *store, uint64_t before, size_t max,
                                                      ww_received_quarantine_cb *cb, void *ctx);

/* WW_E_NOT_KNOWN: there is none. Octets are gzipped. */
WW_MUST_CHECK enum ww_err ww_received_quarantine_get(struct ww_store *store, uint64_t number,
                                                     struct ww_received_quarantine *out);
WW_MUST_CHECK enum ww_err ww_received_quarantine_octets(struct ww_store *store, uint64_t number,
                                                        ww_received_octets_cb *cb, void *ctx);

/* One, or up to max of all for number 0; *removed: how many. WW_E_NOT_KNOWN: there is no such one. */
WW_MUST_CHECK enum ww_err ww_received_quarantine_remove(struct ww_store *store, uint64_t number, size_t max,
                                                        uint64_t *removed);

/* Times before which what came is deleted: reports, their contents, and what could not be read. */
struct ww_received_ages {
    int64_t reports, contents, quarantine;
};
/* Deletes up to max of each that are older, the oldest first. *more: there may be others. */
WW_MUST_CHECK enum ww_err ww_received_purge(struct ww_store *store, const struct ww_received_ages *before,
                                            size_t max, bool *more);

struct ww_received_counts {
    uint64_t reports;
    uint64_t quarantined; /* submissions */
    uint64_t octets;      /* that the day has taken */
};
WW_MUST_CHECK enum ww_err ww_received_count(struct ww_store *store, int64_t day,
                                            struct ww_received_counts *out);

#endif
