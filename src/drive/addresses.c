#include "drive/addresses.h"

#include "base/buf.h"
#include "core/dns_answer.h"

#include <event2/event.h>
#include <stdlib.h>

/* How long the second family may keep the first one waiting, as RFC 8305 section 3 has it, but slower servers
 * in mind. */
static const struct timeval patience = {0, 500000};

enum { IPV6, IPV4, FAMILIES };

static const uint16_t types[FAMILIES] = {[IPV6] = WW_DNS_TYPE_AAAA, [IPV4] = WW_DNS_TYPE_A};
static const uint8_t lengths[FAMILIES] = {[IPV6] = 16, [IPV4] = 4};

struct family {
    struct ww_addresses *all;
    struct ww_dns_query *query; /* NULL: has ended */
    struct ww_addr addrs[WW_ADDRESSES_FAMILY_MAX];
    struct ww_addresses_answer told;
    char detail[160];
};

struct ww_addresses {
    const struct ww_prefix *allow;
    size_t allow_count;
    bool patient;
    char host[WW_DNAME_SIZE];
    struct family families[FAMILIES];
    struct event *patience;
    ww_addresses_cb *cb;
    void *ctx;
};

static bool is_allowed(const struct ww_addresses *a, const struct ww_addr *addr)
{
    for (size_t i = 0; i < a->allow_count; i++)
        if (ww_prefix_contains(&a->allow[i], addr))
            return true;
    return false;
}

static void take(struct family *f, const struct ww_addr *addr)
{
    const char *special = ww_addr_special(addr);
    if (special == NULL || is_allowed(f->all, addr)) {
        f->addrs[f->told.count++] = *addr;
        return;
    }
    f->told.refused++;
    if (f->told.refused_as == NULL) {
        f->told.refused_addr = *addr;
        f->told.refused_as = special;
    }
}

static void note_owner(struct family *f, const char *owner)
{
    size_t n = strlen(owner);
    if (n < sizeof f->told.owner && !ww_dname_eq(ww_slice_str(f->all->host), ww_slice(owner, n)))
        memcpy(f->told.owner, owner, n + 1);
}

static enum ww_err read_answer(struct family *f, uint16_t type, uint8_t length, struct ww_slice packet)
{
    struct ww_dns_answer answer;
    struct ww_dns_rr rr;
    enum ww_err err = ww_dns_answer_open(&answer, packet.p, packet.n, f->all->host, type);
    if (err != WW_OK)
        return err;
    f->told.ttl = answer.ttl;
    f->told.longest_ttl = answer.longest_ttl;
    f->told.rcode = answer.rcode;
    note_owner(f, answer.owner);
    while (f->told.count < WW_ADDRESSES_FAMILY_MAX && ww_dns_answer_next(&answer, &rr)) {
        struct ww_addr addr = {.length = length};
        if (rr.rdata.n != length)
            return WW_E_DNS_MALFORMED;
        memcpy(addr.octets, rr.rdata.p, length);
        take(f, &addr);
    }
    return WW_OK;
}

static void addresses_free(struct ww_addresses *a)
{
    for (int i = 0; i < FAMILIES; i++)
        if (a->families[i].query != NULL)
            ww_dns_cancel(a->families[i].query);
    if (a->patience != NULL)
        event_free(a->patience);
    free(a);
}

static void describe_refused(const struct family *f, char *words, size_t size)
{
    char text[WW_ADDR_TEXT_SIZE];
    struct ww_buf b = ww_buf(words, size - 1);
    ww_addr_format(&f->told.refused_addr, text);
    ww_buf_str(&b, text);
    ww_buf_str(&b, " is ");
    ww_buf_str(&b, f->told.refused_as);
    words[b.n] = '\0';
}

static void describe_failed(const struct ww_addresses *a, const struct family *f, char *words, size_t size)
{
    struct ww_buf b = ww_buf(words, size - 1);
    ww_buf_str(&b, f == &a->families[IPV4] ? "A of " : "AAAA of ");
    ww_buf_str(&b, a->host);
    ww_buf_str(&b, f->detail[0] != '\0' ? ": " : "");
    ww_buf_str(&b, f->detail);
    words[b.n] = '\0';
}

