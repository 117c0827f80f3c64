#include "core/tlsa.h"
#include "lib/lib.h"

static const enum waxwing_dane published[WW_DANE_STATES] = {
    [WW_DANE_NONE] = WAXWING_DANE_NONE,
    [WW_DANE_INSECURE] = WAXWING_DANE_INSECURE,
    [WW_DANE_SECURE_USABLE] = WAXWING_DANE_SECURE_USABLE,
    [WW_DANE_SECURE_UNUSABLE] = WAXWING_DANE_SECURE_UNUSABLE,
    [WW_DANE_BOGUS] = WAXWING_DANE_BOGUS,
    [WW_DANE_LOOKUP_FAILED] = WAXWING_DANE_LOOKUP_FAILED,
};

enum ww_dane_state ww_lib_dane(enum waxwing_dane dane)
{
    for (unsigned i = 0; i < WW_DANE_STATES; i++) {
        if (published[i] == dane)
            return (enum ww_dane_state)i;
    }
    return WW_DANE_LOOKUP_FAILED;
}

enum waxwing_dane ww_lib_dane_back(enum ww_dane_state state)
{
    return published[state];
}

const char *waxwing_dane_name(enum waxwing_dane dane)
{
    if (dane == WAXWING_DANE_UNKNOWN || (unsigned)dane > WAXWING_DANE_LOOKUP_FAILED)
        return "unknown";
    return ww_dane_state_name(ww_lib_dane(dane));
}

static enum ww_err check(const void *rdata, size_t length)
{
    struct ww_tlsa tlsa;
    enum ww_err err = ww_tlsa_parse(rdata, length, &tlsa);
    return err == WW_OK ? ww_tlsa_check(&tlsa) : err;
}

const struct waxwing_error *waxwing_tlsa_check(const void *rdata, size_t length)
{
    return ww_lib_error(check(rdata, length));
}

enum waxwing_dane waxwing_tlsa_classify(const struct waxwing_octets *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (check(records[i].data, records[i].length) == WW_OK)
            return WAXWING_DANE_SECURE_USABLE;
    }
    return count > 0 ? WAXWING_DANE_SECURE_UNUSABLE : WAXWING_DANE_NONE;
}
