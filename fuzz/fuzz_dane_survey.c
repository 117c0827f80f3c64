/*
 * One MX host, mx.example, whose questions are answered by what comes: an octet of DNSSEC state and error,
 * the length of a packet in two octets, the packet. Whatever is said, the host is settled in the end, and no
 * state is taken for secure or insecure that validation has not called so.
 */
#include "base/cursor.h"
#include "check.h"
#include "engine/dane_survey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum ww_err errors[] = {WW_OK, WW_OK, WW_E_DNS_SERVFAIL, WW_E_DNS_TIMEOUT};

static struct ww_dane_reply next_reply(struct ww_cursor *c)
{
    struct ww_dane_reply reply = {.err = WW_E_DNS_TIMEOUT, .detail = "nothing more"};
    uint8_t first = ww_cursor_u8(c);
    struct ww_slice packet = ww_cursor_take(c, ww_cursor_u16(c));
    if (c->failed)
        return reply;
    reply.dnssec = (enum ww_dnssec)(first % WW_DNSSEC_STATES);
    reply.err = reply.dnssec == WW_DNSSEC_BOGUS ? WW_E_DNS_BOGUS : errors[first / WW_DNSSEC_STATES % 4];
    if (reply.err == WW_OK)
        reply.packet = packet;
    return reply;
}

static bool has(const struct ww_dane_host *h, enum ww_dnssec dnssec)
{
    for (size_t q = 0; q < WW_DANE_QUESTIONS; q++)
        if (h->answers[q].progress == WW_DANE_ANSWERED && h->answers[q].dnssec == dnssec)
            return true;
    return false;
}

static void check(const struct ww_dane_host *h)
{
    bool records = h->state == WW_DANE_SECURE_USABLE || h->state == WW_DANE_SECURE_UNUSABLE;
    CHECK(h->settled);
    CHECK(records == (ww_dane_host_base(h) != NULL));
    CHECK(records == (h->record_count > 0));
    CHECK(!records || h->answers[h->base].dnssec == WW_DNSSEC_SECURE);
    CHECK(h->state != WW_DANE_INSECURE || has(h, WW_DNSSEC_INSECURE));
    CHECK(h->state != WW_DANE_NONE || has(h, WW_DNSSEC_SECURE));
    CHECK(!has(h, WW_DNSSEC_UNKNOWN) || h->state == WW_DANE_LOOKUP_FAILED);
    CHECK(h->state != WW_DANE_BOGUS || h->why == WW_E_DNS_BOGUS);
    CHECK((h->state == WW_DANE_LOOKUP_FAILED) <= (h->why != WW_OK));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ww_dane_survey survey;
    const struct ww_mx_hosts mx = {
        .outcome = WW_MX_LISTED, .dnssec = WW_DNSSEC_SECURE, .count = 1, .hosts = {{10, "mx.example"}}};
    struct ww_cursor c = ww_cursor(data, size);
    char name[WW_DNAME_SIZE];
    enum ww_dane_question q;
    ww_dane_survey_begin(&survey, &mx);
    struct ww_dane_host *h = &survey.hosts[0];
    while ((q = ww_dane_survey_next(h, name)) != WW_DANE_QUESTIONS) {
        const struct ww_dane_reply reply = next_reply(&c);
        ww_dane_survey_take(h, q, &reply);
    }
    check(h);
    ww_dane_survey_end(&survey);
    CHECK(survey.lifetime >= WW_DANE_LIFETIME_MIN && survey.lifetime <= WW_DANE_LIFETIME_MAX);
    return 0;
}
