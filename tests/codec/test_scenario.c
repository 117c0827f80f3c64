#include "codec/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The result, or the error behind "!"; free() it. */
static char *simulate(const char *p, size_t n, size_t *used)
{
    char why[WW_JSON_READ_WHY_SIZE] = "";
    struct ww_scenario *s = ww_scenario_read(p, n, used, why);
    char *text = NULL;
    if (s == NULL)
        assert_true(asprintf(&text, "!%s", why) > 0);
    else
        text = ww_scenario_result(s);
    ww_scenario_free(s);
    assert_non_null(text);
    return text;
}

/* The decision about the first host, without its words: "deliver sts null", behind the policy's own result.
 */
static char *decision(const char *json)
{
    size_t used;
    char *text = simulate(json, strlen(json), &used), *short_form = NULL;
    if (text[0] == '!')
        return text;
    json_t *root = json_loads(text, 0, NULL);
    const json_t *mx = json_array_get(json_object_get(root, "mx"), 0);
    const char *words[4] = {json_string_value(json_object_get(root, "policy_result"))};
    static const char *const keys[] = {"action", "policy_type", "result_type"};
    for (size_t i = 0; i < 3; i++)
        words[i + 1] = json_string_value(json_object_get(mx, keys[i]));
    for (size_t i = 0; i < 4; i++)
        words[i] = words[i] != NULL ? words[i] : "null";
    assert_true(asprintf(&short_form, "%s: %s %s %s", words[0], words[1], words[2], words[3]) > 0);
    json_decref(root);
    free(text);
    return short_form;
}

#define ENFORCE "{\"mode\":\"enforce\",\"max_age\":9,\"mx\":[\"*.b\"]}"
#define CACHED "{\"mode\":\"enforce\",\"max_age\":9,\"mx\":[\"*.b\"],\"age\":8}"
#define TESTING "{\"mode\":\"testing\",\"max_age\":9,\"mx\":[\"*.b\"]}"
#define BAD "\"mx\":[{\"host\":\"a.b\"}]"
#define OK_MX "\"mx\":[{\"host\":\"a.b\",\"cert\":{\"names\":[\"a.b\"]}}]"
#define MX(rest) "{\"policy\":" ENFORCE ",\"mx\":[{\"host\":\"a.b\"," rest "}]}"
#define DANE(rest) "{\"policy\":null,\"mx\":[{\"host\":\"a.b\"," rest "}]}"
#define NOTHING "null: deliver no-policy-found null"
#define GOOD "null: deliver sts null"
#define MISMATCH "null: skip sts certificate-host-mismatch"
#define NO_CERT "null: skip sts validation-failure"

