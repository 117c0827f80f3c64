/*
 * Messages between roles: what a decoder takes, its encoder writes again byte for byte. A target has a table
 * of decoders; the first octet of the input says which, and the rest is the message.
 */
#ifndef WW_FUZZ_MSG_H
#define WW_FUZZ_MSG_H

#include "base/buf.h"
#include "check.h"

#include <stdint.h>

typedef void msg_decoder(struct ww_slice payload);

/* As much as the longest message that a target knows, and more. */
static char msg_space[(size_t)4 << 20];

/* Of a message that decodes into a struct of another name, or into a part of it. */
#define DECODER_OF(name, type, part)                                  \
    static void try_##name(struct ww_slice payload)                   \
    {                                                                 \
        static struct type m;                                         \
        struct ww_buf b = ww_buf(msg_space, sizeof msg_space);        \
        if (ww_msg_get_##name(payload, &m) != WW_OK)                  \
            return;                                                   \
        ww_msg_put_##name(&b, &m part);                               \
        CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload)); \
    }
#define DECODER(name) DECODER_OF(name, ww_msg_##name, )

static inline void try_message(msg_decoder *const *decoders, size_t count, const uint8_t *data, size_t size)
{
    if (size > 0 && size < sizeof msg_space && data[0] < count && decoders[data[0]] != NULL)
        decoders[data[0]](ww_slice((const char *)data + 1, size - 1));
}

#endif
