/*
 * What the parts of the control role share. On the control socket netstrings are spoken, each one JSON
 * object. A request:
 *
 *   {"waxwing": 1, "command": "status", …arguments of the command}
 *
 * and its answer: any number of objects, which are the command's, then one that ends it:
 *
 *   {"end": true, "error": null}  or  {"end": true, "error": {"id": …, "message": …, "detail": … or null}}
 *
 * A connection asks one thing at a time. Who may connect may do all of it: the socket is its owner's alone.
 */
#ifndef WW_DAEMON_CONTROL_H
#define WW_DAEMON_CONTROL_H

#include "daemon/control_ask.h"
#include "daemon/control_stats.h"
#include "daemon/role.h"

#include <jansson.h>
#include <sys/types.h>

#define WW_CONTROL_VERSION 1

/* Longest netstring in either direction. */
#define WW_CONTROL_MESSAGE_MAX ((size_t)256 * 1024)

struct ww_control {
    const struct ww_role_env *env;
    struct ww_roles_asked *roles;
    struct ww_control_stats *stats;
    struct ww_msg_roles status; /* count 0: the supervisor has not told yet */
};

/* A request that is being answered. */
struct ww_request;

/* The request's object, borrowed. */
const json_t *ww_request_json(const struct ww_request *request);
/* A member that is a string; NULL when there is none. Borrowed. */
const char *ww_request_string(const struct ww_request *request, const char *key);
/* The user at the other end, as the kernel tells. */
uid_t ww_request_uid(const struct ww_request *request);
/* Who asks: the name is what the request says, and left out where it is long, the number what the kernel
 * tells.
 */
void ww_request_who(const struct ww_request *request, char *out, size_t size);
/*
 * Until when something holds: "for" in seconds, or "until", or "clear" (0), or none of them: INT64_MAX. NULL,
 * or what is wrong with it.
 */
const char *ww_request_until(const struct ww_request *request, int64_t *out);
struct ww_control *ww_request_control(const struct ww_request *request);

/* What the command keeps while it is at work: freed by `release` when the request ends, however it does. */
void ww_request_keep(struct ww_request *request, void *state, void (*release)(void *state));
void *ww_request_state(const struct ww_request *request);

/* Sends one object of the answer; takes over its reference. NULL ends the request: memory is short. */
void ww_request_item(struct ww_request *request, json_t *item);

/* A long answer pauses while the peer has not taken what was sent: `go_on` is called when it has, once; at
 * once where nothing is left. */
void ww_request_when_drained(struct ww_request *request, void (*go_on)(struct ww_request *request));

/* Ends the answer; detail may be NULL. The request is gone. */
void ww_request_end(struct ww_request *request, enum ww_err err, const char *detail);

/* Begins to answer; the command is found by its name. */
void ww_control_run(struct ww_request *request);

/* The commands, one file a group. */
typedef void ww_control_command(struct ww_request *request);
ww_control_command ww_control_advise;
ww_control_command ww_control_alert_test;
ww_control_command ww_control_history;
ww_control_command ww_control_cache_export;
ww_control_command ww_control_cache_import;
ww_control_command ww_control_cache_list;
ww_control_command ww_control_cache_purge;
ww_control_command ww_control_cache_refresh;
ww_control_command ww_control_cache_show;
ww_control_command ww_control_status;
ww_control_command ww_control_override_list;
ww_control_command ww_control_override_set;
ww_control_command ww_control_override_remove;
ww_control_command ww_control_preload_update;
ww_control_command ww_control_publish_add;
ww_control_command ww_control_publish_change;
ww_control_command ww_control_publish_list;
ww_control_command ww_control_publish_look;
ww_control_command ww_control_publish_remove;
ww_control_command ww_control_publish_show;
ww_control_command ww_control_quarantine_list;
ww_control_command ww_control_quarantine_raw;
ww_control_command ww_control_quarantine_remove;
ww_control_command ww_control_quarantine_show;
ww_control_command ww_control_received_export;
ww_control_command ww_control_received_list;
ww_control_command ww_control_received_raw;
ww_control_command ww_control_received_remove;
ww_control_command ww_control_received_show;
ww_control_command ww_control_received_stats;
ww_control_command ww_control_report_content;
ww_control_command ww_control_report_list;
ww_control_command ww_control_report_retry;
ww_control_command ww_control_report_send;
ww_control_command ww_control_report_show;
ww_control_command ww_control_report_suppress;
ww_control_command ww_control_report_suppressed;
ww_control_command ww_control_report_bounce;
ww_control_command ww_control_watch_ack;
ww_control_command ww_control_watch_add;
ww_control_command ww_control_watch_check;
ww_control_command ww_control_watch_list;
ww_control_command ww_control_watch_remove;
ww_control_command ww_control_watch_report;
ww_control_command ww_control_watch_show;

#endif