/* Nothing to connect to. A look-up that failed may have hidden the good addresses, so it is named first. */
static enum ww_err judge_nothing(const struct ww_addresses *a, char *words, size_t size)
{
    words[0] = '\0';
    for (int i = FAMILIES - 1; i >= 0; i--)
        if (a->families[i].told.err != WW_OK) {
            describe_failed(a, &a->families[i], words, size);
            return a->families[i].told.err;
        }
    for (int i = FAMILIES - 1; i >= 0; i--)
        if (a->families[i].told.refused_as != NULL) {
            describe_refused(&a->families[i], words, size);
            return WW_E_FETCH_ADDRESS_REFUSED;
        }
    return WW_E_FETCH_NO_ADDRESS;
}

static void end(struct ww_addresses *a)
{
    struct ww_addr addrs[WW_ADDRESSES_MAX];
    char words[sizeof a->host + sizeof a->families[0].detail + 16];
    struct ww_addresses_reply reply = {.addrs = addrs};
    for (int i = 0; i < FAMILIES; i++) {
        const struct family *f = &a->families[i];
        memcpy(addrs + reply.count, f->addrs, f->told.count * sizeof *addrs);
        reply.count += f->told.count;
    }
    reply.ipv6 = a->families[IPV6].told;
    reply.ipv4 = a->families[IPV4].told;
    if (reply.count == 0) {
        reply.err = judge_nothing(a, words, sizeof words);
        reply.detail = words[0] != '\0' ? words : NULL;
    }
    ww_addresses_cb *cb = a->cb;
    void *ctx = a->ctx;
    addresses_free(a);
    cb(ctx, &reply);
}

static void on_patience(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    end(arg);
}

static void on_reply(void *ctx, const struct ww_dns_reply *reply)
{
    struct family *f = ctx;
    struct ww_addresses *a = f->all;
    int i = f == &a->families[IPV4] ? IPV4 : IPV6;
    struct family *other = &a->families[i == IPV4 ? IPV6 : IPV4];
    f->query = NULL;
    f->told.ended = true;
    f->told.dnssec = reply->dnssec;
    f->told.err = reply->err;
    if (reply->err == WW_OK)
        f->told.err = read_answer(f, types[i], lengths[i], reply->packet);
    else if (reply->detail != NULL)
        memcpy(f->detail, reply->detail, strnlen(reply->detail, sizeof f->detail - 1));
    if (other->query == NULL)
        end(a);
    else if (f->told.count > 0 && !a->patient)
        (void)evtimer_add(a->patience, &patience);
}

struct ww_addresses *ww_addresses_find(const struct ww_addresses_options *options, const char *host,
                                       ww_addresses_cb *cb, void *ctx, enum ww_err *err)
{
    struct ww_addresses *a = calloc(1, sizeof *a);
    *err = WW_E_NO_MEMORY;
    if (a == NULL)
        return NULL;
    a->allow = options->allow;
    a->allow_count = options->allow_count;
    a->patient = options->patient;
    a->cb = cb;
    a->ctx = ctx;
    a->patience = evtimer_new(ww_dns_base(options->dns), on_patience, a);
    struct ww_buf b = ww_buf(a->host, sizeof a->host);
    ww_buf_bytes(&b, host, strlen(host) + 1);
    if (b.failed)
        *err = WW_E_DNS_NAME;
    if (b.failed || a->patience == NULL)
        goto fail;
    for (int i = 0; i < FAMILIES; i++) {
        struct family *f = &a->families[i];
        f->all = a;
        f->query = ww_dns_ask(options->dns, host, types[i], on_reply, f, err);
        if (f->query == NULL)
            goto fail;
    }
    return a;
fail:
    addresses_free(a);
    return NULL;
}

void ww_addresses_cancel(struct ww_addresses *addresses)
{
    addresses_free(addresses);
}

enum ww_err ww_addresses_err_of_mx(enum ww_err err)
{
    if (err == WW_E_FETCH_NO_ADDRESS)
        return WW_E_MX_NO_ADDRESS;
    return err == WW_E_FETCH_ADDRESS_REFUSED ? WW_E_MX_ADDRESS_REFUSED : err;
}
