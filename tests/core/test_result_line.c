#include "core/result_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define HEAD "waxwing-result 1 "
#define GOOD HEAD "domain=example.com result=success"

/* What is read is written again in the order of the keys. */
static const struct {
    const char *line;
    const char *written;
} good_cases[] = {
    {GOOD, GOOD},
    {"waxwing-result  1  result=success   domain=Example.COM. ", GOOD},
    {GOOD " time=1795951485", HEAD "time=1795951485 domain=example.com result=success"},
    {GOOD " mx=MX.example.com ip=192.0.2.1 from=2001:DB8::0:1",
     GOOD " mx=mx.example.com ip=192.0.2.1 from=2001:db8::1"},
    {GOOD " mx= ip= text=\"\"", GOOD},
    {GOOD " policy=sts mode=testing policy-id=20261101 tls=untrusted",
     GOOD " policy=sts mode=testing policy-id=20261101 tls=untrusted"},
    {GOOD " policy=no-policy-found mode=none tls=none", GOOD " policy=no-policy-found mode=none tls=none"},
    {GOOD " policy=tlsa tls=some mta=sendmail session=D34693FE/mx/192.0.2.1",
     GOOD " policy=tlsa tls=some mta=sendmail session=D34693FE/mx/192.0.2.1"},
    {HEAD "domain=example.com result=sts-webpki-invalid",
     HEAD "domain=example.com result=sts-webpki-invalid"},
    {GOOD " text=word", GOOD " text=word"},
    {GOOD " text=\"word\"", GOOD " text=word"},
    {GOOD " text=\"two words, a \\\"quote\\\" and a \\\\\"",
     GOOD " text=\"two words, a \\\"quote\\\" and a \\\\\""},
    /* Control characters are none of a text. */
    {GOOD " text=\"a\\n\\r\\tb\tc\\x1b[31m\\x7f\"", GOOD " text=\"a   b c [31m \""},
    {GOOD " text=\"Gr\xc3\xbc\xc3\x9f"
          "e \\xc3\\xbc\"",
     GOOD " text=\"Gr\\xc3\\xbc\\xc3\\x9f"
          "e \\xc3\\xbc\""},
    {GOOD " text=\"not UTF-8: \xff\"", GOOD " text=\"not UTF-8: ?\""},
    {GOOD " text=\"C1: \xc2\x9b\"", GOOD " text=\"C1:  \""},
    {GOOD " later=\"any thing\" x-1=y", GOOD},
};

static void reads_and_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_cases); i++) {
        const char *line = good_cases[i].line;
        char text[WW_RESULT_LINE_MAX + 1];
        struct ww_buf b = ww_buf(text, sizeof text - 1);
        struct ww_tls_result r;
        size_t offset;
        enum ww_err err = ww_result_line_parse(line, strlen(line), &r, &offset);
        if (err != WW_OK)
            fail_msg("%s: %s at %zu", line, ww_err_id(err), offset);
        ww_result_line_put(&b, &r);
        text[b.n] = '\0';
        assert_string_equal(text, good_cases[i].written);
    }
}

