/*
 * Messages about watched domains: what a decoder takes, its encoder writes again byte for byte. The first
 * octet says which.
 */
#include "check.h"
#include "proc/msg_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char space[WW_MSG_WATCHED_MAX];

#define TRY(name)                                                     \
    static void try_##name(struct ww_slice payload)                   \
    {                                                                 \
        static struct ww_msg_##name m;                                \
        struct ww_buf b = ww_buf(space, sizeof space);                \
        if (ww_msg_get_##name(payload, &m) != WW_OK)                  \
            return;                                                   \
        ww_msg_put_##name(&b, &m);                                    \
        CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload)); \
    }
TRY(alert)
TRY(alerted)
TRY(watch)
TRY(watched)
TRY(watch_finding)
TRY(watch_end)
TRY(watch_ask)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct ww_slice payload = ww_slice((const char *)data + 1, size - 1);
    switch (data[0]) {
    case 'a':
        try_alert(payload);
        break;
    case 'd':
        try_alerted(payload);
        break;
    case 'w':
        try_watch(payload);
        break;
    case 'r':
        try_watched(payload);
        break;
    case 'f':
        try_watch_finding(payload);
        break;
    case 'e':
        try_watch_end(payload);
        break;
    case 'q':
        try_watch_ask(payload);
        break;
    default:
        break;
    }
    return 0;
}
