#include "drive/dane.h"

#include "fake_dns.h"
#include "netns.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define VALIDATED "127.0.0.53"
#define STRIPPED "127.0.0.54"
/* Less than libunbound tries for, so that silence is a time-out and no failure. */
#define TIMEOUT_MS 1000
#define DEADLINE_MS 20000

static struct event_base *base;
static struct ww_dns *validating;
static struct ww_dns *stripped;
static char anchor_file[] = "/tmp/waxwing-test-anchor-XXXXXX";

#define HOST(name)                   \
    {(name), FAKE_A, "192.0.2.1"},   \
    {                                \
        (name), FAKE_AAAA, "2001::1" \
    }
static const struct fake_name names[] = {
    {"good", FAKE_MX, "10 mx.good"},
    HOST("mx.good"),
    {"_25._tcp.mx.good", FAKE_TLSA, "3 1 1"},
    {"_25._tcp.mx.good", FAKE_TLSA, "1 1 1"},
    {"alias", FAKE_CNAME, "good"},
    {"implicit", FAKE_A, "192.0.2.1"},
    {"_25._tcp.implicit", FAKE_TLSA, "2 0 1"},
    {"null", FAKE_MX, "0 "},
    {"no-tlsa", FAKE_MX, "10 mx.no-tlsa"},
    HOST("mx.no-tlsa"),
    {"unusable", FAKE_MX, "10 mx.unusable"},
    HOST("mx.unusable"),
    {"_25._tcp.mx.unusable", FAKE_TLSA, "0 0 1"},
    {"_25._tcp.mx.unusable", FAKE_TLSA, "1 1 1"},
    {"mx-bogus.forged", FAKE_MX, "10 mx.good"},
    {"mx-servfail", FAKE_SERVFAIL, NULL},
    /* In an unsigned zone, or partly. */
    {"all.unsigned", FAKE_MX, "10 mx.unsigned"},
    HOST("mx.unsigned"),
    {"_25._tcp.mx.unsigned", FAKE_TLSA, "3 1 1"},
    {"host-unsigned", FAKE_MX, "10 mx.unsigned"},
    {"signed-host.unsigned", FAKE_MX, "10 mx.good"},
    {"tlsa-unsigned", FAKE_MX, "10 mx.tlsa-unsigned"},
    HOST("mx.tlsa-unsigned"),
    {"_25._tcp.mx.tlsa-unsigned", FAKE_CNAME, "tlsa.unsigned"},
    {"tlsa.unsigned", FAKE_TLSA, "3 1 1"},
    {"broken-tlsa.unsigned", FAKE_MX, "10 broken.unsigned"},
    HOST("broken.unsigned"),
    {"_25._tcp.broken.unsigned", FAKE_SERVFAIL, NULL},
    /* Each host fails alone. */
    {"halves", FAKE_MX, "10 mx.good"},
    {"halves", FAKE_MX, "20 mx.forged"},
    {"halves", FAKE_MX, "30 gone.halves"},
    {"halves", FAKE_MX, "40 no-ipv6.halves"},
    {"halves", FAKE_MX, "50 servfail.halves"},
    {"halves", FAKE_MX, "60 tlsa-bogus.halves"},
    {"halves", FAKE_MX, "70 tlsa-servfail.halves"},
    HOST("mx.forged"),
    {"no-ipv6.halves", FAKE_SERVFAIL, "AAAA"},
    {"no-ipv6.halves", FAKE_A, "192.0.2.1"},
    {"_25._tcp.no-ipv6.halves", FAKE_TLSA, "3 1 1"},
    {"servfail.halves", FAKE_SERVFAIL, NULL},
    HOST("tlsa-bogus.halves"),
    {"_25._tcp.tlsa-bogus.halves", FAKE_CNAME, "tlsa.forged"},
    {"tlsa.forged", FAKE_TLSA, "3 1 1"},
    HOST("tlsa-servfail.halves"),
    {"_25._tcp.tlsa-servfail.halves", FAKE_SERVFAIL, NULL},
    /* Aliases. */
    {"aliases", FAKE_MX, "10 mx1.aliases"},
    {"aliases", FAKE_MX, "20 mx2.aliases"},
    {"aliases", FAKE_MX, "30 mx3.aliases"},
    {"aliases", FAKE_MX, "40 mx4.aliases"},
    {"aliases", FAKE_MX, "50 mx5.unsigned"},
    {"mx1.aliases", FAKE_CNAME, "mx.good"},
    {"_25._tcp.mx1.aliases", FAKE_TLSA, "1 0 1"},
    {"mx2.aliases", FAKE_CNAME, "mx.no-tlsa"},
    {"_25._tcp.mx2.aliases", FAKE_TLSA, "3 1 1"},
    {"mx3.aliases", FAKE_CNAME, "mx.unsigned"},
    {"_25._tcp.mx3.aliases", FAKE_TLSA, "3 1 1"},
    {"mx4.aliases", FAKE_CNAME, "mx.no-tlsa"},
    {"mx5.unsigned", FAKE_CNAME, "mx.good"},
    /* Slow ones. */
    {"slow", FAKE_MX, "10 mx.slow"},
    {"slow", FAKE_MX, "20 mx.good"},
    HOST("mx.slow"),
    {"_25._tcp.mx.slow", FAKE_SILENT, NULL},
    {"slower", FAKE_MX, "10 mx.slower"},
    HOST("mx.slower"),
    {"_25._tcp.mx.slower", FAKE_SILENT, NULL},
    {"slow-ipv6", FAKE_MX, "10 mx.slow-ipv6"},
    {"mx.slow-ipv6", FAKE_SILENT, "AAAA"},
    {"mx.slow-ipv6", FAKE_A, "192.0.2.1"},
    {"_25._tcp.mx.slow-ipv6", FAKE_TLSA, "3 1 1"},
    {"silent", FAKE_SILENT, NULL},
    {"many", FAKE_MX, "1 mx.good"},
    {"many", FAKE_MX, "2 mx.unsigned"},
    {"many", FAKE_MX, "3 a.many"},
    {"many", FAKE_MX, "4 b.many"},
    {"many", FAKE_MX, "5 c.many"},
    {"many", FAKE_MX, "6 d.many"},
    {"many", FAKE_MX, "7 e.many"},
    {"many", FAKE_MX, "8 f.many"},
    {"many", FAKE_MX, "9 g.many"},
    {"many", FAKE_MX, "10 h.many"},
    {"many", FAKE_MX, "11 i.many"},
    {"many", FAKE_MX, "12 j.many"},
    {"many", FAKE_MX, "13 k.many"},
    {"many", FAKE_MX, "14 l.many"},
    {"many", FAKE_MX, "15 m.many"},
    {"many", FAKE_MX, "16 n.many"},
    {"many", FAKE_MX, "17 o.many"},
    {NULL, FAKE_TXT, NULL},
};

