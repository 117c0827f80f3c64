#include "engine/sts_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void expect(enum ww_discovery_outcome outcome, enum ww_err why, const char *type)
{
    const struct ww_discovery_result result = {.outcome = outcome, .why = why};
    const char *is = ww_result_type_name(ww_sts_result(&result));
    if (strcmp(is != NULL ? is : "nothing", type) != 0)
        fail_msg("%s by %s is %s, not %s", ww_discovery_outcome_name(outcome), ww_err_id(why),
                 is != NULL ? is : "nothing", type);
}

/* Every error of net and drive that a fetch can end by, and those of the engine. */
static const struct {
    enum ww_err why;
    const char *type;
} fetches[] = {
    {WW_E_FETCH_NO_ADDRESS, "sts-policy-fetch-error"},
    {WW_E_FETCH_ADDRESS_REFUSED, "sts-policy-fetch-error"},
    {WW_E_DNS_TIMEOUT, "sts-policy-fetch-error"},
    {WW_E_DNS_SERVFAIL, "sts-policy-fetch-error"},
    {WW_E_DNS_BOGUS, "sts-policy-fetch-error"},
    {WW_E_DNS_REFUSED, "sts-policy-fetch-error"},
    {WW_E_DNS_NAME, "sts-policy-fetch-error"},
    {WW_E_DNS_RCODE, "sts-policy-fetch-error"},
    {WW_E_DNS_MALFORMED, "sts-policy-fetch-error"},
    {WW_E_DNS_UNREACHABLE, "nothing"},
    {WW_E_DNS_NO_WAY, "nothing"},
    {WW_E_DNS_BUSY, "nothing"},
    {WW_E_HTTPS_CONNECT, "sts-policy-fetch-error"},
    {WW_E_HTTPS_TIMEOUT, "sts-policy-fetch-error"},
    {WW_E_HTTPS_RESET, "sts-policy-fetch-error"},
    {WW_E_HTTPS_TLS, "sts-policy-fetch-error"},
    {WW_E_HTTPS_TLS_VERSION, "sts-policy-fetch-error"},
    {WW_E_HTTPS_HEADERS, "sts-policy-fetch-error"},
    {WW_E_HTTPS_EMPTY, "sts-policy-fetch-error"},
    {WW_E_HTTPS_CUT, "sts-policy-fetch-error"},
    {WW_E_HTTPS_CODING, "sts-policy-fetch-error"},
    {WW_E_HTTPS_PROTOCOL, "sts-policy-fetch-error"},
    {WW_E_HTTPS_OTHER, "sts-policy-fetch-error"},
    {WW_E_HTTP_REDIRECT, "sts-policy-fetch-error"},
    {WW_E_HTTP_STATUS, "sts-policy-fetch-error"},
    {WW_E_HTTPS_TOO_LARGE, "sts-policy-invalid"},
    {WW_E_MEDIA_TYPE, "sts-policy-invalid"},
    {WW_E_HTTPS_CERT_EXPIRED, "sts-webpki-invalid"},
    {WW_E_HTTPS_CERT_EARLY, "sts-webpki-invalid"},
    {WW_E_HTTPS_CERT_UNTRUSTED, "sts-webpki-invalid"},
    {WW_E_HTTPS_CERT_SELF_SIGNED, "sts-webpki-invalid"},
    {WW_E_HTTPS_CERT_CHAIN, "sts-webpki-invalid"},
    {WW_E_HTTPS_CERT_NAME, "sts-webpki-invalid"},
    {WW_E_HTTPS_CERT_NO_SAN, "sts-webpki-invalid"},
    {WW_E_HTTPS_CERT, "sts-webpki-invalid"},
    {WW_OK, "nothing"},
    {WW_E_HTTPS_ADDRESS, "nothing"},
    {WW_E_NO_MEMORY, "nothing"},
    {WW_E_FETCH_WAITS, "nothing"},
    {WW_E_RESOLVER_BUSY, "nothing"},
    {WW_E_CHAN_DOWN, "nothing"},
    {WW_E_CHAN_FULL, "nothing"},
};

static void a_failed_fetch_is_told_by_its_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fetches); i++)
        expect(WW_FOUND_FETCH_FAILURE, fetches[i].why, fetches[i].type);
}

/* An error of net that is new has to be given a type here, too. */
static void no_error_of_https_is_left_out(void **state)
{
    (void)state;
    for (int err = WW_E_HTTPS_ADDRESS; err <= WW_E_HTTPS_OTHER; err++) {
        size_t i = 0;
        while (i < COUNT(fetches) && (int)fetches[i].why != err)
            i++;
        if (i == COUNT(fetches))
            fail_msg("%s is in no row", ww_err_id((enum ww_err)err));
    }
}

static void other_outcomes(void **state)
{
    static const struct {
        enum ww_discovery_outcome outcome;
        enum ww_err why;
        const char *type;
    } cases[] = {
        {WW_FOUND_POLICY, WW_OK, "nothing"},
        {WW_FOUND_UNCHANGED, WW_OK, "nothing"},
        {WW_FOUND_NO_RECORD, WW_OK, "nothing"},
        {WW_FOUND_RECORD_INVALID, WW_E_STS_TOO_MANY, "nothing"},
        /* What DNS did not answer at the record: nobody knows that there is a policy. */
        {WW_FOUND_DNS_FAILURE, WW_E_DNS_TIMEOUT, "nothing"},
        {WW_FOUND_DNS_FAILURE, WW_E_CHAN_DOWN, "nothing"},
        {WW_FOUND_POLICY_INVALID, WW_E_POLICY_HTML, "sts-policy-invalid"},
        {WW_FOUND_POLICY_INVALID, WW_E_POLICY_COLON, "sts-policy-invalid"},
        /* The fetch that it waits for was told. */
        {WW_FOUND_WAITING, WW_E_FETCH_WAITS, "nothing"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect(cases[i].outcome, cases[i].why, cases[i].type);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_fetch_is_told_by_its_error),
        cmocka_unit_test(no_error_of_https_is_left_out),
        cmocka_unit_test(other_outcomes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
