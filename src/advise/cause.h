/* What a failure that others report says about enforcing the policy. */
#ifndef WW_ADVISE_CAUSE_H
#define WW_ADVISE_CAUSE_H

#include "advise/use.h"

enum ww_cause_verdict {
    WW_CAUSE_COUNTS, /* mail would be refused under mode enforce, or is */
    WW_CAUSE_DANE,   /* it is refused by DANE, whatever the mode */
    WW_CAUSE_POLICY, /* the sender could not get the policy: no mail is refused for that, and none protected
                      */
    WW_CAUSE_OVER,   /* not seen for WW_ADVISE_QUIET_DAYS */
    WW_CAUSE_STALE,  /* the sender used an older policy, and the present one mends it */
    WW_CAUSE_STRAY,  /* at a host that is none of the domain's, by one sender: what a policy is there for */
    WW_CAUSE_BLIP,   /* one sender, few sessions among many, at a host that is well */
    WW_CAUSE_VERDICTS,
};
/* "counts", "dane", "policy", "over", "stale", "stray", "blip". */
const char *ww_cause_verdict_name(enum ww_cause_verdict verdict);

/* cause is one of evidence->causes. */
enum ww_cause_verdict ww_cause_judge(const struct ww_evidence *evidence,
                                     const struct ww_evidence_cause *cause);

/* A result type that tells of TLSA records, whatever policy it stands under. */
bool ww_result_is_of_dane(const char *result);

/* Sessions of the last so many days with reports counted in: today is not over, and not among them. */
int64_t ww_evidence_sessions(const struct ww_evidence *evidence, unsigned days);
/* How many of the last so many days have reports. */
unsigned ww_evidence_days_told(const struct ww_evidence *evidence, unsigned days);

/*
 * A sender that reported on WW_ADVISE_SILENT_DAYS days at least, and now has been silent for
 * WW_ADVISE_SILENT_TIMES as long as it used to be between two reports.
 */
bool ww_sender_is_silent(const struct ww_evidence_sender *sender, int64_t today);

#endif
