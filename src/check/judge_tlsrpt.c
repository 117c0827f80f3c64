#include "check/judges.h"

void ww_judge_tlsrpt(const struct ww_sight *sight, struct ww_check_report *report)
{
    (void)sight, (void)report;
}
