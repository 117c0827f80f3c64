/* Whether the destinations of a TLSRPT record would take a report. */
#ifndef WW_CHECK_RUA_SIGHT_H
#define WW_CHECK_RUA_SIGHT_H

#include <stdbool.h>

struct ww_rua_sight {
    bool looked;
    bool late;
};

#endif
