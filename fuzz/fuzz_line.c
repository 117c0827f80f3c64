/* Lines and their requests: how the octets arrive in pieces does not change what is cut from them. */
#include "core/line.h"

#include <stdint.h>
#include <stdlib.h>

#define LIMIT 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    struct ww_slice line = {NULL, 0};
    struct ww_slice key;
    size_t used = 0;
    enum ww_line all = ww_line_cut(p, size, LIMIT, &line, &used);
    size_t end = all == WW_LINE_WHOLE ? used : size;
    for (size_t n = 0; n < end; n++) {
        struct ww_slice part;
        size_t part_used;
        enum ww_line cut = ww_line_cut(p, n, LIMIT, &part, &part_used);
        require(cut == WW_LINE_MORE || (cut == WW_LINE_LONG && all == WW_LINE_LONG));
        require(cut == WW_LINE_LONG || n < LIMIT + 2);
    }
    if (all != WW_LINE_WHOLE)
        return 0;
    require(line.p == p && line.n <= LIMIT && line.n < used && used <= size && p[used - 1] == '\n');
    require(memchr(p, '\n', used) == p + used - 1);
    if (!ww_line_request(line, &key))
        return 0;
    require(key.n > 0 && key.p > line.p && key.p + key.n == line.p + line.n && key.p[0] != ' ');
    return 0;
}
