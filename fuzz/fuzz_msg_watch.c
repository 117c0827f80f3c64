/*
 * Messages about watched domains: what a decoder takes, its encoder writes again byte for byte. The first
 * octet says which.
 */
#include "check.h"
#include "proc/msg_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char space[WW_MSG_WATCHED_MAX];

#define TRY(name)                                                     \
    do {                                                              \
        static struct ww_msg_##name m;                                \
        struct ww_buf b = ww_buf(space, sizeof space);                \
        if (ww_msg_get_##name(payload, &m) != WW_OK)                  \
            break;                                                    \
        ww_msg_put_##name(&b, &m);                                    \
        CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload)); \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct ww_slice payload = ww_slice((const char *)data + 1, size - 1);
    switch (data[0]) {
    case 'a':
        TRY(alert);
        break;
    case 'd':
        TRY(alerted);
        break;
    case 'w':
        TRY(watch);
        break;
    case 'r':
        TRY(watched);
        break;
    case 'f':
        TRY(watch_finding);
        break;
    case 'e':
        TRY(watch_end);
        break;
    case 'q':
        TRY(watch_ask);
        break;
    default:
        break;
    }
    return 0;
}
