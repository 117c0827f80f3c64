#include "cli/when.h"

#include "base/buf.h"

static const struct unit {
    uint64_t seconds;
    const char *name;
} units[] = {{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};

#define UNITS (sizeof units / sizeof units[0])

/* The largest unit that fits, and the next one unless that is 0 or the first says enough. */
static void put_span(struct ww_buf *b, uint64_t span)
{
    size_t i = 0;
    while (i + 1 < UNITS && span < units[i].seconds)
        i++;
    uint64_t first = span / units[i].seconds;
    ww_buf_decimal(b, first);
    ww_buf_str(b, units[i].name);
    if (first >= 10 || i + 1 >= UNITS)
        return;
    uint64_t second = span % units[i].seconds / units[i + 1].seconds;
    if (second == 0)
        return;
    ww_buf_char(b, ' ');
    ww_buf_decimal(b, second);
    ww_buf_str(b, units[i + 1].name);
}

void ww_when(int64_t time, int64_t now, char out[WW_WHEN_SIZE])
{
    struct ww_buf b = ww_buf(out, WW_WHEN_SIZE - 1);
    uint64_t span = time > now ? (uint64_t)time - (uint64_t)now : (uint64_t)now - (uint64_t)time;
    if (time == now) {
        ww_buf_str(&b, "now");
    } else if (time > now) {
        ww_buf_str(&b, "in ");
        put_span(&b, span);
    } else {
        put_span(&b, span);
        ww_buf_str(&b, " ago");
    }
    out[b.n] = '\0';
}
