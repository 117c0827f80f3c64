/*
 * All that the store knows of a domain whose policy is to be judged, as advise/evidence.h wants it, with what
 * somebody has just inspected. Bounded in rows; what is left out is the least weighty.
 */
#ifndef WW_DAEMON_KEEPER_EVIDENCE_H
#define WW_DAEMON_KEEPER_EVIDENCE_H

#include "advise/known.h"
#include "core/published.h"
#include "proc/msg_intake.h"
#include "store/store.h"
#include "store/store_evidence.h"

#include <jansson.h>

/* What the watch has seen counts for so long. */
#define WW_EVIDENCE_LOOK_SECONDS (INT64_C(3) * 86400)

struct ww_keeper_evidence;

struct ww_keeper_evidence_want {
    const char *domain; /* canonical */
    int64_t now;
    unsigned days; /* 0: without reports, for ww_keeper_known_json */
    const struct ww_msg_advise_ask
        *asked;                     /* who asks has looked; NULL, or not looked: the watch, if it has */
    const struct ww_served *served; /* the policies of a domain that we publish, oldest first; NULL: what was
                                       seen of it counts */
    size_t served_count;
};

/* NULL: *err. Nothing is borrowed from what is wanted. Freed by ww_keeper_evidence_free. */
struct ww_keeper_evidence *ww_keeper_evidence_gather(struct ww_store *store,
                                                     const struct ww_keeper_evidence_want *want,
                                                     enum ww_err *err);
void ww_keeper_evidence_free(struct ww_keeper_evidence *k);

/* Borrowed until it is freed. */
const struct ww_evidence *ww_keeper_evidence_of(const struct ww_keeper_evidence *k);
const struct ww_evidence_unverified *ww_keeper_evidence_unverified(const struct ww_keeper_evidence *k);

/*
 * What is known that bears on one failure of a report about the domain: a new array of sentences
 * (advise/known.h). For each failure of `received-show`. NULL: memory is short.
 */
json_t *ww_keeper_known_json(const struct ww_keeper_evidence *k, const struct ww_known_failure *failure);

#endif
