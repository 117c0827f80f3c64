#include "publish/acme_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define PROBLEM                                                                \
    "uacme: challenge https://ca.example/chall/1 failed with status invalid\n" \
    "uacme: the server reported the following error:\n"

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *said, *words;
    } cases[] = {
        {"", ""},
        {"\n\n", ""},
        {"uacme: curl_get: GET https://ca.example/dir failed: Couldn't connect to server\n"
         "uacme: curl_get: waiting 5 seconds before retrying\n",
         "curl_get: GET https://ca.example/dir failed: Couldn't connect to server"},
        {"uacme: terms at https://ca.example/terms autoaccepted (-y)\nuacme: failed to create account\n",
         "failed to create account"},
        {"uacme: terms at https://ca.example/terms autoaccepted (-y)\n", ""},
        {"without a prefix", "without a prefix"},
        {PROBLEM
         "{\n    \"type\": \"urn:ietf:params:acme:error:dns\",\n    \"detail\": \"no such \\\"name\\\"\",\n"
         "    \"status\": 400\n}\nuacme: failed to authorize order\n",
         "no such \"name\""},
        /* What cannot be read, or does not say it. */
        {PROBLEM "{\n    \"detail\": \"cut he",
         "challenge https://ca.example/chall/1 failed with status invalid"},
        {PROBLEM "{\n    \"detail\": 7\n}\n",
         "challenge https://ca.example/chall/1 failed with status invalid"},
        {PROBLEM "{\n}\n", "challenge https://ca.example/chall/1 failed with status invalid"},
        /* Strangers' words. */
        {"{\n\"detail\": \"red \\u001b[31m\\u00e9\"}\n", "red \\027[31m\\195\\169"},
        {"uacme: \x1b[31m\n", "\\027[31m"},
    };
    char out[100];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ww_acme_words(ww_slice_str(cases[i].said), out, sizeof out);
        assert_string_equal(out, cases[i].words);
    }
}

static void test_cut(void **state)
{
    (void)state;
    char out[20];
    ww_acme_words(ww_slice_str("uacme: 12345678901234567890\n"), out, sizeof out);
    assert_string_equal(out, "1234567890123456...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
