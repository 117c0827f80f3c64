#include "engine/courier.h"

const char *ww_report_state_name(enum ww_report_state state)
{
    static const char *const names[WW_REPORT_STATES] = {"waiting", "held", "sent", "given-up", "not-asked"};
    return names[state];
}

const char *ww_target_state_name(enum ww_target_state state)
{
    static const char *const names[WW_TARGET_STATES] = {"waiting",  "sent",       "refused",
                                                        "given-up", "suppressed", "unsupported"};
    return names[state];
}
