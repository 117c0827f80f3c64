/* What a host wants to know, and what the answers come to: scripts of answers, without a network. */
#include "engine/dane_survey.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define D32 "0123456789abcdef0123456789abcdef"
#define HOST "mx.example"
#define TARGET "target.example"
#define TTL 300

enum content {
    NOTHING, /* to be asked, and nothing comes */
    NODATA,
    NXDOMAIN,
    ADDRESS,
    ALIASED, /* an alias of TARGET, which has an address */
    ALIAS,   /* the alias alone */
    DANE_EE,
    PKIX,
    CUT, /* TLSA that is shorter than its fields */
    SERVFAIL,
    TIMEOUT,
    BOGUS,
    GARBAGE,
};

#define U WW_DNSSEC_UNKNOWN
#define I WW_DNSSEC_INSECURE
#define S WW_DNSSEC_SECURE

struct step {
    enum ww_dane_question question;
    enum content content;
    enum ww_dnssec dnssec;
};

static void put_name(struct ww_buf *b, const char *name)
{
    while (*name != '\0') {
        size_t n = strcspn(name, ".");
        ww_buf_u8(b, (uint8_t)n);
        ww_buf_bytes(b, name, n);
        name += n + (name[n] == '.');
    }
    ww_buf_u8(b, 0);
}

static void put_rr(struct ww_buf *b, const char *name, uint16_t type, struct ww_slice rdata)
{
    put_name(b, name);
    ww_buf_u16(b, type);
    ww_buf_u16(b, WW_DNS_CLASS_IN);
    ww_buf_u32(b, TTL);
    ww_buf_u16(b, (uint16_t)rdata.n);
    ww_buf_slice(b, rdata);
}

static struct ww_slice rdata_of(enum content content, uint16_t type)
{
    switch ((int)content) {
    case DANE_EE:
        return ww_slice("\3\1\1" D32, 35);
    case PKIX:
        return ww_slice("\1\1\1" D32, 35);
    case CUT:
        return ww_slice("\3\1", 2);
    default:
        return ww_slice("0123456789abcdef", type == WW_DNS_TYPE_A ? 4 : 16);
    }
}

/* The answer to a question about a name. */
static struct ww_slice packet(const char *name, uint16_t type, enum content content)
{
    static char room[2048];
    char target[256];
    struct ww_buf b = ww_buf(room, sizeof room);
    struct ww_buf t = ww_buf(target, sizeof target);
    bool alias = content == ALIASED || content == ALIAS;
    bool record = content != NODATA && content != NXDOMAIN && content != ALIAS;
    put_name(&t, TARGET);
    ww_buf_u16(&b, 0);
    ww_buf_u16(&b, content == NXDOMAIN ? 0x8183 : 0x8180);
    ww_buf_u16(&b, 1);
    ww_buf_u16(&b, (uint16_t)(alias + record));
    ww_buf_u32(&b, 0);
    put_name(&b, name);
    ww_buf_u16(&b, type);
    ww_buf_u16(&b, WW_DNS_CLASS_IN);
    if (alias)
        put_rr(&b, name, WW_DNS_TYPE_CNAME, ww_slice(t.p, t.n));
    if (record)
        put_rr(&b, content == ALIASED ? TARGET : name, type, rdata_of(content, type));
    assert_false(b.failed);
    return ww_slice(b.p, b.n);
}

static struct ww_dane_reply reply_to(const char *name, const struct step *step)
{
    switch ((int)step->content) {
    case SERVFAIL:
        return (struct ww_dane_reply){.err = WW_E_DNS_SERVFAIL};
    case TIMEOUT:
        return (struct ww_dane_reply){.err = WW_E_DNS_TIMEOUT, .detail = "after 5 s"};
    case BOGUS:
        return (struct ww_dane_reply){.err = WW_E_DNS_BOGUS, .detail = "no keys", .dnssec = WW_DNSSEC_BOGUS};
    case GARBAGE:
        return (struct ww_dane_reply){.dnssec = step->dnssec, .packet = ww_slice("?", 1)};
    default:
        return (struct ww_dane_reply){
            .dnssec = step->dnssec,
            .packet = packet(name, ww_dane_survey_type(step->question), step->content),
        };
    }
}

