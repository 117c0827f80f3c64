#include "core/dkim_fact.h"

const char *ww_dkim_result_name(enum ww_dkim_result result)
{
    static const char *const names[] = {
        [WW_DKIM_NONE] = "none",       [WW_DKIM_PASS] = "pass",     [WW_DKIM_FAIL] = "fail",
        [WW_DKIM_NOT_NOW] = "not-now", [WW_DKIM_NO_KEY] = "no-key", [WW_DKIM_UNUSABLE] = "unusable",
    };
    return (unsigned)result < WW_DKIM_RESULTS ? names[result] : "";
}
