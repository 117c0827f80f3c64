/*
 * Makes a maildir of report mails, gzipped and signed, as senders of ours would send them:
 *
 *   report_mails MAILDIR COUNT
 *
 * Report i is of sender i % SENDERS, about domain i / SENDERS % DOMAINS, and of a day of its own among those
 * that both have had. All are signed with one new RSA key, under the selector "k". Prints one line: sessions
 * that went well, sessions that failed, and the TXT record of the key.
 */
#include "codec/gzip.h"
#include "codec/tlsrpt_json.h"
#include "report/dkim_key.h"
#include "report/mail.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SENDERS 20
#define DOMAINS 100
#define DETAILS 3

static int64_t today;

struct names {
    char domain[32], sender[32], contact[48], id[96], strings[160], mx_hosts[64], mx[2][40];
};

static struct ww_slice text(const char *s)
{
    return ww_slice_str(s);
}

static int64_t success_of(unsigned long i)
{
    return (int64_t)(100 + i % 900);
}

/* Every fourth tells of failures: so many kinds, each so often. */
static size_t kinds_of(unsigned long i)
{
    return i % 4 == 0 ? 1 + i / 4 % DETAILS : 0;
}

static int64_t times_of(unsigned long i)
{
    return (int64_t)(1 + i % 7);
}

static size_t fill_details(unsigned long i, const struct names *n, struct ww_sessions_detail *out)
{
    static const enum ww_result_type types[DETAILS] = {
        WW_RESULT_CERTIFICATE_EXPIRED, WW_RESULT_CERTIFICATE_HOST_MISMATCH, WW_RESULT_STARTTLS_NOT_SUPPORTED};
    size_t count = kinds_of(i);
    for (size_t k = 0; k < count; k++)
        out[k] = (struct ww_sessions_detail){.type = types[k],
                                             .sending_ip = text("192.0.2.25"),
                                             .receiving_mx = text(n->mx[k % 2]),
                                             .helo = text(n->mx[k % 2]),
                                             .receiving_ip = text("203.0.113.9"),
                                             .count = times_of(i)};
    return count;
}

static void fill_names(unsigned long i, int64_t day, struct names *n)
{
    unsigned long domain = i / SENDERS % DOMAINS;
    snprintf(n->domain, sizeof n->domain, "d%lu.example", domain);
    snprintf(n->sender, sizeof n->sender, "s%lu.example", i % SENDERS);
    snprintf(n->contact, sizeof n->contact, "tls-reports@%s", n->sender);
    snprintf(n->id, sizeof n->id, "%" PRId64 ".%lu.%s@%s", day, i, n->domain, n->sender);
    snprintf(n->mx[0], sizeof n->mx[0], "mx1.%s", n->domain);
    snprintf(n->mx[1], sizeof n->mx[1], "mx2.%s", n->domain);
    snprintf(n->mx_hosts, sizeof n->mx_hosts, "*.%s\n", n->domain);
    snprintf(n->strings, sizeof n->strings, "version: STSv1\nmode: %s\nmx: *.%s\nmax_age: 604800\n",
             domain % 2 == 0 ? "enforce" : "testing", n->domain);
}

static char *gzipped(const struct ww_report *report, size_t *n)
{
    size_t json_n = 0;
    char *json = ww_tlsrpt_json(report, &json_n);
    char *zipped = json != NULL ? ww_gzip(ww_slice(json, json_n), n) : NULL;
    free(json);
    return zipped;
}

