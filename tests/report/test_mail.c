#include "report/mail.h"

#include "core/report.h"
#include "report/dkim_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <gmime/gmime.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <seccomp.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define BEGIN INT64_C(1795824000) /* 2026-11-28 */

#define LABEL60 "aaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1"
#define LONGEST LABEL60 "." LABEL60 "." LABEL60 "." LABEL60 ".examples0" /* 253 octets */
#define LOCAL64 "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt"

static const struct ww_report_mail good = {
    .from = "tls@reporter.example",
    .to = "reports@example.com",
    .organization = "Example",
    .contact = "tls@reporter.example",
    .domain = "example.com",
    .submitter = "reporter.example",
    .report_id = "2026-11-28.1.example.com.9f86@reporter.example",
    .file_name = "reporter.example!example.com!1795824000!1795910399!9f86.json.gz",
    .subject = "Report Domain: example.com Submitter: reporter.example Report-ID: <9f86@reporter.example>",
    .begin = BEGIN,
    .end = BEGIN + WW_DAY_SECONDS - 1,
    .success = 22,
    .failure = 5,
    .date = BEGIN + WW_DAY_SECONDS,
    .host = "mta.reporter.example",
    .content = {"\x1f\x8b\0\r\n.\n--=_tlsrpt--\n", 21},
};

static char *made(const struct ww_report_mail *mail, size_t *n)
{
    enum ww_err err;
    char detail[256];
    char *text = ww_report_mail(mail, n, &err, detail, sizeof detail);
    if (text == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
    assert_string_equal(detail, "");
    assert_int_equal(strlen(text), *n);
    return text;
}

/* 7-bit, every line with CRLF and of 998 octets at most, no NUL. */
static void check_lines(const char *text, size_t n)
{
    size_t column = 0;
    for (size_t i = 0; i < n; i++) {
        assert_in_range(text[i], 1, 0x7f);
        assert_int_equal(text[i] == '\n', i > 0 && text[i - 1] == '\r');
        column = text[i] == '\n' ? 0 : column + 1;
        assert_in_range(column, 0, 999);
    }
    assert_int_equal(text[n - 1], '\n');
}

static GMimeMessage *parsed(const char *text, size_t n)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, n);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    assert_non_null(message);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

/* The value of the only field of that name. */
static void check_field(GMimeMessage *message, const char *name, const char *value)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    int found = 0;
    for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        if (g_ascii_strcasecmp(g_mime_header_get_name(header), name) == 0) {
            assert_string_equal(g_mime_header_get_value(header), value);
            found++;
        }
    }
    assert_int_equal(found, 1);
}

/* Allocated by GLib. */
static GByteArray *content_of(GMimeObject *part)
{
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    (void)g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), stream);
    GByteArray *octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    g_object_unref(stream);
    return octets;
}

static void check_parts(GMimeMessage *message, const struct ww_report_mail *mail)
{
    GMimeMultipart *whole = GMIME_MULTIPART(g_mime_message_get_mime_part(message));
    GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(whole));
    assert_true(g_mime_content_type_is_type(type, "multipart", "report"));
    assert_string_equal(g_mime_content_type_get_parameter(type, "report-type"), "tlsrpt");
    assert_int_equal(g_mime_multipart_get_count(whole), 2);
    GMimeObject *words = g_mime_multipart_get_part(whole, 0), *report = g_mime_multipart_get_part(whole, 1);
    assert_true(g_mime_content_type_is_type(g_mime_object_get_content_type(words), "text", "plain"));
    assert_true(
        g_mime_content_type_is_type(g_mime_object_get_content_type(report), "application", "tlsrpt+gzip"));
    assert_string_equal(g_mime_object_get_disposition(report), "attachment");
    assert_string_equal(g_mime_part_get_filename(GMIME_PART(report)), mail->file_name);
    GByteArray *octets = content_of(report);
    assert_int_equal(octets->len, mail->content.n);
    assert_memory_equal(octets->data, mail->content.p, mail->content.n);
    g_byte_array_free(octets, TRUE);
    octets = content_of(words);
    const char *const told[] = {mail->domain,    mail->organization, mail->contact,
                                mail->report_id, mail->file_name,    "22 went well, 5 failed"};
    for (size_t i = 0; i < COUNT(told); i++) {
        if (memmem(octets->data, octets->len, told[i], strlen(told[i])) == NULL)
            fail_msg("the words miss %s", told[i]);
    }
    g_byte_array_free(octets, TRUE);
}

