/* What the tables of the decision leave out: the words, names that are none, and what is told beside the
 * decision. */
#include "core/judge.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define S(text)                  \
    {                            \
        (text), sizeof(text) - 1 \
    }

static const char enforce_body[] = "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 86400";
static const char testing_body[] = "version: STSv1\nmode: testing\nmx: *.example.com\nmax_age: 86400";
static struct ww_policy enforce, testing;

static const struct ww_slice names[] = {S("mx.example.com")}, other[] = {S("other.example")};

/* Nothing is wrong with it. */
static const struct ww_seen_mx good = {
    .host = S("mx.example.com"),
    .starttls = true,
    .handshake = true,
    .tls_version = WW_TLS_1_2,
    .has_certificate = true,
    .names = names,
    .name_count = 1,
};

static struct ww_seen_mx with(enum ww_dane_state dane, bool match, uint8_t usage,
                              const struct ww_slice *dns_names)
{
    struct ww_seen_mx mx = good;
    mx.dane = dane;
    mx.tlsa_match = match;
    mx.tlsa_usage = usage;
    mx.names = dns_names;
    return mx;
}

static void says_why(void **state)
{
    (void)state;
    const struct ww_seen_mx bad = with(WW_DANE_NONE, false, 0, other);
    const struct ww_seen_mx ee_good = with(WW_DANE_SECURE_USABLE, true, WW_TLSA_DANE_EE, names);
    const struct ww_seen_mx ee_bad = with(WW_DANE_SECURE_USABLE, true, WW_TLSA_DANE_EE, other);
    const struct ww_seen_mx mismatch = with(WW_DANE_SECURE_USABLE, false, 0, names);
    const struct ww_seen_mx unusable = with(WW_DANE_SECURE_UNUSABLE, false, 0, other);
    const struct ww_seen_mx failed = with(WW_DANE_LOOKUP_FAILED, false, 0, names);
    const struct ww_in_force enforced = {.policy = &enforce}, cached = {.policy = &enforce, .cached = true},
                             tested = {.policy = &testing}, none = {.without = WW_RULE_NO_RECORD},
                             several = {.without = WW_RULE_SEVERAL_RECORDS};
    const struct {
        const struct ww_in_force *sts;
        const struct ww_seen_mx *mx;
        const char *why;
    } cases[] = {
        {&none, &bad, "the domain has no MTA-STS record; TLS is used when it is offered"},
        {&several, &bad,
         "the domain has several MTA-STS records, so no policy counts; TLS is used when it is offered"},
        {&enforced, &good,
         "the MX host, its TLS and its certificate are as the policy says; the MTA-STS policy is satisfied"},
        {&cached, &bad,
         "no DNS name of the certificate is that of the MX host (its common name never counts); the cached "
         "MTA-STS "
         "policy is enforced and forbids the delivery"},
        {&tested, &bad,
         "no DNS name of the certificate is that of the MX host (its common name never counts); the MTA-STS "
         "policy "
         "is in testing mode, so this is reported and the mail delivered"},
        {&none, &ee_bad, "a DANE-EE(3) record matches the certificate, whatever its names and dates"},
        {&enforced, &ee_good, "a DANE-EE(3) record matches the certificate, whatever its names and dates"},
        {&tested, &ee_bad,
         "a DANE-EE(3) record matches the certificate, whatever its names and dates; the MTA-STS policy "
         "fails "
         "beside it: no DNS name of the certificate is that of the MX host (its common name never counts)"},
        {&enforced, &ee_bad,
         "DANE is satisfied, but no DNS name of the certificate is that of the MX host (its common name "
         "never counts); the MTA-STS policy is enforced and forbids the delivery"},
        {&enforced, &unusable,
         "DANE is satisfied, but no DNS name of the certificate is that of the MX host (its common name "
         "never counts); the MTA-STS policy is enforced and forbids the delivery"},
        {&enforced, &mismatch,
         "no usable TLSA record matches the certificate; MTA-STS cannot make up for that"},
        {&none, &mismatch, "no usable TLSA record matches the certificate"},
        {&none, &failed, "the look-up of TLSA records failed, so the MX host counts as unreachable"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct ww_delivery delivery = {.sts = *cases[i].sts};
        struct ww_judgement j = ww_judge(&delivery, cases[i].mx);
        char text[WW_JUDGE_WHY_MAX + 1];
        struct ww_buf b = ww_buf(text, sizeof text - 1);
        ww_judge_put_why(&b, &delivery, &j);
        text[b.n] = '\0';
        assert_string_equal(text, cases[i].why);
    }
}

/* A report has both: what MTA-STS finds is not lost where DANE decides, nor the other way round. */
static void tells_what_each_finds_alone(void **state)
{
    (void)state;
    const struct ww_delivery delivery = {.sts = {.policy = &testing}};
    const struct ww_seen_mx ee_bad = with(WW_DANE_SECURE_USABLE, true, WW_TLSA_DANE_EE, other);
    struct ww_judgement j = ww_judge(&delivery, &ee_bad);
    assert_int_equal(j.rule, WW_RULE_DANE_EE_HOLDS);
    assert_int_equal(j.dane, WW_RULE_DANE_EE_HOLDS);
    assert_int_equal(j.sts, WW_RULE_STS_NAME);
    j = ww_judge(&delivery, &good);
    assert_int_equal(j.rule, WW_RULE_STS_HOLDS);
    assert_int_equal(j.dane, WW_RULE_DANE_ABSENT);
}

/* What has no meaning is not looked at: names without a certificate; nothing at all is no name. */
static void looks_at_no_names_that_are_none(void **state)
{
    (void)state;
    const struct ww_delivery delivery = {.sts = {.policy = &enforce}};
    struct ww_seen_mx mx = with(WW_DANE_SECURE_USABLE, true, WW_TLSA_DANE_TA, names);
    assert_int_equal(ww_judge(&delivery, &mx).action, WW_ACTION_DELIVER);
    mx.has_certificate = false;
    mx.status = WW_CERT_EXPIRED;
    mx.common_name = mx.host;
    assert_int_equal(ww_judge(&delivery, &mx).dane, WW_RULE_DANE_TA_NAME);
    mx.name_count = 0;
    assert_int_equal(ww_judge(&delivery, &mx).dane, WW_RULE_DANE_TA_NAME);
    assert_int_equal(ww_judge(&delivery, &mx).sts, WW_RULE_STS_NO_CERTIFICATE);
    const struct ww_seen_mx nothing = {.starttls = true,
                                       .handshake = true,
                                       .has_certificate = true,
                                       .dane = WW_DANE_SECURE_USABLE,
                                       .tlsa_match = true,
                                       .tlsa_usage = WW_TLSA_DANE_TA};
    assert_int_equal(ww_judge(&delivery, &nothing).dane, WW_RULE_DANE_TA_NAME);
    assert_int_equal(ww_judge(&delivery, &nothing).sts, WW_RULE_STS_MX);
}

/* An alias of an MX host: DANE goes by the name that the TLSA records stand at, MTA-STS by that of the host.
 */
static void holds_dane_ta_to_the_tlsa_base(void **state)
{
    (void)state;
    const struct ww_delivery delivery = {.sts = {.policy = &enforce}};
    struct ww_seen_mx mx = with(WW_DANE_SECURE_USABLE, true, WW_TLSA_DANE_TA, other);
    assert_int_equal(ww_judge(&delivery, &mx).dane, WW_RULE_DANE_TA_NAME);
    mx.tlsa_base = other[0];
    assert_int_equal(ww_judge(&delivery, &mx).dane, WW_RULE_DANE_TA_HOLDS);
    assert_int_equal(ww_judge(&delivery, &mx).sts, WW_RULE_STS_NAME);
    mx = with(WW_DANE_SECURE_USABLE, true, WW_TLSA_DANE_TA, names);
    mx.tlsa_base = other[0];
    assert_int_equal(ww_judge(&delivery, &mx).dane, WW_RULE_DANE_TA_NAME);
    assert_int_equal(ww_judge(&delivery, &mx).sts, WW_RULE_STS_HOLDS);
}

static int parse(void **state)
{
    (void)state;
    size_t offset;
    return ww_policy_parse(enforce_body, sizeof enforce_body - 1, &enforce, &offset) != WW_OK ||
           ww_policy_parse(testing_body, sizeof testing_body - 1, &testing, &offset) != WW_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_why),
        cmocka_unit_test(tells_what_each_finds_alone),
        cmocka_unit_test(looks_at_no_names_that_are_none),
        cmocka_unit_test(holds_dane_ta_to_the_tlsa_base),
    };
    return cmocka_run_group_tests(tests, parse, NULL);
}
