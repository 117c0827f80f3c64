#include "net/dns_context.h"

#include "core/dns_answer.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <unbound-event.h>
#include <unbound.h>
#include <unistd.h>

/* The root's key-signing keys of 2017 and 2024, as IANA publishes them in root-anchors.xml. */
const char *const ww_dns_root_anchors[WW_DNS_ROOT_ANCHORS] = {
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

struct setting {
    const char *name;
    const char *value;
};

static bool set(struct ub_ctx *ub, const char *name, const char *value)
{
    return ub_ctx_set_option(ub, name, value) == 0;
}

/*
 * Each try waits twice as long as the one before. Version 1.17 sends each twice, 1.22 once (measured): so
 * many add up to 30 times the first wait, one to nine seconds.
 */
static const char *tries(void)
{
    return strverscmp(ub_version(), "1.18") < 0 ? "4" : "5";
}

/*
 * The library's own sizes are meant for a program that asks now and then. A server that did not answer is
 * forgotten soon and tried again all the while, so that a network that was down for minutes is not down for a
 * quarter of an hour. A question holds its port until a server answers or is given up: whoever delegates many
 * names to silent servers must not be able to take all ports, so these are many, and soon given back.
 */
static bool set_sizes(struct ub_ctx *ub)
{
    static const struct setting settings[] = {
        {"outgoing-range:", "4096"},  {"outgoing-num-tcp:", "32"},    {"msg-cache-size:", "16m"},
        {"rrset-cache-size:", "32m"}, {"key-cache-size:", "8m"},      {"neg-cache-size:", "2m"},
        {"infra-host-ttl:", "60"},    {"infra-keep-probing:", "yes"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (!set(ub, settings[i].name, settings[i].value))
            return false;
    return set(ub, "outbound-msg-retry:", tries());
}

static bool is_routable(const struct sockaddr *address)
{
    struct ww_addr a = {.length = 4};
    if (address->sa_family == AF_INET) {
        memcpy(a.octets, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else {
        a.length = 16;
        memcpy(a.octets, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    }
    const char *special = ww_addr_special(&a);
    return special == NULL || (strcmp(special, "loopback") != 0 && strcmp(special, "link-local") != 0);
}

/*
 * Without an IPv6 address, name servers are asked over IPv4 as long as they have any, and the other way
 * round. A preference and no ban: the address may come a moment after this program, while a machine starts.
 */
static bool set_preference(struct ub_ctx *ub)
{
    struct ifaddrs *list = NULL;
    bool ipv4 = false;
    bool ipv6 = false;
    if (getifaddrs(&list) != 0)
        return true;
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        if (i->ifa_addr == NULL || (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6))
            continue;
        bool *family = i->ifa_addr->sa_family == AF_INET ? &ipv4 : &ipv6;
        *family = *family || is_routable(i->ifa_addr);
    }
    freeifaddrs(list);
    if (ipv4 && !ipv6)
        return set(ub, "prefer-ip4:", "yes");
    if (ipv6 && !ipv4)
        return set(ub, "prefer-ip6:", "yes");
    return true;
}

static bool set_sources(struct ub_ctx *ub, const struct ww_dns_options *options)
{
    bool ipv4 = options->source_count == 0;
    bool ipv6 = ipv4;
    for (size_t i = 0; i < options->source_count; i++) {
        char text[WW_ADDR_TEXT_SIZE];
        ww_addr_format(&options->sources[i], text);
        if (!set(ub, "outgoing-interface:", text))
            return false;
        if (options->sources[i].length == 4)
            ipv4 = true;
        else
            ipv6 = true;
    }
    return set(ub, "do-ip4:", ipv4 ? "yes" : "no") && set(ub, "do-ip6:", ipv6 ? "yes" : "no");
}

/* Somebody's delegation to 127.0.0.1 must not make us ask a server of this machine, unless it is our
 * forwarder. */
static bool set_forward(struct ub_ctx *ub, const struct ww_dns_options *options)
{
    bool local = false;
    for (size_t i = 0; i < options->forward_count; i++) {
        char text[WW_ADDR_TEXT_SIZE];
        const char *special = ww_addr_special(&options->forward[i]);
        ww_addr_format(&options->forward[i], text);
        if (ub_ctx_set_fwd(ub, text) != 0)
            return false;
        local = local || (special != NULL && strcmp(special, "loopback") == 0);
    }
    return set(ub, "do-not-query-localhost:", local ? "no" : "yes");
}

static bool set_anchors(struct ub_ctx *ub, const struct ww_dns_options *options)
{
    bool given = options->anchor_count > 0;
    const char *const *anchors = given ? options->anchors : ww_dns_root_anchors;
    if (!given && options->trust_anchor != NULL)
        return ub_ctx_add_ta_file(ub, options->trust_anchor) == 0;
    for (size_t i = 0; i < (given ? options->anchor_count : WW_DNS_ROOT_ANCHORS); i++)
        if (ub_ctx_add_ta(ub, anchors[i]) != 0)
            return false;
    return true;
}

static bool configure(struct ub_ctx *ub, const struct ww_dns_options *options, bool validating)
{
    const char *hints = options->root_hints;
    return set(ub, "module-config:", validating ? "validator iterator" : "iterator") && set_sizes(ub) &&
           set_preference(ub) && set_sources(ub, options) && set_forward(ub, options) &&
           (hints == NULL || set(ub, "root-hints:", hints)) &&
           (!options->tcp_only || set(ub, "tcp-upstream:", "yes")) &&
           (!validating || set_anchors(ub, options));
}

static void ignore(void *mydata, int rcode, void *packet, int length, int security, char *why, int limited)
{
    (void)mydata, (void)rcode, (void)packet, (void)length, (void)security, (void)why, (void)limited;
}

/*
 * The first question makes libunbound read its files and fixes its options; this one it answers by itself, at
 * once.
 */
static bool finish(struct ub_ctx *ub)
{
    return ub_resolve_event(ub, "localhost.", WW_DNS_TYPE_A, WW_DNS_CLASS_IN, NULL, ignore, NULL) == 0;
}

struct ub_ctx *ww_dns_context(struct event_base *base, const struct ww_dns_options *options, bool validating,
                              const char **detail)
{
    if (options->root_hints != NULL && access(options->root_hints, R_OK) != 0) {
        *detail = "the file of root hints cannot be read";
        return NULL;
    }
    if (options->anchor_count == 0 && options->trust_anchor != NULL &&
        access(options->trust_anchor, R_OK) != 0) {
        *detail = "the file of trust anchors cannot be read";
        return NULL;
    }
    struct ub_ctx *ub = ub_ctx_create_event(base);
    if (ub == NULL) {
        *detail = "no memory for libunbound";
        return NULL;
    }
    /* It would write to the standard error output. */
    (void)ub_ctx_debugout(ub, NULL);
    if (!configure(ub, options, validating))
        *detail = "libunbound does not take the DNS settings";
    else if (!finish(ub))
        *detail =
            "libunbound cannot start: is there a DS or DNSKEY record in the file of trust anchors, and an "
            "address in the file of root hints?";
    else
        return ub;
    ub_ctx_delete(ub);
    return NULL;
}
