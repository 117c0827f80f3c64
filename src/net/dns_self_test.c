#include "net/dns_private.h"

#include "core/dns_answer.h"
#include "core/dnskey.h"

#include <event2/event.h>
#include <stdio.h>
#include <time.h>

/* Every path to the world's DNS, recursing or forwarding, knows the root. */
#define ROOT "."

static void verdict(struct ww_dns *dns, enum ww_dns_health health)
{
    dns->test.health = health;
    event_active(dns->test.done, EV_TIMEOUT, 0);
}

static void deliver(evutil_socket_t fd, short what, void *arg)
{
    struct ww_dns *dns = arg;
    char detail[sizeof dns->test.detail];
    (void)fd, (void)what;
    memcpy(detail, dns->test.detail, sizeof detail);
    if (dns->test.health == WW_DNS_VALIDATING)
        dns->mode = WW_DNS_WITH_VALIDATION;
    else if (dns->test.health == WW_DNS_STRIPPED || dns->test.health == WW_DNS_ANCHOR)
        dns->mode = WW_DNS_WITHOUT_VALIDATION;
    dns->test.cb(dns->test.ctx, dns->test.health, detail);
}

/* Says by which key the root has signed, before what validation said. False: nothing is signed. */
static bool explain_signatures(struct ww_dns_test *test, struct ww_slice packet)
{
    struct ww_dnskey_set set;
    char words[sizeof test->detail];
    int64_t now = (int64_t)time(NULL);
    const struct ww_rrsig *sig = NULL;
    if (ww_dnskey_read(&set, packet.p, packet.n) != WW_OK || set.sig_count == 0)
        return false;
    for (size_t i = 0; i < set.sig_count; i++)
        if (sig == NULL || ww_rrsig_in_time(&set.sigs[i], now))
            sig = &set.sigs[i];
    bool in_time = ww_rrsig_in_time(sig, now);
    (void)snprintf(words, sizeof words, "%s", test->detail);
    (void)snprintf(test->detail, sizeof test->detail, "the root has signed with the key %u%s; %.*s", sig->tag,
                   in_time ? "" : ", at another time than this machine's clock has", (int)sizeof words / 2,
                   words);
    return true;
}

static void on_keys(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_dns *dns = ctx;
    dns->test.query = NULL;
    bool is_signed = reply->err == WW_OK && explain_signatures(&dns->test, reply->packet);
    verdict(dns, is_signed ? WW_DNS_ANCHOR : WW_DNS_STRIPPED);
}

/* There is an answer, so that what failed is DNSSEC: are there any signatures? */
static void on_plain(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_dns *dns = ctx;
    enum ww_err err;
    dns->test.query = NULL;
    if (reply->err != WW_OK) {
        verdict(dns, WW_DNS_UNREACHABLE);
        return;
    }
    dns->test.query = ww_dns_ask_plain(dns, ROOT, WW_DNS_TYPE_DNSKEY, on_keys, dns, &err);
    if (dns->test.query == NULL)
        verdict(dns, WW_DNS_STRIPPED);
}

static void on_validated(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_dns *dns = ctx;
    struct ww_dns_test *test = &dns->test;
    enum ww_err err;
    test->query = NULL;
    if (reply->err == WW_OK && reply->dnssec == WW_DNSSEC_SECURE) {
        verdict(dns, WW_DNS_VALIDATING);
        return;
    }
    const char *words = reply->detail != NULL ? reply->detail : ww_err_message(reply->err);
    if (reply->err == WW_OK)
        words = "the trust anchor is not the root's";
    (void)snprintf(test->detail, sizeof test->detail, "%s", words);
    test->query = ww_dns_ask_mode(dns, WW_DNS_WITHOUT_VALIDATION, ROOT, WW_DNS_TYPE_SOA, on_plain, dns, &err);
    if (test->query == NULL)
        verdict(dns, WW_DNS_UNREACHABLE);
}

void ww_dns_self_test(struct ww_dns *dns, ww_dns_health_cb *cb, void *ctx)
{
    struct ww_dns_test *test = &dns->test;
    enum ww_err err;
    if (test->query != NULL)
        ww_dns_cancel(test->query);
    (void)event_del(test->done);
    test->cb = cb;
    test->ctx = ctx;
    test->detail[0] = '\0';
    test->query =
        ww_dns_ask_mode(dns, WW_DNS_WITH_VALIDATION, ROOT, WW_DNS_TYPE_SOA, on_validated, dns, &err);
    if (test->query == NULL) {
        (void)snprintf(test->detail, sizeof test->detail, "%s", ww_err_message(err));
        verdict(dns, WW_DNS_UNREACHABLE);
    }
}

enum ww_err ww_dns_test_init(struct ww_dns *dns)
{
    dns->test.done = evtimer_new(dns->base, deliver, dns);
    return dns->test.done != NULL ? WW_OK : WW_E_NO_MEMORY;
}

void ww_dns_test_free(struct ww_dns *dns)
{
    if (dns->test.done != NULL)
        event_free(dns->test.done);
}
