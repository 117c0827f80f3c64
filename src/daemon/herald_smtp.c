#include "daemon/alert_target.h"
#include "daemon/herald_send.h"
#include "net/smtp_send.h"
#include "net/tls_verify.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define ADDRS_MAX 8

/* The server is of our operator's own choice: the system's resolver tells where it is, wherever that is. */
static size_t resolve(const struct ww_alert_server *server, struct ww_addr *addrs, struct ww_herald_sent *out)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    size_t n = 0;
    int fault = getaddrinfo(server->host, NULL, &hints, &found);
    if (fault != 0) {
        ww_herald_say(out, "%s: %s", server->host, gai_strerror(fault));
        return 0;
    }
    for (const struct addrinfo *i = found; i != NULL && n < ADDRS_MAX; i = i->ai_next) {
        struct ww_addr *a = &addrs[n];
        *a = (struct ww_addr){.length = i->ai_family == AF_INET6 ? 16 : 4};
        if (i->ai_family == AF_INET6)
            memcpy(a->octets, &((const struct sockaddr_in6 *)(const void *)i->ai_addr)->sin6_addr, 16);
        else if (i->ai_family == AF_INET)
            memcpy(a->octets, &((const struct sockaddr_in *)(const void *)i->ai_addr)->sin_addr, 4);
        else
            continue;
        n++;
    }
    freeaddrinfo(found);
    if (n == 0)
        ww_herald_say(out, "%s: it has no address", server->host);
    return n;
}

static bool is_this_machine(const struct ww_addr *addrs, size_t count)
{
    bool all = count > 0;
    for (size_t i = 0; i < count; i++) {
        const char *special = ww_addr_special(&addrs[i]);
        all = all && special != NULL && strcmp(special, "loopback") == 0;
    }
    return all;
}

/* A recipient that is refused for good does not keep the others waiting, unless all are. */
static void judge(const struct ww_herald_task *task, const struct ww_smtp_sent *sent,
                  struct ww_herald_sent *out)
{
    uint32_t all = (UINT32_C(1) << task->config->alert_mail_to_count) - 1;
    uint32_t have = (sent->accepted | task->skip) & all;
    out->accepted = sent->accepted;
    out->refused = sent->refused;
    out->delivered = have != 0 && (have | (sent->refused & all)) == all;
    ww_herald_say(out, "%s", sent->detail);
}

/* NULL in *store: no TLS on the way to this machine itself. False: there is nothing to trust. */
static bool open_store(const struct ww_config *config, const struct ww_addr *addrs, size_t count,
                       X509_STORE **store, struct ww_herald_sent *out)
{
    *store = NULL;
    if (is_this_machine(addrs, count))
        return true;
    *store = ww_tls_store_new(config->fetch_ca_file);
    if (*store == NULL)
        ww_herald_say(out, "the file of trusted authorities cannot be read, or holds no certificate");
    return *store != NULL;
}

static void send_to(const struct ww_herald_task *task, const struct ww_alert_server *server, const char *from,
                    struct ww_slice text, struct ww_herald_sent *out)
{
    const struct ww_config *config = task->config;
    struct ww_addr addrs[ADDRS_MAX];
    struct ww_smtp_sent sent;
    X509_STORE *store = NULL;
    size_t count = resolve(server, addrs, out);
    if (count > 0 && open_store(config, addrs, count, &store, out) && ww_herald_give_up(config, out)) {
        const struct ww_smtp_letter letter = {
            .host = server->host,
            .addrs = addrs,
            .addr_count = count,
            .port = server->port,
            .store = store,
            .helo = task->message.host,
            .from = from,
            .to = (const char *const *)config->alert_mail_to,
            .to_count = config->alert_mail_to_count,
            .skip = task->skip,
            .text = text,
            .deadline_ms = WW_HERALD_SEND_MS,
        };
        ww_smtp_send(&letter, &sent);
        judge(task, &sent, out);
    }
    X509_STORE_free(store);
}

void ww_herald_send_mail(const struct ww_herald_task *task, struct ww_herald_sent *out)
{
    const struct ww_config *config = task->config;
    struct ww_alert_server server;
    char from[WW_HERALD_HOST_SIZE + 16];
    (void)snprintf(from, sizeof from, "waxwing@%s", task->message.host);
    const char *sender = config->alert_mail_from != NULL ? config->alert_mail_from : from;
    size_t n = 0;
    char *mail = ww_herald_mail(&task->message, sender, (const char *const *)config->alert_mail_to,
                                config->alert_mail_to_count, &n);
    if (mail == NULL)
        ww_herald_say(out, "out of memory");
    else if (!ww_alert_server_parse(config->alert_smtp, &server))
        ww_herald_say(out, "alert.smtp: a host and a port are wanted");
    else
        send_to(task, &server, sender, ww_slice(mail, n), out);
    free(mail);
}
