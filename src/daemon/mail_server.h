/*
 * The SMTP server of our operator's that takes our mails: where it is, and what it has to show. It may be
 * anywhere, so the system's resolver is asked, and no address is refused. One that is not this machine must
 * offer STARTTLS, and show a certificate for its name.
 */
#ifndef WW_DAEMON_MAIL_SERVER_H
#define WW_DAEMON_MAIL_SERVER_H

#include "daemon/alert_target.h"
#include "daemon/config.h"

#include <openssl/x509.h>

#define WW_MAIL_SERVER_ADDRS_MAX 8

struct ww_mail_server {
    struct ww_alert_server place;
    struct ww_addr addrs[WW_MAIL_SERVER_ADDRS_MAX];
    size_t count;
    X509_STORE *store; /* NULL: it is this machine, and neither is asked for */
};

/*
 * Blocking; in a process of its own, before it gives up its rights. `setting` is the name of what `text` was
 * set by. False: detail says why not. ww_mail_server_close in any case.
 */
bool ww_mail_server_open(struct ww_mail_server *server, const struct ww_config *config, const char *setting,
                         const char *text, char *detail, size_t size);
void ww_mail_server_close(struct ww_mail_server *server);

#endif
