#include "net/https_private.h"

#include "base/buf.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADERS_MAX 32768
#define BODY_START 4096

static size_t on_header(char *p, size_t size, size_t count, void *arg)
{
    struct ww_https_get *get = arg;
    (void)p;
    get->header_size += size * count;
    if (get->header_size <= HEADERS_MAX)
        return size * count;
    get->stopped_by = WW_E_HTTPS_HEADERS;
    return 0;
}

/* True when the body is wanted. */
static bool judge_headers(struct ww_https_get *get)
{
    long status = 0;
    curl_off_t length = -1;
    (void)curl_easy_getinfo(get->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(get->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    get->headers_judged = true;
    get->status_says_all = get->post || status != WW_HTTPS_OK;
    if (!get->status_says_all && length > (curl_off_t)get->https->body_max)
        get->stopped_by = WW_E_HTTPS_TOO_LARGE;
    return !get->status_says_all && get->stopped_by == WW_OK;
}

static bool make_room(struct ww_https_get *get, size_t n)
{
    size_t cap = get->body_cap > 0 ? get->body_cap : BODY_START;
    while (cap - get->body_size < n)
        cap *= 2;
    if (cap > get->body_cap) {
        char *body = realloc(get->body, cap);
        if (body == NULL)
            return false;
        get->body = body;
        get->body_cap = cap;
    }
    return true;
}

static size_t on_body(char *p, size_t size, size_t count, void *arg)
{
    struct ww_https_get *get = arg;
    size_t n = size * count;
    if (!get->headers_judged && !judge_headers(get))
        return CURL_WRITEFUNC_ERROR;
    if (n > get->https->body_max - get->body_size)
        get->stopped_by = WW_E_HTTPS_TOO_LARGE;
    else if (!make_room(get, n))
        get->stopped_by = WW_E_NO_MEMORY;
    if (get->stopped_by != WW_OK)
        return CURL_WRITEFUNC_ERROR;
    memcpy(get->body + get->body_size, p, n);
    get->body_size += n;
    return n;
}

static CURLcode on_ssl_ctx(CURL *easy, void *ctx, void *arg)
{
    struct ww_https_get *get = arg;
    (void)easy;
    get->shaking_hands = true;
    enum ww_err err = get->anybody ? ww_tls_take_anybody(ctx, &get->fault)
                                   : ww_tls_demand(ctx, get->https->store, get->host, &get->fault);
    return err == WW_OK ? CURLE_OK : CURLE_ABORTED_BY_CALLBACK;
}

/* Called when libcurl is about to look a name up by itself: it must not. */
static int on_resolver_start(void *resolver, void *reserved, void *arg)
{
    (void)resolver, (void)reserved, (void)arg;
    return 1;
}

/* The address behind a socket address, and its port. */
static struct ww_addr addr_of(const struct sockaddr *from, in_port_t *port)
{
    struct ww_addr a = {.length = 0};
    *port = 0;
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)from;
        memcpy(a.octets, &in->sin_addr, a.length = 4);
        *port = ntohs(in->sin_port);
    } else if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)from;
        memcpy(a.octets, &in->sin6_addr, a.length = 16);
        *port = ntohs(in->sin6_port);
    }
    return a;
}

static bool is_given(const struct ww_https_get *get, const struct ww_addr *a)
{
    for (size_t i = 0; i < get->addr_count; i++)
        if (get->addrs[i].length == a->length && memcmp(get->addrs[i].octets, a->octets, a->length) == 0)
            return true;
    return false;
}

static bool bind_source(const struct ww_https *https, int fd, int family)
{
    for (size_t i = 0; i < https->source_count; i++) {
        const struct ww_addr *source = &https->sources[i];
        struct sockaddr_in in = {.sin_family = AF_INET};
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
        memcpy(&in.sin_addr, source->octets, 4);
        memcpy(&in6.sin6_addr, source->octets, 16);
        if (family == AF_INET && source->length == 4)
            return bind(fd, (const struct sockaddr *)&in, sizeof in) == 0;
        if (family == AF_INET6 && source->length == 16)
            return bind(fd, (const struct sockaddr *)&in6, sizeof in6) == 0;
    }
    return true;
}

/* The last guard: whatever libcurl has in mind, it gets no socket but to an address that was given. */
static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct ww_https_get *get = arg;
    in_port_t port;
    struct ww_addr a = addr_of(&to->addr, &port);
    if (purpose != CURLSOCKTYPE_IPCXN || port != get->port || !is_given(get, &a))
        return CURL_SOCKET_BAD;
    int fd = socket(to->family, to->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->protocol);
    if (fd >= 0 && !bind_source(get->https, fd, to->family)) {
        (void)close(fd);
        fd = -1;
    }
    return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

/*
 * The addresses go into a cache of names that lives and dies with this transfer: in the multi handle's own
 * they would stay for good.
 */
