/* What lies below a folder by now. */
#ifndef WW_TESTS_PUBLISH_INSTALLED_H
#define WW_TESTS_PUBLISH_INSTALLED_H

#include "publish/certificate.h"

/* The end of the host's certificate; 0: there is none. */
static inline int64_t installed_until(const char *folder, const char *host)
{
    struct ww_certificate_span span;
    return ww_certificate_span(folder, host, &span) ? span.not_after : 0;
}

#endif
