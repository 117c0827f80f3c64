#include "daemon/intake_http.h"

#include "base/ascii.h"
#include "daemon/clock.h"
#include "daemon/intake_http_head.h"
#include "daemon/intake_http_text.h"
#include "daemon/intake_rate.h"
#include "daemon/log.h"
#include "net/tls_server.h"

#include <stdlib.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define SUBMIT "/v1/submit"
#define HEAD_MAX 8192
#define IDLE_MS 15000
/* Octets of requests that are on their way in, of one kind of listener. */
#define INPUT_MAX ((size_t)64 << 20)
/* A request, with the time that its report takes through decoder and keeper. */
#define DEADLINE_MS (WW_INTAKE_DEADLINE_MS + 30000)
/* Strangers' connections. */
#define CONNECTIONS 256
#define PER_ADDRESS 8

/* The listeners of one purpose have a server of their own, and what they may take up. */
struct door {
    struct ww_intake_http *http;
    enum ww_listen_purpose purpose;
    struct ww_http_server *server;
};

enum {
    DOOR_SUBMIT,
    DOOR_PROXY,
    DOOR_TLS,
    DOORS,
};

static const struct {
    enum ww_listen_purpose purpose;
    size_t connections;
    size_t per_address;
} doors[DOORS] = {
    [DOOR_SUBMIT] = {WW_LISTEN_SUBMIT, 64, SIZE_MAX},
    [DOOR_PROXY] = {WW_LISTEN_REPORTS, CONNECTIONS, SIZE_MAX}, /* all come from the proxy */
    [DOOR_TLS] = {WW_LISTEN_REPORTS_TLS, CONNECTIONS, PER_ADDRESS},
};

/* A submission whose answer is awaited. */
struct waiting {
    LIST_ENTRY(waiting) link;
    const struct door *door;
    struct ww_http_exchange *exchange;
    uint64_t job;
};

struct ww_intake_http {
    const struct ww_config *config;
    struct ww_intake_jobs *jobs;
    struct ww_stats *stats;
    struct ww_intake_rate *rate;
    SSL_CTX *tls; /* NULL: no HTTPS; without a certificate each handshake fails */
    struct door doors[DOORS];
    LIST_HEAD(, waiting) waiting;
    struct ww_intake_http_room room; /* of one answer after the other */
};

static bool is_local(const struct door *d)
{
    return d->purpose == WW_LISTEN_SUBMIT;
}

static bool is_asked_about(const struct ww_http_head *head)
{
    return (ww_slice_is(head->method, "GET") || ww_slice_is(head->method, "HEAD")) && head->length == 0;
}

/* Behind a proxy its peer's, if it tells; length 0: nobody knows. */
static struct ww_addr peer_of(const struct door *d, const struct ww_http_head *head,
                              const struct ww_addr *peer)
{
    struct ww_addr forwarded;
    if (d->purpose == WW_LISTEN_REPORTS_TLS)
        return *peer;
    if (d->purpose == WW_LISTEN_REPORTS && ww_intake_http_forwarded(head, &forwarded))
        return forwarded;
    return (struct ww_addr){.length = 0};
}

static bool has_too_many(struct door *d, const struct ww_http_head *head, const struct ww_addr *peer,
                         unsigned *wait)
{
    struct ww_intake_http *http = d->http;
    struct ww_addr who = peer_of(d, head, peer);
    return who.length > 0 &&
           !ww_intake_rate_take(http->rate, &who, http->config->intake_per_minute, ww_clock_ms(), wait);
}

/* WW_INTAKE_HTTP_REFUSALS: it may come. */
static enum ww_intake_http_refusal judge(struct door *d, const struct ww_http_head *head,
                                         const struct ww_addr *peer, unsigned *wait)
{
    const struct ww_intake_http *http = d->http;
    enum ww_intake_http_type type = ww_intake_http_type_of(head);
    struct ww_slice length;
    if (has_too_many(d, head, peer, wait))
        return WW_INTAKE_HTTP_TOO_MANY;
    if (is_local(d) && !ww_slice_is(head->path, SUBMIT))
        return WW_INTAKE_HTTP_NO_PATH;
    if (!is_local(d) && is_asked_about(head))
        return WW_INTAKE_HTTP_REFUSALS;
    if (!ww_slice_is(head->method, "POST"))
        return WW_INTAKE_HTTP_NO_METHOD;
    if (type == WW_INTAKE_TYPE_OTHER || (!is_local(d) && type != WW_INTAKE_TYPE_REPORT))
        return WW_INTAKE_HTTP_NO_TYPE;
    if (!ww_intake_http_header(head, "content-length", &length))
        return WW_INTAKE_HTTP_NO_LENGTH;
    if (head->length == 0)
        return WW_INTAKE_HTTP_EMPTY;
    if (head->length > http->config->intake_max_size)
        return WW_INTAKE_HTTP_TOO_LARGE;
    if (!ww_intake_jobs_has_room(http->jobs, (size_t)head->length))
        return WW_INTAKE_HTTP_LATER;
    return WW_INTAKE_HTTP_REFUSALS;
}

