#include "report/decode.h"

#include "codec/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOW 1795914000
#define JSON                                                                                                 \
    "{\"organization-name\":\"Reporter\",\"contact-info\":\"tls@reporter.example\",\"report-id\":\"1@r\","   \
    "\"date-range\":{\"start-datetime\":\"2026-11-28T00:00:00Z\",\"end-datetime\":\"2026-11-28T23:59:59Z\"}" \
    ","                                                                                                      \
    "\"policies\":[{\"policy\":{\"policy-type\":\"no-policy-found\",\"policy-domain\":\"example.com\"},"     \
    "\"summary\":{\"total-successful-session-count\":7,\"total-failure-session-count\":0}}]}"
#define MAIL(names, subject, type)                                                                      \
    "From: tls@reporter.example\r\n" names "Subject: " subject "\r\n"                                   \
    "Content-Type: multipart/report; report-type=tlsrpt; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n" \
    "Content-Type: " type "\r\n"                                                                        \
    "Content-Disposition: attachment; filename=\"reporter.example!example.com!1!2.json\"\r\n\r\n" JSON  \
    "\r\n--b--\r\n"
#define NAMES "TLS-Report-Domain: example.com\r\nTLS-Report-Submitter: reporter.example\r\n"
#define SUBJECT "Report Domain: example.com Submitter: reporter.example Report-ID: <1@r>"

static struct ww_decode decoded;

/* The rules of the deviations, in the order in which they came; "!" behind an error. */
static const char *rules(void)
{
    static char text[1024];
    text[0] = '\0';
    for (size_t i = 0; i < decoded.deviations.count; i++) {
        const struct ww_deviation *d = &decoded.deviations.list[i];
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s%s", i > 0 ? " " : "",
                       ww_err_id(d->rule), d->severity == WW_SEVERITY_ERROR ? "!" : "");
    }
    return text;
}

static void decode(bool mail, struct ww_slice octets, const char *wanted)
{
    assert_int_equal(ww_decode(mail, octets, NULL, 0, NOW, &decoded), WW_OK);
    assert_string_equal(rules(), wanted);
}

static void is_json(const char *json)
{
    size_t n;
    enum ww_err err;
    assert_non_null(decoded.read);
    assert_int_equal(ww_tlsrpt_report(decoded.read)->success, 7);
    char *text = ww_gunzip(decoded.content, strlen(json), &n, &err);
    assert_non_null(text);
    assert_true(ww_slice_is(ww_slice(text, n), json));
    free(text);
    ww_decode_clear(&decoded);
}

static char *pack(const char *a, const char *b, size_t *n)
{
    size_t first, second;
    char *p = ww_gzip(ww_slice_str(a), &first), *q = ww_gzip(ww_slice_str(b), &second);
    char *both = malloc(first + second);
    assert_non_null(both);
    memcpy(both, p, first);
    memcpy(both + first, q, second);
    free(p);
    free(q);
    *n = first + second;
    return both;
}

static void test_files(void **state)
{
    size_t n;
    (void)state;
    decode(false, ww_slice_str(JSON), "report-not-compressed");
    is_json(JSON);
    char *zipped = ww_gzip(ww_slice_str(JSON), &n);
    decode(false, ww_slice(zipped, n), "");
    assert_true(ww_slice_eq(decoded.content, ww_slice(zipped, n)));
    is_json(JSON);
    decode(false, ww_slice(zipped, n - 1), "gzip!");
    assert_null(decoded.read);
    ww_decode_clear(&decoded);
    zipped[n - 8] ^= 1;
    decode(false, ww_slice(zipped, n), "gzip!");
    ww_decode_clear(&decoded);
    zipped[n - 8] ^= 1;
    char *padded = calloc(1, n + 4);
    assert_non_null(padded);
    memcpy(padded, zipped, n);
    decode(false, ww_slice(padded, n + 4), "report-gzip-rest");
    is_json(JSON);
    free(padded);
    free(zipped);
    char *both = pack(JSON, " \n", &n);
    decode(false, ww_slice(both, n), "report-gzip-members");
    is_json(JSON " \n");
    free(both);
    both = pack("{", "}", &n);
    decode(false, ww_slice(both, n - 10), "gzip!");
    ww_decode_clear(&decoded);
    free(both);
}

static void test_what_is_no_report(void **state)
{
    (void)state;
    decode(false, ww_slice("", 0), "report-not-compressed report-not-object!");
    ww_decode_clear(&decoded);
    decode(false, ww_slice_str("PK\x03\x04"), "report-not-compressed report-not-object!");
    ww_decode_clear(&decoded);
    decode(false, ww_slice_str("\x1f\x8b"), "gzip!");
    ww_decode_clear(&decoded);
    /* What could be read of it is there, but nothing to keep. */
    decode(false, ww_slice_str("{\"organization-name\":\"R\",\"policies\":[]}"),
           "report-not-compressed report-contact-missing report-id-missing "
           "report-date-range-missing! report-policies-missing!");
    assert_non_null(decoded.read);
    assert_true(ww_slice_is(ww_tlsrpt_report(decoded.read)->organization, "R"));
    assert_int_equal(decoded.content.n, 0);
    ww_decode_clear(&decoded);
}

