/* What the doctor says of the DNS root's trust anchors. */
#ifndef WW_CLI_DOCTOR_ANCHORS_H
#define WW_CLI_DOCTOR_ANCHORS_H

#include "cli/doctor.h"

#include "daemon/trust.h"

/* Loads them as the daemon does, and tells of them. False: the file that is configured is not fit for use. */
bool ww_doctor_anchors(struct ww_doctor *d, struct ww_trust *trust);

/* DNSSEC gets through, but does not hold against them; detail says what does not. */
void ww_doctor_anchors_misfit(struct ww_doctor *d, const struct ww_trust *trust, const char *detail);

#endif
