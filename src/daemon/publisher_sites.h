/* The policy domains that the publisher serves, by name: what the keeper has told, and their certificates. */
#ifndef WW_DAEMON_PUBLISHER_SITES_H
#define WW_DAEMON_PUBLISHER_SITES_H

#include "daemon/file_stamp.h"
#include "net/tls_pair.h"
#include "proc/msg_publish.h"

#include <sys/queue.h>

/* publisher_keys.h fills these in. */
struct ww_publisher_site_keys {
    struct ww_tls_pair pair; /* that is shown; key NULL: there is none */
    int64_t not_before, not_after;
    char *why;                     /* what is wrong with the files, owned; NULL: nothing */
    bool looked;                   /* the files were looked at, ... */
    struct ww_file_stamp files[2]; /* ... and were these: certificate and key */
    int64_t looked_ms;
};

struct ww_publisher_site {
    LIST_ENTRY(ww_publisher_site) bucket;
    TAILQ_ENTRY(ww_publisher_site) entry;
    uint64_t hash;
    char domain[WW_DNAME_SIZE];
    char id[WW_STS_ID_MAX + 1];
    char *body; /* owned; NULL: no policy is served yet */
    size_t body_n;
    bool stale; /* not among those that the keeper is just telling of */
    struct ww_publisher_site_keys keys;
    struct ww_msg_site_state *told; /* to the keeper, last; owned; NULL: nothing yet */
};

struct ww_publisher_sites;

/* NULL when memory is short. */
struct ww_publisher_sites *ww_publisher_sites_new(void);
void ww_publisher_sites_free(struct ww_publisher_sites *sites);

/* All are told of anew: what is not put between the two is gone with the second. */
void ww_publisher_sites_begin(struct ww_publisher_sites *sites);
void ww_publisher_sites_end(struct ww_publisher_sites *sites);

/* Adds a site, or changes it. NULL when memory is short: it is as it was. */
struct ww_publisher_site *ww_publisher_sites_put(struct ww_publisher_sites *sites,
                                                 const struct ww_msg_site *m);
void ww_publisher_sites_gone(struct ww_publisher_sites *sites, const char *domain);

/* The site whose policy host this is, as canonical name: "mta-sts." and its domain. NULL: none. */
struct ww_publisher_site *ww_publisher_sites_of_host(struct ww_publisher_sites *sites, const char *host);

/* A walk over all, which lets others come and go meanwhile. NULL: that was the last. */
void ww_publisher_sites_rewind(struct ww_publisher_sites *sites);
struct ww_publisher_site *ww_publisher_sites_next(struct ww_publisher_sites *sites);

/* Borrowed until one is gone. NULL at the end; of NULL the first. */
const struct ww_publisher_site *ww_publisher_sites_after(const struct ww_publisher_sites *sites,
                                                         const struct ww_publisher_site *site);
size_t ww_publisher_sites_count(const struct ww_publisher_sites *sites);

#endif
