#include "cli/doctor_net.h"

#include "daemon/role.h"
#include "proc/confine.h"

#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *ww_family_name(enum ww_family family)
{
    return family == WW_FAMILY_IPV4 ? "IPv4" : "IPv6";
}

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct ww_doctor_net *net = ctx;
    (void)health, (void)detail;
    ww_doctor_net_end(net);
}

static void lower(unsigned *ms, unsigned limit)
{
    if (*ms > limit)
        *ms = limit;
}

/* The doctor is called by root, and strangers answer here: what reads them has the rights of a resolver. */
static bool confine(const struct ww_config *config, const char **detail)
{
    static char words[256];
    char user[WW_USER_SIZE];
    bool partial;
    (void)ww_role_user(config, WW_ROLE_RESOLVER, user);
    const struct ww_confine how = {.rights = WW_MAY_CONNECT, .user = user};
    *detail = words;
    return !config->confine || ww_confine(&how, &partial, words, sizeof words) == WW_OK;
}

bool ww_doctor_net_open(struct ww_doctor_net *net, const struct ww_config *config, const char **detail)
{
    static char untrusted[512];
    *detail = "out of memory";
    *net = (struct ww_doctor_net){.config = *config, .base = event_base_new()};
    lower(&net->config.dns_timeout_ms, WW_DOCTOR_DNS_MS);
    lower(&net->config.fetch_deadline_ms, WW_DOCTOR_FETCH_MS);
    bool trusted = ww_trust_load(&net->trust, config, ww_anchor_system_files, untrusted, sizeof untrusted);
    if (!trusted)
        *detail = untrusted;
    if (net->base == NULL || !trusted ||
        !ww_discoverer_open(&net->with, net->base, &net->config, &net->trust, detail) ||
        !confine(config, detail)) {
        ww_doctor_net_close(net);
        return false;
    }
    ww_doctor_net_begin(net);
    ww_dns_self_test(net->with.dns, on_health, net);
    ww_doctor_net_run(net);
    return true;
}

void ww_doctor_net_close(struct ww_doctor_net *net)
{
    ww_discoverer_close(&net->with);
    ww_trust_clear(&net->trust);
    if (net->base != NULL)
        event_base_free(net->base);
    net->base = NULL;
}

void ww_doctor_net_begin(struct ww_doctor_net *net)
{
    net->pending++;
}

void ww_doctor_net_end(struct ww_doctor_net *net)
{
    if (--net->pending == 0)
        (void)event_base_loopbreak(net->base);
}

void ww_doctor_net_run(struct ww_doctor_net *net)
{
    while (net->pending > 0 && event_base_dispatch(net->base) == 0 && !event_base_got_break(net->base))
        continue;
}

struct ww_addresses *ww_doctor_net_find(struct ww_doctor_net *net, const char *host, ww_addresses_cb *cb,
                                        void *ctx, enum ww_err *err)
{
    const struct ww_addresses_options options = {
        .dns = net->with.dns,
        .allow = net->with.allow,
        .allow_count = net->with.allow_count,
    };
    return ww_addresses_find(&options, host, cb, ctx, err);
}

size_t ww_family_pick(enum ww_family family, const struct ww_addresses_reply *reply, struct ww_addr *out)
{
    size_t n = 0;
    for (size_t i = 0; i < reply->count && n < WW_ADDRESSES_FAMILY_MAX; i++)
        if ((reply->addrs[i].length == 4) == (family == WW_FAMILY_IPV4))
            out[n++] = reply->addrs[i];
    return n;
}

bool ww_doctor_has_route(const struct ww_addr *to)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
    memcpy(&in.sin_addr, to->octets, 4);
    memcpy(&in6.sin6_addr, to->octets, 16);
    int fd = socket(to->length == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const void *address = to->length == 4 ? (const void *)&in : (const void *)&in6;
    bool found = fd >= 0 && connect(fd, address, to->length == 4 ? sizeof in : sizeof in6) == 0;
    if (fd >= 0)
        (void)close(fd);
    return found;
}

/* Of names with ", " between two of them. */
static bool is_listed(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = list; *at != '\0'; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ",");
        if (length == n && memcmp(at, name, n) == 0)
            return true;
        at += length;
    }
    return false;
}

void ww_tally_add(struct ww_tally *tally, enum ww_reach reach, const char *who, const char *words)
{
    size_t n = strlen(tally->who);
    tally->count[reach]++;
    if (reach == WW_REACH_WORKS && !is_listed(tally->who, who))
        (void)snprintf(tally->who + n, sizeof tally->who - n, "%s%s", n > 0 ? ", " : "", who);
    else if (reach != WW_REACH_WORKS && tally->words[0] == '\0' && words != NULL)
        (void)snprintf(tally->words, sizeof tally->words, "%s: %s", who, words);
}

enum ww_finding ww_tally_judge(const struct ww_tally *tally, const struct ww_tally *other)
{
    bool other_works = other->count[WW_REACH_WORKS] > 0;
    if (tally->count[WW_REACH_WORKS] > 0)
        return WW_FINDING_OK;
    if (tally->count[WW_REACH_NO_ANSWER] + tally->count[WW_REACH_BAD] > 0)
        return other_works ? WW_FINDING_WARN : WW_FINDING_FAIL;
    if (tally->count[WW_REACH_NO_ROUTE] > 0 && !other_works &&
        other->count[WW_REACH_NO_ANSWER] + other->count[WW_REACH_BAD] == 0)
        return WW_FINDING_FAIL;
    return WW_FINDING_SKIP;
}
