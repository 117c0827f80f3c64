#include "check/rua_sight.h"

#include "check/looks.h"
#include "core/words.h"

bool ww_rua_read(struct ww_slice text, struct ww_rua_destination *out, struct ww_rua *rua)
{
    struct ww_buf b = ww_buf(out->uri, sizeof out->uri - 1);
    ww_words_put_cut(&b, text);
    out->uri[b.n] = '\0';
    out->name[0] = '\0';
    if (!ww_rua_parse(text, rua))
        return false;
    out->web.other_port = rua->scheme == WW_RUA_HTTPS && rua->port != WW_RUA_HTTPS_PORT;
    memcpy(out->name, rua->name, sizeof out->name);
    return true;
}

void ww_rua_sight_clear(struct ww_rua_sight *sight)
{
    (void)sight;
}
