#include "daemon/datagram_queue.h"

#include <stdio.h>
#include <stdlib.h>

unsigned ww_datagram_queue(void)
{
    char digits[24] = "";
    FILE *f = fopen(WW_DATAGRAM_QUEUE_PATH, "re");
    if (f == NULL)
        return 0;
    unsigned long length = fgets(digits, sizeof digits, f) != NULL ? strtoul(digits, NULL, 10) : 0;
    (void)fclose(f);
    return (unsigned)length;
}
