/* Where alerts go, as the settings name it: an SMTP server, mailboxes, the URL of a webhook. */
#ifndef WW_DAEMON_ALERT_TARGET_H
#define WW_DAEMON_ALERT_TARGET_H

#include "core/dname.h"

#include <stdbool.h>

#define WW_ALERT_URL_MAX 1000

struct ww_alert_server {
    char host[WW_DNAME_SIZE]; /* a name, or an address without brackets */
    unsigned port;
};

struct ww_alert_url {
    char host[WW_DNAME_SIZE]; /* with plain it may be "[::1]" */
    unsigned port;
    bool plain;       /* http: to this machine */
    const char *path; /* and what is behind it; borrowed from the text, or "/" */
};

/* "localhost:25", "[::1]:25". */
bool ww_alert_server_parse(const char *text, struct ww_alert_server *out);

/* "it@example.com"; without a domain it is for the server to know whose that is. */
bool ww_alert_mailbox_check(const char *text);

/*
 * An https: URL, or one with http: whose host is localhost, 127.0.0.1 or [::1]. No user, no fragment, and no
 * address in place of the name of an https: host.
 */
bool ww_alert_url_parse(const char *text, struct ww_alert_url *out);

#endif
