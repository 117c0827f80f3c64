/* TLSA RDATA: what is usable has data of its matching type, and lies within the input. */
#include "check.h"
#include "core/tlsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_tlsa tlsa;
    if (ww_tlsa_parse((const char *)data, size, &tlsa) != WW_OK) {
        CHECK(size < 3);
        return 0;
    }
    CHECK(tlsa.data.n == size - 3);
    if (ww_tlsa_check(&tlsa) != WW_OK)
        return 0;
    CHECK(tlsa.usage == WW_TLSA_DANE_TA || tlsa.usage == WW_TLSA_DANE_EE);
    CHECK(tlsa.selector <= WW_TLSA_SELECTOR_SPKI && tlsa.matching <= WW_TLSA_SHA512);
    CHECK(tlsa.matching != WW_TLSA_SHA256 || tlsa.data.n == 32);
    CHECK(tlsa.matching != WW_TLSA_SHA512 || tlsa.data.n == 64);
    CHECK(tlsa.matching != WW_TLSA_FULL || (data[3] == 0x30 && tlsa.data.n > 2));
    return 0;
}
