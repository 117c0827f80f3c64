/* Addresses and prefixes in text: what is read is written in a form that reads back the same. */
#include "core/addr.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_slice text = ww_slice((const char *)data, size);
    struct ww_prefix prefix;
    if (ww_prefix_parse(text, &prefix) != WW_OK)
        return 0;
    char written[WW_ADDR_TEXT_SIZE];
    struct ww_addr again;
    ww_addr_format(&prefix.addr, written);
    if (ww_addr_parse(ww_slice_str(written), &again) != WW_OK ||
        memcmp(&again, &prefix.addr, sizeof again) != 0 || !ww_prefix_contains(&prefix, &again))
        abort();
    const char *special = ww_addr_special(&again);
    if (special != NULL && special[0] == '\0')
        abort();
    return 0;
}
