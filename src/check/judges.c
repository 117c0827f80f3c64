#include "check/judges.h"

void ww_judge_all(const struct ww_sight *sight, struct ww_check_report *report)
{
    report->enforced = ww_sight_is_enforced(sight);
    ww_judge_names(sight, report);
    ww_judge_host(sight, report);
    ww_judge_policy(sight, report);
    ww_judge_cover(sight, report);
    ww_judge_mx_hosts(sight, report);
    ww_judge_dane(sight, report);
    ww_judge_tlsrpt(sight, report);
    ww_judge_history(sight, sight->past, report);
    ww_check_report_end(report);
}
