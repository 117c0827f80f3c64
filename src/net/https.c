#include "net/https.h"

#include "core/words.h"
#include "net/https_private.h"

#include <event2/event.h>
#include <stdlib.h>

static void get_free(struct ww_https_get *get)
{
    LIST_REMOVE(get, entry);
    ww_https_transfer_free(get);
    if (get->event != NULL)
        event_free(get->event);
    free(get);
}

void ww_https_ended(struct ww_https_get *get, CURLcode code)
{
    get->code = code;
    event_active(get->event, EV_TIMEOUT, 0);
}

static int64_t date_of(struct ww_https_get *get)
{
    struct curl_header *h = NULL;
    if (curl_easy_header(get->easy, "Date", 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return 0;
    time_t date = curl_getdate(h->value, NULL);
    return date > 0 ? date : 0;
}

static void copy_header(struct ww_https_get *get, const char *name, char *to, size_t size)
{
    struct curl_header *h = NULL;
    struct ww_buf b = ww_buf(to, size - 1);
    if (curl_easy_header(get->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
        ww_words_put_cut(&b, ww_slice_str(h->value));
    to[b.n] = '\0';
}

static void fill_more(struct ww_https_get *get, struct ww_https_reply *reply)
{
    struct ww_https_headers *headers = &reply->headers;
    long error = 0;
    copy_header(get, "Cache-Control", headers->cache_control, sizeof headers->cache_control);
    copy_header(get, "Age", headers->age, sizeof headers->age);
    copy_header(get, "Location", headers->location, sizeof headers->location);
    reply->shown = get->fault.shown;
    reply->tls_version = get->fault.version;
    (void)curl_easy_getinfo(get->easy, CURLINFO_OS_ERRNO, &error);
    if (get->code == CURLE_COULDNT_CONNECT || get->code == CURLE_INTERFACE_FAILED)
        reply->os_error = (int)error;
}

static void fill_reply(struct ww_https_get *get, struct ww_https_reply *reply)
{
    char *type = NULL;
    char *address = NULL;
    long status = 0;
    (void)curl_easy_getinfo(get->easy, CURLINFO_PRIMARY_IP, &address);
    if (address != NULL && strlen(address) < sizeof reply->origin.address)
        memcpy(reply->origin.address, address, strlen(address) + 1);
    reply->origin.cert = get->fault.leaf;
    fill_more(get, reply);
    if (reply->err != WW_OK)
        return;
    (void)curl_easy_getinfo(get->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(get->easy, CURLINFO_CONTENT_TYPE, &type);
    reply->status = (unsigned)status;
    reply->content_type = type;
    reply->date = date_of(get);
    if (get->body_size > 0)
        reply->body = ww_slice(get->body, get->body_size);
}

/* The callback may free all of the client, so what it gets has to outlive that. */
static void on_event(evutil_socket_t fd, short what, void *arg)
{
    struct ww_https_get *get = arg;
    struct ww_https_reply reply = {.body = ww_slice("", 0)};
    char words[CURL_ERROR_SIZE + sizeof get->fault.detail];
    (void)fd, (void)what;
    ww_https_judge(get, &reply, words, sizeof words);
    fill_reply(get, &reply);
    char *type = reply.content_type != NULL ? strdup(reply.content_type) : NULL;
    reply.content_type = type;
    char *body = get->body;
    get->body = NULL;
    ww_https_cb *cb = get->cb;
    void *ctx = get->ctx;
    get_free(get);
    cb(ctx, &reply);
    free(body);
    free(type);
}

static enum ww_err get_start(struct ww_https_get *get, const char *path, const char *const *headers)
{
    get->event = evtimer_new(get->https->base, on_event, get);
    bool ok = get->event != NULL && ww_https_transfer_init(get, path, headers) &&
              curl_multi_add_handle(get->https->multi, get->easy) == CURLM_OK;
    return ok ? WW_OK : WW_E_NO_MEMORY;
}

/* An address literal is no name, and is taken as it is. */
static enum ww_err read_host(const char *host, bool literal, char canonical[WW_DNAME_SIZE])
{
    if (!literal)
        return ww_dname_canon(host, strlen(host), canonical);
    if (strlen(host) >= WW_DNAME_SIZE)
        return WW_E_HTTPS_ADDRESS;
    memcpy(canonical, host, strlen(host) + 1);
    return WW_OK;
}

static struct ww_https_get *begin(struct ww_https *https, const char *host, const char *path,
                                  const struct ww_addr *addrs, size_t addr_count,
                                  const struct ww_https_post *post, ww_https_cb *cb, void *ctx,
                                  enum ww_err *err)
{
    char canonical[WW_DNAME_SIZE];
    bool plain = https->plain || (post != NULL && post->plain);
    *err = addr_count > 0 ? read_host(host, post != NULL && post->plain, canonical) : WW_E_HTTPS_ADDRESS;
    if (*err != WW_OK)
        return NULL;
    struct ww_https_get *get = calloc(1, sizeof *get);
    *err = WW_E_NO_MEMORY;
    if (get == NULL)
        return NULL;
    get->https = https;
    get->cb = cb;
    get->ctx = ctx;
    get->post = post != NULL;
    get->anybody = post != NULL && post->anybody;
    get->plain = plain;
    get->port = post != NULL ? post->port : https->plain ? WW_HTTP_PORT : WW_HTTPS_PORT;
    get->posted = post != NULL ? post->body : ww_slice("", 0);
    memcpy(get->host, canonical, strlen(canonical) + 1);
    get->addr_count = addr_count < WW_HTTPS_ADDRS_MAX ? addr_count : WW_HTTPS_ADDRS_MAX;
    memcpy(get->addrs, addrs, get->addr_count * sizeof *addrs);
    LIST_INSERT_HEAD(&https->gets, get, entry);
    *err = get_start(get, path, post != NULL ? post->headers : NULL);
    if (*err == WW_OK)
        return get;
    get_free(get);
    return NULL;
}

struct ww_https_get *ww_https_get(struct ww_https *https, const char *host, const char *path,
                                  const struct ww_addr *addrs, size_t addr_count, ww_https_cb *cb, void *ctx,
                                  enum ww_err *err)
{
    return begin(https, host, path, addrs, addr_count, NULL, cb, ctx, err);
}

struct ww_https_get *ww_https_post(struct ww_https *https, const char *host, const char *path,
                                   const struct ww_addr *addrs, size_t addr_count,
                                   const struct ww_https_post *post, ww_https_cb *cb, void *ctx,
                                   enum ww_err *err)
{
    return begin(https, host, path, addrs, addr_count, post, cb, ctx, err);
}

void ww_https_cancel(struct ww_https_get *get)
{
    get_free(get);
}

struct ww_https *ww_https_new(struct event_base *base, const struct ww_https_options *options,
                              const char **detail)
{
    *detail = "out of memory";
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return NULL;
    struct ww_https *https = calloc(1, sizeof *https);
    if (https == NULL) {
        curl_global_cleanup();
        return NULL;
    }
    LIST_INIT(&https->gets);
    https->base = base;
    https->deadline_ms = options->deadline_ms;
    https->body_max = options->body_max;
    https->plain = options->plain;
    for (size_t i = 0; i < options->source_count && https->source_count < 2; i++)
        https->sources[https->source_count++] = options->sources[i];
    https->user_agent = options->user_agent != NULL ? options->user_agent : "Waxwing/" WW_VERSION;
    if (options->store != NULL && X509_STORE_up_ref(options->store) == 1)
        https->store = options->store;
    else
        https->store = ww_tls_store_new(options->ca_file);
    if (https->store == NULL)
        *detail = "the file of trusted authorities cannot be read, or holds no certificate";
    else if (ww_https_loop_init(https) == WW_OK)
        return https;
    ww_https_free(https);
    return NULL;
}

void ww_https_free(struct ww_https *https)
{
    if (https == NULL)
        return;
    for (struct ww_https_get *get = LIST_FIRST(&https->gets), *next; get != NULL; get = next) {
        next = LIST_NEXT(get, entry);
        get_free(get);
    }
    ww_https_loop_free(https);
    X509_STORE_free(https->store);
    free(https);
    curl_global_cleanup();
}
