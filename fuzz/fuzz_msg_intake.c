/*
 * Messages about the reports of others: what a decoder takes, its encoder writes again byte for byte. The
 * first octet says which.
 */
#include "check.h"
#include "proc/msg_intake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char space[256 * 1024];

#define DECODER(name)                                                 \
    static void try_##name(struct ww_slice payload)                   \
    {                                                                 \
        static struct ww_msg_##name m;                                \
        struct ww_buf b = ww_buf(space, sizeof space);                \
        if (ww_msg_get_##name(payload, &m) != WW_OK)                  \
            return;                                                   \
        ww_msg_put_##name(&b, &m);                                    \
        CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload)); \
    }

DECODER(decode)
DECODER(decoded)
DECODER(take)
DECODER(taken)
DECODER(received_ask)
DECODER(advise_ask)

static void try_received(struct ww_slice payload)
{
    struct ww_buf b = ww_buf(space, sizeof space);
    enum ww_err err;
    struct ww_received *m = ww_msg_get_received(payload, &err);
    CHECK((m != NULL) == (err == WW_OK));
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->count; i++)
        CHECK(m->policies[i].success >= 0 && m->policies[i].failure >= 0);
    ww_msg_put_received(&b, m);
    CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload));
    free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(struct ww_slice payload) = {
        ['r'] = try_received, ['d'] = try_decode,       ['D'] = try_decoded,    ['t'] = try_take,
        ['T'] = try_taken,    ['q'] = try_received_ask, ['a'] = try_advise_ask,
    };
    const size_t count = sizeof decoders / sizeof *decoders;
    if (size > 0 && size < sizeof space && data[0] < count && decoders[data[0]] != NULL)
        decoders[data[0]](ww_slice((const char *)data + 1, size - 1));
    return 0;
}
