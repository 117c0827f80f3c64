#include "base/buf.h"
#include "daemon/alert_target.h"
#include "daemon/discoverer.h"
#include "daemon/herald_send.h"
#include "daemon/post.h"
#include "net/dns.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECRET_MAX 1024
/* Of the POST; DNS has what is left of the time of all. */
#define POST_MS 30000u

struct hook {
    const struct ww_config *config;
    struct ww_herald_sent *out;
    struct ww_alert_url url;
    char text[WW_ALERT_URL_MAX + 2]; /* of the URL */
    char *json;
    size_t json_n;
    char signature[128]; /* a header, or "" */
    const char *headers[4];
    struct event_base *base;
    struct ww_dns *dns;
    struct ww_https *https;
    struct ww_trust trust;
};

/* The first line of a file, of size - 1 octets at most. */
static bool read_line(const char *path, char *out, size_t size, struct ww_herald_sent *sent)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, size - 1) : -1;
    if (n < 0)
        ww_herald_say(sent, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    if (n < 0)
        return false;
    out[n] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    if (out[0] == '\0')
        ww_herald_say(sent, "%s: it is empty", path);
    return out[0] != '\0';
}

static bool find_url(struct hook *h)
{
    const char *webhook = h->config->alert_webhook;
    bool file = webhook[0] == '/';
    if (!file)
        (void)snprintf(h->text, sizeof h->text, "%s", webhook);
    else if (!read_line(webhook, h->text, sizeof h->text, h->out))
        return false;
    if (ww_alert_url_parse(h->text, &h->url))
        return true;
    ww_herald_say(h->out, "%s: what it holds is no URL such as https://example.com/hook", webhook);
    return false;
}

/* The secret is gone from this process before anybody is talked to. */
static bool sign(struct hook *h)
{
    char secret[SECRET_MAX];
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (h->config->alert_webhook_secret == NULL)
        return true;
    if (!read_line(h->config->alert_webhook_secret, secret, sizeof secret, h->out))
        return false;
    bool good = HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)h->json, h->json_n,
                     mac, &n) != NULL;
    OPENSSL_cleanse(secret, sizeof secret);
    int at = snprintf(h->signature, sizeof h->signature, "X-Waxwing-Signature-256: sha256=");
    for (unsigned i = 0; good && i < n; i++)
        at += snprintf(h->signature + at, sizeof h->signature - (size_t)at, "%02x", mac[i]);
    return good;
}

static void end(struct hook *h)
{
    (void)event_base_loopbreak(h->base);
}

static void on_reply(void *ctx, const struct ww_https_reply *reply)
{
    struct hook *h = ctx;
    h->out->delivered = reply->err == WW_OK && reply->status >= 200 && reply->status < 300;
    if (!h->out->delivered)
        ww_post_say(h->out->detail, sizeof h->out->detail, h->url.host, reply);
    end(h);
}

static void post(struct hook *h, const struct ww_addr *addrs, size_t count)
{
    enum ww_err err;
    const struct ww_https_post what = {
        .body = ww_slice(h->json, h->json_n),
        .headers = h->headers,
        .port = h->url.port,
        .plain = h->url.plain,
    };
    if (ww_https_post(h->https, h->url.host, h->url.path, addrs, count, &what, on_reply, h, &err) != NULL)
        return;
    ww_herald_say(h->out, "%s: %s", h->url.host, ww_err_message(err));
    end(h);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct hook *h = ctx;
    if (reply->err == WW_OK) {
        post(h, reply->addrs, reply->count);
        return;
    }
    ww_post_say_addresses(h->out->detail, sizeof h->out->detail, h->url.host, reply, "alert.allow_addresses");
    end(h);
}

/* On a path that strips DNSSEC nothing could be looked up without it. */
static void on_tested(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct hook *h = ctx;
    const struct ww_addresses_options options = {
        .dns = h->dns, .allow = h->config->alert_allow, .allow_count = h->config->alert_allow_count};
    enum ww_err err;
    (void)health;
    (void)detail;
    if (ww_addresses_find(&options, h->url.host, on_addresses, h, &err) != NULL)
        return;
    ww_herald_say(h->out, "%s: %s", h->url.host, ww_err_message(err));
    end(h);
}

static bool open_dns(struct hook *h)
{
    char why[512];
    const char *detail = "out of memory";
    struct ww_dns_options options;
    if (h->url.plain) /* this machine's addresses are known */
        return true;
    if (!ww_trust_load(&h->trust, h->config, ww_anchor_system_files, why, sizeof why)) {
        ww_herald_say(h->out, "%s", why);
        return false;
    }
    ww_discoverer_dns_options(h->config, &h->trust, &options);
    h->dns = ww_dns_new(h->base, &options, &detail);
    if (h->dns == NULL)
        ww_herald_say(h->out, "%s", detail);
    return h->dns != NULL;
}

static bool open_https(struct hook *h)
{
    h->https = ww_post_open(h->base, h->config, h->url.plain, POST_MS, h->out->detail, sizeof h->out->detail);
    return h->https != NULL;
}

static void begin(struct hook *h)
{
    static const struct ww_addr here[] = {
        {.octets = {[15] = 1}, .length = 16},
        {.octets = {127, 0, 0, 1}, .length = 4},
    };
    const struct timeval limit = {.tv_sec = WW_HERALD_SEND_MS / 1000};
    ww_herald_say(h->out, "%s: no answer within %u seconds", h->url.host, WW_HERALD_SEND_MS / 1000);
    (void)event_base_loopexit(h->base, &limit);
    if (h->url.plain)
        post(h, here, sizeof here / sizeof *here);
    else
        ww_dns_self_test(h->dns, on_tested, h);
    (void)event_base_dispatch(h->base);
    if (h->out->delivered)
        h->out->detail[0] = '\0';
}

static bool prepare(struct hook *h, const struct ww_herald_message *m)
{
    size_t n = 0;
    h->json = ww_herald_json(m, &h->json_n);
    if (h->json == NULL || h->base == NULL) {
        ww_herald_say(h->out, "out of memory");
        return false;
    }
    h->headers[n++] = "Content-Type: application/json";
    if (!find_url(h) || !sign(h))
        return false;
    if (h->signature[0] != '\0')
        h->headers[n++] = h->signature;
    return open_dns(h) && open_https(h) && ww_herald_give_up(h->config, h->out);
}

void ww_herald_send_hook(const struct ww_herald_task *task, struct ww_herald_sent *out)
{
    struct hook h = {.config = task->config, .out = out, .base = event_base_new()};
    if (prepare(&h, &task->message))
        begin(&h);
    ww_https_free(h.https);
    if (h.dns != NULL)
        ww_dns_free(h.dns);
    ww_trust_clear(&h.trust);
    if (h.base != NULL)
        event_base_free(h.base);
    free(h.json);
}