#define HOSTS_MAX 8

static const struct {
    const char *domain;
    enum ww_mx_outcome outcome;
    enum ww_dnssec dnssec;
    const char *hosts[HOSTS_MAX]; /* "name state id-of-why", then the TLSA base domain if there is one */
} cases[] = {
    {"good", WW_MX_LISTED, WW_DNSSEC_SECURE, {"mx.good secure-usable ok mx.good"}},
    {"alias", WW_MX_LISTED, WW_DNSSEC_SECURE, {"mx.good secure-usable ok mx.good"}},
    {"implicit", WW_MX_IMPLICIT, WW_DNSSEC_SECURE, {"implicit secure-usable ok implicit"}},
    {"null", WW_MX_NULL, WW_DNSSEC_SECURE, {NULL}},
    {"nowhere", WW_MX_NO_DOMAIN, WW_DNSSEC_SECURE, {NULL}},
    {"no-tlsa", WW_MX_LISTED, WW_DNSSEC_SECURE, {"mx.no-tlsa none ok"}},
    {"unusable", WW_MX_LISTED, WW_DNSSEC_SECURE, {"mx.unusable secure-unusable tlsa-pkix-usage mx.unusable"}},
    {"mx-bogus.forged", WW_MX_FAILED, WW_DNSSEC_BOGUS, {NULL}},
    {"mx-servfail", WW_MX_FAILED, WW_DNSSEC_UNKNOWN, {NULL}},
    {"all.unsigned", WW_MX_LISTED, WW_DNSSEC_INSECURE, {"mx.unsigned insecure ok"}},
    {"host-unsigned", WW_MX_LISTED, WW_DNSSEC_SECURE, {"mx.unsigned insecure ok"}},
    {"signed-host.unsigned", WW_MX_LISTED, WW_DNSSEC_INSECURE, {"mx.good secure-usable ok mx.good"}},
    {"tlsa-unsigned", WW_MX_LISTED, WW_DNSSEC_SECURE, {"mx.tlsa-unsigned insecure ok"}},
    {"broken-tlsa.unsigned", WW_MX_LISTED, WW_DNSSEC_INSECURE, {"broken.unsigned insecure ok"}},
    {"halves",
     WW_MX_LISTED,
     WW_DNSSEC_SECURE,
     {"mx.good secure-usable ok mx.good", "mx.forged bogus dns-bogus", "gone.halves none mx-no-address",
      "no-ipv6.halves secure-usable ok no-ipv6.halves", "servfail.halves lookup-failed dns-servfail",
      "tlsa-bogus.halves bogus dns-bogus", "tlsa-servfail.halves lookup-failed dns-servfail"}},
    {"aliases",
     WW_MX_LISTED,
     WW_DNSSEC_SECURE,
     {"mx1.aliases secure-usable ok mx.good", "mx2.aliases secure-usable ok mx2.aliases",
      "mx3.aliases secure-usable ok mx3.aliases", "mx4.aliases none ok", "mx5.unsigned insecure ok"}},
    {"slow",
     WW_MX_LISTED,
     WW_DNSSEC_SECURE,
     {"mx.slow lookup-failed dns-timeout", "mx.good secure-usable ok mx.good"}},
    {"slow-ipv6", WW_MX_LISTED, WW_DNSSEC_SECURE, {"mx.slow-ipv6 secure-usable ok mx.slow-ipv6"}},
};

