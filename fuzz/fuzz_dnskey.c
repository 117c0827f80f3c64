/* The root's keys in a raw answer: all lies within the packet, and what was signed fits its room. */
#include "check.h"
#include "core/dnskey.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(struct ww_slice s, const uint8_t *data, size_t size)
{
    CHECK(s.n == 0 || ((const uint8_t *)s.p >= data && (const uint8_t *)s.p + s.n <= data + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ww_dnskey_set set;
    static char bytes[WW_DNSKEY_SIGNED_MAX];
    if (ww_dnskey_read(&set, data, size) != WW_OK) {
        CHECK(set.count == 0 && set.sig_count == 0);
        return 0;
    }
    CHECK(set.count <= WW_DNSKEYS_MAX && set.sig_count <= WW_RRSIGS_MAX);
    for (size_t i = 0; i < set.count; i++) {
        struct ww_buf b = ww_buf(bytes, WW_DNSKEY_DIGESTED_MAX);
        check_within(set.keys[i].rdata, data, size);
        check_within(set.keys[i].key, data, size);
        ww_dnskey_put_digested(&b, set.keys[i].rdata);
        CHECK(!b.failed && b.n == set.keys[i].rdata.n + 1);
    }
    for (size_t i = 0; i < set.sig_count; i++) {
        struct ww_buf b = ww_buf(bytes, sizeof bytes);
        check_within(set.sigs[i].head, data, size);
        check_within(set.sigs[i].signature, data, size);
        ww_dnskey_put_signed(&b, &set, &set.sigs[i]);
        CHECK(!b.failed);
    }
    return 0;
}
