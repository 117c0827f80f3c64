/*
 * The judges: pure functions from what was seen to findings. Each makes the checks of its table, table_*.h,
 * and says of each whether it was made.
 */
#ifndef WW_CHECK_JUDGES_H
#define WW_CHECK_JUDGES_H

#include "check/check.h"
#include "check/past.h"
#include "check/sight.h"

void ww_judge_names(const struct ww_sight *sight, struct ww_check_report *report);
void ww_judge_host(const struct ww_sight *sight, struct ww_check_report *report);
void ww_judge_policy(const struct ww_sight *sight, struct ww_check_report *report);
void ww_judge_cover(const struct ww_sight *sight, struct ww_check_report *report);
void ww_judge_mx_hosts(const struct ww_sight *sight, struct ww_check_report *report);
void ww_judge_dane(const struct ww_sight *sight, struct ww_check_report *report);
void ww_judge_tlsrpt(const struct ww_sight *sight, struct ww_check_report *report);

/* Beside what was seen before; without that, which is NULL, none of its checks is made. */
void ww_judge_history(const struct ww_sight *sight, const struct ww_past *past,
                      struct ww_check_report *report);

/* All of them, in the order of the table; then the report is complete. */
void ww_judge_all(const struct ww_sight *sight, struct ww_check_report *report);

#endif