#define A WW_DANE_ASK_A
#define AAAA WW_DANE_ASK_AAAA
#define CNAME WW_DANE_ASK_CNAME
#define TLSA_ALIAS WW_DANE_ASK_TLSA_ALIAS
#define TLSA WW_DANE_ASK_TLSA

static const struct {
    struct step steps[6]; /* ended by one without content; each must have been wanted */
    enum ww_dane_state state;
    const char *why;
    const char *base;   /* or NULL */
    const char *detail; /* or NULL */
} scripts[] = {
    {{{A, ADDRESS, S}, {TLSA, DANE_EE, S}}, WW_DANE_SECURE_USABLE, "ok", HOST, NULL},
    {{{AAAA, ADDRESS, S}, {TLSA, DANE_EE, S}}, WW_DANE_SECURE_USABLE, "ok", HOST, NULL},
    {{{A, ADDRESS, S}, {AAAA, NODATA, S}, {TLSA, NODATA, S}}, WW_DANE_NONE, "ok", NULL, NULL},
    {{{A, ADDRESS, S}, {TLSA, NXDOMAIN, S}}, WW_DANE_NONE, "ok", NULL, NULL},
    {{{A, ADDRESS, S}, {TLSA, PKIX, S}}, WW_DANE_SECURE_UNUSABLE, "tlsa-pkix-usage", HOST, NULL},
    {{{A, ADDRESS, S}, {TLSA, CUT, S}}, WW_DANE_SECURE_UNUSABLE, "tlsa-short", HOST, NULL},
    /* Not proven: no TLSA counts, and none is asked of an unsigned zone. */
    {{{A, ADDRESS, I}}, WW_DANE_INSECURE, "ok", NULL, NULL},
    {{{A, ADDRESS, S}, {TLSA, DANE_EE, I}}, WW_DANE_INSECURE, "ok", NULL, NULL},
    {{{A, ADDRESS, S}, {TLSA, NODATA, I}}, WW_DANE_INSECURE, "ok", NULL, NULL},
    /* A failure on the way. */
    {{{A, ADDRESS, S}, {TLSA, BOGUS, U}},
     WW_DANE_BOGUS,
     "dns-bogus",
     NULL,
     "TLSA of _25._tcp.mx.example: no keys"},
    {{{A, ADDRESS, S}, {TLSA, SERVFAIL, U}},
     WW_DANE_LOOKUP_FAILED,
     "dns-servfail",
     NULL,
     "TLSA of _25._tcp.mx.example"},
    {{{A, ADDRESS, S}, {TLSA, TIMEOUT, U}},
     WW_DANE_LOOKUP_FAILED,
     "dns-timeout",
     NULL,
     "TLSA of _25._tcp.mx.example: after 5 s"},
    {{{A, ADDRESS, S}, {TLSA, GARBAGE, S}}, WW_DANE_LOOKUP_FAILED, "dns-malformed", NULL, NULL},
    /* One family is enough, and the failure of the other is nobody's. */
    {{{AAAA, SERVFAIL, U}, {A, ADDRESS, S}, {TLSA, DANE_EE, S}}, WW_DANE_SECURE_USABLE, "ok", HOST, ""},
    {{{A, BOGUS, U}, {AAAA, ADDRESS, S}, {TLSA, DANE_EE, S}}, WW_DANE_SECURE_USABLE, "ok", HOST, ""},
    {{{AAAA, BOGUS, U}, {A, ADDRESS, S}, {TLSA, TIMEOUT, U}},
     WW_DANE_LOOKUP_FAILED,
     "dns-timeout",
     NULL,
     "TLSA of _25._tcp.mx.example: after 5 s"},
    {{{A, ADDRESS, S}, {AAAA, BOGUS, U}, {TLSA, TIMEOUT, U}},
     WW_DANE_LOOKUP_FAILED,
     "dns-timeout",
     NULL,
     NULL},
    {{{AAAA, TIMEOUT, U}, {A, ADDRESS, I}}, WW_DANE_INSECURE, "ok", NULL, ""},
    /* No address. */
    {{{A, NODATA, S}, {AAAA, NODATA, S}}, WW_DANE_NONE, "mx-no-address", NULL, NULL},
    {{{A, NXDOMAIN, S}, {AAAA, NXDOMAIN, S}}, WW_DANE_NONE, "mx-no-address", NULL, NULL},
    {{{A, NXDOMAIN, I}, {AAAA, NXDOMAIN, S}}, WW_DANE_INSECURE, "mx-no-address", NULL, NULL},
    {{{A, ALIAS, S}, {AAAA, ALIAS, S}}, WW_DANE_NONE, "mx-no-address", NULL, NULL},
    {{{A, NODATA, S}, {AAAA, SERVFAIL, U}},
     WW_DANE_LOOKUP_FAILED,
     "dns-servfail",
     NULL,
     "AAAA of mx.example"},
    {{{A, SERVFAIL, U}, {AAAA, NODATA, S}}, WW_DANE_LOOKUP_FAILED, "dns-servfail", NULL, "A of mx.example"},
    {{{A, SERVFAIL, U}, {AAAA, TIMEOUT, U}}, WW_DANE_LOOKUP_FAILED, "dns-servfail", NULL, NULL},
    {{{A, SERVFAIL, U}, {AAAA, BOGUS, U}}, WW_DANE_BOGUS, "dns-bogus", NULL, "AAAA of mx.example: no keys"},
    {{{A, BOGUS, U}, {AAAA, SERVFAIL, U}}, WW_DANE_BOGUS, "dns-bogus", NULL, "A of mx.example: no keys"},
    /* Aliases (RFC 7672 section 2.2.2). */
    {{{A, ALIASED, S}, {TLSA_ALIAS, DANE_EE, S}}, WW_DANE_SECURE_USABLE, "ok", TARGET, NULL},
    {{{A, ALIASED, S}, {TLSA_ALIAS, PKIX, S}}, WW_DANE_SECURE_UNUSABLE, "tlsa-pkix-usage", TARGET, NULL},
    {{{A, ALIASED, S}, {TLSA_ALIAS, NXDOMAIN, S}, {TLSA, DANE_EE, S}},
     WW_DANE_SECURE_USABLE,
     "ok",
     HOST,
     NULL},
    {{{A, ALIASED, S}, {TLSA_ALIAS, DANE_EE, I}, {TLSA, DANE_EE, S}},
     WW_DANE_SECURE_USABLE,
     "ok",
     HOST,
     NULL},
    {{{A, ALIASED, S}, {TLSA_ALIAS, NODATA, S}, {TLSA, NODATA, S}}, WW_DANE_NONE, "ok", NULL, NULL},
    {{{A, ALIASED, S}, {TLSA_ALIAS, NODATA, I}, {TLSA, NODATA, S}}, WW_DANE_INSECURE, "ok", NULL, NULL},
    {{{A, ALIASED, S}, {TLSA_ALIAS, TIMEOUT, U}},
     WW_DANE_LOOKUP_FAILED,
     "dns-timeout",
     NULL,
     "TLSA of _25._tcp.target.example: after 5 s"},
    {{{A, ALIASED, S}, {TLSA_ALIAS, NODATA, S}, {TLSA, BOGUS, U}}, WW_DANE_BOGUS, "dns-bogus", NULL, NULL},
    {{{A, ALIASED, I}, {CNAME, ALIAS, S}, {TLSA, DANE_EE, S}}, WW_DANE_SECURE_USABLE, "ok", HOST, NULL},
    {{{A, ALIASED, I}, {CNAME, ALIAS, S}, {TLSA, NODATA, S}}, WW_DANE_NONE, "ok", NULL, NULL},
    {{{A, ALIASED, I}, {CNAME, ALIAS, I}}, WW_DANE_INSECURE, "ok", NULL, NULL},
    {{{A, ALIASED, I}, {CNAME, NODATA, S}}, WW_DANE_INSECURE, "ok", NULL, NULL},
    {{{A, ALIASED, I}, {CNAME, BOGUS, U}}, WW_DANE_BOGUS, "dns-bogus", NULL, "CNAME of mx.example: no keys"},
    {{{A, ALIASED, I}, {CNAME, SERVFAIL, U}}, WW_DANE_LOOKUP_FAILED, "dns-servfail", NULL, NULL},
    /* Validation went off on the way. */
    {{{A, ADDRESS, U}}, WW_DANE_LOOKUP_FAILED, "dns-not-validating", NULL, ""},
    {{{A, NXDOMAIN, U}}, WW_DANE_LOOKUP_FAILED, "dns-not-validating", NULL, NULL},
    {{{A, ADDRESS, S}, {TLSA, NODATA, U}}, WW_DANE_LOOKUP_FAILED, "dns-not-validating", NULL, NULL},
    {{{A, ADDRESS, S}, {TLSA, DANE_EE, U}}, WW_DANE_LOOKUP_FAILED, "dns-not-validating", NULL, NULL},
    {{{A, ALIASED, I}, {CNAME, ALIAS, U}}, WW_DANE_LOOKUP_FAILED, "dns-not-validating", NULL, NULL},
};