static void check_mail(const struct ww_report_mail *mail)
{
    size_t n;
    char *text = made(mail, &n);
    check_lines(text, n);
    GMimeMessage *message = parsed(text, n);
    check_field(message, "From", mail->from);
    check_field(message, "To", mail->to);
    check_field(message, "Subject", mail->subject);
    check_field(message, "TLS-Report-Domain", mail->domain);
    check_field(message, "TLS-Report-Submitter", mail->submitter);
    check_field(message, "TLS-Required", "No");
    check_field(message, "Auto-Submitted", "auto-generated");
    check_field(message, "MIME-Version", "1.0");
    check_field(message, "Date", "Sun, 29 Nov 2026 00:00:00 +0000");
    check_parts(message, mail);
    g_object_unref(message);
    free(text);
}

static void a_mail_has_two_parts(void **state)
{
    (void)state;
    check_mail(&good);
    struct ww_report_mail mail = good;
    mail.organization = "\xC3\x9C"
                        "bung \xF0\x9F\x90\xA6 = --=_tlsrpt";
    check_mail(&mail);
    mail.content = ww_slice("", 0);
    check_mail(&mail);
}

static void names_may_be_long(void **state)
{
    (void)state;
    struct ww_report_mail mail = good;
    const struct ww_report report = {.contact = "tls@" LONGEST,
                                     .domain = LONGEST,
                                     .id = "0123456789abcdefghijklmnopqrstuvwxyz." LOCAL64 "@" LONGEST,
                                     .begin = BEGIN,
                                     .end = BEGIN + WW_DAY_SECONDS - 1};
    char file_name[WW_REPORT_FILE_NAME_SIZE], subject[WW_REPORT_SUBJECT_SIZE], organization[201];
    assert_true(ww_report_file_name(&report, file_name));
    assert_true(ww_report_subject(&report, subject));
    memset(organization, 'o', sizeof organization - 1);
    organization[sizeof organization - 1] = '\0';
    mail.domain = mail.submitter = mail.host = LONGEST;
    mail.report_id = report.id;
    mail.file_name = file_name;
    mail.subject = subject;
    mail.organization = organization;
    mail.from = mail.to = mail.contact = LOCAL64 "@" LABEL60 "." LABEL60 "." LABEL60 ".examp";
    check_mail(&mail);
    organization[0] = '\xC3';
    organization[1] = '\xBC';
    check_mail(&mail);
}

static void days_are_told(void **state)
{
    (void)state;
    struct ww_report_mail mail = good;
    size_t n;
    char *text = made(&mail, &n);
    assert_non_null(strstr(text, "Day (UTC):     2026-11-28\r\n"));
    free(text);
    mail.end += 1;
    text = made(&mail, &n);
    assert_non_null(strstr(text, "2026-11-28T00:00:00Z to 2026-11-29T00:00:00Z\r\n"));
    free(text);
    mail.failure = 0;
    text = made(&mail, &n);
    assert_non_null(strstr(text, "All of them went well"));
    free(text);
}

static char *message_id(const struct ww_report_mail *mail)
{
    size_t n;
    char *text = made(mail, &n);
    GMimeMessage *message = parsed(text, n);
    char *id = strdup(g_mime_message_get_message_id(message));
    assert_non_null(id);
    g_object_unref(message);
    free(text);
    return id;
}

static void message_ids_are_of_report_and_recipient(void **state)
{
    (void)state;
    struct ww_report_mail mail = good;
    char *first = message_id(&mail);
    mail.date += 60;
    char *again = message_id(&mail);
    assert_string_equal(first, again);
    mail.to = "other@example.com";
    char *to = message_id(&mail);
    assert_string_not_equal(first, to);
    mail = good;
    mail.report_id = "2026-11-28.2.example.com.9f86@reporter.example";
    char *other = message_id(&mail);
    assert_string_not_equal(first, other);
    mail.host = "no_name\r\nBcc: x";
    char *elsewhere = message_id(&mail);
    const char *at = strchr(elsewhere, '@');
    assert_string_equal(at, "@reporter.example");
    free(first);
    free(again);
    free(to);
    free(other);
    free(elsewhere);
}

#define FIELD(name) offsetof(struct ww_report_mail, name)

