/* What the files of report_alerts.h share. */
#ifndef WW_ENGINE_REPORT_ALERTS_PRIVATE_H
#define WW_ENGINE_REPORT_ALERTS_PRIVATE_H

#include "engine/report_alerts.h"

/* In millionths; 0 where there are no sessions. */
int64_t ww_report_rate(const struct ww_report_day *day);

/* Words into told->seen and told->where, each cut where it is too long. */
void ww_report_say_rate(struct ww_report_told *told, const struct ww_report_past *past);
void ww_report_say_rate_cleared(struct ww_report_told *told, const struct ww_report_past *past, int64_t day);
void ww_report_say_first(struct ww_report_told *told, const struct ww_report_past *past);
void ww_report_say_first_cleared(struct ww_report_told *told);
/* days: of the last WW_REPORT_SENDER_OF_DAYS up to its last; silent of all: how many senders are. */
void ww_report_say_silent(struct ww_report_told *told, int days, size_t silent, size_t all);
void ww_report_say_silent_cleared(struct ww_report_told *told, int64_t day);
void ww_report_say_result(struct ww_report_told *told, const struct ww_report_past *past,
                          const struct ww_report_result *result);

#endif
