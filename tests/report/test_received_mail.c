#include "report/received_mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define FROM "From: Reports <TLS@reporter.example>\r\nTo: tls@example.com\r\n"
#define ID "Message-ID: <1@reporter.example>\r\n"
#define NAMES "TLS-Report-Domain: example.com\r\nTLS-Report-Submitter: reporter.example\r\n"
#define SUBJECT                                                                   \
    "Subject: Report Domain: example.com Submitter: reporter.example Report-ID: " \
    "<2026.1@reporter.example>\r\n"
#define HEAD FROM ID NAMES SUBJECT "MIME-Version: 1.0\r\n"
#define REPORT "Content-Type: multipart/report; report-type=\"tlsrpt\"; boundary=\"b\"\r\n\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define WORDS "--b\r\nContent-Type: text/plain\r\n\r\nThis is a report.\r\n"
#define FILE_NAME "reporter.example!example.com!1795824000!1795910399!1.json.gz"
#define DISPOSITION(name) "Content-Disposition: attachment; filename=\"" name "\"\r\n"
#define BASE64 "Content-Transfer-Encoding: base64\r\n"
#define GZIP "--b\r\nContent-Type: application/tlsrpt+gzip\r\n" DISPOSITION(FILE_NAME) BASE64 "\r\n"
/* ZIPPED, and something else that begins as gzip does */
#define CONTENT "H4thYmNkZQ==\r\n"
#define OTHER "H4tvdGhlcg==\r\n"
#define JSON "{\"a\":1}"
#define ZIPPED \
    "\x1f\x8b" \
    "abcde"
#define END "--b--\r\n"
#define INNER "Content-Type: message/rfc822\r\n\r\n"

