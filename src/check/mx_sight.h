/* What was seen of one MX host, on each of its addresses. Shared by the domains that name it. */
#ifndef WW_CHECK_MX_SIGHT_H
#define WW_CHECK_MX_SIGHT_H

#include "check/mx_common.h"
#include "core/dname.h"
#include "probe/mx_trial.h"

/* One address of it. */
struct ww_mx_address_sight {
    struct ww_addr addr;
    bool no_route;                                  /* this machine has no way there: nothing was tried */
    bool looked;                                    /* `first` is there */
    struct ww_mx_probe_result first;                /* as a sender sees it: with SNI, TLSA, and all ciphers */
    struct ww_mx_trial_result trials[WW_MX_TRIALS]; /* where TLS was spoken */
    bool stopped;                                   /* it did not want to talk any more, and was left alone */
    enum ww_revocation revocation; /* by what was stapled, or else by the list of its authority */
    enum ww_err list_err;          /* why that list was not to be had; else WW_OK */
};

struct ww_mx_sight {
    unsigned refs; /* by ww_mx_sight_hold and _drop */
    bool complete; /* else the look goes on, or was ended before it had seen all */
    char name[WW_DNAME_SIZE];
    enum ww_err err; /* there was no address to look at: why */
    char detail[WW_MX_PROBE_DETAIL_SIZE];
    size_t refused;               /* addresses that the guard did not let pass, beside those that are here */
    bool reached[WW_MX_FAMILIES]; /* port 25 of some host was reached lately, be it another one */
    size_t count;
    struct ww_mx_address_sight *addresses; /* IPv6 before IPv4 */
};

/* NULL: memory is short. The first reference is the caller's. */
struct ww_mx_sight *ww_mx_sight_new(const char *name);
void ww_mx_sight_hold(struct ww_mx_sight *sight);
/* Frees it with its last reference. Does nothing to NULL. */
void ww_mx_sight_drop(struct ww_mx_sight *sight);

#endif
