/* What the files that make up keeper_evidence.h share. */
#ifndef WW_DAEMON_KEEPER_EVIDENCE_PRIVATE_H
#define WW_DAEMON_KEEPER_EVIDENCE_PRIVATE_H

#include "daemon/keeper_evidence.h"
#include "store/store_watch.h"

#define WW_EVIDENCE_VERSIONS_MAX 32
#define WW_EVIDENCE_DAYS_ROOM (WW_EVIDENCE_DAYS_MAX + 2)
/* The watch keeps so many, whoever asks tells fewer. */
#define WW_EVIDENCE_FAULTS_MAX WW_WATCH_FINDINGS_MAX

/* Octets that the evidence borrows. */
struct ww_evidence_text {
    struct ww_evidence_text *next;
    char octets[];
};

struct ww_keeper_evidence {
    struct ww_evidence e;
    struct ww_evidence_unverified unverified;
    char domain[WW_DNAME_SIZE];
    bool failed; /* memory is short */
    struct ww_evidence_text *texts;
    struct ww_evidence_version versions[WW_EVIDENCE_VERSIONS_MAX];
    struct ww_evidence_day days[WW_EVIDENCE_DAYS_ROOM];
    struct ww_evidence_sender senders[WW_EVIDENCE_SENDERS_MAX];
    struct ww_evidence_use uses[WW_EVIDENCE_USES_MAX];
    struct ww_slice digests[WW_EVIDENCE_USES_MAX]; /* of the uses */
    struct ww_evidence_cause causes[WW_EVIDENCE_CAUSES_MAX];
    struct ww_evidence_fault faults[WW_EVIDENCE_FAULTS_MAX];
};

/* A copy that lives as long as the evidence, with a NUL behind it; "" when memory is short. */
const char *ww_keeper_evidence_keep(struct ww_keeper_evidence *k, struct ww_slice octets);

/* Sets what is known of an inspection. */
enum ww_err ww_keeper_evidence_look(struct ww_keeper_evidence *k, struct ww_store *store,
                                    const struct ww_keeper_evidence_want *want);

#endif
