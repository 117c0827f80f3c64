#include "check/looks.h"

#include "check/host_compare.h"
#include "check/owned.h"
#include "core/words.h"
#include "engine/discovery.h"
#include "net/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Addresses that are talked to at the same time; with each there is one connection. */
#define AT_ONCE 8

/* What a filter takes for a person. */
#define BROWSER "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

/* One address. */
struct part {
    struct ww_host_look *look;
    struct ww_https_get *get; /* NULL: none is under way */
    int64_t begun;            /* ww_clock_us */
    struct ww_slice body;     /* owned */
};

struct ww_host_look {
    const struct ww_check_env *env;
    struct ww_host_sight *sight;
    char host[WW_DISCOVERY_NAME_SIZE];
    struct ww_addresses *addresses; /* NULL: they are there */
    struct ww_https *https;
    struct ww_https *browser; /* the same under another name; NULL: was not needed yet */
    size_t next;              /* address to begin with */
    size_t running;
    struct part parts[WW_ADDRESSES_MAX];
    ww_look_done *done;
    void *ctx;
};

/* What was seen is put together; it is the sight's from here on. */
static void look_free(struct ww_host_look *look)
{
    struct ww_slice bodies[WW_ADDRESSES_MAX];
    if (look->addresses != NULL)
        ww_addresses_cancel(look->addresses);
    ww_https_free(look->https); /* and the GETs with it */
    ww_https_free(look->browser);
    for (size_t i = 0; i < look->sight->count; i++)
        bodies[i] = look->parts[i].body;
    ww_host_compare(look->sight, bodies);
    for (size_t i = 0; i < look->sight->count; i++)
        if (look->parts[i].body.p != look->sight->body.p)
            ww_owned_free(&look->parts[i].body);
    free(look);
}

static void end(struct ww_host_look *look)
{
    ww_look_done *done = look->done;
    void *ctx = look->ctx;
    look_free(look);
    done(ctx);
}

static struct ww_https *new_client(const struct ww_host_look *look, const char *user_agent)
{
    const char *detail;
    const struct ww_https_options options = {
        .ca_file = look->env->ca_file,
        .store = look->env->store,
        .user_agent = user_agent,
        .sources = look->env->sources,
        .source_count = look->env->source_count,
        .deadline_ms = look->env->web_ms,
        .body_max = WW_POLICY_BODY_MAX,
    };
    return ww_https_new(look->env->base, &options, &detail);
}

static void put_words(char *to, size_t size, const char *words)
{
    struct ww_buf b = ww_buf(to, size - 1);
    ww_words_put_cut(&b, ww_slice_str(words != NULL ? words : ""));
    to[b.n] = '\0';
}

/* This machine has no way there, or may not use it. */
static bool is_our_fault(const struct ww_https_reply *reply)
{
    if (reply->err == WW_E_NO_MEMORY || reply->err == WW_E_HTTPS_ADDRESS)
        return true;
    int why = reply->os_error;
    return reply->err == WW_E_HTTPS_CONNECT && (why == ENETUNREACH || why == EADDRNOTAVAIL ||
                                                why == EAFNOSUPPORT || why == EACCES || why == EPERM);
}

/* Words without the address, so that the same fault reads the same at each. */
static void note_detail(struct ww_host_address_sight *a, const struct ww_https_reply *reply)
{
    const char *words = reply->detail;
    if (reply->os_error != 0)
        words = strerror(reply->os_error);
    else if (reply->err == WW_E_HTTPS_RESET)
        words = reply->shown.shown ? "the connection was broken off after the TLS handshake"
                                   : "the connection was broken off during the TLS handshake";
    put_words(a->detail, sizeof a->detail, words);
}

static void note(struct part *part, struct ww_host_address_sight *a, const struct ww_https_reply *reply)
{
    a->tested = true;
    a->err = reply->err;
    a->from_us = is_our_fault(reply);
    a->us = ww_clock_us() - part->begun;
    a->tls_version = reply->tls_version;
    a->leaf = reply->shown;
    a->status = reply->status;
    a->headers = reply->headers;
    note_detail(a, reply);
    put_words(a->type, sizeof a->type, reply->content_type);
    if (reply->err != WW_OK || reply->status != 200)
        return;
    a->size = reply->body.n;
    char *body = malloc(a->size + 1); /* an empty one is a body, too */
    if (body == NULL)
        return;
    if (a->size > 0)
        memcpy(body, reply->body.p, a->size);
    part->body = ww_slice(body, a->size);
}

