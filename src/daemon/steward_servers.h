/*
 * Asks the name servers of a published domain, each by itself, for its MX records and for its TLSRPT record:
 * what all of them say no cache has kept, and nobody on one way alone has put there.
 */
#ifndef WW_DAEMON_STEWARD_SERVERS_H
#define WW_DAEMON_STEWARD_SERVERS_H

#include "check/env.h"
#include "check/names_sight.h"
#include "core/dns_answer.h"
#include "core/mx_hosts.h"

/* What one address says with authority. */
struct ww_server_said {
    bool mx_known;
    struct ww_mx_hosts mx; /* with mx_known; never WW_MX_FAILED */
    bool tlsrpt_known;
    char rua[1024]; /* with tlsrpt_known: the list of a record that is there, else "" */
};

struct ww_servers_said {
    size_t count;
    struct ww_server_said servers[WW_NAMES_SERVERS_MAX]; /* as those of the sight of names */
};

struct ww_servers_ask;

/* Borrowed during the callback; what was asked is gone by then. */
typedef void ww_servers_cb(void *ctx, const struct ww_servers_said *said);

/* Asks those that the sight of names knows, which is borrowed during the call. cb is never called before this
 * has returned, and once. NULL: memory is short. */
struct ww_servers_ask *ww_servers_ask(const struct ww_check_env *env, const char *domain,
                                      const struct ww_names_sight *names, ww_servers_cb *cb, void *ctx);
/* Ends it without its callback. Does nothing to NULL. */
void ww_servers_cancel(struct ww_servers_ask *ask);

/* Reads an answer to the TXT question at _smtp._tls. False: it cannot be read. */
bool ww_servers_read_tlsrpt(struct ww_dns_answer *answer, struct ww_server_said *said);

#endif
