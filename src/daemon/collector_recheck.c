#include "daemon/collector_recheck.h"

#include <string.h>

static bool has_turn(struct ww_recheck *r, int64_t now_ms)
{
    if (now_ms / 1000 != r->second) {
        r->second = now_ms / 1000;
        r->in_second = 0;
    }
    if (r->in_second == WW_RECHECK_A_SECOND)
        return false;
    r->in_second++;
    return true;
}

bool ww_recheck_take(struct ww_recheck *r, const char *domain, int64_t interval_ms, int64_t now_ms)
{
    uint64_t name = ww_hash(&r->key, domain, strlen(domain));
    unsigned set = (unsigned)(name % WW_RECHECK_SETS), place = WW_RECHECK_WAYS;
    for (unsigned i = 0; i < WW_RECHECK_WAYS; i++) {
        bool over = r->seen[set][i].at == 0 || now_ms - r->seen[set][i].at >= interval_ms;
        if (!over && r->seen[set][i].name == name)
            return false;
        if (over)
            place = i;
    }
    if (place == WW_RECHECK_WAYS || !has_turn(r, now_ms))
        return false;
    r->seen[set][place].name = name;
    r->seen[set][place].at = now_ms;
    return true;
}
