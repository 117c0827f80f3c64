/* Decisions of waxwingd that no caller's look-ups make: the operator's orders, dry runs, a blind MTA. */
#include "fake_daemon.h"

#include <waxwing/waxwing.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define HEAD "OK v=1 domain=a.de level="

static const char *const names[] = {"mx.a.de"}, *const others[] = {"mx.b.de"};

#define CERTIFICATE(is, of)                                                                        \
    .starttls = 1, .handshake = 1, .tls_version = 0x0303, .certificate = WAXWING_CERTIFICATE_##is, \
    .names = (of), .name_count = 1

static const struct ordered_case {
    const char *text;
    struct waxwing_seen seen;
    enum waxwing_action action;
    enum waxwing_result result;
} cases[] = {
    {HEAD "may source=override override=may", {.host = "mx.a.de"}, WAXWING_DELIVER, WAXWING_RESULT_NONE},
    {HEAD "none source=override override=off", {.host = "mx.a.de"}, WAXWING_DELIVER, WAXWING_RESULT_NONE},
    /* An order goes before DANE, which it may be there to put aside. */
    {HEAD "may source=override override=may dane=secure host=mx.a.de/secure-usable",
     {.host = "mx.a.de"},
     WAXWING_DELIVER,
     WAXWING_RESULT_NONE},
    {HEAD "may source=override override=may",
     {.host = "mx.a.de", .dane = WAXWING_DANE_BOGUS},
     WAXWING_DELIVER,
     WAXWING_RESULT_NONE},
    {HEAD "encrypt source=override override=encrypt",
     {.host = "mx.a.de"},
     WAXWING_SKIP,
     WAXWING_RESULT_STARTTLS_NOT_SUPPORTED},
    {HEAD "encrypt source=override override=encrypt",
     {.host = "mx.a.de", .starttls = 1},
     WAXWING_SKIP,
     WAXWING_RESULT_VALIDATION_FAILURE},
    {HEAD "encrypt source=override override=encrypt",
     {.host = "mx.a.de", CERTIFICATE(UNTRUSTED, others)},
     WAXWING_DELIVER,
     WAXWING_RESULT_NONE},
    /* For a blind MTA, beside a policy in testing: its failures are reported, and TLS is a must. */
    {HEAD "encrypt mode=testing source=cache test=mx.a.de",
     {.host = "mx.b.de", CERTIFICATE(TRUSTED, others)},
     WAXWING_DELIVER,
     WAXWING_RESULT_VALIDATION_FAILURE},
    {HEAD "encrypt mode=testing source=cache test=mx.a.de",
     {.host = "mx.b.de"},
     WAXWING_SKIP,
     WAXWING_RESULT_STARTTLS_NOT_SUPPORTED},
    {HEAD "secure source=override override=secure mx=mx.a.de",
     {.host = "mx.a.de", CERTIFICATE(TRUSTED, names)},
     WAXWING_DELIVER,
     WAXWING_RESULT_NONE},
    {HEAD "secure source=override override=secure mx=mx.a.de",
     {.host = "mx.b.de", CERTIFICATE(TRUSTED, others)},
     WAXWING_SKIP,
     WAXWING_RESULT_VALIDATION_FAILURE},
    /* Without patterns it is the name of the host that counts. */
    {HEAD "secure source=override override=secure",
     {.host = "MX.A.de.", CERTIFICATE(TRUSTED, names)},
     WAXWING_DELIVER,
     WAXWING_RESULT_NONE},
    {HEAD "secure source=override override=secure",
     {.host = "mx.a.de", CERTIFICATE(TRUSTED, others)},
     WAXWING_SKIP,
     WAXWING_RESULT_CERTIFICATE_HOST_MISMATCH},
    {HEAD "secure source=override override=secure",
     {.host = "mx.a.de", CERTIFICATE(SELF_SIGNED, names)},
     WAXWING_SKIP,
     WAXWING_RESULT_CERTIFICATE_NOT_TRUSTED},
    {HEAD "secure source=override override=secure",
     {.host = "mx.a.de",
      .starttls = 1,
      .handshake = 1,
      .tls_version = 0x0303,
      .certificate = (enum waxwing_certificate)9,
      .names = names,
      .name_count = 1},
     WAXWING_SKIP,
     WAXWING_RESULT_CERTIFICATE_NOT_TRUSTED},
    /* One that enforces a policy in testing leaves DANE its place. */
    {HEAD
     "secure mode=testing source=override override=enforce-testing dane=secure host=mx.a.de/lookup-failed "
     "mx=mx.a.de",
     {.host = "mx.a.de", CERTIFICATE(TRUSTED, names)},
     WAXWING_SKIP,
     WAXWING_RESULT_DNSSEC_INVALID},
    {HEAD "none withheld=dane-only source=cache dane=secure host=mx.a.de/secure-usable",
     {.host = "mx.a.de"},
     WAXWING_DELIVER,
     WAXWING_RESULT_NONE},
    /* A host that has come since: its TLSA records are for the caller to look up. */
    {HEAD "dane-only source=cache dane=secure host=mx.a.de/secure-usable",
     {.host = "mx.b.de", CERTIFICATE(TRUSTED, others)},
     WAXWING_SKIP,
     WAXWING_RESULT_DNSSEC_INVALID},
    {HEAD "dane-only source=cache dane=secure host=mx.a.de/secure-usable",
     {.host = "mx.b.de",
      CERTIFICATE(TRUSTED, others),
      .dane = WAXWING_DANE_SECURE_USABLE,
      .tlsa_match = 1,
      .tlsa_usage = 3},
     WAXWING_DELIVER,
     WAXWING_RESULT_NONE},
    /* DANE is open, the policy beside it forbids what it does not name. */
    {HEAD "dane-only mode=enforce source=cache mx=mx.a.de",
     {.host = "mx.b.de",
      CERTIFICATE(TRUSTED, others),
      .dane = WAXWING_DANE_SECURE_USABLE,
      .tlsa_match = 1,
      .tlsa_usage = 3},
     WAXWING_SKIP,
     WAXWING_RESULT_VALIDATION_FAILURE},
    {HEAD "dane-only mode=enforce source=cache dane=failed conflict=dane mx=mx.a.de",
     {.host = "mx.b.de",
      CERTIFICATE(TRUSTED, others),
      .dane = WAXWING_DANE_SECURE_USABLE,
      .tlsa_match = 1,
      .tlsa_usage = 3},
     WAXWING_DELIVER,
     WAXWING_RESULT_NONE},
    {HEAD "hold source=cache why=\"it is held\"",
     {.host = "mx.a.de", CERTIFICATE(TRUSTED, names)},
     WAXWING_SKIP,
     WAXWING_RESULT_NONE},
};

