#include "engine/preload.h"

static enum ww_preload_verdict refuse(enum ww_err err, enum ww_err *why)
{
    *why = err;
    return WW_PRELOAD_REFUSE;
}

/*
 * What is wrong with the list comes before its age, and its age before what it would replace: the first
 * sentence is the one that its maker or this machine's clock has to answer for.
 */
enum ww_preload_verdict ww_preload_decide(const struct ww_preload *candidate, const struct ww_preload *kept,
                                          int64_t now, enum ww_err *why)
{
    *why = WW_OK;
    if (candidate->expires <= candidate->timestamp)
        return refuse(WW_E_PRELOAD_TIMES, why);
    if (candidate->timestamp > now + WW_PRELOAD_SKEW)
        return refuse(WW_E_PRELOAD_FUTURE, why);
    if (!ww_preload_counts(candidate, now))
        return refuse(WW_E_PRELOAD_EXPIRED, why);
    if (kept == NULL)
        return WW_PRELOAD_TAKE;
    if (candidate->timestamp < kept->timestamp)
        return refuse(WW_E_PRELOAD_OLDER, why);
    return candidate->timestamp == kept->timestamp ? WW_PRELOAD_SAME : WW_PRELOAD_TAKE;
}
