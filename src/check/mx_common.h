/* What all looks at MX hosts of one inspector share. */
#ifndef WW_CHECK_MX_COMMON_H
#define WW_CHECK_MX_COMMON_H

#include "check/env.h"
#include "probe/mx_probe.h"

struct ww_lists;

enum { WW_MX_IPV6, WW_MX_IPV4, WW_MX_FAMILIES };

struct ww_mx_common {
    struct ww_mx_prober *prober;
    struct ww_lists *lists;       /* of revoked certificates */
    bool reached[WW_MX_FAMILIES]; /* port 25 of some MX host was reached over this family */
};

/* NULL: memory is short. env has to outlive it. */
struct ww_mx_common *ww_mx_common_new(const struct ww_check_env *env);
/* No look may be under way. */
void ww_mx_common_free(struct ww_mx_common *common);

#endif
