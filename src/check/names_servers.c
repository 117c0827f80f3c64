#include "check/names_look.h"

#include <errno.h>
#include <stdio.h>

static struct ww_name_server *add_server(struct ww_names_look *look, const char *name)
{
    struct ww_names_sight *sight = look->sight;
    if (sight->server_count == WW_NAMES_SERVERS_MAX) {
        sight->more_servers = true;
        return NULL;
    }
    struct ww_name_server *server = &sight->servers[sight->server_count++];
    (void)snprintf(server->name, sizeof server->name, "%s", name);
    return server;
}

static enum ww_err read_record(struct ww_name_server *server, const struct ww_dns_server_reply *reply)
{
    struct ww_dns_answer answer = reply->answer;
    struct ww_dns_rr rr;
    struct ww_name_texts texts = {.ended = true};
    struct ww_sts_record record;
    enum ww_err err = WW_OK, why;
    static char text[UINT16_MAX];
    size_t n;
    while (err == WW_OK && ww_dns_answer_next(&answer, &rr)) {
        err = ww_dns_txt_join(rr.rdata, text, sizeof text, &n);
        if (err == WW_OK && !ww_name_texts_add(&texts, ww_slice(text, n)))
            err = WW_E_NO_MEMORY;
    }
    server->presence =
        texts.more ? WW_TXT_INVALID : ww_sts_record_select(texts.all, texts.count, &record, &why);
    if (server->presence == WW_TXT_PRESENT)
        memcpy(server->id, record.id, sizeof server->id);
    ww_name_texts_clear(&texts);
    return err;
}

static void on_server(void *ctx, const struct ww_dns_server_reply *reply)
{
    struct ww_names_address_ask *ask = ctx;
    struct ww_names_look *look = ask->look;
    struct ww_name_server *server = &look->sight->servers[ask - look->addresses];
    ask->query = NULL;
    server->ended = true;
    server->err = reply->err;
    if (reply->error != 0)
        ww_names_keep_words(server->detail, sizeof server->detail, strerror(reply->error));
    if (reply->err == WW_OK) {
        server->rcode = reply->answer.rcode;
        server->authoritative = reply->answer.authoritative;
        server->ttl = reply->answer.count > 0 ? reply->answer.ttl : 0;
        server->err = read_record(server, reply);
    }
    ww_names_look_ends(look);
}

static void ask_address(struct ww_names_look *look, const char *name, const struct ww_addr *addr)
{
    const struct ww_dns_server_options options = {
        .base = look->env->base,
        .sources = look->env->sources,
        .source_count = look->env->source_count,
        .deadline_ms = look->env->dns_timeout_ms,
    };
    struct ww_name_server *server = add_server(look, name);
    if (server == NULL)
        return;
    struct ww_names_address_ask *ask = &look->addresses[server - look->sight->servers];
    server->addr = *addr;
    ask->look = look;
    ask->query =
        ww_dns_server_ask(&options, addr, look->owner, WW_DNS_TYPE_TXT, on_server, ask, &server->err);
    server->ended = ask->query == NULL;
    if (ask->query != NULL)
        ww_names_look_begins(look);
}

static void no_address(struct ww_names_look *look, const char *name, enum ww_err err, const char *detail)
{
    struct ww_name_server *server = add_server(look, name);
    if (server == NULL)
        return;
    server->ended = true;
    server->err = err;
    ww_names_keep_words(server->detail, sizeof server->detail, detail);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct ww_names_server_ask *ask = ctx;
    struct ww_names_look *look = ask->look;
    ask->addresses = NULL;
    if (reply->err != WW_OK)
        no_address(look, ask->name, reply->err, reply->detail);
    for (size_t i = 0; i < reply->count && i < WW_NAMES_SERVER_ADDRESSES_MAX; i++)
        ask_address(look, ask->name, &reply->addrs[i]);
    ww_names_look_ends(look);
}

static void find_server(struct ww_names_look *look, size_t index, const char *name)
{
    const struct ww_addresses_options options = {
        .dns = look->env->dns, .allow = look->env->allow, .allow_count = look->env->allow_count};
    struct ww_names_server_ask *ask = &look->servers[index];
    enum ww_err err;
    ask->look = look;
    (void)snprintf(ask->name, sizeof ask->name, "%s", name);
    ask->addresses = ww_addresses_find(&options, name, on_addresses, ask, &err);
    if (ask->addresses == NULL)
        no_address(look, name, err, NULL);
    else
        ww_names_look_begins(look);
}

static void on_ns(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_names_look *look = ctx;
    struct ww_dns_answer answer;
    struct ww_dns_rr rr;
    char question[WW_DNAME_SIZE], name[WW_DNS_NAME_TEXT_SIZE];
    size_t count = 0;
    bool aliased = look->sight->texts[WW_NAMES_STS].alias_count > 0;
    (void)snprintf(question, sizeof question, "%s",
                   look->sight->zones[aliased ? WW_NAMES_ZONE_TARGET : WW_NAMES_ZONE_RECORD].zone);
    look->ns = NULL;
    if (reply->err == WW_OK &&
        ww_dns_answer_open(&answer, reply->packet.p, reply->packet.n, question, WW_DNS_TYPE_NS) == WW_OK) {
        while (ww_dns_answer_next(&answer, &rr)) {
            if (count == WW_NAMES_SERVERS_MAX)
                look->sight->more_servers = true;
            else if (ww_dns_rr_name(&answer, &rr, 0, name) == WW_OK && strlen(name) < WW_DNAME_SIZE)
                find_server(look, count++, name);
        }
    }
    ww_names_look_ends(look);
}

void ww_names_look_servers(struct ww_names_look *look, const char *zone)
{
    enum ww_err err;
    look->ns = ww_dns_ask(look->env->dns, zone, WW_DNS_TYPE_NS, on_ns, look, &err);
    if (look->ns != NULL)
        ww_names_look_begins(look);
}

void ww_names_look_cancel_servers(struct ww_names_look *look)
{
    if (look->ns != NULL)
        ww_dns_cancel(look->ns);
    for (size_t i = 0; i < WW_NAMES_SERVERS_MAX; i++) {
        if (look->servers[i].addresses != NULL)
            ww_addresses_cancel(look->servers[i].addresses);
        if (look->addresses[i].query != NULL)
            ww_dns_server_cancel(look->addresses[i].query);
    }
}
