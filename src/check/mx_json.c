#include "check/report_json.h"

json_t *ww_mx_host_json(const struct ww_sight *sight, size_t index, const struct ww_outlook_host *outlook)
{
    (void)outlook;
    return json_pack("{s:s}", "name", sight->survey.hosts[index].name);
}
