#include "daemon/publisher_http.h"

#include "base/ascii.h"
#include "core/server_name.h"
#include "daemon/log.h"
#include "daemon/publish_folder.h"
#include "net/http_server.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLICY "/.well-known/mta-sts.txt" /* RFC 8461 section 3.2 */
#define CHALLENGES "/.well-known/acme-challenge/"
#define TOKEN_MAX ((size_t)128)
#define CHALLENGE_MAX 4096
/* Nobody may keep what the next change makes wrong (RFC 8461 section 3.3). */
#define HEADERS "Cache-Control: no-store\r\n"
#define NO_METHOD HEADERS "Allow: GET, HEAD\r\n"

#define HEAD_MAX 8192
#define INPUT_MAX ((size_t)16 << 20)
/* From connecting to the end of the answer: a sender that is slower has its cached policy. */
#define DEADLINE_MS 20000
#define IDLE_MS 10000

enum {
    DOOR_POLICIES,
    DOOR_CHALLENGES,
    DOORS,
};

/* A large sender comes from few addresses, and for many domains at once. */
static const struct {
    enum ww_listen_purpose purpose;
    size_t connections;
    size_t per_address;
} doors[DOORS] = {
    [DOOR_POLICIES] = {WW_LISTEN_POLICIES, 4096, 256},
    [DOOR_CHALLENGES] = {WW_LISTEN_CHALLENGES, 256, 32},
};

struct ww_publisher_http {
    const char *folder;
    struct ww_publisher_sites *sites;
    struct ww_publisher_keys *keys;
    struct ww_stats *stats;
    struct ww_http_server *servers[DOORS];
};

static void answer(struct ww_publisher_http *http, struct ww_http_exchange *exchange,
                   enum ww_stat_served outcome, const struct ww_http_response *r)
{
    ww_stat_add(http->stats, WW_STAT_PUBLISH_REQUESTS + outcome, 1);
    ww_http_answer(exchange, r);
}

static void refuse(struct ww_publisher_http *http, struct ww_http_exchange *exchange,
                   enum ww_stat_served outcome, unsigned status)
{
    const struct ww_http_response r = {.status = status, .headers = HEADERS};
    answer(http, exchange, outcome, &r);
}

/* Before a body is waited for. */
static bool is_asked_well(void *ctx, const struct ww_http_head *head, const struct ww_addr *peer,
                          struct ww_http_response *refusal)
{
    struct ww_publisher_http *http = ctx;
    (void)peer;
    if (ww_slice_is(head->method, "GET") || ww_slice_is(head->method, "HEAD"))
        return true;
    ww_stat_add(http->stats, WW_STAT_PUBLISH_REQUESTS + WW_PUBLISHED_NO_METHOD, 1);
    *refusal = (struct ww_http_response){.status = 405, .headers = NO_METHOD};
    return false;
}

/* ---- Policies ---- */

/* HTTP/1.0 need not say whom it asks. */
static bool is_asked_for(const struct ww_http_head *head, const char *host)
{
    struct ww_slice name, value;
    char asked[WW_DNAME_SIZE];
    size_t pos = 0;
    while (ww_http_next_header(head, &pos, &name, &value))
        if (ww_is_nocase(name, "host"))
            return ww_server_name_of_host(value, asked) && strcmp(asked, host) == 0;
    return true;
}

/*
 * Whom the handshake was made for is whom is asked: who says Host: another than that has either taken this
 * connection for one to somebody else, or hopes that we do. Both learn that they are wrong here (421, RFC
 * 9110 section 15.5.20), and not that there is no policy.
 */
static void on_policy(void *ctx, struct ww_http_exchange *exchange, const struct ww_http_request *r)
{
    struct ww_publisher_http *http = ctx;
    char host[WW_DNAME_SIZE];
    const struct ww_publisher_site *site = NULL;
    if (ww_http_exchange_server_name(exchange, host) && is_asked_for(&r->head, host))
        site = ww_publisher_sites_of_host(http->sites, host);
    if (site == NULL) {
        refuse(http, exchange, WW_PUBLISHED_MISDIRECTED, 421);
        return;
    }
    if (site->body == NULL || !ww_slice_is(r->head.path, POLICY)) {
        refuse(http, exchange, WW_PUBLISHED_NOT_FOUND, 404);
        return;
    }
    const struct ww_http_response policy = {
        .status = 200,
        .type = "text/plain; charset=utf-8",
        .headers = HEADERS,
        .body = ww_slice(site->body, site->body_n),
    };
    answer(http, exchange, WW_PUBLISHED_POLICY, &policy);
}

