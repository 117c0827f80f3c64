/* The part of steward_facts.h that is about the hosts of a domain's MX records, and their TLS. Pure. */
#ifndef WW_DAEMON_STEWARD_HOSTS_H
#define WW_DAEMON_STEWARD_HOSTS_H

#include "daemon/steward_facts.h"

struct ww_steward_hosts {
    bool known;      /* which there are */
    bool authentic;  /* signed, or all name servers have agreed for long enough */
    const char *why; /* they are not known; static, or NULL */
};

void ww_steward_hosts(const struct ww_steward_seen *seen, struct ww_published *domain,
                      struct ww_published_mx mx[WW_PUBLISHED_MX_MAX], size_t *mx_count,
                      struct ww_steward_hosts *out);

#endif