static bool give_addresses(struct ww_https_get *get)
{
    char line[WW_DNAME_SIZE + 16 + WW_HTTPS_ADDRS_MAX * (WW_ADDR_TEXT_SIZE + 3)];
    struct ww_buf b = ww_buf(line, sizeof line);
    ww_buf_str(&b, get->host);
    ww_buf_char(&b, ':');
    ww_buf_decimal(&b, get->port);
    ww_buf_char(&b, ':');
    for (size_t i = 0; i < get->addr_count; i++) {
        char text[WW_ADDR_TEXT_SIZE];
        ww_addr_format(&get->addrs[i], text);
        ww_buf_str(&b, i > 0 ? ",[" : "[");
        ww_buf_str(&b, text);
        ww_buf_char(&b, ']');
    }
    ww_buf_char(&b, '\0');
    get->resolve = b.failed ? NULL : curl_slist_append(NULL, line);
    get->share = curl_share_init();
    return get->resolve != NULL && get->share != NULL &&
           curl_share_setopt(get->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) == CURLSHE_OK &&
           curl_easy_setopt(get->easy, CURLOPT_SHARE, get->share) == CURLE_OK &&
           curl_easy_setopt(get->easy, CURLOPT_RESOLVE, get->resolve) == CURLE_OK;
}

#define SET(option, value) (curl_easy_setopt(get->easy, option, value) == CURLE_OK)

static bool set_callbacks(struct ww_https_get *get)
{
    return SET(CURLOPT_PRIVATE, get) && SET(CURLOPT_ERRORBUFFER, get->words) &&
           SET(CURLOPT_HEADERFUNCTION, on_header) && SET(CURLOPT_HEADERDATA, get) &&
           SET(CURLOPT_WRITEFUNCTION, on_body) && SET(CURLOPT_WRITEDATA, get) &&
           SET(CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx) && SET(CURLOPT_SSL_CTX_DATA, get) &&
           SET(CURLOPT_RESOLVER_START_FUNCTION, on_resolver_start) &&
           SET(CURLOPT_OPENSOCKETFUNCTION, on_open) && SET(CURLOPT_OPENSOCKETDATA, get);
}

/* CAINFO and CAPATH are Debian's by default, and would be read anew for each transfer. */
static bool set_tls(struct ww_https_get *get)
{
    return SET(CURLOPT_CAINFO, NULL) && SET(CURLOPT_CAPATH, NULL) && SET(CURLOPT_CA_CACHE_TIMEOUT, 0L) &&
           SET(CURLOPT_SSL_OPTIONS, (long)CURLSSLOPT_NO_PARTIALCHAIN) &&
           SET(CURLOPT_SSL_VERIFYPEER, get->anybody ? 0L : 1L) &&
           SET(CURLOPT_SSL_VERIFYHOST, get->anybody ? 0L : 2L) &&
           SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) && SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static bool set_limits(struct ww_https_get *get)
{
    return SET(CURLOPT_PROTOCOLS_STR, get->plain ? "http" : "https") && SET(CURLOPT_PROXY, "") &&
           SET(CURLOPT_NOPROXY, "*") && SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
           SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
           SET(CURLOPT_FRESH_CONNECT, 1L) && SET(CURLOPT_FORBID_REUSE, 1L) && SET(CURLOPT_NOSIGNAL, 1L) &&
           SET(CURLOPT_TIMEOUT_MS, (long)get->https->deadline_ms) &&
           SET(CURLOPT_CONNECTTIMEOUT_MS, (long)get->https->deadline_ms);
}

/* No "Expect: 100-continue": who does not know it makes each POST a second longer. */
static bool set_post(struct ww_https_get *get, const char *const *headers)
{
    get->headers = curl_slist_append(NULL, "Expect:");
    bool good = get->headers != NULL;
    for (; good && *headers != NULL; headers++)
        good = curl_slist_append(get->headers, *headers) != NULL;
    return good && SET(CURLOPT_POST, 1L) && SET(CURLOPT_HTTPHEADER, get->headers) &&
           SET(CURLOPT_POSTFIELDS, get->posted.p) &&
           SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)get->posted.n);
}

static bool set_url(struct ww_https_get *get, const char *path)
{
    char url[WW_DNAME_SIZE + 2048];
    struct ww_buf b = ww_buf(url, sizeof url);
    ww_buf_str(&b, get->plain ? "http://" : "https://");
    ww_buf_str(&b, get->host);
    if (get->post) {
        ww_buf_char(&b, ':');
        ww_buf_decimal(&b, get->port);
    }
    ww_buf_str(&b, path);
    ww_buf_char(&b, '\0');
    return !b.failed && SET(CURLOPT_URL, url);
}

bool ww_https_transfer_init(struct ww_https_get *get, const char *path, const char *const *headers)
{
    get->easy = curl_easy_init();
    return get->easy != NULL && set_url(get, path) && SET(CURLOPT_PATH_AS_IS, 1L) &&
           SET(CURLOPT_USERAGENT, get->https->user_agent) && set_callbacks(get) && set_tls(get) &&
           set_limits(get) && give_addresses(get) && (!get->post || set_post(get, headers));
}

void ww_https_transfer_free(struct ww_https_get *get)
{
    if (get->easy != NULL) {
        (void)curl_multi_remove_handle(get->https->multi, get->easy);
        curl_easy_cleanup(get->easy);
    }
    if (get->share != NULL)
        (void)curl_share_cleanup(get->share);
    curl_slist_free_all(get->resolve);
    curl_slist_free_all(get->headers);
    free(get->body);
}
