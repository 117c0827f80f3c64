/*
 * make_report json: each report of a table, a line each; make_report mail [KEY [SELECTOR DOMAIN]]: the mail
 * of the first, as ww_report_mail makes it. For tests that look at them with programs of others.
 */
#include "codec/gzip.h"
#include "codec/tlsrpt_json.h"
#include "report/mail.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }

#define BEGIN INT64_C(1795824000) /* 2026-11-28 */

static const struct ww_sessions_detail details[] = {
    {.type = WW_RESULT_CERTIFICATE_EXPIRED,
     .sending_ip = S("192.0.2.1"),
     .receiving_mx = S("mx.example.com"),
     .helo = S("mx.example.com ESMTP \xC3\xBC"),
     .receiving_ip = S("2001:db8::7"),
     .info = S("data:,Waxwing%20looked%20itself"),
     .reason = S("certificate has \"expired\""),
     .count = 2},
    {.type = WW_RESULT_STARTTLS_NOT_SUPPORTED, .count = 1},
};

static const struct ww_report_policy policies[] = {
    {.policy = {.type = WW_POLICY_TYPE_STS,
                .domain = "example.com",
                .strings = S("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 86400\n"),
                .mx_hosts = S("*.example.com\n")},
     .success = 17,
     .failure = 3,
     .details = details,
     .detail_count = COUNT(details)},
    {.policy = {.type = WW_POLICY_TYPE_TLSA,
                .domain = "mx.example.com",
                .strings =
                    S("3 1 1 1F850A337E6DB9C609C522D136A475638CC43E1ED424F8EEC8513D747D1D085D\n2 0 1 aa\n")},
     .success = 5},
    {.policy = {.type = WW_POLICY_TYPE_TLSA}, .failure = 1},
    {.policy = {.type = WW_POLICY_TYPE_STS, .domain = "example.com"}, .failure = 1},
    {.policy = {.type = WW_POLICY_TYPE_NONE}, .success = INT64_MAX},
};

#define REPORT(list, n)                                                                              \
    {                                                                                                \
        .organization = "Example \xC3\xBC", .contact = "tls@reporter.example",                       \
        .id = "2026-11-28.1.example.com.9f86d081884c7d65@reporter.example", .domain = "example.com", \
        .begin = BEGIN, .end = BEGIN + WW_DAY_SECONDS - 1, .policies = (list), .count = (n)          \
    }

static const struct ww_report reports[] = {REPORT(policies, COUNT(policies)), REPORT(policies, 1),
                                           REPORT(policies + 1, 1), REPORT(NULL, 0)};

static void print_json(void)
{
    for (size_t i = 0; i < COUNT(reports); i++) {
        size_t n;
        char *json = ww_tlsrpt_json(&reports[i], &n);
        if (json != NULL)
            (void)printf("%s\n", json);
        free(json);
    }
}

static size_t read_file(const char *path, char *out, size_t size)
{
    FILE *from = fopen(path, "re");
    size_t n = from != NULL ? fread(out, 1, size, from) : 0;
    if (from != NULL)
        (void)fclose(from);
    return n;
}

static int print_mail(const struct ww_dkim_key *key)
{
    const struct ww_report *report = &reports[0];
    char file_name[WW_REPORT_FILE_NAME_SIZE], subject[WW_REPORT_SUBJECT_SIZE], detail[256];
    size_t json_n, zipped_n, n;
    enum ww_err err;
    char *json = ww_tlsrpt_json(report, &json_n);
    char *zipped = json != NULL ? ww_gzip(ww_slice(json, json_n), &zipped_n) : NULL;
    free(json);
    if (zipped == NULL || !ww_report_file_name(report, file_name) || !ww_report_subject(report, subject))
        abort();
    const struct ww_report_mail mail = {
        .from = report->contact,
        .to = "reports@example.com",
        .organization = report->organization,
        .contact = report->contact,
        .domain = report->domain,
        .submitter = ww_report_submitter(report->contact),
        .report_id = report->id,
        .file_name = file_name,
        .subject = subject,
        .begin = report->begin,
        .end = report->end,
        .success = 22,
        .failure = 5,
        .date = report->end + 3600,
        .host = "mta.reporter.example",
        .content = ww_slice(zipped, zipped_n),
        .key = key,
    };
    char *text = ww_report_mail(&mail, &n, &err, detail, sizeof detail);
    free(zipped);
    if (text == NULL) {
        (void)fprintf(stderr, "%s: %s\n", ww_err_id(err), detail);
        return EXIT_FAILURE;
    }
    (void)fwrite(text, 1, n, stdout);
    free(text);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static char pem[65536];
    struct ww_dkim_key key = {.pem = pem,
                              .selector = argc > 3 ? argv[3] : "tlsrpt",
                              .domain = argc > 4 ? argv[4] : "reporter.example"};
    if (argc > 1 && strcmp(argv[1], "json") == 0) {
        print_json();
        return EXIT_SUCCESS;
    }
    if (argc < 2 || strcmp(argv[1], "mail") != 0)
        return EXIT_FAILURE;
    ww_report_mail_init();
    if (argc > 2)
        key.pem_n = read_file(argv[2], pem, sizeof pem);
    return print_mail(argc > 2 ? &key : NULL);
}