static struct waxwing_decision *ask(struct fake_daemon *f, struct waxwing_client *c, const char *text,
                                    bool first)
{
    struct waxwing_query *q;
    struct waxwing_decision *d;
    assert_null(waxwing_query_start(c, "a.de", &q));
    (void)waxwing_query_step(q);
    if (first)
        fake_daemon_take(f);
    fake_daemon_expect(f, "DECISION a.de");
    fake_daemon_reply(f, text);
    const struct waxwing_error *error = waxwing_query_result(q, &d);
    if (error != NULL)
        fail_msg("%s: %s", text, waxwing_error_id(error));
    return d;
}

static void judges_as_was_ordered(void **state)
{
    (void)state;
    struct fake_daemon f;
    struct waxwing_client *c;
    fake_daemon_up(&f);
    const struct waxwing_client_options o = {.size = sizeof o, .address = f.address};
    assert_null(waxwing_client_new(&o, &c));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct waxwing_decision *d = ask(&f, c, cases[i].text, i == 0);
        struct waxwing_seen seen = cases[i].seen;
        struct waxwing_judgement j = {.size = sizeof j};
        seen.size = sizeof seen;
        if (waxwing_judge(d, &seen, &j) != cases[i].action || j.result != cases[i].result)
            fail_msg("case %zu: %d, %s: %s", i, j.action, waxwing_result_name(j.result), j.why);
        waxwing_decision_free(d);
    }
    waxwing_client_free(c);
    fake_daemon_gone(&f);
}

static const struct allows_case {
    const char *text;
    const char *host;
    int allows;
} allows_cases[] = {
    {HEAD "none source=live", "mx.a.de", 1},
    {HEAD "hold source=live", "mx.a.de", 0},
    {HEAD "secure source=override override=secure", "mx.a.de", 1},
    {HEAD "testing mode=testing source=live test=mx.a.de", "mx.b.de", 1},
    {HEAD "dane-only mode=enforce source=live mx=mx.a.de", "mx.b.de", 0},
    {HEAD "dane-only mode=enforce source=live mx=mx.a.de", "MX.a.de.", 1},
    {HEAD
     "dane-only mode=enforce source=live dane=secure host=mx.b.de/secure-usable conflict=dane mx=mx.a.de",
     "mx.b.de", 1},
    {HEAD "dane-only mode=enforce source=live dane=secure host=mx.b.de/secure-usable mx=mx.a.de", "mx.b.de",
     0},
    {HEAD "dane-only mode=enforce source=live dane=secure host=mx.b.de/none conflict=dane mx=mx.a.de",
     "mx.b.de", 0},
    {HEAD
     "secure source=override override=secure dane=secure host=mx.b.de/secure-usable conflict=dane mx=mx.a.de",
     "mx.b.de", 0},
};

static void allows_hosts_by_their_names(void **state)
{
    (void)state;
    struct fake_daemon f;
    struct waxwing_client *c;
    fake_daemon_up(&f);
    const struct waxwing_client_options o = {.size = sizeof o, .address = f.address};
    assert_null(waxwing_client_new(&o, &c));
    for (size_t i = 0; i < COUNT(allows_cases); i++) {
        struct waxwing_decision *d = ask(&f, c, allows_cases[i].text, i == 0);
        if (waxwing_decision_allows(d, allows_cases[i].host) != allows_cases[i].allows)
            fail_msg("case %zu", i);
        waxwing_decision_free(d);
    }
    waxwing_client_free(c);
    fake_daemon_gone(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_as_was_ordered),
        cmocka_unit_test(allows_hosts_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
