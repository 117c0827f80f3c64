#include "check/mx_sight.h"

#include <stdio.h>
#include <stdlib.h>

struct ww_mx_sight *ww_mx_sight_new(const char *name)
{
    struct ww_mx_sight *sight = calloc(1, sizeof *sight);
    if (sight == NULL)
        return NULL;
    sight->refs = 1;
    (void)snprintf(sight->name, sizeof sight->name, "%s", name);
    return sight;
}

void ww_mx_sight_hold(struct ww_mx_sight *sight)
{
    sight->refs++;
}

void ww_mx_sight_drop(struct ww_mx_sight *sight)
{
    if (sight == NULL || --sight->refs > 0)
        return;
    free(sight->addresses);
    free(sight);
}
