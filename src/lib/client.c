#include "client/exchange.h"
#include "core/netstring.h"
#include "lib/remembered.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_ADDRESS "inet:127.0.0.1:8461"
#define DEFAULT_DEADLINE_MS 7000
#define DEFAULT_REMEMBER 1000

/* A name of 253 octets in A-labels is never longer in UTF-8. */
#define DOMAIN_MAX (4 * WW_DNAME_MAX + 1)

struct waxwing_client {
    struct ww_address address;
    unsigned deadline_ms;
    enum waxwing_fallback fallback;
    int idle; /* a connection that waits for the next question, or -1 */
    struct ww_remembered remembered;
};

struct waxwing_query {
    struct waxwing_client *client;
    struct ww_exchange exchange;
    bool is_name; /* then `domain` is canonical */
    char domain[DOMAIN_MAX + 1];
    char request[sizeof "10000:DECISION ," + DOMAIN_MAX];
};

static int64_t clock_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Goes on while the machine sleeps. */
static int64_t clock_passed(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec;
}

const struct waxwing_error *waxwing_client_new(const struct waxwing_client_options *options,
                                               struct waxwing_client **client)
{
    struct waxwing_client_options o = {.size = sizeof o};
    const char *why;
    *client = NULL;
    if (options != NULL && !ww_lib_take(&o, sizeof o, options))
        return ww_lib_error(WW_E_ARGUMENT);
    struct waxwing_client *c = calloc(1, sizeof *c);
    if (c == NULL)
        return ww_lib_error(WW_E_NO_MEMORY);
    if (!ww_address_parse(o.address != NULL ? o.address : DEFAULT_ADDRESS, &c->address, &why)) {
        free(c);
        return ww_lib_error(WW_E_CLIENT_ADDRESS);
    }
    c->deadline_ms = o.deadline_ms != 0 ? o.deadline_ms : DEFAULT_DEADLINE_MS;
    c->fallback = o.fallback;
    c->idle = -1;
    if (o.remember == 0)
        o.remember = DEFAULT_REMEMBER;
    ww_remembered_init(&c->remembered, o.remember == WAXWING_REMEMBER_NOTHING ? 0 : o.remember);
    *client = c;
    return NULL;
}

void waxwing_client_free(struct waxwing_client *client)
{
    if (client == NULL)
        return;
    if (client->idle >= 0)
        (void)close(client->idle);
    ww_remembered_clear(&client->remembered);
    free(client);
}

/* What cannot stand behind an @ would be another request. */
static bool may_ask(const char *domain)
{
    size_t n = strnlen(domain, DOMAIN_MAX + 1);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)domain[i] <= ' ' || domain[i] == 0x7f)
            return false;
    }
    return n > 0 && n <= DOMAIN_MAX;
}

const struct waxwing_error *waxwing_query_start(struct waxwing_client *client, const char *domain,
                                                struct waxwing_query **query)
{
    *query = NULL;
    if (domain == NULL || !may_ask(domain))
        return ww_lib_error(WW_E_ARGUMENT);
    struct waxwing_query *q = calloc(1, sizeof *q);
    if (q == NULL)
        return ww_lib_error(WW_E_NO_MEMORY);
    q->client = client;
    size_t n = strlen(domain);
    q->is_name = ww_dname_canon(domain, n, q->domain) == WW_OK;
    if (!q->is_name)
        memcpy(q->domain, domain, n + 1);
    char payload[sizeof "DECISION " + DOMAIN_MAX];
    struct ww_buf p = ww_buf(payload, sizeof payload);
    struct ww_buf b = ww_buf(q->request, sizeof q->request);
    ww_buf_str(&p, "DECISION ");
    ww_buf_str(&p, q->domain);
    ww_netstring_put(&b, ww_slice(p.p, p.n));
    ww_exchange_begin(&q->exchange, &client->address, client->idle, ww_slice(b.p, b.n),
                      clock_ms() + client->deadline_ms);
    client->idle = -1;
    *query = q;
    return NULL;
}

int waxwing_query_fd(const struct waxwing_query *query)
{
    return query->exchange.fd;
}

short waxwing_query_events(const struct waxwing_query *query)
{
    return ww_exchange_events(&query->exchange);
}