static const struct {
    const char *json;
    const char *wanted;
} cases[] = {
    /* What is left out, and what is null. */
    {"{\"policy\":null," BAD "}", NOTHING},
    {"{\"policy\":" ENFORCE "," OK_MX "}", GOOD},
    {"{\"policy\":" ENFORCE "," BAD "}", NO_CERT},
    {"{\"policy\":" TESTING "," BAD "}", "null: deliver sts validation-failure"},
    {"{\"policy\":{\"mode\":\"none\"}," BAD "}", NOTHING},
    {"{\"policy\":{\"mode\":\"enforce\",\"mx\":[\"a.b\"]}," OK_MX "}", GOOD},
    {"{\"policy\":" ENFORCE ",\"cached\":null,\"discovery\":null,\"require_dane\":null," OK_MX "}", GOOD},
    {MX("\"starttls\":null,\"handshake\":null,\"tls_version\":null,\"cert\":null,\"dane\":null"), NO_CERT},
    {MX("\"cert\":{\"names\":null,\"cn\":null,\"status\":null}"), MISMATCH},
    {"{\"x\":[1],\"policy\":{\"mode\":\"enforce\",\"mx\":[\"a.b\"],\"y\":{}},\"mx\":[{\"host\":\"a.b\",\"z\":"
     "0,"
     "\"cert\":{\"names\":[\"a.b\"],\"w\":1}}],\"discovery\":{\"v\":2}}",
     GOOD},
    /* Discovery. */
    {"{\"policy\":null,\"cached\":" CACHED "," BAD "}", NO_CERT},
    {"{\"policy\":null,\"cached\":{\"mode\":\"enforce\",\"max_age\":9,\"mx\":[\"a.b\"],\"age\":9}," BAD "}",
     NOTHING},
    {"{\"policy\":null,\"cached\":{\"mode\":\"enforce\",\"max_age\":9,\"mx\":[\"a.b\"]}," BAD "}", NO_CERT},
    {"{\"policy\":null,\"discovery\":{\"fetch\":\"timeout\"}," BAD "}",
     "sts-policy-fetch-error: deliver no-policy-found null"},
    {"{\"policy\":null,\"discovery\":{\"txt\":\"none\",\"fetch\":\"timeout\"}," BAD "}", NOTHING},
    {"{\"policy\":null,\"discovery\":{\"txt\":\"none\"}," BAD "}", NOTHING},
    {"{\"policy\":null,\"discovery\":{\"txt\":\"ok\"}," BAD "}", NOTHING},
    {"{\"policy\":null,\"discovery\":{\"txt\":\"ok\",\"fetch\":\"ok\"}," BAD "}", NOTHING},
    {"{\"policy\":null,\"cached\":" CACHED
     ",\"discovery\":{\"txt\":\"ok-new-id\",\"fetch\":\"http-404\"}," BAD "}",
     "sts-policy-fetch-error: skip sts validation-failure"},
    {"{\"policy\":null,\"cached\":" CACHED ",\"discovery\":{\"txt\":\"ok\",\"fetch\":\"webpki-invalid\"}," BAD
     "}",
     "sts-webpki-invalid: skip sts validation-failure"},
    {"{\"policy\":null,\"discovery\":{\"txt\":\"ok\",\"fetch\":\"parse-error\"}," BAD "}",
     "sts-policy-invalid: deliver no-policy-found null"},
    {"{\"policy\":null,\"discovery\":{\"txt\":\"ok\",\"fetch\":\"not-attempted\"}," BAD "}", NOTHING},
    {"{\"policy\":" ENFORCE ",\"discovery\":{\"txt\":\"multiple\"}," BAD "}", NOTHING},
    {"{\"policy\":" ENFORCE ",\"discovery\":{\"fetch\":\"http-301\"}," BAD "}",
     "sts-policy-fetch-error: deliver no-policy-found null"},
    {"{\"policy\":" ENFORCE ",\"discovery\":{\"fetch\":\"http-200\"}," BAD "}", NO_CERT},
    {"{\"policy\":" ENFORCE ",\"discovery\":{\"fetch\":\"not-attempted\"}," BAD "}", NOTHING},
    /* What was fetched is no policy. */
    {"{\"policy\":{\"mode\":\"enforce\"}," BAD "}", "sts-policy-invalid: deliver no-policy-found null"},
    {"{\"policy\":{\"mode\":\"enforce\",\"mx\":[]}," BAD "}",
     "sts-policy-invalid: deliver no-policy-found null"},
    {"{\"policy\":{\"mode\":\"enforce\",\"mx\":[\"a.b\",\"*.*.b\"]}," OK_MX "}",
     "sts-policy-invalid: deliver no-policy-found null"},
    {"{\"policy\":{\"mode\":\"enforce\",\"mx\":[\"a.b\\nmode: none\"]},\"cached\":" CACHED "," OK_MX "}",
     "sts-policy-invalid: deliver sts null"},
    {"{\"policy\":{\"mode\":\"enforce\",\"max_age\":31557601,\"mx\":[\"a.b\"]}," OK_MX "}",
     "sts-policy-invalid: deliver no-policy-found null"},
    {"{\"policy\":{\"mode\":\"enforce\",\"max_age\":-1,\"mx\":[\"a.b\"]}," OK_MX "}",
     "sts-policy-invalid: deliver no-policy-found null"},
    {"{\"policy\":{\"mode\":\"enforce\",\"mx\":[]},\"discovery\":{\"fetch\":\"ok\"}," BAD "}",
     "sts-policy-invalid: deliver no-policy-found null"},
    {"{\"policy\":{\"mode\":\"enforce\",\"mx\":[]},\"discovery\":{\"fetch\":\"timeout\"}," BAD "}",
     "sts-policy-fetch-error: deliver no-policy-found null"},
    /* TLS. */
    {MX("\"starttls\":false"), "null: skip sts starttls-not-supported"},
    {MX("\"handshake\":\"fail\""), "null: skip sts validation-failure"},
    {MX("\"tls_version\":\"1.1\",\"cert\":{\"names\":[\"a.b\"]}"), "null: skip sts validation-failure"},
    {MX("\"tls_version\":\"1.0\",\"cert\":{\"names\":[\"a.b\"]}"), "null: skip sts validation-failure"},
    {MX("\"tls_version\":\"1.2\",\"cert\":{\"names\":[\"a.b\"]}"), GOOD},
    {MX("\"tls_version\":\"1.3\",\"cert\":{\"names\":[\"x\",\"a.b\"]}"), GOOD},
    {MX("\"cert\":{\"names\":[\"a.b\"],\"status\":\"ok\"}"), GOOD},
    {MX("\"cert\":{\"names\":[\"a.b\"],\"status\":\"expired\"}"), "null: skip sts certificate-expired"},
    {MX("\"cert\":{\"names\":[\"a.b\"],\"status\":\"untrusted\"}"), "null: skip sts certificate-not-trusted"},
    {MX("\"cert\":{\"names\":[\"a.b\"],\"status\":\"self-signed\"}"),
     "null: skip sts certificate-not-trusted"},
    {MX("\"cert\":{\"names\":[],\"cn\":\"a.b\"}"), MISMATCH},
    {MX("\"cert\":{\"names\":[]},\"cn\":\"a.b\""), MISMATCH},
    /* DANE. */
    {DANE("\"dane\":\"none\""), NOTHING},
    {DANE("\"dane\":\"insecure\""), NOTHING},
    {DANE("\"dane\":\"bogus\""), "null: skip tlsa dnssec-invalid"},
    {DANE("\"dane\":\"lookup-failed\""), "null: skip tlsa dnssec-invalid"},
    {DANE("\"dane\":\"secure-unusable\""), "null: deliver tlsa null"},
    {DANE("\"dane\":\"secure-unusable\",\"starttls\":false"), "null: skip tlsa starttls-not-supported"},
    {DANE("\"dane\":\"secure-usable\""), "null: skip tlsa tlsa-invalid"},
    {DANE("\"dane\":\"secure-usable\",\"tlsa_match\":false"), "null: skip tlsa tlsa-invalid"},
    {DANE("\"dane\":\"secure-usable\",\"tlsa_match\":true"), "null: deliver tlsa null"},
    {DANE("\"dane\":\"secure-usable\",\"tlsa_match\":true,\"tlsa_usage\":0"), "null: deliver tlsa null"},
    {DANE("\"dane\":\"secure-usable\",\"tlsa_match\":true,\"tlsa_usage\":2"),
     "null: skip tlsa certificate-host-mismatch"},
    {DANE("\"dane\":\"secure-usable\",\"tlsa_match\":true,\"tlsa_usage\":2,\"cert\":{\"names\":[\"a.b\"]}"),
     "null: deliver tlsa null"},
    {DANE("\"dane\":\"secure-usable\",\"tlsa_match\":true,\"tlsa_usage\":2,\"cert\":{},\"cn\":\"a.b\""),
     "null: deliver tlsa null"},
    {DANE("\"dane\":\"secure-usable\",\"tlsa_match\":true,\"tlsa_usage\":2,\"cert\":{\"cn\":\"x\"},\"cn\":"
          "\"a.b\""),
     "null: skip tlsa certificate-host-mismatch"},
    {"{\"policy\":null,\"require_dane\":true," OK_MX "}", "null: skip tlsa dane-required"},
    {"{\"policy\":null,\"domain\":\"b.c\",\"mx\":[{\"host\":\"a.b\",\"dane\":\"secure-usable\",\"tlsa_"
     "match\":true,"
     "\"tlsa_usage\":2,\"cert\":{\"names\":[\"b.c\"]}}]}",
     "null: deliver tlsa null"},
    {"{\"policy\":" ENFORCE
     ",\"mx\":[{\"host\":\"a.b\",\"dane\":\"secure-usable\",\"tlsa_match\":true,\"cert\":{}}]}",
     MISMATCH},
    {"{\"policy\":" ENFORCE ",\"dane_suffices\":true,\"mx\":[{\"host\":\"a.b\",\"dane\":\"secure-usable\","
     "\"tlsa_match\":true,\"cert\":{}}]}",
     "null: deliver tlsa null"},
    /* Errors, and their places. */
    {"[]", "!a scenario is an object"},
    {"", "!line 1, column 0: '[' or '{' expected near end of file"},
    {"{\"policy\":null", "!line 1, column 14: '}' expected near end of file"},
    {"{\"policy\":null,\"policy\":null,\"mx\":[]}",
     "!line 1, column 23: duplicate object key near '\"policy\"'"},
    {"{\"mx\":[]}", "!policy: it must be there, be it null"},
    {"{\"policy\":null}", "!mx: it must be there"},
    {"{\"policy\":null,\"mx\":null}", "!mx: it must be there"},
    {"{\"policy\":[],\"mx\":[]}", "!policy: an object is wanted"},
    {"{\"policy\":null,\"mx\":{}}", "!mx: an array is wanted"},
    {"{\"policy\":null,\"mx\":[null]}", "!mx[0]: an object is wanted"},
    {"{\"policy\":null,\"mx\":[{}]}", "!mx[0].host: it must be there"},
    {"{\"policy\":null,\"mx\":[{\"host\":\"a\"},{\"host\":7}]}", "!mx[1].host: a string is wanted"},
    {"{\"policy\":{},\"mx\":[]}", "!policy.mode: it must be there"},
    {"{\"policy\":{\"mode\":\"Enforce\"},\"mx\":[]}",
     "!policy.mode: one of these is wanted: none, testing, enforce"},
    {"{\"policy\":{\"mode\":\"none\",\"mx\":\"a\"},\"mx\":[]}", "!policy.mx: an array is wanted"},
    {"{\"policy\":{\"mode\":\"none\",\"mx\":[\"a\",1]},\"mx\":[]}", "!policy.mx[1]: a string is wanted"},
    {"{\"policy\":{\"mode\":\"none\",\"max_age\":1.5},\"mx\":[]}", "!policy.max_age: an integer is wanted"},
    {"{\"policy\":null,\"cached\":{\"mode\":\"none\",\"age\":-1},\"mx\":[]}",
     "!cached.age: it is below zero"},
    {"{\"policy\":null,\"cached\":{\"mode\":\"none\",\"age\":\"1\"},\"mx\":[]}",
     "!cached.age: an integer is wanted"},
    {"{\"policy\":null,\"cached\":{\"mode\":\"enforce\"},\"mx\":[]}",
     "!cached: the policy has no mx field, though its mode is not none"},
    {"{\"policy\":null,\"discovery\":{\"txt\":\"bad\"},\"mx\":[]}",
     "!discovery.txt: one of these is wanted: none, multiple, ok, ok-new-id"},
    {"{\"policy\":null,\"discovery\":{\"fetch\":\"http-4x4\"},\"mx\":[]}",
     "!discovery.fetch: one of these is wanted: ok, not-attempted, http- and a status, timeout, "
     "webpki-invalid, "
     "parse-error"},
    {"{\"policy\":null,\"discovery\":{\"fetch\":404},\"mx\":[]}", "!discovery.fetch: a string is wanted"},
    {"{\"policy\":null,\"require_dane\":1,\"mx\":[]}", "!require_dane: true or false is wanted"},
    {DANE("\"starttls\":\"yes\""), "!mx[0].starttls: true or false is wanted"},
    {DANE("\"handshake\":true"), "!mx[0].handshake: a string is wanted"},
    {DANE("\"tls_version\":\"1.23\""), "!mx[0].tls_version: a version as \"1.2\" is wanted"},
    {DANE("\"tls_version\":\"\""), "!mx[0].tls_version: a version as \"1.2\" is wanted"},
    {DANE("\"tls_version\":1.2"), "!mx[0].tls_version: a string is wanted"},
    {DANE("\"cert\":\"a.b\""), "!mx[0].cert: an object is wanted"},
    {DANE("\"cert\":{\"names\":\"a.b\"}"), "!mx[0].cert.names: an array is wanted"},
    {DANE("\"cert\":{\"names\":[\"a\",null]}"), "!mx[0].cert.names[1]: a string is wanted"},
    {DANE("\"cert\":{\"cn\":1}"), "!mx[0].cert.cn: a string is wanted"},
    {DANE("\"cert\":{\"status\":\"good\"}"),
     "!mx[0].cert.status: one of these is wanted: ok, expired, untrusted, self-signed"},
    {DANE("\"cn\":1"), "!mx[0].cn: a string is wanted"},
    {DANE("\"dane\":\"secure\""), "!mx[0].dane: one of these is wanted: none, insecure, secure-usable, "
                                  "secure-unusable, bogus, lookup-failed"},
    {DANE("\"tlsa_match\":1"), "!mx[0].tlsa_match: true or false is wanted"},
    {DANE("\"tlsa_usage\":256"), "!mx[0].tlsa_usage: it is not in 0 to 255"},
    {DANE("\"tlsa_usage\":-1"), "!mx[0].tlsa_usage: it is not in 0 to 255"},
};

