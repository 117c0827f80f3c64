/* What a role has counted, and its slowest hosts, as a message: what the decoders take, the encoders write
 * again.
 */
#include "proc/slow_hosts.h"
#include "proc/stats.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ww_stats s;
    static struct ww_slow_hosts hosts;
    static char again[WW_STAT_VALUES * 10 + WW_SLOW_HOSTS_MAX * 300];
    struct ww_cursor c = ww_cursor(data, size);
    struct ww_buf b = ww_buf(again, sizeof again);
    if (ww_stats_get(&c, &s) != WW_OK)
        return 0;
    ww_stats_put(&b, &s);
    if (ww_slow_hosts_get(&c, &hosts) == WW_OK)
        ww_slow_hosts_put(&b, &hosts);
    if (b.failed || b.n > size || memcmp(again, data, b.n) != 0)
        abort();
    return 0;
}
