#include "core/media_type.h"

#include "base/ascii.h"

static struct ww_slice skip_wsp(struct ww_slice s)
{
    while (s.n > 0 && ww_is_wsp(s.p[0]))
        s = ww_slice(s.p + 1, s.n - 1);
    return s;
}

bool ww_media_type_is_text_plain(struct ww_slice value)
{
    static const char wanted[] = "text/plain";
    size_t length = sizeof wanted - 1;
    value = skip_wsp(value);
    if (!ww_starts_nocase(value, wanted))
        return false;
    value = skip_wsp(ww_slice(value.p + length, value.n - length));
    return value.n == 0 || value.p[0] == ';';
}
