/*
 * Messages about published domains: what a decoder takes, its encoder writes again byte for byte. The first
 * octet says which.
 */
#include "check.h"
#include "proc/msg_order.h"
#include "proc/msg_publish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char space[WW_MSG_TEND_MAX];

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
TRY(steward_room)
TRY(tend)
TRY(tended)
TRY(site)
TRY(site_gone)
TRY(site_state)
TRY(publish_ask)
TRY(order_ask)
TRY(order)
TRY(order_done)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct ww_slice payload = ww_slice((const char *)data + 1, size - 1);
    switch (data[0]) {
    case 'r':
        try_steward_room(payload);
        break;
    case 't':
        try_tend(payload);
        break;
    case 'd':
        try_tended(payload);
        break;
    case 's':
        try_site(payload);
        break;
    case 'g':
        try_site_gone(payload);
        break;
    case 'f':
        try_site_state(payload);
        break;
    case 'q':
        try_publish_ask(payload);
        break;
    case 'a':
        try_order_ask(payload);
        break;
    case 'o':
        try_order(payload);
        break;
    case 'e':
        try_order_done(payload);
        break;
    default:
        break;
    }
    return 0;
}
