/* What is wrong with what a domain publishes, as operators are alerted of it. Pure. */
#ifndef WW_DAEMON_STEWARD_FAULTS_H
#define WW_DAEMON_STEWARD_FAULTS_H

#include "daemon/steward_turn.h"

/*
 * publish-certificate-end: the policy host's certificate ends soon and there is no other; where it is
 * renewed, that has not come about in time. publish-unseen: the policy is served, and was not seen from
 * outside for a day. publish-foreign: ours was seen, and now somebody else's is in its place.
 * publish-refused: senders that hold a policy of mode enforce refuse a host of the MX records.
 * publish-reported: the same as others report it, and nothing is done about it by itself; or less than that.
 * publish-rolled-back: what was enforced is testing again, as hosts or reports spoke against it.
 */
#define WW_STEWARD_CERTIFICATE_SOON (7 * 86400)
#define WW_STEWARD_UNSEEN 86400

/* rollout is as it was planned with; fills tended's faults. */
void ww_steward_faults(const struct ww_rollout *rollout, const struct ww_steward_in *in,
                       struct ww_msg_tended *tended);

/* Ours was seen, and now another is in its place: one from before ours was seen is to be expected there. */
bool ww_steward_is_replaced(const struct ww_rollout *rollout);

#endif
