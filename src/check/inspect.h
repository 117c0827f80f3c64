/*
 * Inspects domains: looks at all of their parts at the same time, judges, and hands over the report. Domains
 * of one inspector share DNS answers and what was seen of an MX host, so that a thousand domains at one
 * provider talk to its hosts once.
 */
#ifndef WW_CHECK_INSPECT_H
#define WW_CHECK_INSPECT_H

#include "check/env.h"
#include "check/judges.h"

/* What was seen of an MX host counts for other domains for so long, in milliseconds. */
#define WW_INSPECT_SHARE_MS 300000

struct ww_inspector;
struct ww_inspection;

/* Something has begun or ended: for a progress display. */
struct ww_inspect_step {
    const char *domain; /* borrowed, as are all */
    const char *part;   /* "DNS", "policy host", "MX records", "MX host", "TLSA records",
                          "report destinations" */
    const char *name;   /* of the host; "" for the domain as a whole */
    bool ended;
};
typedef void ww_inspect_step_cb(void *ctx, const struct ww_inspect_step *step);

/* Both are borrowed during the callback; the inspection is gone by then. */
typedef void ww_inspect_cb(void *ctx, const struct ww_sight *sight, const struct ww_check_report *report);

/* NULL: memory is short. env is copied; what it points to is borrowed. */
struct ww_inspector *ww_inspector_new(const struct ww_check_env *env);
/* No inspection may be under way. */
void ww_inspector_free(struct ww_inspector *inspector);

/*
 * Begins; domain is canonical, and copied. After deadline_ms what is not seen yet counts as late, and is
 * judged so. cb runs once, never before this has returned, and may free anything. step may be NULL. NULL:
 * memory is short.
 */
struct ww_inspection *ww_inspect(struct ww_inspector *inspector, const char *domain, int64_t at,
                                 unsigned deadline_ms, ww_inspect_step_cb *step, ww_inspect_cb *cb,
                                 void *ctx);
/* Right behind ww_inspect: what was seen of its MX hosts before does not count, as somebody has just mended
 * one.
 */
void ww_inspect_afresh(struct ww_inspection *inspection);
/* What is seen is judged beside what was seen before, which is copied. False: memory is short. */
bool ww_inspect_against(struct ww_inspection *inspection, const struct ww_past *past);
/* In the callback: the sight is no longer borrowed, but the caller's, who frees it with ww_sight_free while
 * the inspector is there. */
struct ww_sight *ww_inspect_keep(const struct ww_sight *sight);
/* Ends it without its callback. */
void ww_inspect_cancel(struct ww_inspection *inspection);

#endif