/* ---- Challenges ---- */

/* Of base64url alone (RFC 8555 section 8.1): no such name leads to another folder, or to a key. */
static bool is_token(struct ww_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ww_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return s.n > 0 && s.n <= TOKEN_MAX;
}

static bool read_challenge(const struct ww_publisher_http *http, struct ww_slice token,
                           char text[CHALLENGE_MAX], size_t *n)
{
    char path[4096];
    struct stat st;
    int length =
        snprintf(path, sizeof path, "%s/" WW_PUBLISH_CHALLENGES "/%.*s", http->folder, (int)token.n, token.p);
    if (length < 0 || (size_t)length >= sizeof path)
        return false;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= CHALLENGE_MAX)
        got = read(fd, text, CHALLENGE_MAX);
    (void)close(fd);
    *n = got > 0 ? (size_t)got : 0;
    return got > 0;
}

static void on_challenge(void *ctx, struct ww_http_exchange *exchange, const struct ww_http_request *r)
{
    struct ww_publisher_http *http = ctx;
    char text[CHALLENGE_MAX];
    struct ww_slice token = r->head.path;
    size_t n = 0;
    bool found = ww_slice_starts(token, CHALLENGES);
    if (found) {
        token = ww_slice(token.p + sizeof CHALLENGES - 1, token.n - (sizeof CHALLENGES - 1));
        found = is_token(token) && read_challenge(http, token, text, &n);
    }
    if (!found) {
        refuse(http, exchange, WW_PUBLISHED_NOT_FOUND, 404);
        return;
    }
    const struct ww_http_response challenge = {
        .status = 200, .type = "application/octet-stream", .headers = HEADERS, .body = ww_slice(text, n)};
    answer(http, exchange, WW_PUBLISHED_CHALLENGE, &challenge);
}

/* ---- Doors ---- */

struct ww_publisher_http *ww_publisher_http_new(struct event_base *base, const char *folder,
                                                struct ww_publisher_sites *sites,
                                                struct ww_publisher_keys *keys, struct ww_stats *stats)
{
    struct ww_publisher_http *http = calloc(1, sizeof *http);
    if (http == NULL)
        return NULL;
    http->folder = folder;
    http->sites = sites;
    http->keys = keys;
    http->stats = stats;
    for (size_t i = 0; i < DOORS; i++) {
        const struct ww_http_limits limits = {
            .connections = doors[i].connections,
            .per_address = doors[i].per_address,
            .deadline_ms = DEADLINE_MS,
            .idle_ms = IDLE_MS,
            .head_max = HEAD_MAX,
            .body_max = 0,
            .input_max = INPUT_MAX,
        };
        http->servers[i] =
            ww_http_server_new(base, &limits, i == DOOR_POLICIES ? on_policy : on_challenge, http);
        if (http->servers[i] == NULL) {
            ww_publisher_http_free(http);
            return NULL;
        }
        ww_http_server_check(http->servers[i], is_asked_well);
    }
    return http;
}

void ww_publisher_http_free(struct ww_publisher_http *http)
{
    if (http == NULL)
        return;
    for (size_t i = 0; i < DOORS; i++)
        ww_http_server_free(http->servers[i]);
    free(http);
}

void ww_publisher_http_listener(struct ww_publisher_http *http, const struct ww_msg_listener *listener,
                                int fd)
{
    enum ww_err err = listener->purpose == WW_LISTEN_POLICIES
                          ? ww_http_server_listen_tls(http->servers[DOOR_POLICIES], listener->name, fd,
                                                      ww_publisher_keys_tls(http->keys))
                          : ww_http_server_listen(http->servers[DOOR_CHALLENGES], listener->name, fd);
    if (err != WW_OK)
        ww_log_error("listen-failed", "listener", listener->name, "detail", ww_err_message(err));
}

void ww_publisher_http_listener_gone(struct ww_publisher_http *http, const struct ww_msg_listener *listener)
{
    size_t door = listener->purpose == WW_LISTEN_POLICIES ? DOOR_POLICIES : DOOR_CHALLENGES;
    ww_http_server_deafen(http->servers[door], listener->name);
}

void ww_publisher_http_count(const struct ww_publisher_http *http)
{
    ww_stat_set(http->stats, WW_STAT_PUBLISH_CONNECTIONS, ww_http_server_count(http->servers[DOOR_POLICIES]));
    ww_stat_set(http->stats, WW_STAT_PUBLISH_HANDSHAKES_FAILED,
                ww_http_server_failed(http->servers[DOOR_POLICIES]));
}
