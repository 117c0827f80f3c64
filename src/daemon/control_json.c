#include "daemon/control_json.h"

#include "base/time.h"

json_t *ww_json_time(int64_t seconds)
{
    char text[WW_TIME_SIZE];
    if (seconds == 0)
        return json_null();
    ww_time_format(seconds, text);
    return json_string(text);
}

json_t *ww_json_error(enum ww_err err)
{
    if (err == WW_OK)
        return json_null();
    return json_pack("{s:s, s:s}", "id", ww_err_id(err), "message", ww_err_message(err));
}

json_t *ww_json_text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}
