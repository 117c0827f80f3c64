#include "daemon/intake_http_text.h"

#include "codec/policy_json.h"

#include <jansson.h>
#include <stdio.h>

#define PROBLEM "application/problem+json"
#define TEXT "text/plain; charset=utf-8"
#define TYPES "application/tlsrpt+gzip, application/tlsrpt+json"
#define LOCAL_TYPES "message/rfc822, application/octet-stream, " TYPES

struct words {
    unsigned status;
    const char *title;
    const char *detail;
    const char *local_detail;
};

static const struct words refusals[WW_INTAKE_HTTP_REFUSALS] = {
    [WW_INTAKE_HTTP_NO_PATH] = {404, "nothing is there", "there is /v1/submit", "there is /v1/submit"},
    [WW_INTAKE_HTTP_NO_METHOD] = {405, "that cannot be done", "a report is sent by POST", "POST is wanted"},
    [WW_INTAKE_HTTP_NO_TYPE] = {415, "that is no TLS report by its type",
                                "Content-Type is one of: " TYPES " (RFC 8460 section 6.4)",
                                "Content-Type is one of: " LOCAL_TYPES},
    [WW_INTAKE_HTTP_NO_LENGTH] = {411, "the length is wanted", "send a Content-Length",
                                  "send a Content-Length"},
    [WW_INTAKE_HTTP_EMPTY] = {400, "there is no report", "the body is empty", "the body is empty"},
    [WW_INTAKE_HTTP_TOO_LARGE] = {413, "that is too large", "a report may be smaller, or sent gzipped",
                                  "intake.max_size is smaller"},
    [WW_INTAKE_HTTP_TOO_MANY] = {429, "those are too many requests", "try again later", "try again later"},
    [WW_INTAKE_HTTP_LATER] = {503, "nothing can be taken for now", "try again later", "try again later"},
};

static const char *headers_of(struct ww_intake_http_room *room, unsigned status, bool local, unsigned wait)
{
    room->headers[0] = '\0';
    if (status == 405)
        return local ? "Allow: POST\r\n" : "Allow: GET, HEAD, POST\r\n";
    if (status == 415)
        return local ? "Accept: " LOCAL_TYPES "\r\n" : "Accept: " TYPES "\r\n";
    if (status == 429 || status == 503)
        (void)snprintf(room->headers, sizeof room->headers, "Retry-After: %u\r\n", wait);
    return room->headers;
}

struct ww_http_response ww_intake_http_refuse(struct ww_intake_http_room *room,
                                              enum ww_intake_http_refusal refusal, bool local, unsigned wait,
                                              enum ww_err err)
{
    const struct words *w = &refusals[refusal];
    const struct ww_policy_problem problem = {w->status, w->title, local ? w->local_detail : w->detail, err};
    struct ww_buf b = ww_buf(room->body, sizeof room->body);
    bool told = ww_policy_problem(&b, &problem) == WW_OK;
    ww_buf_char(&b, '\n');
    return (struct ww_http_response){w->status, told ? PROBLEM : NULL,
                                     headers_of(room, w->status, local, wait), ww_slice(b.p, told ? b.n : 0)};
}

struct ww_http_response ww_intake_http_hello(void)
{
    static const char text[] = "This host takes in reports on the TLS of mail deliveries (RFC 8460), "
                               "as the TLSRPT record of a domain says.\n"
                               "They are sent here by POST, as " TYPES ".\n";
    return (struct ww_http_response){200, TEXT, NULL, ww_slice(text, sizeof text - 1)};
}

static void put_why(struct ww_buf *b, const struct ww_msg_taken *taken)
{
    ww_buf_str(b, "It has arrived, but it cannot be read: ");
    ww_buf_str(b, ww_err_message(taken->why));
    ww_buf_str(b, " (");
    ww_buf_str(b, ww_err_id(taken->why));
    ww_buf_char(b, ')');
    if (taken->at[0] != '\0') {
        ww_buf_str(b, ", at ");
        ww_buf_str(b, taken->at);
    }
    ww_buf_str(b, ".\n");
}

struct ww_http_response ww_intake_http_tell(struct ww_intake_http_room *room,
                                            const struct ww_msg_taken *taken)
{
    static const unsigned statuses[WW_TAKENS] = {[WW_TAKEN_NEW] = 201,
                                                 [WW_TAKEN_AGAIN] = 200,
                                                 [WW_TAKEN_QUARANTINED] = 202,
                                                 [WW_TAKEN_NOT_OURS] = 403};
    struct ww_buf b = ww_buf(room->body, sizeof room->body);
    if (taken->err != WW_OK)
        return ww_intake_http_refuse(room, WW_INTAKE_HTTP_LATER, false, WW_INTAKE_HTTP_WAIT_S, WW_OK);
    if (taken->taken == WW_TAKEN_NEW)
        ww_buf_str(&b, "The report was taken in. Thank you.\n");
    else if (taken->taken == WW_TAKEN_AGAIN)
        ww_buf_str(&b, "The report had been taken in before: it counts once.\n");
    else if (taken->taken == WW_TAKEN_QUARANTINED)
        put_why(&b, taken);
    else
        ww_buf_str(&b, "This host takes no reports of that domain.\n");
    return (struct ww_http_response){statuses[taken->taken], TEXT, NULL, ww_slice(b.p, b.n)};
}

static json_t *why_of(const struct ww_msg_taken *taken)
{
    if (taken->why == WW_OK)
        return json_null();
    return json_pack("{s:s, s:s, s:s}", "id", ww_err_id(taken->why), "message", ww_err_message(taken->why),
                     "at", taken->at);
}

struct ww_http_response ww_intake_http_tell_local(struct ww_intake_http_room *room,
                                                  const struct ww_msg_taken *taken)
{
    if (taken->err != WW_OK)
        return ww_intake_http_refuse(room, WW_INTAKE_HTTP_LATER, true, 1, taken->err);
    json_t *number = taken->number > 0 ? json_integer((json_int_t)taken->number) : json_null();
    json_t *answer = json_pack("{s:s, s:o, s:o}", "taken", ww_taken_name(taken->taken), "number", number,
                               "why", why_of(taken));
    size_t n = answer != NULL ? json_dumpb(answer, room->body, sizeof room->body - 1, JSON_COMPACT) : 0;
    json_decref(answer);
    if (n == 0 || n >= sizeof room->body)
        return ww_intake_http_refuse(room, WW_INTAKE_HTTP_LATER, true, 1, WW_E_NO_MEMORY);
    room->body[n++] = '\n';
    return (struct ww_http_response){200, "application/json", NULL, ww_slice(room->body, n)};
}