static bool may_come(void *ctx, const struct ww_http_head *head, const struct ww_addr *peer,
                     struct ww_http_response *refusal)
{
    struct door *d = ctx;
    struct ww_intake_http *http = d->http;
    unsigned wait = is_local(d) ? 1 : WW_INTAKE_HTTP_WAIT_S;
    enum ww_intake_http_refusal why = judge(d, head, peer, &wait);
    ww_stat_add(http->stats, WW_STAT_INTAKE_HTTP, 1);
    if (why == WW_INTAKE_HTTP_REFUSALS)
        return true;
    ww_stat_add(http->stats,
                why == WW_INTAKE_HTTP_TOO_MANY ? WW_STAT_INTAKE_HTTP_LIMITED : WW_STAT_INTAKE_HTTP_REFUSED,
                1);
    *refusal = ww_intake_http_refuse(&http->room, why, is_local(d), wait, WW_OK);
    return false;
}

static void answer(struct ww_intake_http *http, const struct door *d, struct ww_http_exchange *exchange,
                   const struct ww_msg_taken *taken)
{
    const struct ww_http_response r =
        is_local(d) ? ww_intake_http_tell_local(&http->room, taken) : ww_intake_http_tell(&http->room, taken);
    ww_http_answer(exchange, &r);
}

static void on_done(void *ctx, const struct ww_msg_taken *taken)
{
    struct waiting *w = ctx;
    LIST_REMOVE(w, link);
    answer(w->door->http, w->door, w->exchange, taken);
    free(w);
}

/* What `waxwing report ingest` says that it has read it from. */
static void read_source(const struct ww_http_head *head, char *out, size_t size)
{
    struct ww_slice value;
    size_t n = 0;
    if (ww_intake_http_header(head, "x-waxwing-from", &value)) {
        for (; n < value.n && n + 1 < size; n++)
            out[n] = ww_is_vchar(value.p[n]) || value.p[n] == ' ' ? value.p[n] : '?';
    }
    out[n] = '\0';
}

static void submit(const struct door *d, struct ww_http_exchange *exchange, const struct ww_http_request *r)
{
    struct ww_intake_http *http = d->http;
    char peer[sizeof((struct ww_msg_take *)NULL)->peer] = "";
    struct ww_msg_taken failed = {.err = WW_E_NO_MEMORY};
    struct ww_addr who = peer_of(d, &r->head, ww_http_exchange_peer(exchange));
    enum ww_intake_http_type type = ww_intake_http_type_of(&r->head);
    if (is_local(d))
        read_source(&r->head, peer, sizeof peer);
    else if (who.length > 0)
        ww_addr_format(&who, peer);
    const struct ww_intake_submission submission = {
        .mail = type == WW_INTAKE_TYPE_MAIL ||
                (type == WW_INTAKE_TYPE_OCTETS && !ww_intake_http_is_report(r->body)),
        .channel = is_local(d) ? WW_CHANNEL_LOCAL : WW_CHANNEL_HTTPS,
        .peer = peer,
        .octets = r->body,
    };
    struct waiting *w = calloc(1, sizeof *w);
    if (w != NULL) {
        *w = (struct waiting){.door = d, .exchange = exchange};
        w->job = ww_intake_jobs_begin(http->jobs, &submission, on_done, w, &failed.err);
    }
    if (w != NULL && w->job != 0) {
        LIST_INSERT_HEAD(&http->waiting, w, link);
        return;
    }
    free(w);
    answer(http, d, exchange, &failed);
}

static void on_request(void *ctx, struct ww_http_exchange *exchange, const struct ww_http_request *r)
{
    const struct ww_http_response hello = ww_intake_http_hello();
    if (is_asked_about(&r->head))
        ww_http_answer(exchange, &hello);
    else
        submit(ctx, exchange, r);
}

