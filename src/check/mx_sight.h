/* What was seen of one MX host, on each of its addresses. Shared by the domains that name it. */
#ifndef WW_CHECK_MX_SIGHT_H
#define WW_CHECK_MX_SIGHT_H

#include "core/dname.h"
#include "probe/mx_probe.h"

/* One address of it. */
struct ww_mx_address_sight {
    struct ww_addr addr;
    struct ww_mx_probe_result first; /* as a sender sees it: with SNI, TLSA, and all ciphers */
};

struct ww_mx_sight {
    unsigned refs; /* by ww_mx_sight_hold and _drop */
    bool complete; /* else the look goes on, or was ended before it had seen all */
    char name[WW_DNAME_SIZE];
    enum ww_err err; /* there was no address to look at: why */
    char detail[WW_MX_PROBE_DETAIL_SIZE];
    size_t count;
    struct ww_mx_address_sight *addresses;
};

/* NULL: memory is short. The first reference is the caller's. */
struct ww_mx_sight *ww_mx_sight_new(const char *name);
void ww_mx_sight_hold(struct ww_mx_sight *sight);
/* Frees it with its last reference. Does nothing to NULL. */
void ww_mx_sight_drop(struct ww_mx_sight *sight);

#endif
