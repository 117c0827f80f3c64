/* What was seen of a domain's policy host: on each address TLS, certificate, HTTP; and the body it serves. */
#ifndef WW_CHECK_HOST_SIGHT_H
#define WW_CHECK_HOST_SIGHT_H

#include "base/slice.h"

struct ww_host_sight {
    bool looked;
    bool late;
    struct ww_slice body; /* of the first address that serves one as RFC 8461 section 3.3 wants it; owned;
                             p is NULL where none does */
};

#endif
