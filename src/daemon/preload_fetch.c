#include "daemon/preload_fetch.h"

#include "core/uri.h"
#include "daemon/discoverer.h"
#include "daemon/role.h"
#include "drive/addresses.h"
#include "net/dns.h"
#include "net/https.h"
#include "proc/confine.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <unistd.h>

struct fetch {
    const struct ww_preload_fetch *what;
    struct ww_preload_fetched *out;
    struct event_base *base;
    struct ww_dns *dns;
    struct ww_https *https;
    struct ww_trust trust;
    unsigned now;             /* which of the two: */
    char host[WW_DNAME_SIZE]; /* canonical */
    const char *path;
};

static void end(struct fetch *f, enum ww_err cause, const char *detail)
{
    (void)event_base_loopbreak(f->base);
    if (cause == WW_OK)
        return;
    f->out->err = WW_E_PRELOAD_FETCH;
    (void)snprintf(f->out->detail, sizeof f->out->detail, "%s: %s%s%s",
                   f->what->urls[f->now] != NULL ? f->what->urls[f->now] : "", ww_err_id(cause),
                   detail != NULL && detail[0] != '\0' ? ": " : "", detail != NULL ? detail : "");
}

static void next(struct fetch *f);

static bool take(int fd, struct ww_slice body)
{
    for (size_t at = 0; at < body.n;) {
        ssize_t n = write(fd, body.p + at, body.n - at);
        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return false;
    }
    return true;
}

static void on_reply(void *ctx, const struct ww_https_reply *reply)
{
    struct fetch *f = ctx;
    char status[32];
    (void)snprintf(status, sizeof status, "status %u", reply->status);
    if (reply->err != WW_OK)
        end(f, reply->err, reply->detail);
    else if (reply->status >= 300 && reply->status < 400)
        end(f, WW_E_HTTP_REDIRECT, status);
    else if (reply->status != 200)
        end(f, WW_E_HTTP_STATUS, status);
    else if (reply->body.n > f->what->most[f->now])
        end(f, WW_E_HTTPS_TOO_LARGE, NULL);
    else if (!take(f->what->fds[f->now], reply->body))
        end(f, WW_E_NO_MEMORY, NULL);
    else {
        f->now++;
        next(f);
    }
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct fetch *f = ctx;
    enum ww_err err = reply->err;
    if (err == WW_OK)
        (void)ww_https_get(f->https, f->host, f->path, reply->addrs, reply->count, on_reply, f, &err);
    if (err != WW_OK)
        end(f, err, reply->err != WW_OK ? reply->detail : NULL);
}

/* What is wrong with the URL as a setting was said when the configuration was read. */
static bool find_host(struct fetch *f)
{
    struct ww_uri uri;
    size_t offset;
    const char *url = f->what->urls[f->now];
    if (ww_uri_parse(url, strlen(url), &uri, &offset) != WW_OK)
        return false;
    f->path = uri.path.p;
    return ww_dname_canon(uri.host.p, uri.host.n, f->host) == WW_OK;
}

static void next(struct fetch *f)
{
    const struct ww_addresses_options options = {.dns = f->dns,
                                                 .allow = f->what->config->fetch_allow,
                                                 .allow_count = f->what->config->fetch_allow_count};
    enum ww_err err = WW_OK;
    while (f->now < 2 && f->what->urls[f->now] == NULL)
        f->now++;
    if (f->now == 2) {
        end(f, WW_OK, NULL);
        return;
    }
    if (!find_host(f))
        err = WW_E_HTTPS_ADDRESS;
    else
        (void)ww_addresses_find(&options, f->host, on_addresses, f, &err);
    if (err != WW_OK)
        end(f, err, NULL);
}

/* On a path that strips DNSSEC nothing could be looked up without it. */
static void on_tested(void *ctx, enum ww_dns_health health, const char *detail)
{
    (void)health;
    (void)detail;
    next(ctx);
}

static bool open_both(struct fetch *f, const char **detail)
{
    static char untrusted[512];
    const struct ww_config *c = f->what->config;
    struct ww_dns_options dns;
    *detail = untrusted;
    if (!ww_trust_load(&f->trust, c, ww_anchor_system_files, untrusted, sizeof untrusted))
        return false;
    ww_discoverer_dns_options(c, &f->trust, &dns);
    const struct ww_https_options https = {
        .ca_file = c->fetch_ca_file,
        .sources = c->fetch_sources,
        .source_count = c->fetch_source_count,
        .deadline_ms = WW_PRELOAD_GET_MS,
        .body_max = f->what->most[0],
    };
    f->dns = ww_dns_new(f->base, &dns, detail);
    if (f->dns != NULL)
        f->https = ww_https_new(f->base, &https, detail);
    return f->https != NULL;
}

static bool give_up(const struct ww_config *c, const char **detail)
{
    static char words[256];
    char user[WW_USER_SIZE];
    bool partial;
    (void)ww_role_user(c, WW_ROLE_PRELOAD, user);
    const struct ww_confine how = {.rights = WW_MAY_CONNECT, .user = user};
    *detail = words;
    return !c->confine || ww_confine(&how, &partial, words, sizeof words) == WW_OK;
}

void ww_preload_fetch(const struct ww_preload_fetch *what, struct ww_preload_fetched *out)
{
    struct fetch f = {.what = what, .out = out, .base = event_base_new()};
    const char *detail = "";
    if (f.base == NULL || !open_both(&f, &detail) || !give_up(what->config, &detail)) {
        out->err = WW_E_PRELOAD_FETCH;
        (void)snprintf(out->detail, sizeof out->detail, "%s", f.base == NULL ? "out of memory" : detail);
    } else {
        ww_dns_self_test(f.dns, on_tested, &f);
        (void)event_base_dispatch(f.base);
    }
    if (f.https != NULL)
        ww_https_free(f.https);
    if (f.dns != NULL)
        ww_dns_free(f.dns);
    ww_trust_clear(&f.trust);
    if (f.base != NULL)
        event_base_free(f.base);
}
