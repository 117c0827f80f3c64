#include "check/rua_look.h"

#include <event2/event.h>
#include <stdio.h>

static void next_host(struct ww_rua_ask *ask);

/* All addresses of a host are greeted at the same time: a silent one takes the longest. */
static void on_hello(void *ctx, const struct ww_smtp_hello_result *result)
{
    struct ww_rua_greeting *g = ctx;
    struct ww_rua_ask *ask = g->ask;
    struct ww_rua_mail *mail = &ask->out->mail;
    char front[WW_ADDR_TEXT_SIZE + 8], addr[WW_ADDR_TEXT_SIZE];
    g->hello = NULL;
    ask->greeting--;
    mail->tried++;
    if (!mail->greeted) {
        mail->err = result->err;
        mail->greeted = result->err == WW_OK;
        ww_addr_format(&g->addr, addr);
        (void)snprintf(front, sizeof front, "[%s]%s", addr, result->text[0] != '\0' ? ": " : "");
        ww_rua_keep(mail->detail, front, result->text);
    }
    if (!mail->greeted && ask->greeting == 0)
        next_host(ask);
    ww_rua_ends(ask);
}

static void greet(struct ww_rua_ask *ask, struct ww_rua_greeting *g, const struct ww_addr *addr)
{
    const struct ww_check_env *env = ask->look->env;
    const struct ww_smtp_hello_options options = {.name = env->helo, .deadline_ms = env->smtp_ms};
    *g = (struct ww_rua_greeting){.ask = ask, .addr = *addr};
    g->hello = ww_smtp_hello(env->base, &options, addr, on_hello, g);
    if (g->hello == NULL) {
        ask->out->mail.err = WW_E_NO_MEMORY;
        return;
    }
    ask->greeting++;
    ww_rua_begins(ask);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct ww_rua_ask *ask = ctx;
    struct ww_rua_mail *mail = &ask->out->mail;
    ask->addresses = NULL;
    mail->err = reply->err;
    ww_rua_keep(mail->detail, "", reply->detail);
    /* One of each family, if there are both: IPv6 comes first. */
    if (reply->count > 0)
        greet(ask, &ask->greetings[0], &reply->addrs[0]);
    if (reply->count > 1)
        greet(ask, &ask->greetings[1], &reply->addrs[reply->count - 1]);
    if (ask->greeting == 0)
        next_host(ask);
    ww_rua_ends(ask);
}

/* The one before has not answered. */
static void next_host(struct ww_rua_ask *ask)
{
    struct ww_rua_mail *mail = &ask->out->mail;
    bool finds = false;
    while (!finds && ask->next_host < ask->hosts.count && ask->next_host < WW_RUA_HOSTS_MAX) {
        const char *name = ask->hosts.hosts[ask->next_host++].name;
        (void)snprintf(mail->host, sizeof mail->host, "%s", name);
        finds = ww_rua_find(ask, name, on_addresses, &mail->err);
    }
}

static void on_mx(void *ctx, const struct ww_mx_hosts *found)
{
    struct ww_rua_ask *ask = ctx;
    struct ww_rua_mail *mail = &ask->out->mail;
    ask->mx = NULL;
    ask->hosts = *found;
    mail->found = true;
    mail->outcome = found->outcome;
    mail->mx_err = found->why;
    ww_rua_keep(mail->detail, "", found->detail);
    next_host(ask);
    ww_rua_ends(ask);
}

/* A look-up that failed tells nothing of the policy. */
static void on_policy(void *ctx, const struct ww_discovery_result *result)
{
    struct ww_rua_ask *ask = ctx;
    struct ww_rua_mail *mail = &ask->out->mail;
    struct ww_policy policy;
    size_t offset;
    ask->flight = NULL;
    mail->policy_known = result->outcome == WW_FOUND_POLICY || result->outcome == WW_FOUND_NO_RECORD ||
                         result->outcome == WW_FOUND_RECORD_INVALID ||
                         result->outcome == WW_FOUND_POLICY_INVALID;
    mail->enforced = result->outcome == WW_FOUND_POLICY &&
                     ww_policy_parse(result->body.p, result->body.n, &policy, &offset) == WW_OK &&
                     policy.mode == WW_MODE_ENFORCE;
    ww_rua_ends(ask);
}

void ww_rua_mail_begin(struct ww_rua_ask *ask)
{
    const struct ww_check_env *env = ask->look->env;
    struct ww_discovery_ask policy = {.known_id = ""};
    enum ww_err err;
    ask->mx = ww_mx_lookup(env->dns, ask->out->name, on_mx, ask, &err);
    if (ask->mx != NULL)
        ww_rua_begins(ask);
    (void)snprintf(policy.domain, sizeof policy.domain, "%s", ask->out->name);
    if (env->https != NULL)
        ask->flight = ww_discover(&ask->look->discoverer, &policy, on_policy, ask);
    if (ask->flight != NULL)
        ww_rua_begins(ask);
}

void ww_rua_mail_cancel(struct ww_rua_ask *ask)
{
    if (ask->mx != NULL)
        ww_mx_lookup_cancel(ask->mx);
    for (size_t i = 0; i < WW_RUA_ADDRESSES_MAX; i++)
        if (ask->greetings[i].hello != NULL)
            ww_smtp_hello_cancel(ask->greetings[i].hello);
    if (ask->flight != NULL)
        ww_discover_cancel(ask->flight);
}