static void judges_what_it_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *got = decision(cases[i].json);
        if (strcmp(got, cases[i].wanted) != 0)
            fail_msg("%s\n gives %s\n not   %s", cases[i].json, got, cases[i].wanted);
        free(got);
    }
}

static void writes_the_result(void **state)
{
    (void)state;
    size_t used;
    const char json[] =
        " {\"policy\":null,\"mx\":[{\"host\":\"B\xc3\xbc.c\"},{\"host\":\"a.b\",\"dane\":\"bogus\"}]} {";
    char *text = simulate(json, sizeof json - 1, &used);
    assert_string_equal(
        text,
        "{\"policy_result\":null,\"mx\":["
        "{\"host\":\"B\xc3\xbc.c\",\"action\":\"deliver\",\"policy_type\":\"no-policy-found\",\"result_"
        "type\":null,"
        "\"why\":\"the domain has no MTA-STS record; TLS is used when it is offered\","
        "\"source\":\"RFC 8461 section 3.1\"},"
        "{\"host\":\"a.b\",\"action\":\"skip\",\"policy_type\":\"tlsa\",\"result_type\":\"dnssec-invalid\","
        "\"why\":\"the answer about TLSA records does not stand up to DNSSEC, so the MX host counts as "
        "unreachable\",\"source\":\"RFC 7672 section 2.1.2\"}]}");
    free(text);
    /* What follows is another scenario. */
    assert_int_equal(used, sizeof json - 3);
}