struct outcome {
    bool called;
    struct ww_dane_survey survey;
};

static struct outcome outcome;

static void on_survey(void *ctx, const struct ww_dane_survey *survey)
{
    (void)ctx;
    assert_false(outcome.called);
    outcome.called = true;
    outcome.survey = *survey;
    for (size_t i = 0; i < survey->count; i++)
        assert_true(survey->hosts[i].settled);
    (void)event_base_loopbreak(base);
}

static struct ww_dane_lookup *begin(struct ww_dns *dns, const char *domain, unsigned deadline_ms)
{
    enum ww_err err;
    memset(&outcome, 0, sizeof outcome);
    struct ww_dane_lookup *lookup = ww_dane_lookup(dns, domain, deadline_ms, on_survey, NULL, &err);
    assert_non_null(lookup);
    assert_false(outcome.called);
    return lookup;
}

static const struct ww_dane_survey *survey(struct ww_dns *dns, const char *domain, unsigned deadline_ms)
{
    (void)begin(dns, domain, deadline_ms);
    while (!outcome.called)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    return &outcome.survey;
}

static const char *describe(const struct ww_dane_host *h)
{
    static char text[1024];
    const char *tlsa_base = ww_dane_host_base(h);
    (void)snprintf(text, sizeof text, "%s %s %s%s%s", h->name, ww_dane_state_name(h->state),
                   ww_err_id(h->why), tlsa_base != NULL ? " " : "", tlsa_base != NULL ? tlsa_base : "");
    return text;
}

