#include "core/media_type.h"

#include "base/ascii.h"

bool ww_media_type_is_text_plain(struct ww_slice value)
{
    static const char wanted[] = "text/plain";
    size_t length = sizeof wanted - 1;
    size_t at = 0;
    while (at < value.n && ww_is_wsp(value.p[at]))
        at++;
    if (value.n - at < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (ww_lower(value.p[at + i]) != wanted[i])
            return false;
    at += length;
    while (at < value.n && ww_is_wsp(value.p[at]))
        at++;
    return at == value.n || value.p[at] == ';';
}