static char *make(unsigned long i, struct ww_dkim_key *key, size_t *n)
{
    struct names names = {.domain = ""};
    char file_name[WW_REPORT_FILE_NAME_SIZE], subject[WW_REPORT_SUBJECT_SIZE], detail[256] = "";
    struct ww_sessions_detail details[DETAILS];
    enum ww_err err = WW_OK;
    int64_t day = today - 1 - (int64_t)(i / SENDERS / DOMAINS);
    fill_names(i, day, &names);
    struct ww_report_policy policy = {.policy = {.type = WW_POLICY_TYPE_STS,
                                                 .strings = text(names.strings),
                                                 .mx_hosts = text(names.mx_hosts)},
                                      .success = success_of(i),
                                      .failure = (int64_t)kinds_of(i) * times_of(i),
                                      .details = details,
                                      .detail_count = fill_details(i, &names, details)};
    memcpy(policy.policy.domain, names.domain, sizeof names.domain);
    const struct ww_report report = {.organization = names.sender,
                                     .contact = names.contact,
                                     .id = names.id,
                                     .domain = names.domain,
                                     .begin = day * WW_DAY_SECONDS,
                                     .end = (day + 1) * WW_DAY_SECONDS - 1,
                                     .policies = &policy,
                                     .count = 1};
    size_t zipped_n = 0;
    char *zipped = gzipped(&report, &zipped_n);
    if (zipped == NULL || !ww_report_file_name(&report, file_name) || !ww_report_subject(&report, subject)) {
        free(zipped);
        return NULL;
    }
    key->domain = names.sender;
    const struct ww_report_mail mail = {.from = names.contact,
                                        .to = "reports@collector.example",
                                        .organization = names.sender,
                                        .contact = names.contact,
                                        .domain = names.domain,
                                        .submitter = names.sender,
                                        .report_id = names.id,
                                        .file_name = file_name,
                                        .subject = subject,
                                        .begin = report.begin,
                                        .end = report.end,
                                        .success = (uint64_t)policy.success,
                                        .failure = (uint64_t)policy.failure,
                                        .date = report.end + 3600,
                                        .host = names.sender,
                                        .content = ww_slice(zipped, zipped_n),
                                        .key = key};
    char *made = ww_report_mail(&mail, n, &err, detail, sizeof detail);
    if (made == NULL)
        fprintf(stderr, "report_mails: %s: %s\n", ww_err_id(err), detail);
    free(zipped);
    return made;
}

/* As whoever delivers to a maildir writes it: lines end in LF. */
static int deliver(const char *folder, unsigned long i, const char *mail, size_t n)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/new/%lu.bench", folder, i);
    FILE *to = fopen(path, "w");
    if (to == NULL)
        return 0;
    for (size_t k = 0; k < n; k++)
        if (mail[k] != '\r')
            putc(mail[k], to);
    return fclose(to) == 0;
}

static int make_folders(const char *folder)
{
    static const char *const parts[] = {"", "/new", "/cur", "/tmp"};
    char path[4096];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(path, sizeof path, "%s%s", folder, parts[i]);
        if (mkdir(path, 0755) != 0)
            return 0;
    }
    return 1;
}

static int make_share(const char *folder, unsigned long first, unsigned long step, unsigned long count,
                      struct ww_dkim_key *key)
{
    for (unsigned long i = first; i < count; i += step) {
        size_t n = 0;
        char *mail = make(i, key, &n);
        int done = mail != NULL && deliver(folder, i, mail, n);
        free(mail);
        if (!done)
            return 0;
    }
    return 1;
}

/* Signing takes most of the time: a process for each core. */
static int make_all(const char *folder, unsigned long count, struct ww_dkim_key *key)
{
    unsigned long cores = (unsigned long)sysconf(_SC_NPROCESSORS_ONLN);
    int status, good = make_folders(folder);
    for (unsigned long i = 0; good && i < cores; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(make_share(folder, i, cores, count, key) ? 0 : 1);
        good = child > 0;
    }
    while (wait(&status) > 0)
        good = good && status == 0;
    return good;
}

static void tell(unsigned long count, const char *record)
{
    int64_t success = 0, failure = 0;
    for (unsigned long i = 0; i < count; i++) {
        success += success_of(i);
        failure += (int64_t)kinds_of(i) * times_of(i);
    }
    printf("%" PRId64 " %" PRId64 " %s\n", success, failure, record);
}

int main(int argc, char **argv)
{
    struct ww_dkim_public public;
    struct ww_dkim_key key = {.selector = "k"};
    if (argc != 3) {
        fprintf(stderr, "usage: report_mails MAILDIR COUNT\n");
        return 64;
    }
    unsigned long count = strtoul(argv[2], NULL, 10);
    ww_report_mail_init();
    today = ww_day_of((int64_t)time(NULL));
    EVP_PKEY *made = ww_dkim_key_make(WW_DKIM_RSA);
    char *pem = made != NULL ? ww_dkim_key_write(made, &key.pem_n) : NULL;
    key.pem = pem;
    int done = pem != NULL && ww_dkim_key_public(made, &public) && make_all(argv[1], count, &key);
    if (done)
        tell(count, public.record);
    else
        perror(argv[1]);
    ww_dkim_key_wipe(pem, key.pem_n);
    EVP_PKEY_free(made);
    return done ? 0 : 1;
}
