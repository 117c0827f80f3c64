#include "daemon/front_http.h"

#include "codec/idn.h"
#include "codec/policy_json.h"
#include "core/netstring.h"
#include "core/uri.h"
#include "daemon/clock.h"
#include "net/http_server.h"

#include <stdlib.h>
#include <sys/resource.h>

#define POLICY "/v1/policy/"
#define IDLE_MS 60000

/* A request that waits for a flight. */
struct asked {
    struct ww_waiter waiter; /* first: a waiter is a request */
    struct ww_front_http *http;
    struct ww_http_exchange *exchange;
    int64_t since; /* microseconds */
    struct ww_question question;
    LIST_ENTRY(asked) link;
};

struct ww_front_http {
    struct ww_lookup *lookup;
    const struct ww_config *config;
    struct ww_http_server *server;
    LIST_HEAD(, asked) asked;
    char answer[WW_ANSWER_ROOM]; /* only in use while one request is answered */
};

static unsigned deadline_of(const struct ww_config *config)
{
    return config->answer_deadline_ms + WW_FRONT_HTTP_SLACK_MS;
}

static void refuse(struct ww_http_exchange *x, const struct ww_policy_problem *problem, const char *headers)
{
    char text[WW_POLICY_PROBLEM_MAX];
    struct ww_buf b = ww_buf(text, sizeof text);
    bool told = ww_policy_problem(&b, problem) == WW_OK;
    ww_buf_char(&b, '\n');
    const struct ww_http_response r = {problem->status, told ? "application/problem+json" : NULL, headers,
                                       ww_slice(b.p, told ? b.n : 0)};
    ww_http_answer(x, &r);
}

static void refuse_for_now(struct ww_http_exchange *x, enum ww_err err)
{
    const struct ww_policy_problem problem = {503, "there is no answer for now", "try again later", err};
    refuse(x, &problem, "Retry-After: 1\r\n");
}

/*
 * b holds the answer as look-ups give it, a netstring. It is not to be stored: `until` says how long it may
 * be kept, but an override can change it before.
 */
static void respond(struct ww_http_exchange *x, const struct ww_buf *b)
{
    struct ww_slice json;
    size_t used;
    if (ww_netstring_cut(b->p, b->n, WW_SOCKETMAP_REPLY_MAX, &json, &used) != WW_NETSTRING_WHOLE ||
        json.n == 0) {
        refuse_for_now(x, WW_E_NO_MEMORY);
        return;
    }
    b->p[used - 1] = '\n'; /* the netstring's comma: whoever reads it in a terminal has a line of it */
    const struct ww_http_response r = {200, "application/json", "Cache-Control: no-store\r\n",
                                       ww_slice(json.p, json.n + 1)};
    ww_http_answer(x, &r);
}

static void asked_free(struct asked *a)
{
    ww_lookup_leave(a->http->lookup, &a->waiter);
    LIST_REMOVE(a, link);
    free(a);
}

static void on_woken(struct ww_waiter *waiter)
{
    struct asked *a = (struct asked *)waiter;
    struct ww_front_http *http = a->http;
    struct ww_buf b = ww_buf(http->answer, sizeof http->answer);
    struct ww_http_exchange *x = a->exchange;
    ww_lookup_answer(http->lookup, &a->question, &b);
    ww_stat_observe_slow(ww_lookup_stats(http->lookup), WW_STAT_LOOKUP_WAITED,
                         (uint64_t)(ww_clock_us() - a->since));
    asked_free(a);
    respond(x, &b);
}

static void wait_for_flight(struct ww_front_http *http, struct ww_http_exchange *x,
                            const struct ww_question *question)
{
    struct asked *a = calloc(1, sizeof *a);
    if (a == NULL) {
        refuse_for_now(x, WW_E_NO_MEMORY);
        return;
    }
    a->waiter.woken = on_woken;
    a->http = http;
    a->exchange = x;
    a->question = *question;
    a->since = ww_clock_us();
    LIST_INSERT_HEAD(&http->asked, a, link);
    if (!ww_lookup_wait(http->lookup, question, &a->waiter))
        on_woken(&a->waiter);
}

/* The domain of a path behind POLICY: one segment, in UTF-8 or A-labels. */
static enum ww_err read_domain(struct ww_slice segment, char out[WW_DNAME_SIZE])
{
    char text[WW_IDN_TEXT_MAX];
    struct ww_buf b = ww_buf(text, sizeof text);
    size_t offset;
    enum ww_err err = ww_uri_decode(segment, &b, &offset);
    if (err == WW_E_TOO_LONG)
        return WW_E_DNAME_TOO_LONG;
    return err == WW_OK ? ww_idn_to_domain(ww_slice(b.p, b.n), out) : err;
}

