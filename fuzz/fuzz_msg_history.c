/*
 * What control and keeper say of a domain's history: what a decoder takes, the encoder writes again byte for
 * byte. The first byte names the decoder.
 */
#include "check.h"
#include "proc/msg_history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char again[2 * WW_POLICY_BODY_MAX];

static void try_history(struct ww_slice payload)
{
    struct ww_msg_history m;
    struct ww_buf b = ww_buf(again, sizeof again);
    if (ww_msg_get_history(payload, &m) != WW_OK)
        return;
    ww_msg_put_history(&b, &m);
    CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload));
}

static void try_version(struct ww_slice payload)
{
    struct ww_version m;
    struct ww_buf b = ww_buf(again, sizeof again);
    if (ww_msg_get_version(payload, &m) != WW_OK)
        return;
    CHECK(m.body.n <= WW_VERSION_BODY_MAX && (m.body.p == NULL || m.body.n == m.size));
    ww_msg_put_version(&b, &m);
    CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct ww_slice payload = ww_slice((const char *)data + 1, size - 1);
    if (data[0] % 2 == 0)
        try_history(payload);
    else
        try_version(payload);
    return 0;
}
