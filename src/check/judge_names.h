/* What the files of the judge of names share. */
#ifndef WW_CHECK_JUDGE_NAMES_H
#define WW_CHECK_JUDGE_NAMES_H

#include "check/check.h"
#include "check/sight.h"

/* CNAME records before a TXT record that every resolver follows. */
#define WW_JUDGE_ALIASES_MAX 5

/* Seconds. */
#define WW_JUDGE_TTL_MAX 86400u

/* Zones, name servers, and what only they know of the record: DNSSEC, delegation, TTL. */
void ww_judge_zones(const struct ww_sight *sight, struct ww_check_report *report);

/* One of _mta-sts and mta-sts is delegated, and one of record and policy is missing. */
bool ww_judge_half_delegated(const struct ww_sight *sight);

#endif