static const struct sample {
    const char *what;
    const char *mail;
    const char *content; /* NULL: there is no report in it */
    const char *rules;   /* of the deviations, errors in capitals */
} samples[] = {
    {"as the RFC has it", HEAD REPORT WORDS GZIP CONTENT END, ZIPPED, ""},
    {"a line of mbox before it",
     "From tls@reporter.example Sun Nov 29 10:00:00 2026\n" HEAD REPORT WORDS GZIP CONTENT END, ZIPPED, ""},
    {"cut off behind the report", HEAD REPORT WORDS GZIP CONTENT, ZIPPED, ""},
    {"JSON",
     HEAD REPORT WORDS "--b\r\nContent-Type: application/tlsrpt+json\r\n" DISPOSITION(
         "reporter.example!example.com!1!2.json") "\r\n" JSON "\r\n" END,
     JSON, ""},
    {"HTML for people", HEAD REPORT "--b\r\nContent-Type: text/html\r\n\r\n<p>Hello\r\n" GZIP CONTENT END,
     ZIPPED, "report-mail-html"},
    {"multipart/mixed", HEAD MIXED WORDS GZIP CONTENT END, ZIPPED, "report-mail-form"},
    {"multipart/report of something else",
     HEAD
     "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" WORDS GZIP CONTENT END,
     ZIPPED, "report-mail-form"},
    {"application/tlsrpt alone",
     HEAD REPORT WORDS "--b\r\nContent-Type: application/tlsrpt\r\n" DISPOSITION(FILE_NAME) BASE64
     "\r\n" CONTENT END,
     ZIPPED, "report-mail-type"},
    {"by its name",
     HEAD MIXED WORDS "--b\r\nContent-Type: application/octet-stream; name=\"" FILE_NAME "\"\r\n" BASE64
                      "\r\n" CONTENT END,
     ZIPPED, "report-mail-form report-mail-type"},
    {"by its name, in capitals",
     HEAD MIXED WORDS "--b\r\nContent-Type: text/plain\r\n" DISPOSITION(
         "reporter.example!example.com!1!2.JSON") "\r\n" JSON "\r\n" END,
     JSON, "report-mail-form report-mail-type"},
    {"gzip of no name",
     HEAD REPORT WORDS "--b\r\nContent-Type: application/gzip\r\n" BASE64 "\r\n" CONTENT END, ZIPPED,
     "report-mail-file-name report-mail-type"},
    {"a zip archive",
     HEAD REPORT WORDS "--b\r\nContent-Type: application/zip\r\n" DISPOSITION("a.zip") BASE64
     "\r\n" CONTENT END,
     NULL, "REPORT-MAIL-NO-REPORT"},
    {"the mail is the report",
     HEAD "Content-Type: application/tlsrpt+gzip\r\n" DISPOSITION(FILE_NAME) BASE64 "\r\n" CONTENT, ZIPPED,
     "report-mail-form"},
    {"the mail is the report, and says nothing of it", HEAD "\r\n" JSON, JSON,
     "report-mail-file-name report-mail-form report-mail-type"},
    {"the mail is text", HEAD "\r\nHello {\"a\":1}", NULL, "REPORT-MAIL-NO-REPORT"},
    {"no report", HEAD REPORT WORDS END, NULL, "REPORT-MAIL-NO-REPORT"},
    {"nothing", "", NULL, "REPORT-MAIL-NO-REPORT"},
    {"a header alone", HEAD, NULL, "REPORT-MAIL-NO-REPORT"},
    {"an empty report", HEAD REPORT WORDS GZIP "\r\n" END, NULL, "REPORT-MAIL-EMPTY"},
    {"two reports", HEAD REPORT WORDS GZIP CONTENT GZIP OTHER END, ZIPPED, "report-mail-several"},
    {"a better one behind it",
     HEAD REPORT WORDS "--b\r\nContent-Type: application/gzip\r\n" DISPOSITION("x.json.gz") BASE64
     "\r\n" OTHER GZIP CONTENT END,
     ZIPPED, "report-mail-several"},
    {"forwarded",
     FROM
     "Subject: Fwd\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nSee:\r\n--a\r\n" INNER HEAD
         REPORT WORDS GZIP CONTENT END "--a--\r\n",
     ZIPPED, "report-mail-forwarded"},
    {"forwarded as the mail", FROM INNER HEAD REPORT WORDS GZIP CONTENT END, ZIPPED, "report-mail-forwarded"},
    {"base64 without padding", HEAD REPORT WORDS GZIP "H4thYmNkZQ\r\n" END, ZIPPED, "report-mail-base64"},
    {"base64 with one sign of padding", HEAD REPORT WORDS GZIP "H4thYmNkZQ=\r\n" END, ZIPPED,
     "report-mail-base64"},
    {"base64 with signs in it", HEAD REPORT WORDS GZIP "H4th-Ym!NkZQ==\r\n" END, ZIPPED,
     "report-mail-base64"},
    {"base64 with spaces", HEAD REPORT WORDS GZIP " H4th YmNk ZQ==\r\n" END, ZIPPED, "report-mail-base64"},
    {"base64 with a footer", HEAD REPORT WORDS GZIP CONTENT "\r\n_____\r\nlist mailing list\r\n" END, ZIPPED,
     "report-mail-base64"},
    {"base64 in one long line",
     HEAD REPORT WORDS GZIP
     "H4thYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\r\n" END,
     "\x1f\x8b"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "report-mail-base64"},
    {"base64 in short lines", HEAD REPORT WORDS GZIP "H4th\r\nYmNk\n\r\nZQ==\r\n" END, ZIPPED, ""},
    {"quoted-printable",
     HEAD REPORT WORDS "--b\r\nContent-Type: application/tlsrpt+json\r\nContent-Transfer-Encoding: "
                       "quoted-printable\r\n" DISPOSITION(
                           "reporter.example!example.com!1!2.json") "\r\n{\"a\"=\r\n:1=7D\r\n" END,
     JSON, ""},
    {"no names in the header", FROM ID SUBJECT REPORT WORDS GZIP CONTENT END, ZIPPED,
     "report-mail-domain report-mail-submitter"},
    {"no subject", FROM ID NAMES REPORT WORDS GZIP CONTENT END, ZIPPED, "report-mail-subject"},
    {"a subject without brackets",
     FROM ID NAMES "Subject: Report Domain: example.com Submitter: reporter.example Report-ID: "
                   "2026.1@reporter.example\r\n" REPORT WORDS GZIP CONTENT END,
     ZIPPED, "report-mail-subject"},
    {"another domain in the subject",
     FROM ID NAMES
     "Subject: Report Domain: example.net Submitter: other.example Report-ID: <1>\r\n" REPORT WORDS GZIP
         CONTENT END,
     ZIPPED, "report-mail-differs"},
    {"a name that is none",
     FROM ID SUBJECT
     "TLS-Report-Domain: exa mple\r\nTLS-Report-Submitter: \r\n" REPORT WORDS GZIP CONTENT END,
     ZIPPED, "report-mail-domain report-mail-submitter"},
    {"a file name that says less",
     HEAD REPORT WORDS "--b\r\nContent-Type: application/tlsrpt+gzip\r\n" DISPOSITION("report.json.gz") BASE64
     "\r\n" CONTENT END,
     ZIPPED, "report-mail-file-name"},
    {"LF alone",
     "From: a@b.example\nTLS-Report-Domain: example.com\nTLS-Report-Submitter: reporter.example\n"
     "Content-Type: application/tlsrpt+json\n\n" JSON,
     JSON, "report-mail-file-name report-mail-form report-mail-subject"},
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The rules, by name; those of errors in capitals. */
static void rules_of(const struct ww_deviations *d, char *out, size_t size)
{
    const char *names[WW_DEVIATIONS_MAX];
    for (size_t i = 0; i < d->count; i++)
        names[i] = ww_err_id(d->list[i].rule);
    qsort(names, d->count, sizeof *names, by_name);
    out[0] = '\0';
    for (size_t i = 0; i < d->count; i++)
        (void)snprintf(out + strlen(out), size - strlen(out), "%s%s", i > 0 ? " " : "", names[i]);
    if (ww_deviations_error(d) != NULL)
        for (char *p = out; *p != '\0'; p++)
            if (*p >= 'a' && *p <= 'z')
                *p = (char)(*p - 'a' + 'A');
}

static void read_mail(struct ww_slice mail, struct ww_received_mail *out, struct ww_deviations *deviations)
{
    *deviations = (struct ww_deviations){.count = 0};
    assert_int_equal(ww_received_mail_read(mail, out, deviations), WW_OK);
}

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct ww_received_mail mail;
        struct ww_deviations deviations;
        char rules[1024];
        read_mail(ww_slice_str(samples[i].mail), &mail, &deviations);
        rules_of(&deviations, rules, sizeof rules);
        while (mail.content.n > 0 && strchr("\r\n", mail.content.p[mail.content.n - 1]) != NULL)
            mail.content.n--;
        bool same =
            samples[i].content != NULL ? ww_slice_is(mail.content, samples[i].content) : mail.content.n == 0;
        if (!same || strcmp(rules, samples[i].rules) != 0)
            fail_msg("%s: \"%.*s\", %s", samples[i].what, (int)mail.content.n, mail.content.p, rules);
        ww_received_mail_clear(&mail);
    }
}

