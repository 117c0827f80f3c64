/*
 * An LMTP session: in whatever pieces it comes, the replies and the messages are the same, and no message
 * holds what the client has not sent as one. The first octet says how large the pieces are.
 */
#include "check.h"
#include "engine/lmtp.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE_LIMIT 200

struct heard {
    char out[1 << 16];
    size_t n;
    size_t messages, octets;
    bool closed;
};

static void put(struct heard *h, const char *p, size_t n)
{
    if (n > sizeof h->out - h->n)
        n = sizeof h->out - h->n;
    memcpy(h->out + h->n, p, n);
    h->n += n;
}

static void take_message(struct heard *h, struct ww_lmtp *lmtp, const struct ww_buf *message)
{
    CHECK(!message->failed && message->n <= SIZE_LIMIT && strlen(lmtp->sender) < WW_LMTP_PATH_MAX);
    CHECK(message->n == 0 || (message->n >= 2 && memcmp(message->p + message->n - 2, "\r\n", 2) == 0));
    put(h, message->p, message->n);
    h->messages++;
    h->octets += message->n;
    ww_lmtp_answer(lmtp, lmtp->sender);
}

static void converse(struct heard *h, struct ww_slice in, size_t piece, size_t room)
{
    static struct ww_lmtp lmtp;
    char octets[SIZE_LIMIT + 1024 + 2], replies[2048];
    struct ww_buf message = ww_buf(octets, sizeof octets), out = ww_buf(replies, room);
    *h = (struct heard){.n = 0};
    ww_lmtp_begin(&lmtp, "us.example", SIZE_LIMIT, &out);
    while (in.n > 0 && !h->closed) {
        struct ww_slice part = ww_slice(in.p, piece < in.n ? piece : in.n);
        in = ww_slice(in.p + part.n, in.n - part.n);
        enum ww_lmtp_want want;
        do {
            want = ww_lmtp_take(&lmtp, &part, &message, &out);
            CHECK(!out.failed);
            put(h, out.p, out.n);
            out.n = 0;
            if (want == WW_LMTP_SUBMIT)
                take_message(h, &lmtp, &message);
        } while (want == WW_LMTP_SUBMIT || want == WW_LMTP_WRITE);
        CHECK(want == WW_LMTP_CLOSE || part.n == 0);
        h->closed = want == WW_LMTP_CLOSE;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct heard whole, parts;
    if (size == 0)
        return 0;
    struct ww_slice in = ww_slice((const char *)data + 1, size - 1);
    converse(&whole, in, 1024, 2048);
    converse(&parts, in, data[0] % 64 + 1U, WW_LMTP_REPLY_MAX);
    CHECK(whole.n == parts.n && memcmp(whole.out, parts.out, whole.n) == 0 && whole.closed == parts.closed &&
          whole.messages == parts.messages && whole.octets == parts.octets && whole.octets <= in.n);
    return 0;
}
