/* The TLSA records of one MX host, by themselves and beside the chains that it serves. */
#ifndef WW_CHECK_JUDGE_TLSA_H
#define WW_CHECK_JUDGE_TLSA_H

#include "check/judges.h"

/* survey.hosts[index] has records that DNSSEC vouches for; or, offline, records in a zone file. */
void ww_judge_tlsa(const struct ww_sight *sight, size_t index, struct ww_check_report *report);

#endif
