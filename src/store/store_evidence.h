/*
 * What reports of others say of a domain, as evidence: summed up over the days that are looked back on, and
 * of verified reports alone. Rows are bounded by `max`, the weightiest first; counts are at most
 * WW_EVIDENCE_COUNT_MAX, whatever strangers wrote. Asked once in a while: statements are prepared for the
 * question. All texts are borrowed during a callback.
 */
#ifndef WW_STORE_STORE_EVIDENCE_H
#define WW_STORE_STORE_EVIDENCE_H

#include "store/store.h"

#include <stdint.h>

#define WW_EVIDENCE_COUNT_MAX INT64_C(1000000000000000)

struct ww_evidence_span {
    const char *domain; /* canonical */
    int64_t since;      /* ww_day_of: this day and later ones */
    size_t max;         /* rows */
};

/* One that has reports, oldest first. */
struct ww_evidence_day_row {
    int64_t day, senders, success, failure;
};
typedef void ww_evidence_day_cb(void *ctx, const struct ww_evidence_day_row *row);
WW_MUST_CHECK enum ww_err ww_evidence_days(struct ww_store *store, const struct ww_evidence_span *span,
                                           ww_evidence_day_cb *cb, void *ctx);

struct ww_evidence_sender_row {
    const char *sender;
    int64_t first_day, last_day, days, reports, success, failure;
};
typedef void ww_evidence_sender_cb(void *ctx, const struct ww_evidence_sender_row *row);
WW_MUST_CHECK enum ww_err ww_evidence_senders(struct ww_store *store, const struct ww_evidence_span *span,
                                              ww_evidence_sender_cb *cb, void *ctx);

/* A policy that senders say they used. */
struct ww_evidence_use_row {
    const char *type;
    struct ww_slice policy; /* the digest that stands for the next two */
    struct ww_slice strings, mx_hosts;
    int64_t first_day, last_day, senders, success, failure;
};
typedef void ww_evidence_use_cb(void *ctx, const struct ww_evidence_use_row *row);
WW_MUST_CHECK enum ww_err ww_evidence_uses(struct ww_store *store, const struct ww_evidence_span *span,
                                           ww_evidence_use_cb *cb, void *ctx);

/* Failures of one type at one host under one policy; those that are counted without a detail as a cause with
 * an empty result and host. recent: of the days from recent_since on. */
struct ww_evidence_cause_row {
    const char *result, *mx, *type;
    struct ww_slice policy;
    const char *sender; /* one of them */
    int64_t senders, sessions, recent, first_day, last_day;
};
typedef void ww_evidence_cause_cb(void *ctx, const struct ww_evidence_cause_row *row);
WW_MUST_CHECK enum ww_err ww_evidence_causes(struct ww_store *store, const struct ww_evidence_span *span,
                                             int64_t recent_since, ww_evidence_cause_cb *cb, void *ctx);

/* What does not count, as nobody knows who wrote it. */
struct ww_evidence_unverified {
    int64_t reports, senders, success, failure;
};
WW_MUST_CHECK enum ww_err ww_evidence_unverified(struct ww_store *store, const struct ww_evidence_span *span,
                                                 struct ww_evidence_unverified *out);

#endif
