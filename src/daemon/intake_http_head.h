/* What the heads of requests to the intake say. Pure. */
#ifndef WW_DAEMON_INTAKE_HTTP_HEAD_H
#define WW_DAEMON_INTAKE_HTTP_HEAD_H

#include "core/addr.h"
#include "core/http_request.h"

/* Of the media type; its parameters are not looked at. */
enum ww_intake_http_type {
    WW_INTAKE_TYPE_OTHER,
    WW_INTAKE_TYPE_REPORT, /* application/tlsrpt+json, or +gzip (RFC 8460 section 6.4 and 6.5) */
    WW_INTAKE_TYPE_MAIL,   /* message/rfc822 */
    WW_INTAKE_TYPE_OCTETS, /* application/octet-stream */
};

enum ww_intake_http_type ww_intake_http_type_of(const struct ww_http_head *head);

/* The first header of this name, in lower case. False: there is none. */
bool ww_intake_http_header(const struct ww_http_head *head, const char *name, struct ww_slice *value);

/* Whom a proxy names as its peer: the last hop of the last X-Forwarded-For. False: nobody, or no address. */
bool ww_intake_http_forwarded(const struct ww_http_head *head, struct ww_addr *peer);

/* Whether octets that nobody has named a type for are a report (JSON, gzip), and not a mail. */
bool ww_intake_http_is_report(struct ww_slice octets);

#endif