static void domains_are_surveyed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct ww_dane_survey *s = survey(validating, cases[i].domain, DEADLINE_MS);
        if (s->outcome != cases[i].outcome || s->mx_dnssec != cases[i].dnssec)
            fail_msg("%s: %s, %s: %s", cases[i].domain, ww_mx_outcome_name(s->outcome),
                     ww_dnssec_name(s->mx_dnssec), s->detail);
        for (size_t k = 0; k < HOSTS_MAX; k++) {
            const char *got = k < s->count ? describe(&s->hosts[k]) : NULL;
            const char *wanted = cases[i].hosts[k];
            if ((got == NULL) != (wanted == NULL) || (got != NULL && strcmp(got, wanted) != 0))
                fail_msg("%s: %s instead of %s: %s", cases[i].domain, got, wanted, s->hosts[k].detail);
        }
        assert_true(s->validating);
        assert_true(s->lifetime >= WW_DANE_LIFETIME_MIN && s->lifetime <= FAKE_DNS_TTL);
    }
}

/* Name servers of unsigned zones that fail on TLSA are not asked for it (RFC 7672 section 2.2.2). */
static void unsigned_zones_are_not_asked_for_tlsa(void **state)
{
    (void)state;
    const struct ww_dane_host *h = &survey(validating, "broken-tlsa.unsigned", DEADLINE_MS)->hosts[0];
    assert_int_equal(h->answers[WW_DANE_ASK_TLSA].progress, WW_DANE_NOT_ASKED);
    assert_int_equal(h->answers[WW_DANE_ASK_CNAME].progress, WW_DANE_NOT_ASKED);
}

static void records_are_shown(void **state)
{
    (void)state;
    const struct ww_dane_host *h = &survey(validating, "good", DEADLINE_MS)->hosts[0];
    assert_int_equal(h->preference, 10);
    assert_int_equal(h->record_count, 2);
    assert_int_equal(h->records[0].size, 32);
    assert_memory_equal(h->records[0].data, "0123456789abcdef", 16);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(h->records[i].unusable, h->records[i].usage == 3 ? WW_OK : WW_E_TLSA_PKIX);
}

static void failures_have_words(void **state)
{
    (void)state;
    const struct ww_dane_survey *s = survey(validating, "halves", DEADLINE_MS);
    assert_non_null(strstr(s->hosts[1].detail, " of mx.forged: "));
    assert_non_null(strstr(s->hosts[5].detail, "TLSA of _25._tcp.tlsa-bogus.halves: "));
    assert_string_equal(s->hosts[3].detail, "");
    assert_true(s->hosts[2].no_address);
    s = survey(validating, "mx-bogus.forged", DEADLINE_MS);
    assert_int_equal(s->why, WW_E_DNS_BOGUS);
    assert_string_not_equal(s->detail, "");
}

static void the_best_of_too_many_are_looked_at(void **state)
{
    (void)state;
    const struct ww_dane_survey *s = survey(validating, "many", DEADLINE_MS);
    assert_int_equal(s->count, WW_DANE_HOSTS_MAX);
    assert_true(s->more);
    assert_string_equal(s->hosts[0].name, "mx.good");
    assert_string_equal(s->hosts[WW_DANE_HOSTS_MAX - 1].name, "n.many");
    assert_int_equal(s->hosts[0].state, WW_DANE_SECURE_USABLE);
    assert_int_equal(s->hosts[1].state, WW_DANE_INSECURE);
    for (size_t i = 2; i < s->count; i++)
        assert_true(s->hosts[i].no_address);
}

/* Whoever strips DNSSEC turns nothing into "insecure", and so nothing off. */
static void without_validation_nothing_is_known(void **state)
{
    static const char *const domains[] = {"good", "all.unsigned", "implicit"};
    (void)state;
    for (size_t i = 0; i < COUNT(domains); i++) {
        const struct ww_dane_survey *s = survey(stripped, domains[i], DEADLINE_MS);
        assert_int_equal(s->count, 1);
        assert_false(s->validating);
        assert_int_equal(s->mx_dnssec, WW_DNSSEC_UNKNOWN);
        assert_int_equal(s->hosts[0].state, WW_DANE_LOOKUP_FAILED);
        assert_int_equal(s->hosts[0].why, WW_E_DNS_NOT_VALIDATING);
        assert_true(s->lifetime <= WW_DANE_LIFETIME_FAILED);
    }
}

