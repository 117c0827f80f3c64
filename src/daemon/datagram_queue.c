#include "daemon/datagram_queue.h"

#include <stdio.h>

unsigned ww_datagram_queue(void)
{
    unsigned length = 0;
    FILE *f = fopen(WW_DATAGRAM_QUEUE_PATH, "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%u", &length) != 1)
        length = 0;
    (void)fclose(f);
    return length;
}