int waxwing_query_timeout(const struct waxwing_query *query)
{
    return ww_exchange_timeout(&query->exchange, clock_ms());
}

int waxwing_query_step(struct waxwing_query *query)
{
    return ww_exchange_step(&query->exchange, clock_ms());
}

/* What the reply says; *why with NULL. */
static struct waxwing_decision *read_reply(const struct waxwing_query *q, enum ww_err *why)
{
    struct ww_slice reply = q->exchange.reply;
    *why = WW_E_CLIENT_PROTOCOL;
    if (ww_slice_starts(reply, "OK ")) {
        struct waxwing_decision *d = ww_lib_decision_read(ww_slice(reply.p + 3, reply.n - 3), why);
        if (d == NULL || !q->is_name || strcmp(d->domain, q->domain) == 0)
            return d;
        waxwing_decision_free(d);
        *why = WW_E_CLIENT_PROTOCOL;
    } else if (ww_slice_starts(reply, "NOTFOUND ")) {
        *why = WW_E_NO_MEMORY;
        return ww_lib_decision_plain(q->domain, WW_LEVEL_NONE, WAXWING_SOURCE_CACHE,
                                     "no policy can be for what is no domain name");
    } else if (ww_slice_starts(reply, "TEMP ")) {
        *why = WW_E_CLIENT_TROUBLE;
    } else if (ww_slice_starts(reply, "PERM ")) {
        *why = WW_E_CLIENT_REFUSED;
    }
    return NULL;
}

/* Without an answer: what was heard last, else what the caller wants. */
static struct waxwing_decision *without_answer(struct waxwing_query *q, enum ww_err why)
{
    struct waxwing_client *c = q->client;
    enum ww_err err;
    struct ww_slice text = ww_remembered_get(&c->remembered, q->domain, clock_passed());
    struct waxwing_decision *d = text.n > 0 ? ww_lib_decision_read(text, &err) : NULL;
    if (d != NULL) {
        d->source = WAXWING_SOURCE_REMEMBERED;
        return d;
    }
    return ww_lib_decision_plain(q->domain,
                                 c->fallback == WAXWING_FALLBACK_NONE ? WW_LEVEL_NONE : WW_LEVEL_HOLD,
                                 WAXWING_SOURCE_FALLBACK, ww_err_message(why));
}

/* Keeps the connection for the next question, if there is none yet. */
static void put_back(struct waxwing_query *q, bool good)
{
    int fd = ww_exchange_end(&q->exchange);
    if (fd < 0)
        return;
    if (good && q->client->idle < 0)
        q->client->idle = fd;
    else
        (void)close(fd);
}

const struct waxwing_error *waxwing_query_result(struct waxwing_query *query,
                                                 struct waxwing_decision **decision)
{
    bool ended = waxwing_query_step(query);
    enum ww_err err = ended ? query->exchange.err : WW_E_CLIENT_TIMEOUT;
    *decision = err == WW_OK ? read_reply(query, &err) : NULL;
    if (*decision != NULL) {
        err = WW_OK;
        ww_remembered_put(&query->client->remembered, query->domain, *decision, (int64_t)time(NULL),
                          clock_passed());
    } else if (err != WW_E_NO_MEMORY) {
        *decision = without_answer(query, err);
        err = *decision != NULL ? err : WW_E_NO_MEMORY;
    }
    put_back(query, err == WW_OK);
    free(query);
    return ww_lib_error(err);
}

void waxwing_query_cancel(struct waxwing_query *query)
{
    if (query == NULL)
        return;
    put_back(query, false);
    free(query);
}

const struct waxwing_error *waxwing_client_ask(struct waxwing_client *client, const char *domain,
                                               struct waxwing_decision **decision)
{
    struct waxwing_query *query;
    *decision = NULL;
    const struct waxwing_error *error = waxwing_query_start(client, domain, &query);
    if (query == NULL)
        return error;
    while (!waxwing_query_step(query)) {
        struct pollfd p = {.fd = waxwing_query_fd(query), .events = waxwing_query_events(query)};
        /* When it fails, the next step finds the deadline all the same. */
        (void)poll(&p, 1, waxwing_query_timeout(query));
    }
    return waxwing_query_result(query, decision);
}
