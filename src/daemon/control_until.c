#include "base/time.h"
#include "daemon/control.h"

#include <time.h>

/* Ten years: what is meant for longer is meant for ever. */
#define FOR_SECONDS_MAX INT64_C(316224000)

const char *ww_request_until(const struct ww_request *request, int64_t *out)
{
    const json_t *seconds = json_object_get(ww_request_json(request), "for");
    const char *until = ww_request_string(request, "until");
    int64_t now = (int64_t)time(NULL);
    *out = INT64_MAX;
    if (json_is_true(json_object_get(ww_request_json(request), "clear")))
        *out = 0;
    else if (until != NULL)
        return ww_time_parse(ww_slice_str(until), out) && *out > now ? NULL
                                                                     : "until: a time to come is wanted";
    else if (json_is_integer(seconds) && json_integer_value(seconds) > 0 &&
             json_integer_value(seconds) <= FOR_SECONDS_MAX)
        *out = now + json_integer_value(seconds);
    else if (seconds != NULL && !json_is_null(seconds))
        return "for: up to ten years are wanted";
    return NULL;
}