static struct ww_mx_hosts mx_of(const char *name)
{
    struct ww_mx_hosts mx = {.outcome = WW_MX_LISTED, .dnssec = S, .ttl = 3600, .count = 1};
    mx.hosts[0].preference = 10;
    (void)snprintf(mx.hosts[0].name, sizeof mx.hosts[0].name, "%s", name);
    return mx;
}

/* Takes all questions that are wanted now, and finds the name of this one. */
static void take_wanted(struct ww_dane_host *h, char names[WW_DANE_QUESTIONS][WW_DNAME_SIZE])
{
    char name[WW_DNAME_SIZE];
    enum ww_dane_question q;
    while ((q = ww_dane_survey_next(h, name)) != WW_DANE_QUESTIONS)
        memcpy(names[q], name, sizeof name);
}

static void scripts_come_to_their_state(void **state)
{
    (void)state;
    static struct ww_dane_survey s;
    for (size_t i = 0; i < COUNT(scripts); i++) {
        char names[WW_DANE_QUESTIONS][WW_DNAME_SIZE] = {{0}};
        const struct ww_mx_hosts mx = mx_of(HOST);
        ww_dane_survey_begin(&s, &mx);
        struct ww_dane_host *h = &s.hosts[0];
        take_wanted(h, names);
        for (const struct step *step = scripts[i].steps; step->content != NOTHING; step++) {
            if (h->settled || names[step->question][0] == '\0')
                fail_msg("script %zu: step %d is not wanted", i, (int)(step - scripts[i].steps));
            const struct ww_dane_reply reply = reply_to(names[step->question], step);
            ww_dane_survey_take(h, step->question, &reply);
            take_wanted(h, names);
        }
        const char *base = ww_dane_host_base(h);
        if (!h->settled || h->state != scripts[i].state || strcmp(ww_err_id(h->why), scripts[i].why) != 0)
            fail_msg("script %zu: %s, %s", i, ww_dane_state_name(h->state), ww_err_id(h->why));
        if ((base == NULL) != (scripts[i].base == NULL) ||
            (base != NULL && strcmp(base, scripts[i].base) != 0))
            fail_msg("script %zu: base %s", i, base);
        if (scripts[i].detail != NULL)
            assert_string_equal(h->detail, scripts[i].detail);
        assert_int_equal(h->no_address, h->why == WW_E_MX_NO_ADDRESS);
    }
}