static const struct {
    const char *what; /* detail says so */
    size_t field;
    const char *text;
} refused[] = {
    {"from", FIELD(from), "tls@reporter.example\r\nBcc: x@example.net"},
    {"from", FIELD(from), "root"},
    {"from", FIELD(from), "tls@reporter.example."},
    {"from", FIELD(from), "Waxwing <tls@reporter.example>"},
    {"from", FIELD(from), ""},
    {"from", FIELD(from), NULL},
    {"to", FIELD(to), "a@example.com, b@example.com"},
    {"to", FIELD(to), "a@example.com\nb"},
    {"to", FIELD(to), "\"a\r\n\"@example.com"},
    {"to", FIELD(to), "\xC3\xBC@example.com"},
    {"contact", FIELD(contact), "tls@reporter.example\n"},
    {"domain", FIELD(domain), "example.com\r\nX: y"},
    {"domain", FIELD(domain), "example.com X"},
    {"domain", FIELD(domain), ""},
    {"submitter", FIELD(submitter), "reporter.example\r\n\r\nbody"},
    {"organization", FIELD(organization), "a\nb"},
    {"organization", FIELD(organization), "a\x1b[31m"},
    {"organization", FIELD(organization), "a\x7f"},
    {"organization", FIELD(organization), "a\xC2\x9B"},
    {"organization", FIELD(organization), "a\xFF"},
    {"organization", FIELD(organization), ""},
    {"report-id", FIELD(report_id), "a\r\nX: y@b"},
    {"report-id", FIELD(report_id), "a b@c"},
    {"report-id", FIELD(report_id), "a>@c"},
    {"file name", FIELD(file_name), "a\".json.gz"},
    {"file name", FIELD(file_name), "a\r\nX: y"},
    {"file name", FIELD(file_name), "../a.json.gz"},
    {"file name", FIELD(file_name), "a'b.json.gz"},
    {"file name", FIELD(file_name), "-a.json.gz"},
    {"file name", FIELD(file_name), ""},
    {"subject", FIELD(subject), "a\r\nX: y"},
    {"subject", FIELD(subject), "a\tb"},
    {"subject", FIELD(subject), "a  b"},
    {"subject", FIELD(subject), "a "},
    {"subject", FIELD(subject), " a"},
    {"subject", FIELD(subject), "\xC3\xBC"},
    {"subject", FIELD(subject), ""},
};

static void nothing_can_be_put_into_the_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct ww_report_mail mail = good;
        size_t n = 1;
        enum ww_err err = WW_OK;
        char detail[256], wanted[64];
        memcpy((char *)&mail + refused[i].field, &refused[i].text, sizeof refused[i].text);
        (void)snprintf(wanted, sizeof wanted, "the %s is not ", refused[i].what);
        if (ww_report_mail(&mail, &n, &err, detail, sizeof detail) != NULL || n != 0 ||
            strncmp(detail, wanted, strlen(wanted)) != 0)
            fail_msg("row %zu: %s, %s", i, refused[i].what, detail);
        assert_int_equal(err, WW_E_REPORT_MAIL);
    }
}

static char *pem_of(EVP_PKEY *key, size_t *n)
{
    char *pem = ww_dkim_key_write(key, n);
    assert_non_null(pem);
    EVP_PKEY_free(key);
    return pem;
}

static char *public_pem(size_t *n)
{
    EVP_PKEY *key = ww_dkim_key_make(WW_DKIM_ED25519);
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
    *n = (size_t)BIO_get_mem_data(bio, &text);
    char *pem = strndup(text, *n);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

static char *locked_pem(size_t *n)
{
    EVP_PKEY *key = ww_dkim_key_make(WW_DKIM_ED25519);
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(), "secret", 6, NULL, NULL), 1);
    *n = (size_t)BIO_get_mem_data(bio, &text);
    char *pem = strndup(text, *n);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

static void check_refused(const struct ww_dkim_key *key, const char *words)
{
    struct ww_report_mail mail = good;
    size_t n = 1;
    enum ww_err err = WW_OK;
    char detail[256];
    mail.key = key;
    assert_null(ww_report_mail(&mail, &n, &err, detail, sizeof detail));
    assert_int_equal(err, WW_E_DKIM_KEY);
    assert_int_equal(n, 0);
    if (strstr(detail, words) == NULL)
        fail_msg("%s: %s", words, detail);
}