static const struct {
    const char *header;
    const char *from, *message_id, *subject_id, *submitter, *about;
} facts[] = {
    {HEAD, "TLS@reporter.example", "1@reporter.example", "2026.1@reporter.example", "reporter.example",
     "example.com"},
    /* Folds and brackets, and the subject alone. */
    {"from : \"A, B\"\r\n <a@b.example>\r\nSUBJECT: report domain: Example.COM\r\n submitter: "
     "R.example\r\n\treport-id: "
     "<a.b\r\n",
     "a@b.example", "", "a.b", "r.example", "example.com"},
    /* The header counts before the subject. */
    {"TLS-Report-Domain: a.example\r\nTLS-Report-Submitter: b.example.\r\n" SUBJECT, "", "",
     "2026.1@reporter.example", "b.example", "a.example"},
    /* The file name alone. */
    {"From: a@b.example, c@d.example\r\n", "a@b.example", "", "", "f.example", "e.example"},
    {"From: =?utf-8?q?=C3=BC?= <\xC3\xBC@b.example>\r\nSubject: Report-ID: \x1b[2J\xff\r\n",
     "\xC3\xBC@b.example", "", " [2J\xC3\xBF", "f.example", "e.example"},
};

static void test_facts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++) {
        char text[4096];
        struct ww_received_mail mail;
        struct ww_deviations deviations;
        (void)snprintf(text, sizeof text, "%s%s", facts[i].header,
                       REPORT WORDS "--b\r\nContent-Type: application/tlsrpt+gzip\r\n" DISPOSITION(
                           "F.example!e.example!1!2!u.json.gz") "\r\n\x1f\x8b" END);
        read_mail(ww_slice_str(text), &mail, &deviations);
        assert_null(ww_deviations_error(&deviations));
        assert_string_equal(mail.from, facts[i].from);
        assert_string_equal(mail.message_id, facts[i].message_id);
        assert_string_equal(mail.subject_id, facts[i].subject_id);
        assert_string_equal(mail.submitter, facts[i].submitter);
        assert_string_equal(mail.about, facts[i].about);
        ww_received_mail_clear(&mail);
    }
}

/* Eight levels below the mail are looked at, and what lies deeper only where nothing else is the report. */
static void test_depth(void **state)
{
    (void)state;
    for (int levels = 7; levels <= 9; levels++) {
        char text[8192] = "";
        struct ww_received_mail mail;
        struct ww_deviations deviations;
        for (int i = 0; i < levels; i++)
            (void)strcat(text, INNER);
        (void)strcat(text, HEAD "Content-Type: application/tlsrpt+json\r\n\r\n" JSON);
        read_mail(ww_slice_str(text), &mail, &deviations);
        assert_int_equal(mail.content.n > 0, levels <= 8);
        assert_int_equal(ww_deviations_error(&deviations) == NULL, levels <= 8);
        ww_received_mail_clear(&mail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_depth),
    };
    ww_received_mail_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
