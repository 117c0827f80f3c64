#include "codec/tlsrpt_datagram.h"

#include "../core/sessions_show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TOP \
    "{\"dpv\": \"1\",\"d\": \"example.com\",\"pr\": \"v=TLSRPTv1;rua=mailto:a@b.example\",\"policies\":"
#define NONE "{\"policy-type\":9,\"t\":0,\"f\":0}"
#define FAILED(detail) \
    TOP "[{\"policy-type\":9,\"failure-details\":[{\"c\":205," detail "}],\"t\":1,\"f\":1}]}"
#define RECORD " record=v=TLSRPTv1;rua=mailto:a@b.example"

static struct ww_datagram datagram;
static char room[WW_DATAGRAM_TEXT_MAX * 2];

static const char *show(void)
{
    struct ww_buf b = ww_buf(room, sizeof room - 1);
    for (size_t i = 0; i < datagram.count; i++)
        show_sessions(&b, &datagram.sessions[i]);
    room[b.n] = '\0';
    return room;
}

static const struct {
    const char *text;
    const char *shown;
} good[] = {
    /* as libtlsrpt writes them */
    {TOP "[{\"policy-type\":2,\"policy-domain\": \"example.com\",\"policy-string\":[\"version: STSv1\","
         "\"mode: enforce\",\"mx: *.Example.com\",\"max_age: 86400\"],\"mx-host\":[\"*.Example.com\"],"
         "\"t\":0,\"f\":0}]}",
     "example.com sts of=example.com strings=version: STSv1|mode: enforce|mx: *.Example.com|max_age: 86400| "
     "hosts=*.example.com|" RECORD " success+1\n"},
    {TOP "[{\"policy-type\":1,\"policy-domain\": \"mx1.example.com\",\"policy-string\":[\"3 1 1 1F85\"],"
         "\"failure-details\":[{\"c\":204,\"s\": \"192.0.2.1\",\"n\": \"mx1.example.com\","
         "\"h\": \"250-mx1.example.com\\r\\n250 STARTTLS\",\"r\": \"198.51.100.7\","
         "\"f\": \"certificate has expired\"}],\"t\":1,\"f\":1}]}",
     "example.com tlsa of=mx1.example.com strings=3 1 1 1f85|" RECORD " failure+1\n"
     "  certificate-expired+1 from=192.0.2.1 mx=mx1.example.com helo=mx1.example.com ip=198.51.100.7 "
     "why=certificate has expired\n"},
    /* one delivery under two policies; what has failed first went well in the end */
    {TOP "[{\"policy-type\":2,\"failure-details\":[{\"c\":201},{\"c\":205}],\"t\":2,\"f\":0}," NONE "]}",
     "example.com sts" RECORD " success+1\n  starttls-not-supported+1\n  validation-failure+1\n"
     "example.com no-policy-found" RECORD " success+1\n"},
    {TOP "[{\"policy-type\":1,\"t\":0,\"f\":1}]}", "example.com tlsa" RECORD " failure+1\n"},
    /* keys in another order, unknown ones, no version, no record */
    {" {\"x\": [{}], \"policies\": [{\"f\":0,\"\\u0074\":0,\"y\":null,\"policy-type\":9,\"x\":1,\"x\":2}],"
     "\"a key that is much longer than any that is known\": {}, \"d\":\"Example.COM.\"}\n",
     "example.com no-policy-found success+1\n"},
    {"{\"\\u0064 is not all of this key\": 1, \"d\":\"example.com\",\"policies\":[" NONE "]}",
     "example.com no-policy-found success+1\n"},
    {"{\"d\":\"example.com\",\"policies\":[{\"policy-string\":[\"B\",\"A\"],\"t\":0,\"f\":0,\"policy-type\":"
     "1}]}",
     "example.com tlsa strings=a|b| success+1\n"},
    /* mode testing */
    {TOP "[{\"policy-type\":2,\"policy-string\":[\"version: STSv1\",\"mode:testing\"],\"t\":0,\"f\":0}]}",
     "example.com sts strings=version: STSv1|mode:testing|" RECORD " unverified+1\n"},
    {TOP "[{\"policy-type\":2,\"policy-string\":[\"?\",\"mode: testing \"],\"t\":0,\"f\":1}]}",
     "example.com sts strings=?|mode: testing |" RECORD " failure+1\n"},
    {TOP "[{\"policy-type\":2,\"policy-string\":[\"mode: enforce\",\"mode: testing\"],\"t\":0,\"f\":0}]}",
     "example.com sts strings=mode: enforce|mode: testing|" RECORD " success+1\n"},
    {TOP "[{\"policy-type\":9,\"policy-string\":[\"mode: testing\"],\"t\":0,\"f\":0}]}",
     "example.com no-policy-found strings=mode: testing|" RECORD " success+1\n"},
    /* canonical forms */
    {TOP
     "[{\"policy-type\":1,\"policy-domain\":\"MX.Example.com.\",\"policy-string\":[\"3 1 1 FF\",\"2 0 1 AB\","
     "\"3 1 1 ff\",\"\",\"2 0 1 A\"],\"t\":0,\"f\":0}]}",
     "example.com tlsa of=mx.example.com strings=2 0 1 a|2 0 1 ab|3 1 1 ff|" RECORD " success+1\n"},
    {TOP "[{\"policy-type\":9,\"policy-domain\":\"no name\",\"policy-string\":[],\"mx-host\":[],"
         "\"failure-details\":[],\"t\":0,\"f\":0}]}",
     "example.com no-policy-found" RECORD " success+1\n"},
    {FAILED("\"s\":\"2001:DB8:0::1\",\"r\":\"::1:2\",\"n\":\"MX_1.example.com\""),
     "example.com no-policy-found" RECORD
     " failure+1\n  validation-failure+1 from=2001:db8::1 ip=::0.1.0.2\n"},
    {FAILED("\"s\":\"here\",\"r\":\"\",\"n\":\"MX.example.com.\""),
     "example.com no-policy-found" RECORD " failure+1\n  validation-failure+1 mx=mx.example.com\n"},
    {FAILED("\"h\":\"250 mx.example.com  hello \\n\""),
     "example.com no-policy-found" RECORD " failure+1\n  validation-failure+1 helo=mx.example.com  hello\n"},
    {FAILED("\"h\":\"2500 mx\""),
     "example.com no-policy-found" RECORD " failure+1\n  validation-failure+1 helo=2500 mx\n"},
    {FAILED("\"h\":\"250-\\r\\n250 STARTTLS\""),
     "example.com no-policy-found" RECORD " failure+1\n  validation-failure+1\n"},
    /* what a stranger may put into a text */
    {FAILED("\"h\":\"250-a\\u001b[2J\\u007f\\u009bz\\ud83d\\ude00~\xff\xc3\\r\\n\",\"a\":\"https://x.example/"
            "\\t\","
            "\"f\":\"x\\ny\""),
     "example.com no-policy-found" RECORD
     " failure+1\n  validation-failure+1 helo=a [2J  z\xf0\x9f\x98\x80~?? "
     "info=https://x.example/  why=x y\n"},
    {TOP "[{\"policy-type\":2,\"policy-string\":[\"a\\nmode: testing\"],\"mx-host\":[\"\\u0001\xff\"],"
         "\"t\":0,\"f\":0}]}",
     "example.com sts strings=a mode: testing| hosts= ?|" RECORD " success+1\n"},
    {"{\"d\":\"example.com\",\"pr\":\"v=TLSRPTv1;\\n\",\"policies\":[" NONE "]}",
     "example.com no-policy-found success+1\n"},
    {"{\"d\":\"example.com\",\"pr\":\"v=TLSRPTv1; \xc3\xa4\",\"policies\":[" NONE "]}",
     "example.com no-policy-found success+1\n"},
    {"{\"d\":\"example.com\",\"\xff\":\"\xff\",\"policies\":[" NONE "]}",
     "example.com no-policy-found success+1\n"},
};

