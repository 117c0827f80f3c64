#include "check/lists.h"

#include "core/dname.h"
#include "core/uri.h"
#include "drive/addresses.h"
#include "net/clock.h"
#include "net/https.h"
#include "net/tls_revoked.h"

#include <stdlib.h>

#define STATUS_OK 200

struct ww_list {
    TAILQ_ENTRY(ww_list) entry;
    struct ww_lists *lists;
    char url[WW_CRL_URL_SIZE];
    char host[WW_DNAME_SIZE];
    const char *path; /* in url */
    struct ww_addresses *addresses;
    struct ww_https_get *get;
    bool ended;
    int64_t ended_at; /* ww_clock_us */
    enum ww_err err;
    char *octets;
    size_t size;
    TAILQ_HEAD(, ww_list_waiter) waiters;
};

struct ww_lists {
    const struct ww_check_env *env;
    struct ww_https *http;
    TAILQ_HEAD(, ww_list) all; /* oldest first */
    size_t count;
};

struct ww_lists *ww_lists_new(const struct ww_check_env *env)
{
    struct ww_lists *lists = calloc(1, sizeof *lists);
    const struct ww_https_options options = {
        .store = env->store,
        .sources = env->sources,
        .source_count = env->source_count,
        .deadline_ms = env->web_ms,
        .body_max = WW_CRL_MAX,
        .plain = true,
    };
    const char *detail;
    if (lists == NULL)
        return NULL;
    lists->env = env;
    TAILQ_INIT(&lists->all);
    lists->http = ww_https_new(env->base, &options, &detail);
    if (lists->http != NULL)
        return lists;
    free(lists);
    return NULL;
}

static void forget(struct ww_list *l)
{
    if (l->addresses != NULL)
        ww_addresses_cancel(l->addresses);
    if (l->get != NULL)
        ww_https_cancel(l->get);
    TAILQ_REMOVE(&l->lists->all, l, entry);
    l->lists->count--;
    free(l->octets);
    free(l);
}

void ww_lists_free(struct ww_lists *lists)
{
    struct ww_list *l;
    if (lists == NULL)
        return;
    while ((l = TAILQ_FIRST(&lists->all)) != NULL)
        forget(l);
    ww_https_free(lists->http);
    free(lists);
}

static struct ww_list_answer answer_of(const struct ww_list *l)
{
    return (struct ww_list_answer){.err = l->err,
                                   .list = l->err == WW_OK ? ww_slice(l->octets, l->size) : ww_slice("", 0)};
}

/* The last one told may have freed everything. */
static void end(struct ww_list *l, enum ww_err err)
{
    struct ww_list_waiter *w;
    l->ended = true;
    l->ended_at = ww_clock_us();
    l->err = err;
    while ((w = TAILQ_FIRST(&l->waiters)) != NULL) {
        struct ww_list_answer answer = answer_of(l);
        TAILQ_REMOVE(&l->waiters, w, entry);
        w->list = NULL;
        bool last = TAILQ_EMPTY(&l->waiters);
        w->cb(w->ctx, &answer);
        if (last)
            return;
    }
}

static void on_get(void *ctx, const struct ww_https_reply *reply)
{
    struct ww_list *l = ctx;
    enum ww_err err = reply->err;
    l->get = NULL;
    if (err == WW_OK && reply->status != STATUS_OK)
        err = WW_E_HTTP_STATUS;
    l->octets = err == WW_OK ? malloc(reply->body.n + 1) : NULL;
    if (err == WW_OK && l->octets == NULL)
        err = WW_E_NO_MEMORY;
    if (err == WW_OK) {
        memcpy(l->octets, reply->body.p, reply->body.n);
        l->size = reply->body.n;
    }
    end(l, err);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct ww_list *l = ctx;
    enum ww_err err = reply->err;
    l->addresses = NULL;
    if (err == WW_OK)
        l->get = ww_https_get(l->lists->http, l->host, l->path, reply->addrs, reply->count, on_get, l, &err);
    if (l->get == NULL)
        end(l, err);
}