/* HTTPS without a good certificate is none; what else is taken in goes on. The supervisor has the socket in
 * any case, so that who connects there is told to go, and does not wait. */
static void load_certificate(struct ww_intake_http *http)
{
    const struct ww_config *config = http->config;
    struct ww_tls_server_seen seen;
    int64_t now = time(NULL);
    if (config->intake_https[0] == NULL)
        return;
    http->tls = ww_tls_server_new(config->intake_certificate, config->intake_key, &seen);
    if (http->tls == NULL) {
        ww_log_error("certificate-unusable", "detail", seen.why, "done", "no reports are taken by HTTPS");
        http->tls = SSL_CTX_new(TLS_server_method());
        return;
    }
    if (now > seen.not_after || now < seen.not_before)
        ww_log_warning("certificate-out-of-date", "path", config->intake_certificate, "detail",
                       now > seen.not_after ? "it has expired" : "it is not valid yet");
    if (seen.key_open)
        ww_log_warning("certificate-key-open", "path", config->intake_key);
}

static bool open_doors(struct ww_intake_http *http, struct event_base *base)
{
    for (size_t i = 0; i < DOORS; i++) {
        const struct ww_http_limits limits = {
            .connections = doors[i].connections,
            .per_address = doors[i].per_address,
            .deadline_ms = DEADLINE_MS,
            .idle_ms = IDLE_MS,
            .head_max = HEAD_MAX,
            .body_max = WW_MSG_SUBMISSION_MAX,
            .input_max = INPUT_MAX,
        };
        struct door *d = &http->doors[i];
        d->http = http;
        d->purpose = doors[i].purpose;
        d->server = ww_http_server_new(base, &limits, on_request, d);
        if (d->server == NULL)
            return false;
        ww_http_server_check(d->server, may_come);
    }
    return true;
}

struct ww_intake_http *ww_intake_http_new(struct event_base *base, const struct ww_config *config,
                                          struct ww_intake_jobs *jobs, struct ww_stats *stats)
{
    struct ww_hash_key key;
    struct ww_intake_http *http = calloc(1, sizeof *http);
    if (http == NULL)
        return NULL;
    http->config = config;
    http->jobs = jobs;
    http->stats = stats;
    LIST_INIT(&http->waiting);
    if (getrandom(&key, sizeof key, 0) == (ssize_t)sizeof key)
        http->rate = ww_intake_rate_new(&key);
    if (http->rate == NULL || !open_doors(http, base)) {
        ww_log_error("no-memory");
        ww_intake_http_free(http);
        return NULL;
    }
    load_certificate(http);
    return http;
}

void ww_intake_http_free(struct ww_intake_http *http)
{
    const struct ww_msg_taken failed = {.err = WW_E_NO_MEMORY};
    if (http == NULL)
        return;
    for (size_t i = 0; i < DOORS; i++)
        ww_http_server_free(http->doors[i].server);
    while (!LIST_EMPTY(&http->waiting)) {
        struct waiting *w = LIST_FIRST(&http->waiting);
        ww_intake_jobs_forget(http->jobs, w->job);
        on_done(w, &failed);
    }
    ww_intake_rate_free(http->rate);
    SSL_CTX_free(http->tls);
    free(http);
}

static struct door *door_of(struct ww_intake_http *http, enum ww_listen_purpose purpose)
{
    size_t i = 0;
    while (i + 1 < DOORS && http->doors[i].purpose != purpose)
        i++;
    return &http->doors[i];
}

void ww_intake_http_listener(struct ww_intake_http *http, const struct ww_msg_listener *listener, int fd)
{
    struct door *d = door_of(http, listener->purpose);
    if (listener->purpose == WW_LISTEN_REPORTS_TLS && http->tls == NULL) {
        (void)close(fd);
        return;
    }
    enum ww_err err = listener->purpose == WW_LISTEN_REPORTS_TLS
                          ? ww_http_server_listen_tls(d->server, listener->name, fd, http->tls)
                          : ww_http_server_listen(d->server, listener->name, fd);
    if (err != WW_OK)
        ww_log_error("listen-failed", "listener", listener->name, "detail", ww_err_message(err));
}

void ww_intake_http_listener_gone(struct ww_intake_http *http, const struct ww_msg_listener *listener)
{
    ww_http_server_deafen(door_of(http, listener->purpose)->server, listener->name);
}
