/* How a preload list is, between roles: what the decoder takes, the encoder writes again byte for byte. */
#include "check.h"
#include "proc/msg_preload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char space[4096];
    struct ww_msg_preload m;
    const struct ww_slice payload = ww_slice((const char *)data, size);
    if (ww_msg_get_preload(payload, &m) != WW_OK)
        return 0;
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_preload(&b, &m);
    CHECK(!b.failed && ww_slice_eq(ww_slice(b.p, b.n), payload));
    return 0;
}