static void datagrams_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        size_t offset, n = strlen(good[i].text);
        enum ww_err err = ww_datagram_parse(good[i].text, n, &datagram, &offset);
        if (err != WW_OK)
            fail_msg("%s: %s at %zu", good[i].text, ww_err_id(err), offset);
        assert_int_equal(offset, n);
        assert_string_equal(show(), good[i].shown);
    }
}

/* The bad value begins at the circumflex, which is no part of the text. */
static const struct {
    const char *text;
    enum ww_err err;
} bad[] = {
    {"^", WW_E_DATAGRAM_JSON},
    {"{^", WW_E_DATAGRAM_JSON},
    {TOP "[" NONE "]}^x", WW_E_DATAGRAM_JSON},
    {TOP "[" NONE "]^", WW_E_DATAGRAM_JSON},
    {"{\"d\":\"example.com^", WW_E_DATAGRAM_JSON},
    {"{\"d\":\"a\\u0000^\"}", WW_E_DATAGRAM_JSON},
    {"{\"x\":^tru}", WW_E_DATAGRAM_JSON},
    {"^[]", WW_E_DATAGRAM_TYPE},
    {"^{\"policies\":[" NONE "]}", WW_E_DATAGRAM_MISSING},
    {"^{\"dpv\":\"1\",\"d\":\"example.com\"}", WW_E_DATAGRAM_MISSING},
    {"{\"dpv\": ^\"2\",\"d\":\"example.com\",\"policies\":[" NONE "]}", WW_E_DATAGRAM_VERSION},
    {"{\"dpv\":^\"\"}", WW_E_DATAGRAM_VERSION},
    {"{\"dpv\":^1}", WW_E_DATAGRAM_VERSION},
    {"{\"d\":^\"\"}", WW_E_DATAGRAM_DOMAIN},
    {"{\"d\":^\"a b\"}", WW_E_DATAGRAM_DOMAIN},
    {"{\"d\":^\"192.0.2.1\"}", WW_E_DATAGRAM_DOMAIN},
    {"{\"d\":^\"b\xc3\xbc.example\"}", WW_E_DATAGRAM_DOMAIN},
    {"{\"d\":^1}", WW_E_DATAGRAM_TYPE},
    {"{\"pr\":^null}", WW_E_DATAGRAM_TYPE},
    {"{\"d\":\"a.example\", \"d\": ^\"a.example\"}", WW_E_DATAGRAM_KEY_TWICE},
    {"{\"dpv\":\"1\",\"d\\u0070v\":^\"1\"}", WW_E_DATAGRAM_KEY_TWICE},
    {TOP "^[]}", WW_E_DATAGRAM_POLICIES},
    {TOP "^{}}", WW_E_DATAGRAM_TYPE},
    {TOP "[^1]}", WW_E_DATAGRAM_TYPE},
    {TOP "[" NONE ",^{\"t\":0,\"f\":0}]}", WW_E_DATAGRAM_MISSING},
    {TOP "[^{\"policy-type\":9,\"f\":0}]}", WW_E_DATAGRAM_MISSING},
    {TOP "[^{\"policy-type\":9,\"t\":0}]}", WW_E_DATAGRAM_MISSING},
    {TOP "[{\"policy-type\":9,\"t\":0,\"f\":0,\"f\":^0}]}", WW_E_DATAGRAM_KEY_TWICE},
    {TOP "[{\"policy-type\":^3}]}", WW_E_DATAGRAM_POLICY_TYPE},
    {TOP "[{\"policy-type\":^0}]}", WW_E_DATAGRAM_POLICY_TYPE},
    {TOP "[{\"policy-type\":^\"sts\"}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"policy-type\":^9.0}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"policy-type\":^9e0}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"policy-type\":^-9}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"policy-type\":^4294967305}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"policy-type\":9.^}]}", WW_E_DATAGRAM_JSON},
    {TOP "[{\"f\":^2}]}", WW_E_DATAGRAM_RESULT},
    {TOP "[{\"f\":^true}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[^{\"policy-type\":9,\"t\":1,\"f\":1}]}", WW_E_DATAGRAM_COUNT},
    {TOP "[^{\"policy-type\":9,\"failure-details\":[{\"c\":201}],\"t\":0,\"f\":1}]}", WW_E_DATAGRAM_COUNT},
    {TOP "[" NONE ",^{\"policy-type\":9,\"t\":99999999,\"f\":1}]}", WW_E_DATAGRAM_COUNT},
    {TOP "[{\"policy-string\":^\"a\"}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"policy-string\":[\"a\",^1]}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"mx-host\":[^[]]}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"policy-domain\":^false}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"failure-details\":^{}}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"failure-details\":[^[]]}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"failure-details\":[^{}]}]}", WW_E_DATAGRAM_MISSING},
    {TOP "[{\"failure-details\":[{\"c\":^200}]}]}", WW_E_DATAGRAM_CODE},
    {TOP "[{\"failure-details\":[{\"c\":^206}]}]}", WW_E_DATAGRAM_CODE},
    {TOP "[{\"failure-details\":[{\"c\":^901}]}]}", WW_E_DATAGRAM_CODE},
    {TOP "[{\"failure-details\":[{\"c\":201,\"h\":^1}]}]}", WW_E_DATAGRAM_TYPE},
    {TOP "[{\"failure-details\":[{\"c\":201,\"c\":^201}]}]}", WW_E_DATAGRAM_KEY_TWICE},
};

