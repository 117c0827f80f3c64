#include "core/dnssec.h"

const char *ww_dnssec_name(enum ww_dnssec dnssec)
{
    static const char *const names[WW_DNSSEC_STATES] = {
        [WW_DNSSEC_UNKNOWN] = "unknown",
        [WW_DNSSEC_INSECURE] = "insecure",
        [WW_DNSSEC_SECURE] = "secure",
        [WW_DNSSEC_BOGUS] = "bogus",
    };
    return names[dnssec];
}
