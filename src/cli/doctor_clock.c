#include "cli/doctor_clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#define RIGHT_S 60
#define HARMLESS_S 900

enum ww_finding ww_clock_judge_kernel(int state, unsigned flags)
{
    if (state < 0)
        return WW_FINDING_SKIP;
    return state == TIME_ERROR || (flags & STA_UNSYNC) != 0 ? WW_FINDING_WARN : WW_FINDING_OK;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t ww_clock_middle(int64_t *differences, size_t count)
{
    if (count == 0)
        return 0;
    qsort(differences, count, sizeof *differences, compare);
    return differences[(count - 1) / 2];
}

enum ww_finding ww_clock_judge_offset(int64_t seconds)
{
    if (seconds >= -RIGHT_S && seconds <= RIGHT_S)
        return WW_FINDING_OK;
    return seconds >= -HARMLESS_S && seconds <= HARMLESS_S ? WW_FINDING_WARN : WW_FINDING_FAIL;
}

void ww_doctor_clock(struct ww_doctor *d)
{
    struct timex t = {.modes = 0};
    int state = adjtimex(&t);
    enum ww_finding finding = ww_clock_judge_kernel(state, (unsigned)t.status);
    if (finding == WW_FINDING_SKIP) {
        ww_doctor_tell(d, WW_CHECK_CLOCK, finding, NULL, "the kernel does not say whether it is set: %s",
                       strerror(errno));
    } else if (finding == WW_FINDING_OK) {
        ww_doctor_tell(d, WW_CHECK_CLOCK, finding, NULL, "the clock is kept by a time service");
    } else {
        ww_doctor_tell(d, WW_CHECK_CLOCK, finding, NULL,
                       "no time service keeps the clock: certificates, DNSSEC and policies all go by it");
        ww_doctor_advise(d,
                         "Where this says that NTP is not supported, install systemd-timesyncd or chrony:");
        ww_doctor_command(d, "timedatectl set-ntp true");
    }
}
