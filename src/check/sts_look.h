/*
 * A look at the MX hosts of a domain that wants TLS reports and has an MTA-STS policy, for what MTAs cannot
 * tell it (check/sts_told.h). In this order, and no further than there is reason to: the TLSRPT record, the
 * policy, the MX records, and the hosts one after the other.
 */
#ifndef WW_CHECK_STS_LOOK_H
#define WW_CHECK_STS_LOOK_H

#include "check/sts_told.h"
#include "drive/discover.h"

struct ww_sts_look;

struct ww_sts_look_result {
    bool asked;                     /* it has a TLSRPT record, or that could not be found out */
    const struct ww_sessions *told; /* NULL: nothing; borrowed during the callback */
};

typedef void ww_sts_look_cb(void *ctx, const struct ww_sts_look_result *result);

/* Domain is canonical; all is borrowed. cb is called from the loop, once; the look is gone by then. NULL:
 * memory is short. */
struct ww_sts_look *ww_sts_look(const struct ww_discoverer *with, struct ww_mx_sessions *sessions,
                                const char *domain, ww_sts_look_cb *cb, void *ctx);
/* Ends it without its callback. */
void ww_sts_look_cancel(struct ww_sts_look *look);

#endif
