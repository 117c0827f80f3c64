#include "daemon/mail_server.h"

#include "daemon/job.h"
#include "net/tls_verify.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

static bool take(const struct addrinfo *i, struct ww_addr *a)
{
    bool six = i->ai_family == AF_INET6;
    *a = (struct ww_addr){.length = six ? 16 : 4};
    if (six)
        memcpy(a->octets, &((const struct sockaddr_in6 *)(const void *)i->ai_addr)->sin6_addr, 16);
    else if (i->ai_family == AF_INET)
        memcpy(a->octets, &((const struct sockaddr_in *)(const void *)i->ai_addr)->sin_addr, 4);
    return six || i->ai_family == AF_INET;
}

static bool resolve(struct ww_mail_server *s, char *detail, size_t size)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int fault = getaddrinfo(s->place.host, NULL, &hints, &found);
    if (fault != 0) {
        ww_job_say(detail, size, "%s: %s", s->place.host, gai_strerror(fault));
        return false;
    }
    for (const struct addrinfo *i = found; i != NULL && s->count < WW_MAIL_SERVER_ADDRS_MAX; i = i->ai_next)
        s->count += take(i, &s->addrs[s->count]) ? 1 : 0;
    freeaddrinfo(found);
    if (s->count == 0)
        ww_job_say(detail, size, "%s: it has no address", s->place.host);
    return s->count > 0;
}

static bool is_this_machine(const struct ww_mail_server *s)
{
    bool all = true;
    for (size_t i = 0; i < s->count; i++) {
        const char *special = ww_addr_special(&s->addrs[i]);
        all = all && special != NULL && strcmp(special, "loopback") == 0;
    }
    return all;
}

bool ww_mail_server_open(struct ww_mail_server *server, const struct ww_config *config, const char *setting,
                         const char *text, char *detail, size_t size)
{
    memset(server, 0, sizeof *server);
    if (!ww_alert_server_parse(text, &server->place)) {
        ww_job_say(detail, size, "%s: a host and a port are wanted", setting);
        return false;
    }
    if (!resolve(server, detail, size))
        return false;
    if (is_this_machine(server))
        return true;
    server->store = ww_tls_store_new(config->fetch_ca_file);
    if (server->store == NULL)
        ww_job_say(detail, size, "the file of trusted authorities cannot be read, or holds no certificate");
    return server->store != NULL;
}

void ww_mail_server_close(struct ww_mail_server *server)
{
    X509_STORE_free(server->store);
    server->store = NULL;
}