static void names_are_those_of_port_25(void **state)
{
    (void)state;
    static struct ww_dane_survey s;
    char names[WW_DANE_QUESTIONS][WW_DNAME_SIZE] = {{0}};
    const struct ww_mx_hosts mx = mx_of(HOST);
    const struct step steps[] = {{A, ALIASED, S}, {TLSA_ALIAS, NODATA, S}};
    ww_dane_survey_begin(&s, &mx);
    for (size_t i = 0; i < COUNT(steps); i++) {
        take_wanted(&s.hosts[0], names);
        const struct ww_dane_reply reply = reply_to(names[steps[i].question], &steps[i]);
        ww_dane_survey_take(&s.hosts[0], steps[i].question, &reply);
    }
    take_wanted(&s.hosts[0], names);
    assert_string_equal(names[A], HOST);
    assert_string_equal(names[AAAA], HOST);
    assert_string_equal(names[TLSA_ALIAS], "_25._tcp." TARGET);
    assert_string_equal(names[TLSA], "_25._tcp." HOST);
}

/* No TLSA record can stand at a name that is longer than DNS permits. */
static void a_name_that_is_too_long_has_no_records(void **state)
{
    (void)state;
    static struct ww_dane_survey s;
    char names[WW_DANE_QUESTIONS][WW_DNAME_SIZE] = {{0}};
    char host[WW_DNAME_SIZE];
    memset(host, 'a', WW_DNAME_MAX);
    host[WW_DNAME_MAX] = '\0';
    for (size_t i = 60; i < WW_DNAME_MAX; i += 61)
        host[i] = '.';
    const struct ww_mx_hosts mx = mx_of(host);
    const struct step address = {A, ADDRESS, S};
    ww_dane_survey_begin(&s, &mx);
    take_wanted(&s.hosts[0], names);
    const struct ww_dane_reply reply = reply_to(host, &address);
    ww_dane_survey_take(&s.hosts[0], A, &reply);
    assert_true(s.hosts[0].settled);
    assert_int_equal(s.hosts[0].state, WW_DANE_NONE);
}

