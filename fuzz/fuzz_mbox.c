#include "core/mbox.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_slice line = ww_slice((const char *)data, size);
    /* What is quoted begins no message. */
    if (ww_mbox_is_quoted(line) && ww_mbox_is_separator(line))
        abort();
    return 0;
}