static void begin_more(struct ww_host_look *look);

static void part_ends(struct ww_host_look *look)
{
    look->running--;
    begin_more(look);
    if (look->running == 0)
        end(look);
}

static void on_browser(void *ctx, const struct ww_https_reply *reply)
{
    struct part *part = ctx;
    struct ww_host_look *look = part->look;
    part->get = NULL;
    look->sight->addresses[part - look->parts].as_browser = reply->err == WW_OK ? reply->status : 0;
    part_ends(look);
}

/* What filters answer to programs that they do not know. */
static bool may_be_filter(const struct ww_https_reply *reply)
{
    unsigned status = reply->err == WW_OK ? reply->status : 0;
    return status == 403 || status == 406 || status == 429 || status == 503;
}

static bool ask(struct part *part, struct ww_https *https, ww_https_cb *cb)
{
    const struct ww_host_look *look = part->look;
    enum ww_err err = WW_E_NO_MEMORY;
    if (https != NULL)
        part->get = ww_https_get(https, look->host, WW_POLICY_PATH,
                                 &look->sight->addresses[part - look->parts].addr, 1, cb, part, &err);
    return part->get != NULL;
}

static void on_reply(void *ctx, const struct ww_https_reply *reply)
{
    struct part *part = ctx;
    struct ww_host_look *look = part->look;
    part->get = NULL;
    note(part, &look->sight->addresses[part - look->parts], reply);
    if (may_be_filter(reply) && look->browser == NULL)
        look->browser = new_client(look, BROWSER);
    if (!may_be_filter(reply) || !ask(part, look->browser, on_browser))
        part_ends(look);
}

/* An address that cannot be begun with is not tested, and says so by that. */
static void begin_more(struct ww_host_look *look)
{
    while (look->running < AT_ONCE && look->next < look->sight->count) {
        struct part *part = &look->parts[look->next++];
        part->begun = ww_clock_us();
        if (ask(part, look->https, on_reply))
            look->running++;
    }
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct ww_host_look *look = ctx;
    struct ww_host_sight *sight = look->sight;
    look->addresses = NULL;
    sight->resolved = true;
    sight->dns_err = reply->err;
    put_words(sight->dns_detail, sizeof sight->dns_detail, reply->detail);
    sight->ipv6 = reply->ipv6;
    sight->ipv4 = reply->ipv4;
    if (reply->count > 0)
        sight->addresses = calloc(reply->count, sizeof *sight->addresses);
    for (size_t i = 0; sight->addresses != NULL && i < reply->count; i++) {
        sight->addresses[i].addr = reply->addrs[i];
        look->parts[i].look = look;
        sight->count++;
    }
    begin_more(look);
    if (look->running == 0)
        end(look);
}

struct ww_host_look *ww_host_look(const struct ww_check_env *env, const char *domain,
                                  struct ww_host_sight *sight, ww_look_done *done, void *ctx,
                                  enum ww_err *err)
{
    const struct ww_addresses_options options = {
        .dns = env->dns,
        .allow = env->allow,
        .allow_count = env->allow_count,
        .patient = true,
    };
    struct ww_host_look *look = calloc(1, sizeof *look);
    *err = WW_E_NO_MEMORY;
    if (look == NULL)
        return NULL;
    look->env = env;
    look->sight = sight;
    look->done = done;
    look->ctx = ctx;
    (void)snprintf(look->host, sizeof look->host, "mta-sts.%s", domain);
    look->https = new_client(look, NULL);
    if (look->https != NULL)
        look->addresses = ww_addresses_find(&options, look->host, on_addresses, look, err);
    sight->looked = look->addresses != NULL;
    if (sight->looked)
        return look;
    look_free(look);
    return NULL;
}

void ww_host_look_cancel(struct ww_host_look *look)
{
    look_free(look);
}

void ww_host_sight_clear(struct ww_host_sight *sight)
{
    free(sight->addresses);
    ww_owned_free(&sight->body);
    *sight = (struct ww_host_sight){.count = 0};
}