static void late_answers_change_nothing(void **state)
{
    (void)state;
    static struct ww_dane_survey s;
    char names[WW_DANE_QUESTIONS][WW_DNAME_SIZE] = {{0}};
    const struct ww_mx_hosts mx = mx_of(HOST);
    const struct step first = {A, ADDRESS, I}, second = {AAAA, BOGUS, U};
    ww_dane_survey_begin(&s, &mx);
    take_wanted(&s.hosts[0], names);
    struct ww_dane_reply reply = reply_to(HOST, &first);
    ww_dane_survey_take(&s.hosts[0], A, &reply);
    reply = reply_to(HOST, &second);
    ww_dane_survey_take(&s.hosts[0], AAAA, &reply);
    assert_int_equal(s.hosts[0].state, WW_DANE_INSECURE);
    assert_int_equal(s.hosts[0].why, WW_OK);
    assert_int_equal(s.hosts[0].answers[AAAA].err, WW_E_DNS_BOGUS);
}

static void without_validation_nothing_is_asked(void **state)
{
    (void)state;
    static struct ww_dane_survey s;
    char name[WW_DNAME_SIZE];
    struct ww_mx_hosts mx = mx_of(HOST);
    mx.dnssec = U;
    ww_dane_survey_begin(&s, &mx);
    assert_int_equal(ww_dane_survey_next(&s.hosts[0], name), WW_DANE_QUESTIONS);
    assert_true(s.hosts[0].settled);
    assert_int_equal(s.hosts[0].why, WW_E_DNS_NOT_VALIDATING);
    ww_dane_survey_end(&s);
    assert_false(s.validating);
    assert_int_equal(s.lifetime, WW_DANE_LIFETIME_FAILED);
    /* Or it was when the MX records came, and is not for a host. */
    mx.dnssec = S;
    ww_dane_survey_begin(&s, &mx);
    assert_true(s.validating);
    ww_dane_survey_give_up(&s.hosts[0], WW_E_DNS_NOT_VALIDATING, NULL);
    ww_dane_survey_end(&s);
    assert_false(s.validating);
    /* Without any host as well: validation may be back soon. */
    mx = (struct ww_mx_hosts){.outcome = WW_MX_NULL, .dnssec = U, .ttl = 3600};
    ww_dane_survey_begin(&s, &mx);
    ww_dane_survey_end(&s);
    assert_int_equal(s.lifetime, WW_DANE_LIFETIME_FAILED);
}

