/* What the https*.c files share: one client, its transfers, and the road between libcurl and the loop. */
#ifndef WW_NET_HTTPS_PRIVATE_H
#define WW_NET_HTTPS_PRIVATE_H

#include "core/dname.h"
#include "net/https.h"
#include "net/tls_verify.h"

#include <curl/curl.h>
#include <sys/queue.h>

/* The one status whose body is wanted. */
#define WW_HTTPS_OK 200

#define WW_HTTPS_PORT 443
#define WW_HTTP_PORT 80

struct event;

struct ww_https {
    struct event_base *base;
    CURLM *multi;
    struct event *timer; /* libcurl's one timer */
    X509_STORE *store;
    const char *user_agent;
    struct ww_addr sources[2];
    size_t source_count;
    unsigned deadline_ms;
    size_t body_max;
    bool plain;
    LIST_HEAD(, ww_https_get) gets;
};

struct ww_https_get {
    LIST_ENTRY(ww_https_get) entry;
    struct ww_https *https;
    CURL *easy;
    CURLSH *share;              /* holds the addresses, for this transfer alone */
    struct curl_slist *resolve; /* borrowed by easy, */
    struct curl_slist *headers; /* and so are these, of a POST */
    struct event *event;        /* made active when the transfer has ended */
    ww_https_cb *cb;
    void *ctx;
    char host[WW_DNAME_SIZE];
    unsigned port;
    bool plain; /* without TLS */
    bool post;
    bool anybody;           /* the certificate is not verified */
    struct ww_slice posted; /* borrowed */
    struct ww_addr addrs[WW_HTTPS_ADDRS_MAX];
    size_t addr_count;
    char *body;
    size_t body_size;
    size_t body_cap;
    size_t header_size;
    bool shaking_hands; /* connected, and TLS has begun */
    bool headers_judged;
    enum ww_err stopped_by; /* why we ourselves ended it early: an error; or WW_OK, see status_says_all */
    bool status_says_all;   /* ended early because the body of this status is of no interest */
    struct ww_tls_fault fault;
    char words[CURL_ERROR_SIZE]; /* libcurl's */
    CURLcode code;               /* how it ended */
};

/* https_loop.c: drives the multi handle from the loop; `ended` is called for each transfer that has ended. */
WW_MUST_CHECK enum ww_err ww_https_loop_init(struct ww_https *https);
void ww_https_loop_free(struct ww_https *https);
void ww_https_ended(struct ww_https_get *get, CURLcode code);

/* https_transfer.c: a libcurl handle with everything set; headers may be NULL. False: memory is short. */
WW_MUST_CHECK bool ww_https_transfer_init(struct ww_https_get *get, const char *path,
                                          const char *const *headers);
void ww_https_transfer_free(struct ww_https_get *get);

/* https_judge.c: fills err and detail of a reply; detail may point into `words`. */
void ww_https_judge(struct ww_https_get *get, struct ww_https_reply *reply, char *words, size_t size);

#endif