static void stops_at_its_limit(void **state)
{
    (void)state;
    size_t used, n = WW_SCENARIO_MAX + 100;
    char *json = malloc(n);
    assert_non_null(json);
    memset(json, ' ', n);
    json[0] = '{';
    json[n - 1] = '}';
    char *text = simulate(json, n, &used);
    assert_string_equal(text, "!the scenario is longer than 1048576 octets");
    free(text);
    free(json);
}

/* A policy longer than 64 KiB is none, whatever it holds (RFC 8461 section 3.3). */
static void takes_no_policy_over_the_limit(void **state)
{
    (void)state;
    static char json[WW_POLICY_BODY_MAX * 2];
    struct ww_buf b = ww_buf(json, sizeof json - 1);
    ww_buf_str(&b, "{\"policy\":{\"mode\":\"enforce\",\"mx\":[\"a.b\"");
    for (size_t i = 0; i < WW_POLICY_BODY_MAX / 8; i++)
        ww_buf_str(&b, ",\"a.b\"");
    ww_buf_str(&b, "]}," OK_MX "}");
    assert_false(b.failed);
    char *got = decision(json);
    assert_string_equal(got, "sts-policy-invalid: deliver no-policy-found null");
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_what_it_reads),
        cmocka_unit_test(writes_the_result),
        cmocka_unit_test(stops_at_its_limit),
        cmocka_unit_test(takes_no_policy_over_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
