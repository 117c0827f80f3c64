#include "check/report_json.h"

json_t *ww_host_json(const struct ww_host_sight *sight)
{
    (void)sight;
    return json_null();
}
