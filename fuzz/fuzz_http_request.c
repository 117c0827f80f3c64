/* A request's head: how it arrives in pieces does not change how it is judged, and all it gives lies inside.
 */
#include "core/http_request.h"

#include <stdlib.h>

#define LIMIT 600

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct ww_slice s, const char *p, size_t n)
{
    return s.p >= p && s.n <= n && s.p + s.n <= p + n;
}

static void check_whole(const struct ww_http_head *head, const char *p, size_t used)
{
    struct ww_slice name, value;
    size_t pos = 0;
    if (!inside(head->method, p, used) || !inside(head->path, p, used) || !inside(head->query, p, used) ||
        !inside(head->headers, p, used) || head->path.n == 0 || head->path.p[0] != '/')
        abort();
    if (used < 4 || memcmp(p + used - 4, "\r\n\r\n", 4) != 0)
        abort();
    while (ww_http_next_header(head, &pos, &name, &value))
        if (name.n == 0 || !inside(name, p, used) || !inside(value, p, used))
            abort();
    if (pos != head->headers.n)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    struct ww_http_head head;
    size_t used = 0;
    enum ww_http_cut all = ww_http_head_cut(p, size, &head, &used);
    unsigned status = head.status;
    if (all == WW_HTTP_WHOLE)
        check_whole(&head, p, used);
    bool refused = false;
    for (size_t n = 0; n < (all == WW_HTTP_WHOLE ? used : size) && n < LIMIT; n++) {
        size_t ignored;
        enum ww_http_cut part = ww_http_head_cut(p, n, &head, &ignored);
        if (part == WW_HTTP_WHOLE || (refused && part != WW_HTTP_REFUSED))
            abort();
        refused = part == WW_HTTP_REFUSED;
        if (refused && (all != WW_HTTP_REFUSED || head.status != status))
            abort();
    }
    return 0;
}