#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *line;
    enum ww_err err;
    size_t offset;
} bad_cases[] = {
    {"", WW_E_RESULT_KIND, 0},
    {"waxwing-results 1 domain=a.example result=success", WW_E_RESULT_KIND, 0},
    {" " GOOD, WW_E_RESULT_KIND, 0},
    {"waxwing-result", WW_E_RESULT_VERSION, 14},
    {"waxwing-result domain=example.com result=success", WW_E_RESULT_VERSION, 15},
    {"waxwing-result 2 domain=example.com result=success", WW_E_RESULT_VERSION, 15},
    {"waxwing-result 11 domain=example.com result=success", WW_E_RESULT_VERSION, 15},
    {"waxwing-result 1", WW_E_RESULT_MISSING, 16},
    {HEAD "domain=example.com", WW_E_RESULT_MISSING, 35},
    {HEAD "domain=example.com result=", WW_E_RESULT_MISSING, 43},
    {HEAD "result=success", WW_E_RESULT_MISSING, 31},
    {HEAD "result=success domain=\"\"", WW_E_RESULT_MISSING, 41},
    {GOOD " word", WW_E_RESULT_PAIR, 51},
    {GOOD " =word", WW_E_RESULT_PAIR, 51},
    {GOOD " a_key_of_thirty-three.characters1=x", WW_E_RESULT_PAIR, 51},
    {GOOD " domain=example.com", WW_E_RESULT_TWICE, 51},
    {GOOD " text= text=x", WW_E_RESULT_TWICE, 57},
    {GOOD " text=a\"b\"", WW_E_RESULT_QUOTE, 51},
    {GOOD " text=a\\b", WW_E_RESULT_QUOTE, 51},
    {GOOD " text=\"a", WW_E_RESULT_QUOTE, 51},
    {GOOD " text=\"a\"b", WW_E_RESULT_QUOTE, 51},
    {GOOD " text=\"a\\\"", WW_E_RESULT_QUOTE, 51},
    {GOOD " text=\"a\\q\"", WW_E_RESULT_QUOTE, 51},
    {GOOD " text=\"a\\x0", WW_E_RESULT_QUOTE, 51},
    {GOOD " text=\"a\\xg0\"", WW_E_RESULT_QUOTE, 51},
    {GOOD " text=\"a\\x00\"", WW_E_RESULT_QUOTE, 51},
    {GOOD " text=\"a\nb\"", WW_E_RESULT_OCTET, 51},
    {GOOD " text=a\tb", WW_E_RESULT_OCTET, 51},
    {GOOD " text=\xc3\xbc", WW_E_RESULT_OCTET, 51},
    {GOOD " later=\"a", WW_E_RESULT_QUOTE, 51},
    {HEAD "result=maybe domain=example.com", WW_E_RESULT_VALUE, 17},
    {HEAD "result=Success domain=example.com", WW_E_RESULT_VALUE, 17},
    {HEAD "domain=exam_ple.com result=success", WW_E_DNAME_CHARACTER, 17},
    {HEAD "domain=192.0.2.1 result=success", WW_E_DNAME_NUMERIC, 17},
    {HEAD "domain=" LABEL63 "a.example result=success", WW_E_DNAME_LABEL_TOO_LONG, 17},
    {GOOD " mx=a..example", WW_E_DNAME_LABEL_EMPTY, 51},
    {GOOD " ip=example.com", WW_E_ADDR, 51},
    {GOOD " ip=[192.0.2.1]", WW_E_ADDR, 51},
    {GOOD " time=-1", WW_E_RESULT_VALUE, 51},
    {GOOD " time=1e9", WW_E_RESULT_VALUE, 51},
    {GOOD " time=253402300800", WW_E_RESULT_VALUE, 51},
    {GOOD " time=99999999999999999999", WW_E_RESULT_VALUE, 51},
    {GOOD " policy=dane", WW_E_RESULT_VALUE, 51},
    {GOOD " mode=off", WW_E_RESULT_VALUE, 51},
    {GOOD " tls=yes", WW_E_RESULT_VALUE, 51},
    {GOOD " policy-id=2026-11", WW_E_STS_ID, 51},
    {GOOD " policy-id=123456789012345678901234567890123", WW_E_TOO_LONG, 51},
    {GOOD " mta=\"post fix\"", WW_E_RESULT_VALUE, 51},
    {GOOD " mta=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", WW_E_TOO_LONG, 51},
    {GOOD " session=\"a b\"", WW_E_RESULT_VALUE, 51},
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_cases); i++) {
        const char *line = bad_cases[i].line;
        struct ww_tls_result r;
        size_t offset;
        enum ww_err err = ww_result_line_parse(line, strlen(line), &r, &offset);
        if (err != bad_cases[i].err || offset != bad_cases[i].offset)
            fail_msg("%s: %s at %zu", line, ww_err_id(err), offset);
    }
}

static size_t padded(char *line, size_t n)
{
    int begun = snprintf(line, n + 1, GOOD " x=");
    memset(line + begun, 'y', n - (size_t)begun);
    return n;
}