static const struct {
    const char *what, *mail, *rules;
} mails[] = {
    {"all agree", MAIL(NAMES, SUBJECT, "application/tlsrpt+json"), "report-not-compressed"},
    {"it says that it is gzip", MAIL(NAMES, SUBJECT, "application/tlsrpt+gzip"),
     "report-coding report-not-compressed"},
    {"another id in the subject",
     MAIL(NAMES, "Report Domain: example.com Submitter: reporter.example Report-ID: <2>",
          "application/tlsrpt+json"),
     "report-not-compressed report-id-differs"},
    {"another contact",
     MAIL("TLS-Report-Domain: example.com\r\nTLS-Report-Submitter: other.example\r\n",
          "Report Domain: example.com Submitter: other.example Report-ID: <1@r>", "application/tlsrpt+json"),
     "report-mail-differs report-not-compressed report-submitter-differs"},
    {"above the contact",
     MAIL("TLS-Report-Domain: example.com\r\nTLS-Report-Submitter: mail.reporter.example\r\n",
          "Report Domain: example.com Submitter: mail.reporter.example Report-ID: <1@r>",
          "application/tlsrpt+json"),
     "report-mail-differs report-not-compressed"},
    {"about something else",
     MAIL("TLS-Report-Domain: example.net\r\nTLS-Report-Submitter: reporter.example\r\n",
          "Report Domain: example.net Submitter: reporter.example Report-ID: <1@r>",
          "application/tlsrpt+json"),
     "report-mail-differs report-not-compressed report-domain-differs"},
};

static void test_mails(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mails); i++) {
        decode(true, ww_slice_str(mails[i].mail), mails[i].rules);
        assert_int_equal(decoded.dkim.result, WW_DKIM_NONE);
        assert_string_equal(decoded.mail.from, "tls@reporter.example");
        assert_int_equal(decoded.mail.content.n, 0);
        is_json(JSON);
    }
}

/* ---- Hostile ---- */

static void test_bombs(void **state)
{
    size_t n, once;
    (void)state;
    char *zeros = calloc(1, WW_TLSRPT_JSON_MAX + 1);
    assert_non_null(zeros);
    char *bomb = ww_gzip_fast(ww_slice(zeros, WW_TLSRPT_JSON_MAX + 1), &n);
    decode(false, ww_slice(bomb, n), "report-large!");
    assert_int_equal(decoded.content.n, 0);
    ww_decode_clear(&decoded);
    free(bomb);
    /* As much as may be is no bomb, only no report. */
    bomb = ww_gzip_fast(ww_slice(zeros, WW_TLSRPT_JSON_MAX), &n);
    decode(false, ww_slice(bomb, n), "report-not-object!");
    ww_decode_clear(&decoded);
    free(bomb);
    free(zeros);
    /* 200,000 members of nothing. */
    char *one = ww_gzip(ww_slice("", 0), &once);
    char *many = malloc(once * 200000);
    assert_non_null(many);
    for (size_t i = 0; i < 200000; i++)
        memcpy(many + i * once, one, once);
    decode(false, ww_slice(many, once * 200000), "report-gzip-members report-not-object!");
    ww_decode_clear(&decoded);
    free(many);
    free(one);
}

static char *repeat(const char *head, const char *text, size_t times, size_t *n)
{
    size_t size = strlen(text);
    char *p = malloc(strlen(head) + times * size + 1);
    assert_non_null(p);
    memcpy(p, head, strlen(head));
    for (size_t i = 0; i < times; i++)
        memcpy(p + strlen(head) + i * size, text, size);
    *n = strlen(head) + times * size;
    return p;
}

static const struct {
    const char *what, *head, *text;
    size_t times;
    const char *rules;
} hostile[] = {
    {"nested multiparts", "", "Content-Type: multipart/mixed; boundary=b\n\n--b\n", 100000,
     "report-mail-too-many-parts!"},
    {"nested messages", "", "Content-Type: message/rfc822\n\n", 100000, "report-mail-too-many-parts!"},
    {"a hundred nested messages", "", "Content-Type: message/rfc822\n\n", 100,
     "report-mail-too-deep! report-mail-no-report!"},
    {"100,000 parts", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n", 100000,
     "report-mail-too-many-parts!"},
    {"100 parts", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n", 100,
     "report-mail-too-many-parts! report-mail-no-report!"},
    {"an endless field", "Subject: ", "x", 8 << 20, "report-mail-header-too-large!"},
    {"endless fields", "", "X: y\n", 1 << 20, "report-mail-header-too-large!"},
    {"an endless fold", "Subject: x\n", " x\n", 1 << 20, "report-mail-header-too-large!"},
    {"an endless From", "From: ", "(", 200000, "report-mail-no-report!"},
    {"an endless list of parameters", "Content-Type: multipart/report", "; a*0*=x''y", 20000,
     "report-mail-no-report!"},
    {"a subject of encoded words", "Subject: ", "=?utf-8?q?=41?= ", 10000, "report-mail-no-report!"},
    {"garbage in base64", "Content-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: base64\n\n",
     "\xff=-H4sI\n", 1 << 20, "report-mail-base64 report-mail-empty!"},
    {"signs in base64", "Content-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: base64\n\n",
     "\xff-H4sI\n", 1 << 20, "report-mail-base64 report-mail-form"},
    {"no line ever ends", "", "--content-type: multipart/mixed ", 100000, "report-mail-header-too-large!"},
    {"NUL and nothing else", "", "\x01\n", 100000, "report-mail-header-too-large!"},
};

static void test_hostile_mails(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        size_t n;
        char *mail = repeat(hostile[i].head, hostile[i].text, hostile[i].times, &n);
        assert_int_equal(ww_decode(true, ww_slice(mail, n), NULL, 0, NOW, &decoded), WW_OK);
        if (strncmp(rules(), hostile[i].rules, strlen(hostile[i].rules)) != 0)
            fail_msg("%s: %s", hostile[i].what, rules());
        assert_non_null(ww_deviations_error(&decoded.deviations));
        ww_decode_clear(&decoded);
        free(mail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files), cmocka_unit_test(test_what_is_no_report), cmocka_unit_test(test_mails),
        cmocka_unit_test(test_bombs), cmocka_unit_test(test_hostile_mails),
    };
    ww_decode_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
