#include "codec/lint_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect(char *json, const char *expected)
{
    assert_non_null(json);
    assert_string_equal(json, expected);
    free(json);
}

static void writes_records(void **state)
{
    (void)state;
    struct ww_lint_record lint;
    char scratch[100];
    const char sts[] = "\"v=STSv1; id=1\"", tlsrpt[] = "\"v=TLSRPTv1; rua=mailto:a@b.c/\\\"d\"";
    ww_lint_sts_record(sts, sizeof sts - 1, scratch, &lint);
    expect(ww_lint_sts_json(&lint), "{\"result\":\"valid\",\"id\":\"1\",\"findings\":[]}");
    ww_lint_sts_record("", 0, scratch, &lint);
    expect(ww_lint_sts_json(&lint), "{\"result\":\"none\",\"findings\":[{\"id\":\"sts-none\",\"severity\":"
                                    "\"info\",\"offset\":0,\"message\":"
                                    "\"there is no MTA-STS record: the domain does not take "
                                    "part\",\"source\":\"RFC 8461 section 3.1\"}]}");
    ww_lint_tlsrpt_record(tlsrpt, sizeof tlsrpt - 1, scratch, &lint);
    expect(ww_lint_tlsrpt_json(&lint), "{\"result\":\"invalid\",\"findings\":[{\"id\":\"uri-character\","
                                       "\"severity\":\"error\",\"offset\":30,"
                                       "\"message\":\"a character is not allowed at this place of a "
                                       "URI\",\"source\":\"RFC 3986 section 2\"}]}");
    ww_lint_tlsrpt_record(tlsrpt, sizeof tlsrpt - 5, scratch, &lint);
    assert_int_equal(lint.verdict, WW_VERDICT_INVALID); /* its quote is cut off */
    ww_lint_tlsrpt_record("\"v=TLSRPTv1;rua=mailto:a@b,urn:c\"", 33, scratch, &lint);
    lint.findings.count = 0;
    expect(ww_lint_tlsrpt_json(&lint),
           "{\"result\":\"valid\",\"rua\":[\"mailto:a@b\",\"urn:c\"],\"findings\":[]}");
}

static void writes_policies(void **state)
{
    (void)state;
    struct ww_lint_policy lint;
    const char body[] = "mx: B.c\r\nversion: STSv1\r\nmode: testing\r\nmx: *.a.b\r\nmax_age: 31557600";
    ww_lint_policy(body, sizeof body - 1, &lint);
    lint.findings.count = 0;
    expect(ww_lint_policy_json(&lint),
           "{\"result\":\"valid\",\"version\":\"STSv1\",\"mode\":\"testing\",\"max_age\":"
           "31557600,\"mx\":[\"B.c\",\"*.a.b\"],\"findings\":[]}");
    ww_lint_policy(body, sizeof body - 2, &lint);
    lint.findings.count = 0;
    expect(ww_lint_policy_json(&lint),
           "{\"result\":\"valid\",\"version\":\"STSv1\",\"mode\":\"testing\",\"max_age\":"
           "3155760,\"mx\":[\"B.c\",\"*.a.b\"],\"findings\":[]}");
    ww_lint_policy(body, 8, &lint);
    lint.findings.count = 0;
    expect(ww_lint_policy_json(&lint), "{\"result\":\"invalid\",\"findings\":[]}");
}

static void writes_matches(void **state)
{
    (void)state;
    struct ww_lint_mx lint;
    ww_lint_mx(ww_slice_str("*.a.b"), ww_slice_str("c.a.b"), false, &lint);
    expect(ww_lint_mx_json(&lint), "{\"result\":\"match\",\"findings\":[]}");
    ww_lint_mx(ww_slice_str("*.a.b"), ww_slice_str("c.d"), true, &lint);
    expect(ww_lint_mx_json(&lint), "{\"result\":\"no-match\",\"findings\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_records),
        cmocka_unit_test(writes_policies),
        cmocka_unit_test(writes_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
