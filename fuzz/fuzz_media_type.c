/* A Content-Type: what passes begins with text/plain, and what stands behind it does not matter. */
#include "core/media_type.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_slice value = ww_slice((const char *)data, size);
    bool plain = ww_media_type_is_text_plain(value);
    const char *semicolon = size > 0 ? memchr(value.p, ';', size) : NULL;
    size_t head = semicolon != NULL ? (size_t)(semicolon - value.p) : size;
    if (plain != ww_media_type_is_text_plain(ww_slice(value.p, head)))
        abort();
    if (plain && head < sizeof "text/plain" - 1)
        abort();
    return 0;
}