static void what_breaks_a_rule_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char text[512];
        size_t offset, n = strlen(bad[i].text) - 1, wanted = (size_t)(strchr(bad[i].text, '^') - bad[i].text);
        memcpy(text, bad[i].text, wanted);
        memcpy(text + wanted, bad[i].text + wanted + 1, n - wanted);
        enum ww_err err = ww_datagram_parse(text, n, &datagram, &offset);
        if (err != bad[i].err || offset != wanted)
            fail_msg("%s: %s at %zu", bad[i].text, ww_err_id(err), offset);
    }
}

static void every_code_is_a_result_type(void **state)
{
    static const struct {
        int code;
        const char *name;
    } codes[] = {
        {201, "starttls-not-supported"},
        {202, "certificate-host-mismatch"},
        {203, "certificate-not-trusted"},
        {204, "certificate-expired"},
        {205, "validation-failure"},
        {301, "sts-policy-fetch-error"},
        {302, "sts-policy-invalid"},
        {303, "sts-webpki-invalid"},
        {304, "tlsa-invalid"},
        {305, "dnssec-invalid"},
        {306, "dane-required"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        char text[512];
        size_t offset;
        int n = snprintf(text, sizeof text,
                         TOP "[{\"policy-type\":9,\"failure-details\":[{\"c\":%d}],\"t\":1,\"f\":1}]}",
                         codes[i].code);
        assert_int_equal(ww_datagram_parse(text, (size_t)n, &datagram, &offset), WW_OK);
        assert_string_equal(ww_result_type_name(datagram.details[0].type), codes[i].name);
    }
}

/* ---- limits ---- */

static char *large;
static struct ww_buf b;

static int make_large(void **state)
{
    (void)state;
    large = malloc(2 * WW_DATAGRAM_MAX);
    b = ww_buf(large, 2 * WW_DATAGRAM_MAX);
    return large != NULL ? 0 : -1;
}

static int free_large(void **state)
{
    (void)state;
    free(large);
    return 0;
}

static void repeat(const char *text, size_t count, const char *between)
{
    for (size_t i = 0; i < count; i++) {
        ww_buf_str(&b, i > 0 ? between : "");
        ww_buf_str(&b, text);
    }
}

static enum ww_err parse_large(void)
{
    size_t offset;
    assert_false(b.failed);
    enum ww_err err = ww_datagram_parse(b.p, b.n, &datagram, &offset);
    assert_true(offset <= b.n);
    b.n = 0;
    return err;
}

static enum ww_err with_policies(size_t count)
{
    ww_buf_str(&b, TOP "[");
    repeat(NONE, count, ",");
    ww_buf_str(&b, "]}");
    return parse_large();
}

static enum ww_err with_details(size_t count)
{
    char end[64];
    ww_buf_str(&b, TOP "[" NONE ",{\"policy-type\":2,\"failure-details\":[");
    repeat("{\"c\":201}", count, ",");
    (void)snprintf(end, sizeof end, "],\"t\":%zu,\"f\":1}]}", count);
    ww_buf_str(&b, end);
    return parse_large();
}

static void too_many_are_refused(void **state)
{
    (void)state;
    assert_int_equal(with_policies(WW_DATAGRAM_POLICIES_MAX), WW_OK);
    assert_int_equal(datagram.count, WW_DATAGRAM_POLICIES_MAX);
    assert_int_equal(with_policies(WW_DATAGRAM_POLICIES_MAX + 1), WW_E_DATAGRAM_POLICIES);
    assert_int_equal(with_details(WW_DATAGRAM_DETAILS_MAX), WW_OK);
    assert_int_equal(datagram.sessions[1].detail_count, WW_DATAGRAM_DETAILS_MAX);
    assert_int_equal(with_details(WW_DATAGRAM_DETAILS_MAX + 1), WW_E_DATAGRAM_DETAILS);
}

static enum ww_err with_list(const char *key, const char *string, size_t count)
{
    ww_buf_str(&b, TOP "[{\"policy-type\":1,\"t\":0,\"f\":0,\"");
    ww_buf_str(&b, key);
    ww_buf_str(&b, "\":[");
    repeat(string, count, ",");
    ww_buf_str(&b, "]}]}");
    return parse_large();
}

static void long_lists_are_cut_at_a_line(void **state)
{
    (void)state;
    const struct ww_sessions_policy *policy = &datagram.sessions[0].policy;
    char line[1026] = "\"";
    memset(line + 1, 'a', sizeof line - 3);
    memcpy(line + sizeof line - 2, "\"", 2);
    assert_int_equal(with_list("mx-host", line, 8), WW_OK);
    assert_int_equal(policy->mx_hosts.n, WW_SESSIONS_MX_HOSTS_MAX);
    assert_int_equal(with_list("mx-host", line, 9), WW_OK);
    assert_int_equal(policy->mx_hosts.n, WW_SESSIONS_MX_HOSTS_MAX);
    line[1024] = 'a';
    line[1025] = '\0';
    ww_buf_str(&b, TOP "[{\"policy-type\":2,\"t\":0,\"f\":0,\"policy-string\":[");
    repeat("\"a\",\"", 1, "");
    for (size_t i = 0; i < WW_SESSIONS_STRINGS_MAX - 2; i++)
        ww_buf_char(&b, 'b');
    ww_buf_str(&b, "\",\"c\"]}]}");
    assert_int_equal(parse_large(), WW_OK);
    assert_true(ww_slice_is(policy->strings, "a\n"));
    assert_int_equal(with_list("policy-string", "\"3 1 1 00\"", 5000), WW_OK);
    assert_true(ww_slice_is(policy->strings, "3 1 1 00\n"));
}

/* Of TLSA records, which are sorted, only so many are looked at. */
static void many_tlsa_records_are_cut(void **state)
{
    (void)state;
    size_t lines = 0;
    ww_buf_str(&b, TOP "[{\"policy-type\":1,\"t\":0,\"f\":0,\"policy-string\":[\"0\"");
    for (unsigned i = 1000; i > 0; i--) {
        ww_buf_str(&b, ",\"");
        ww_buf_decimal(&b, i);
        ww_buf_str(&b, "\"");
    }
    ww_buf_str(&b, "]}]}");
    assert_int_equal(parse_large(), WW_OK);
    struct ww_slice strings = datagram.sessions[0].policy.strings;
    for (size_t i = 0; i < strings.n; i++)
        lines += strings.p[i] == '\n';
    assert_int_equal(lines, 256);
    assert_true(ww_slice_starts(strings, "0\n1000\n746\n747\n"));
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    ww_buf_str(&b, TOP "[{\"policy-type\":9,\"t\":1,\"f\":1,\"failure-details\":[{\"c\":201,\"f\":\"");
    repeat("\xe2\x82\xac", 1000, "");
    ww_buf_str(&b, "\",\"h\":\"250 ");
    repeat("x", WW_SESSIONS_TEXT_MAX + 1, "");
    ww_buf_str(&b, "\"}]}]}");
    assert_int_equal(parse_large(), WW_OK);
    assert_int_equal(datagram.details[0].reason.n, WW_SESSIONS_TEXT_MAX - 2);
    assert_int_equal(datagram.details[0].helo.n, WW_SESSIONS_TEXT_MAX);
}

static size_t record_of(size_t n)
{
    ww_buf_str(&b, "{\"d\":\"example.com\",\"policies\":[" NONE "],\"pr\":\"");
    repeat("r", n, "");
    ww_buf_str(&b, "\"}");
    assert_int_equal(parse_large(), WW_OK);
    return datagram.sessions[0].record.n;
}

static void a_record_that_is_too_long_is_none(void **state)
{
    (void)state;
    assert_int_equal(record_of(WW_SESSIONS_RECORD_MAX), WW_SESSIONS_RECORD_MAX);
    assert_int_equal(record_of(WW_SESSIONS_RECORD_MAX + 1), 0);
}

static enum ww_err filled_to(size_t n)
{
    static const char begin[] = TOP "[" NONE "],\"x\":\"";
    ww_buf_str(&b, begin);
    repeat("x", n - sizeof begin - 1, "");
    ww_buf_str(&b, "\"}");
    assert_int_equal(b.n, n);
    return parse_large();
}

static void the_longest_is_read(void **state)
{
    (void)state;
    assert_int_equal(filled_to(WW_DATAGRAM_MAX), WW_OK);
    assert_int_equal(filled_to(WW_DATAGRAM_MAX + 1), WW_E_DATAGRAM_TOO_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_are_read),           cmocka_unit_test(what_breaks_a_rule_is_refused),
        cmocka_unit_test(every_code_is_a_result_type),  cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(long_lists_are_cut_at_a_line), cmocka_unit_test(many_tlsa_records_are_cut),
        cmocka_unit_test(long_texts_are_cut),           cmocka_unit_test(a_record_that_is_too_long_is_none),
        cmocka_unit_test(the_longest_is_read),
    };
    return cmocka_run_group_tests(tests, make_large, free_large);
}
