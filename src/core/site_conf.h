/*
 * What a web server is told that serves the policy of one host from a file: nginx, Caddy, Apache. Nothing but
 * the policy is served, and as text/plain whatever the server takes a .txt for.
 */
#ifndef WW_CORE_SITE_CONF_H
#define WW_CORE_SITE_CONF_H

#include "base/buf.h"

#include <stdbool.h>

/* A folder that these servers all read the same way, without marks: "/an/absolute/path" of letters, digits
 * and
 * -._ */
#define WW_SITE_CONF_FOLDER_SIZE 512
bool ww_site_conf_is_folder(const char *path);

/* All is borrowed; host is a canonical name, the folders are such as above. */
struct ww_site_conf {
    const char *host;
    const char *root; /* the policy is ROOT/.well-known/mta-sts.txt */
    /* The folder with fullchain.pem and privkey.pem. NULL: certbot's; Caddy gets a certificate by itself. */
    const char *certificates;
};

void ww_site_conf_put_nginx(struct ww_buf *b, const struct ww_site_conf *s);
void ww_site_conf_put_caddy(struct ww_buf *b, const struct ww_site_conf *s);
void ww_site_conf_put_apache(struct ww_buf *b, const struct ww_site_conf *s);

#endif