static void what_is_no_key_is_told(void **state)
{
    (void)state;
    size_t small_n, curve_n, public_n, locked_n, right_n;
    char *small = pem_of(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)768), &small_n);
    char *curve = pem_of(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), &curve_n);
    char *right = pem_of(ww_dkim_key_make(WW_DKIM_ED25519), &right_n);
    char *shown = public_pem(&public_n), *locked = locked_pem(&locked_n);
    const struct {
        struct ww_dkim_key key;
        const char *words;
    } rows[] = {
        {{small, small_n, "s", "a.example"}, "better 2048"},
        {{curve, curve_n, "s", "a.example"}, "RSA and Ed25519"},
        {{shown, public_n, "s", "a.example"}, "public key"},
        {{locked, locked_n, "s", "a.example"}, "passphrase"},
        {{right, right_n - 40, "s", "a.example"}, "damaged"},
        {{"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 59, "s", "a.example"}, "damaged"},
        {{"-----BEGIN CERTIFICATE-----\n", 28, "s", "a.example"}, "certificate"},
        {{"", 0, "s", "a.example"}, "empty"},
        {{NULL, 0, "s", "a.example"}, "empty"},
        {{"s3cret", 6, "s", "a.example"}, "PEM is wanted"},
        {{right, right_n, "", "a.example"}, "SELECTOR._domainkey.DOMAIN"},
        {{right, right_n, "s; h=From", "a.example"}, "SELECTOR._domainkey.DOMAIN"},
        {{right, right_n, "s", ""}, "SELECTOR._domainkey.DOMAIN"},
        {{right, right_n, "s", "a.example\r\nX: y"}, "SELECTOR._domainkey.DOMAIN"},
        {{right, right_n, "s", LONGEST}, "SELECTOR._domainkey.DOMAIN"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check_refused(&rows[i].key, rows[i].words);
    free(small);
    free(curve);
    free(right);
    free(shown);
    free(locked);
}

/* Keys with words before them, as some tools write, and keys of a number as selector. */
static void a_key_may_have_words_before_it(void **state)
{
    (void)state;
    struct ww_report_mail mail = good;
    size_t n;
    char *pem = pem_of(ww_dkim_key_make(WW_DKIM_ED25519), &n), *more = NULL;
    int size = asprintf(&more, "Bag Attributes\n    friendlyName: dkim\n%s", pem);
    assert_true(size > 0);
    const struct ww_dkim_key key = {more, (size_t)size, "2026", "reporter.example"};
    mail.key = &key;
    char *text = made(&mail, &n);
    check_lines(text, n);
    assert_int_equal(strncmp(text, "DKIM-Signature: v=1; a=ed25519-sha256;", 38), 0);
    free(text);
    free(more);
    free(pem);
}

static void records_hold_the_public_part(void **state)
{
    (void)state;
    struct ww_dkim_public out;
    EVP_PKEY *key = ww_dkim_key_make(WW_DKIM_ED25519);
    assert_true(ww_dkim_key_public(key, &out));
    assert_int_equal(out.kind, WW_DKIM_ED25519);
    assert_int_equal(strncmp(out.record, "v=DKIM1; k=ed25519; s=tlsrpt; p=", 32), 0);
    assert_int_equal(strlen(out.record), 32 + 44); /* 32 octets */
    EVP_PKEY_free(key);
    key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)WW_DKIM_RSA_BITS_MAX);
    assert_true(ww_dkim_key_public(key, &out));
    assert_int_equal(out.kind, WW_DKIM_RSA);
    assert_int_equal(out.bits, WW_DKIM_RSA_BITS_MAX);
    assert_int_equal(strncmp(out.record, "v=DKIM1; k=rsa; s=tlsrpt; p=MIIC", 32), 0);
    EVP_PKEY_free(key);
}

/* Whoever opens a file is killed. */
static void forbid_files(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    const int calls[] = {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(socket), SCMP_SYS(execve)};
    for (size_t i = 0; i < COUNT(calls); i++)
        (void)seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, calls[i], 0);
    if (seccomp_load(filter) != 0)
        _exit(3);
}

static void nothing_is_opened_late(void **state)
{
    (void)state;
    size_t n;
    EVP_PKEY *made_key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)WW_DKIM_RSA_BITS);
    char *pem = pem_of(made_key, &n);
    pid_t child = fork();
    if (child == 0) {
        const struct ww_dkim_key key = {pem, n, "s", "reporter.example"};
        const struct ww_dkim_key broken = {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                                           59, "s", "reporter.example"};
        struct ww_report_mail mail = good;
        enum ww_err err;
        char detail[256];
        forbid_files();
        mail.organization = "\xC3\x9C";
        mail.key = &broken;
        bool told = ww_report_mail(&mail, &n, &err, detail, sizeof detail) == NULL;
        mail.key = &key;
        bool signed_too = ww_report_mail(&mail, &n, &err, detail, sizeof detail) != NULL;
        _exit(told && signed_too ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    free(pem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_opened_late),
        cmocka_unit_test(a_mail_has_two_parts),
        cmocka_unit_test(names_may_be_long),
        cmocka_unit_test(days_are_told),
        cmocka_unit_test(message_ids_are_of_report_and_recipient),
        cmocka_unit_test(nothing_can_be_put_into_the_header),
        cmocka_unit_test(what_is_no_key_is_told),
        cmocka_unit_test(a_key_may_have_words_before_it),
        cmocka_unit_test(records_hold_the_public_part),
    };
    ww_report_mail_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