/* A URL of plain HTTP, of a named host at the usual port. */
static enum ww_err read_url(struct ww_list *l, const char *url)
{
    struct ww_uri uri;
    size_t offset;
    size_t n = strlen(url);
    if (n >= sizeof l->url)
        return WW_E_TOO_LONG;
    memcpy(l->url, url, n + 1);
    enum ww_err err = ww_uri_parse(l->url, n, &uri, &offset);
    if (err == WW_OK && (uri.host.p == NULL || !ww_slice_is(uri.scheme, "http") || uri.path.n == 0 ||
                         uri.path.p != uri.host.p + uri.host.n))
        err = WW_E_HTTPS_ADDRESS;
    if (err == WW_OK)
        err = ww_dname_canon(uri.host.p, uri.host.n, l->host);
    if (err == WW_OK)
        l->path = uri.path.p;
    return err;
}

static struct ww_list *begin(struct ww_lists *lists, const char *url, enum ww_err *err)
{
    const struct ww_check_env *env = lists->env;
    const struct ww_addresses_options options = {
        .dns = env->dns, .allow = env->allow, .allow_count = env->allow_count};
    struct ww_list *l = calloc(1, sizeof *l);
    *err = WW_E_NO_MEMORY;
    if (l == NULL)
        return NULL;
    l->lists = lists;
    TAILQ_INIT(&l->waiters);
    TAILQ_INSERT_TAIL(&lists->all, l, entry);
    lists->count++;
    *err = read_url(l, url);
    if (*err == WW_OK)
        l->addresses = ww_addresses_find(&options, l->host, on_addresses, l, err);
    if (l->addresses == NULL)
        end(l, *err);
    return l;
}

static struct ww_list *find(struct ww_lists *lists, const char *url)
{
    struct ww_list *l = TAILQ_FIRST(&lists->all);
    while (l != NULL && strcmp(l->url, url) != 0)
        l = TAILQ_NEXT(l, entry);
    return l;
}

void ww_lists_expire(struct ww_lists *lists, int64_t now)
{
    struct ww_list *next;
    for (struct ww_list *l = TAILQ_FIRST(&lists->all); l != NULL; l = next) {
        int64_t kept_ms = l->err == WW_OK ? WW_LISTS_KEPT_MS : WW_LISTS_FAILED_MS;
        next = TAILQ_NEXT(l, entry);
        if (l->ended && TAILQ_EMPTY(&l->waiters) && now - l->ended_at > kept_ms * 1000)
            forget(l);
    }
}

/* One that somebody waits for stays. */
static void make_room(struct ww_lists *lists)
{
    struct ww_list *next;
    for (struct ww_list *l = TAILQ_FIRST(&lists->all); l != NULL && lists->count >= WW_LISTS_MAX; l = next) {
        next = TAILQ_NEXT(l, entry);
        if (l->ended && TAILQ_EMPTY(&l->waiters))
            forget(l);
    }
}

bool ww_lists_ask(struct ww_lists *lists, const char *url, struct ww_list_waiter *waiter, ww_list_cb *cb,
                  void *ctx, struct ww_list_answer *answer)
{
    ww_lists_expire(lists, ww_clock_us());
    struct ww_list *l = find(lists, url);
    *answer = (struct ww_list_answer){.err = WW_OK};
    if (l == NULL) {
        make_room(lists);
        l = begin(lists, url, &answer->err);
    }
    if (l == NULL)
        return false;
    if (l->ended) {
        *answer = answer_of(l);
        return false;
    }
    *waiter = (struct ww_list_waiter){.list = l, .cb = cb, .ctx = ctx};
    TAILQ_INSERT_TAIL(&l->waiters, waiter, entry);
    return true;
}

void ww_lists_leave(struct ww_list_waiter *waiter)
{
    if (waiter->list != NULL)
        TAILQ_REMOVE(&waiter->list->waiters, waiter, entry);
    waiter->list = NULL;
}
