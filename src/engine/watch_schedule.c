#include "engine/watch_schedule.h"

int64_t ww_watch_next(int64_t at, int64_t interval, uint16_t place)
{
    int64_t next = at + interval - interval / 10 * place / 65536;
    return next > at ? next : at + 1;
}
