/* Messages about the reports of others. */
#include "msg.h"
#include "proc/msg_intake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

DECODER(decode)
DECODER(decoded)
DECODER(take)
DECODER(taken)
DECODER(received_ask)
DECODER(advise_ask)

static void try_received(struct ww_slice payload)
{
    struct ww_buf b = ww_buf(msg_space, sizeof msg_space);
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
    static msg_decoder *const decoders[] = {
        ['r'] = try_received, ['d'] = try_decode,       ['D'] = try_decoded,    ['t'] = try_take,
        ['T'] = try_taken,    ['q'] = try_received_ask, ['a'] = try_advise_ask,
    };
    try_message(decoders, sizeof decoders / sizeof *decoders, data, size);
    return 0;
}
