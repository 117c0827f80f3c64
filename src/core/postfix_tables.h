/*
 * A list of look-up tables as Postfix has it in its configuration (smtp_tls_policy_maps): "type:name",
 * separated by commas or white space; what stands between braces belongs together. Of a socketmap, server and
 * map name apart (socketmap_table(5)).
 */
#ifndef WW_CORE_POSTFIX_TABLES_H
#define WW_CORE_POSTFIX_TABLES_H

#include "base/slice.h"

struct ww_postfix_table {
    struct ww_slice text;   /* as it stands in the list, without braces around it */
    bool proxied;           /* asked through proxymap(8) */
    bool socketmap;         /* then: */
    struct ww_slice server; /* "inet:127.0.0.1:8461", "unix:waxwing/socketmap" */
    struct ww_slice map;    /* "QUERY" */
};

/* Takes the next table off the front of a list; false after the last. All is borrowed from the list. */
bool ww_postfix_tables_next(struct ww_slice *list, struct ww_postfix_table *out);

/*
 * Host and port of an "inet:" server, the host without brackets and "" when it is missing, which means this
 * machine. False when it is no such server.
 */
bool ww_postfix_server_inet(struct ww_slice server, struct ww_slice *host, struct ww_slice *port);

/*
 * The path of a "unix:" server as seen from outside of the jail: a relative path begins at the queue
 * directory, and in a jail there every path does. False when it is no such server, or the path too long.
 */
bool ww_postfix_server_path(struct ww_slice server, struct ww_slice queue_directory, bool jailed, char *out,
                            size_t size);

#endif
