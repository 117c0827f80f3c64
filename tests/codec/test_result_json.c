#include "codec/result_json.h"

#include "core/result_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *line;
    const char *json;
} cases[] = {
    {"waxwing-result 1 domain=example.com result=success",
     "{\"version\":1,\"time\":null,\"domain\":\"example.com\",\"result\":\"success\",\"mx\":null,\"ip\":null,"
     "\"from\":null,\"policy\":null,\"mode\":null,\"policy_id\":null,\"tls\":null,\"text\":null,\"mta\":null,"
     "\"session\":null}"},
    {"waxwing-result 1 time=1795951484 domain=example.com result=certificate-expired mx=mx.example.com "
     "ip=192.0.2.1 "
     "from=2001:db8::1 policy=sts mode=enforce policy-id=1 tls=untrusted text=\"it \\\"has\\\" expired "
     "\\xc3\\xbc\" "
     "mta=exim session=a/b",
     "{\"version\":1,\"time\":\"2026-11-29T11:24:44Z\",\"domain\":\"example.com\",\"result\":\"certificate-"
     "expired\","
     "\"mx\":\"mx.example.com\",\"ip\":\"192.0.2.1\",\"from\":\"2001:db8::1\",\"policy\":\"sts\",\"mode\":"
     "\"enforce\","
     "\"policy_id\":\"1\",\"tls\":\"untrusted\",\"text\":\"it \\\"has\\\" expired "
     "\xc3\xbc\",\"mta\":\"exim\","
     "\"session\":\"a/b\"}"},
};

static void events_are_objects(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_tls_result r;
        size_t offset;
        assert_int_equal(ww_result_line_parse(cases[i].line, strlen(cases[i].line), &r, &offset), WW_OK);
        json_t *json = ww_result_json(&r);
        char *text = json_dumps(json, JSON_COMPACT);
        assert_string_equal(text, cases[i].json);
        free(text);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(events_are_objects)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