static void the_deadline_ends_all(void **state)
{
    (void)state;
    const struct ww_dane_survey *s = survey(validating, "slower", 300);
    if (s->outcome == WW_MX_LISTED) { /* the machine was not too slow for that */
        assert_int_equal(s->hosts[0].state, WW_DANE_LOOKUP_FAILED);
        assert_int_equal(s->hosts[0].why, WW_E_DNS_TIMEOUT);
        assert_string_equal(s->hosts[0].detail, "after 300 ms for all hosts");
    }
    s = survey(validating, "silent", 100);
    assert_int_equal(s->outcome, WW_MX_FAILED);
    assert_int_equal(s->why, WW_E_DNS_TIMEOUT);
    assert_int_equal(s->count, 0);
}

static void look_ups_can_be_cancelled_at_any_turn(void **state)
{
    (void)state;
    for (int turns = 0; turns < 30; turns++) {
        struct ww_dane_lookup *lookup = begin(validating, turns % 2 == 0 ? "slow" : "halves", DEADLINE_MS);
        for (int i = 0; i < turns && !outcome.called; i++)
            (void)event_base_loop(base, EVLOOP_ONCE);
        if (!outcome.called)
            ww_dane_lookup_cancel(lookup);
        outcome.called = false;
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
        assert_false(outcome.called);
    }
}

static void what_cannot_be_asked_is_refused(void **state)
{
    (void)state;
    enum ww_err err = WW_OK;
    assert_null(ww_dane_lookup(validating, "a..b", DEADLINE_MS, on_survey, NULL, &err));
    assert_int_equal(err, WW_E_DNS_NAME);
}

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    (void)detail;
    *(enum ww_dns_health *)ctx = health;
    (void)event_base_loopbreak(base);
}

static struct ww_dns *open_dns(const char *address, enum ww_dns_health wanted)
{
    struct ww_addr forward;
    const char *detail;
    enum ww_dns_health health = WW_DNS_UNREACHABLE;
    if (ww_addr_parse(ww_slice_str(address), &forward) != WW_OK)
        exit(1);
    const struct ww_dns_options options = {
        .forward = &forward, .forward_count = 1, .trust_anchor = anchor_file, .timeout_ms = TIMEOUT_MS};
    struct ww_dns *dns = ww_dns_new(base, &options, &detail);
    if (dns == NULL)
        exit(1);
    ww_dns_self_test(dns, on_health, &health);
    (void)event_base_dispatch(base);
    if (health != wanted)
        exit(1);
    return dns;
}

int main(void)
{
    netns_enter();
    int fd = mkstemp(anchor_file);
    if (fd < 0)
        return 1;
    (void)close(fd);
    struct fake_key *key = fake_key_new();
    fake_key_publish(key, anchor_file);
    pid_t pids[] = {fake_dns(VALIDATED, key, names), fake_dns(STRIPPED, NULL, names)};
    base = event_base_new();
    validating = open_dns(VALIDATED, WW_DNS_VALIDATING);
    stripped = open_dns(STRIPPED, WW_DNS_STRIPPED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_are_surveyed),
        cmocka_unit_test(unsigned_zones_are_not_asked_for_tlsa),
        cmocka_unit_test(records_are_shown),
        cmocka_unit_test(failures_have_words),
        cmocka_unit_test(the_best_of_too_many_are_looked_at),
        cmocka_unit_test(without_validation_nothing_is_known),
        cmocka_unit_test(the_deadline_ends_all),
        cmocka_unit_test(look_ups_can_be_cancelled_at_any_turn),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ww_dns_free(validating);
    ww_dns_free(stripped);
    event_base_free(base);
    for (size_t i = 0; i < COUNT(pids); i++)
        netns_end(pids[i]);
    fake_key_free(key);
    (void)unlink(anchor_file);
    return failed;
}
