#include "core/mx_shared.h"

#include "core/dname.h"

static const struct {
    const char *base;
    bool below; /* names below it count as well */
    const char *whose;
} shared[] = {
    {"amazonaws.com", true, "anybody who rents at Amazon Web Services has hosts there"},
    {"azure.com", true, "anybody who rents at Microsoft Azure has hosts there"},
    {"ess.barracudanetworks.com", false, "each customer of Barracuda has a host there"},
    {"google.com", false, "all that Google serves stands there, beside the MX hosts of its customers"},
    {"googleusercontent.com", true, "anybody who rents at Google Cloud has hosts there"},
    {"in.tmes.trendmicro.com", false, "each customer of Trend Micro has a host there"},
    {"in.tmes.trendmicro.eu", false, "each customer of Trend Micro has a host there"},
    {"iphmx.com", true, "each customer of Cisco has a host there"},
    {"mail.protection.outlook.com", false, "each customer of Exchange Online has a host there"},
    {"mx.microsoft", true, "each customer of Exchange Online has a host there"},
    {"outlook.com", false, "all that Microsoft serves for its own mail stands there"},
    {"pphosted.com", false, "each customer of Proofpoint has a host there"},
};

static bool is_below(struct ww_slice name, const char *base)
{
    size_t n = strlen(base);
    return name.n > n && name.p[name.n - n - 1] == '.' &&
           ww_dname_eq(ww_slice(name.p + name.n - n, n), ww_slice_str(base));
}

const char *ww_mx_shared(struct ww_slice pattern)
{
    if (!ww_slice_starts(pattern, "*."))
        return NULL;
    struct ww_slice base = ww_slice(pattern.p + 2, pattern.n - 2);
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (ww_dname_eq(base, ww_slice_str(shared[i].base)) ||
            (shared[i].below && is_below(base, shared[i].base)))
            return shared[i].whose;
    return NULL;
}
