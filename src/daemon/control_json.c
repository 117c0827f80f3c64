#include "daemon/control_json.h"

json_t *ww_json_text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}
