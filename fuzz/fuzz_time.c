/* A time in text: what is read is read again from what is written of it. */
#include "base/time.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t seconds, again;
    char text[WW_TIME_SIZE];
    if (!ww_time_parse(ww_slice((const char *)data, size), &seconds))
        return 0;
    ww_time_format(seconds, text);
    CHECK(ww_time_parse(ww_slice_str(text), &again) && again == seconds);
    return 0;
}
