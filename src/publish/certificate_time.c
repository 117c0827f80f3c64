#include "publish/certificate_time.h"

int64_t ww_certificate_renew_at(int64_t not_before, int64_t not_after)
{
    return not_after - (not_after - not_before) / 3;
}
