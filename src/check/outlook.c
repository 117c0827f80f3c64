#include "check/outlook.h"

const char *ww_outlook_name(enum ww_outlook_kind kind)
{
    static const char *const names[] = {
        [WW_OUTLOOK_UNKNOWN] = "unknown", [WW_OUTLOOK_NO_MAIL] = "no-mail",
        [WW_OUTLOOK_OPEN] = "open",       [WW_OUTLOOK_TESTING] = "testing",
        [WW_OUTLOOK_PARTLY] = "partly",   [WW_OUTLOOK_PROTECTED] = "protected",
        [WW_OUTLOOK_HELD] = "held",
    };
    _Static_assert(sizeof names / sizeof *names == WW_OUTLOOK_KINDS, "each has its name");
    return names[kind];
}

void ww_outlook(const struct ww_sight *sight, struct ww_outlook *out)
{
    (void)sight;
    *out = (struct ww_outlook){.kind = WW_OUTLOOK_UNKNOWN};
}
