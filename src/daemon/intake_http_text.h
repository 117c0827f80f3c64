/* What the intake says by HTTP. Each gives a response whose body stands in `room`, until that is used again.
 */
#ifndef WW_DAEMON_INTAKE_HTTP_TEXT_H
#define WW_DAEMON_INTAKE_HTTP_TEXT_H

#include "net/http_server.h"
#include "proc/msg_intake.h"

#define WW_INTAKE_HTTP_TEXT_MAX 2048

struct ww_intake_http_room {
    char body[WW_INTAKE_HTTP_TEXT_MAX];
    char headers[160];
};

/* Nothing is taken for now. */
#define WW_INTAKE_HTTP_WAIT_S 60

enum ww_intake_http_refusal {
    WW_INTAKE_HTTP_NO_PATH,
    WW_INTAKE_HTTP_NO_METHOD,
    WW_INTAKE_HTTP_NO_TYPE,
    WW_INTAKE_HTTP_NO_LENGTH,
    WW_INTAKE_HTTP_EMPTY,
    WW_INTAKE_HTTP_TOO_LARGE,
    WW_INTAKE_HTTP_TOO_MANY,
    WW_INTAKE_HTTP_LATER,
    WW_INTAKE_HTTP_REFUSALS,
};

/*
 * application/problem+json. local: of `waxwing report ingest`, which sends other types. wait: seconds until
 * it may be tried again, of TOO_MANY and LATER. err: a reason, or WW_OK.
 */
struct ww_http_response ww_intake_http_refuse(struct ww_intake_http_room *room,
                                              enum ww_intake_http_refusal refusal, bool local, unsigned wait,
                                              enum ww_err err);

/* What this is, for whoever looks with a browser. */
struct ww_http_response ww_intake_http_hello(void);

/* Text for a sender who has no use for more: 201 new, 200 again, 202 it is kept but cannot be read, and why;
 * 403 not ours, 503 it was not taken. */
struct ww_http_response ww_intake_http_tell(struct ww_intake_http_room *room,
                                            const struct ww_msg_taken *taken);

/*
 * One JSON object for `waxwing report ingest`: taken (ww_taken_name), number (or null), why (or null) {id,
 * message, at}; 503 as a problem.
 */
struct ww_http_response ww_intake_http_tell_local(struct ww_intake_http_room *room,
                                                  const struct ww_msg_taken *taken);

#endif