static void it_can_fail_as_a_whole(void **state)
{
    (void)state;
    static struct ww_dane_survey s;
    ww_dane_survey_fail(&s, WW_E_RESOLVER_BUSY, "too much");
    assert_int_equal(s.outcome, WW_MX_FAILED);
    assert_int_equal(s.why, WW_E_RESOLVER_BUSY);
    assert_string_equal(s.detail, "too much");
    assert_int_equal(s.count, 0);
    assert_int_equal(s.lifetime, WW_DANE_LIFETIME_FAILED);
}

static uint32_t lifetime(enum ww_mx_outcome outcome, uint32_t mx_ttl, enum ww_dane_state state, uint32_t ttl)
{
    static struct ww_dane_survey s;
    s = (struct ww_dane_survey){.outcome = outcome, .mx_ttl = mx_ttl, .validating = true, .count = 2};
    s.hosts[0].answers[A] =
        (struct ww_dane_answer){.progress = WW_DANE_ANSWERED, .ttl = WW_DANE_LIFETIME_MAX};
    s.hosts[1].answers[AAAA] = (struct ww_dane_answer){.progress = WW_DANE_PENDING};
    s.hosts[1].answers[TLSA] = (struct ww_dane_answer){.progress = WW_DANE_ANSWERED, .ttl = ttl};
    s.hosts[1].state = state;
    ww_dane_survey_end(&s);
    return s.lifetime;
}

static void it_lives_as_long_as_its_shortest_part(void **state)
{
    (void)state;
    assert_int_equal(lifetime(WW_MX_LISTED, 3600, WW_DANE_NONE, 300), 300);
    assert_int_equal(lifetime(WW_MX_LISTED, 200, WW_DANE_NONE, 300), 200);
    assert_int_equal(lifetime(WW_MX_LISTED, UINT32_MAX, WW_DANE_NONE, UINT32_MAX), WW_DANE_LIFETIME_MAX);
    assert_int_equal(lifetime(WW_MX_LISTED, 3600, WW_DANE_NONE, 0), WW_DANE_LIFETIME_MIN);
    assert_int_equal(lifetime(WW_MX_LISTED, 3600, WW_DANE_BOGUS, 300), WW_DANE_LIFETIME_FAILED);
    assert_int_equal(lifetime(WW_MX_LISTED, 3600, WW_DANE_LOOKUP_FAILED, 300), WW_DANE_LIFETIME_FAILED);
    assert_int_equal(lifetime(WW_MX_LISTED, 3600, WW_DANE_LOOKUP_FAILED, 30), 30);
    assert_int_equal(lifetime(WW_MX_FAILED, 0, WW_DANE_NONE, 300), WW_DANE_LIFETIME_FAILED);
}

static void the_best_hosts_are_taken(void **state)
{
    (void)state;
    static struct ww_dane_survey s;
    struct ww_mx_hosts mx = mx_of(HOST);
    mx.count = WW_DANE_HOSTS_MAX + 1;
    for (size_t i = 0; i < mx.count; i++)
        mx.hosts[i].preference = (uint16_t)i;
    ww_dane_survey_begin(&s, &mx);
    assert_int_equal(s.count, WW_DANE_HOSTS_MAX);
    assert_int_equal(s.hosts[WW_DANE_HOSTS_MAX - 1].preference, WW_DANE_HOSTS_MAX - 1);
    assert_true(s.more);
    mx.count--;
    ww_dane_survey_begin(&s, &mx);
    assert_false(s.more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_come_to_their_state),
        cmocka_unit_test(names_are_those_of_port_25),
        cmocka_unit_test(a_name_that_is_too_long_has_no_records),
        cmocka_unit_test(late_answers_change_nothing),
        cmocka_unit_test(without_validation_nothing_is_asked),
        cmocka_unit_test(it_can_fail_as_a_whole),
        cmocka_unit_test(it_lives_as_long_as_its_shortest_part),
        cmocka_unit_test(the_best_hosts_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