static void look_up(struct ww_front_http *http, struct ww_http_exchange *x, struct ww_slice segment)
{
    struct ww_question question = {.map = WW_MAP_HTTP};
    struct ww_buf b = ww_buf(http->answer, sizeof http->answer);
    int64_t since = ww_clock_us();
    enum ww_err err = read_domain(segment, question.domain);
    if (err == WW_E_NO_MEMORY) {
        refuse_for_now(x, err);
        return;
    }
    if (err != WW_OK) {
        const struct ww_policy_problem problem = {400, "that is no mail domain", NULL, err};
        refuse(x, &problem, NULL);
        return;
    }
    if (!ww_lookup_try(http->lookup, &question, &b)) {
        wait_for_flight(http, x, &question);
        return;
    }
    respond(x, &b);
    ww_stat_observe_fast(ww_lookup_stats(http->lookup), WW_STAT_LOOKUP_CACHED,
                         (uint64_t)(ww_clock_us() - since), 1);
}

static void on_request(void *ctx, struct ww_http_exchange *x, const struct ww_http_request *r)
{
    static const struct ww_policy_problem no_path = {404, "nothing is there", "there is " POLICY "{domain}",
                                                     WW_OK};
    static const struct ww_policy_problem no_method = {405, "that cannot be done", "GET is wanted", WW_OK};
    struct ww_front_http *http = ctx;
    struct ww_slice path = r->head.path;
    bool known = ww_slice_starts(path, POLICY);
    if (known)
        path = ww_slice(path.p + strlen(POLICY), path.n - strlen(POLICY));
    if (!known || (path.n > 0 && memchr(path.p, '/', path.n) != NULL))
        refuse(x, &no_path, NULL);
    else if (!ww_slice_is(r->head.method, "GET") && !ww_slice_is(r->head.method, "HEAD"))
        refuse(x, &no_method, "Allow: GET, HEAD\r\n");
    else
        look_up(http, x, path);
}

/* Whoever asks here leaves descriptors for MTAs, however few the process may have. */
static size_t connections_max(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_max / 4 > WW_FRONT_HTTP_CONNECTIONS)
        return WW_FRONT_HTTP_CONNECTIONS;
    return files.rlim_max / 4;
}

struct ww_front_http *ww_front_http_new(struct event_base *base, struct ww_lookup *lookup,
                                        const struct ww_config *config)
{
    const struct ww_http_limits limits = {
        .connections = connections_max(),
        .per_address = SIZE_MAX, /* all programs of the machine have the same */
        .deadline_ms = deadline_of(config),
        .idle_ms = IDLE_MS,
        .head_max = WW_FRONT_HTTP_HEAD,
        .body_max = 0,
    };
    struct ww_front_http *http = calloc(1, sizeof *http);
    if (http == NULL)
        return NULL;
    http->lookup = lookup;
    http->config = config;
    LIST_INIT(&http->asked);
    http->server = ww_http_server_new(base, &limits, on_request, http);
    if (http->server == NULL) {
        free(http);
        return NULL;
    }
    ww_http_server_pause(http->server, true);
    return http;
}

void ww_front_http_free(struct ww_front_http *http)
{
    if (http == NULL)
        return;
    ww_http_server_free(http->server);
    while (!LIST_EMPTY(&http->asked)) {
        struct asked *a = LIST_FIRST(&http->asked);
        refuse_for_now(a->exchange, WW_OK);
        asked_free(a);
    }
    free(http);
}

void ww_front_http_listener(struct ww_front_http *http, const struct ww_msg_listener *listener, int fd)
{
    enum ww_err err = ww_http_server_listen(http->server, listener->name, fd);
    if (err != WW_OK)
        ww_log_error("listen-failed", "listener", listener->name, "detail", ww_err_message(err));
}

void ww_front_http_listener_gone(struct ww_front_http *http, const struct ww_msg_listener *listener)
{
    ww_http_server_deafen(http->server, listener->name);
}

void ww_front_http_start(struct ww_front_http *http)
{
    ww_http_server_pause(http->server, false);
}

void ww_front_http_reload(struct ww_front_http *http)
{
    ww_http_server_set_deadline(http->server, deadline_of(http->config));
}