static void bounds_the_line(void **state)
{
    (void)state;
    static char line[WW_RESULT_LINE_MAX + 2];
    struct ww_tls_result r;
    size_t offset;
    assert_int_equal(ww_result_line_parse(line, padded(line, WW_RESULT_LINE_MAX), &r, &offset), WW_OK);
    assert_int_equal(ww_result_line_parse(line, padded(line, WW_RESULT_LINE_MAX + 1), &r, &offset),
                     WW_E_TOO_LONG);
}

static void bounds_the_pairs(void **state)
{
    (void)state;
    char line[1024];
    struct ww_tls_result r;
    size_t offset;
    for (int pairs = WW_RESULT_PAIRS_MAX; pairs <= WW_RESULT_PAIRS_MAX + 1; pairs++) {
        struct ww_buf b = ww_buf(line, sizeof line);
        ww_buf_str(&b, GOOD);
        for (int i = 2; i < pairs; i++)
            ww_buf_str(&b, " x=y");
        assert_int_equal(ww_result_line_parse(b.p, b.n, &r, &offset),
                         pairs > WW_RESULT_PAIRS_MAX ? WW_E_TOO_LONG : WW_OK);
    }
}

/* The writer's promise: whatever the struct holds, the line is whole and can be read again. */
static void the_longest_event_has_room(void **state)
{
    (void)state;
    static struct ww_tls_result r = {.time = 253402300799,
                                     .policy_known = true,
                                     .mode = WW_RESULT_MODE_ENFORCE,
                                     .type = WW_RESULT_CERTIFICATE_HOST_MISMATCH,
                                     .tls = WW_TLS_SEEN_UNTRUSTED,
                                     .ip = "2001:db8:1111:2222:3333:4444:5555:6666",
                                     .from = "2001:db8:1111:2222:3333:4444:5555:6666"};
    static struct ww_tls_result again;
    char text[2 * sizeof r.text];
    char line[WW_RESULT_LINE_MAX];
    size_t offset;
    (void)snprintf(r.domain, sizeof r.domain, "%s.%s.%s.%.61s", LABEL63, LABEL63, LABEL63, LABEL63);
    memcpy(r.mx, r.domain, sizeof r.mx);
    memset(r.policy_id, '1', sizeof r.policy_id - 1);
    memset(r.mta, 'm', sizeof r.mta - 1);
    memset(r.session, 's', sizeof r.session - 1);
    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xbc", 2);
    ww_tls_result_text_put(&r, ww_slice(text, sizeof text));
    assert_int_equal(strlen(r.text), sizeof r.text - 1);
    struct ww_buf b = ww_buf(line, sizeof line);
    ww_result_line_put(&b, &r);
    assert_false(b.failed);
    assert_int_equal(ww_result_line_parse(b.p, b.n, &again, &offset), WW_OK);
    assert_memory_equal(&again, &r, sizeof r);
}

static void takes_lines_of_both_kinds(void **state)
{
    static const struct {
        const char *line;
        bool says;
        enum ww_err err;
    } cases[] = {
        {GOOD, true, WW_OK},
        {"waxwing-exim 1 domain=example.com event=dane:fail", true, WW_OK},
        {"waxwing-exim 1 domain=example.com event=msg:delivery", false, WW_OK},
        {"waxwing-exim 1 domain=example.com", false, WW_E_RESULT_MISSING},
        {"waxwing-exim", true, WW_E_RESULT_KIND},
        {"exim 1", true, WW_E_RESULT_KIND},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_tls_result r;
        size_t offset;
        bool says;
        enum ww_err err = ww_result_line_take(cases[i].line, strlen(cases[i].line), &r, &says, &offset);
        if (err != cases[i].err || says != cases[i].says)
            fail_msg("%s: %s, %d", cases[i].line, ww_err_id(err), says);
        if (err == WW_OK && says)
            assert_string_equal(r.domain, "example.com");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(refuses),
        cmocka_unit_test(bounds_the_line),
        cmocka_unit_test(bounds_the_pairs),
        cmocka_unit_test(the_longest_event_has_room),
        cmocka_unit_test(takes_lines_of_both_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
