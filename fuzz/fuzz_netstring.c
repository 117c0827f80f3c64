/*
 * A stream of netstrings: how the octets arrive in pieces does not change what is cut from them, and what is
 * cut is what was sent.
 */
#include "core/netstring.h"

#include <stdlib.h>

#define LIMIT 300

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_whole(const char *at, struct ww_slice payload, size_t used, size_t left)
{
    char room[LIMIT + 8];
    struct ww_buf b = ww_buf(room, sizeof room);
    ww_netstring_put(&b, payload);
    if (payload.n > LIMIT || used > left || b.failed || b.n != used || memcmp(b.p, at, used) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    size_t at = 0;
    for (;;) {
        struct ww_slice payload = {NULL, 0};
        size_t used = 0;
        enum ww_netstring all = ww_netstring_cut(p + at, size - at, LIMIT, &payload, &used);
        if (all == WW_NETSTRING_WHOLE)
            check_whole(p + at, payload, used, size - at);
        /* Octet by octet: more is asked for until it is whole or malformed, and then it stays so. */
        size_t end = all == WW_NETSTRING_WHOLE ? used : size - at;
        bool malformed = false;
        for (size_t n = 0; n < end && n < LIMIT + 8; n++) {
            enum ww_netstring part = ww_netstring_cut(p + at, n, LIMIT, &payload, &used);
            if (part == WW_NETSTRING_WHOLE || (malformed && part != WW_NETSTRING_MALFORMED))
                abort();
            malformed = part == WW_NETSTRING_MALFORMED;
        }
        if (malformed && all != WW_NETSTRING_MALFORMED)
            abort();
        if (all != WW_NETSTRING_WHOLE)
            return 0;
        at += end;
    }
}
