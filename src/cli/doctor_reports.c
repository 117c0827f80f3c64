/* Whether reports (RFC 8460) can go out, are believed where they arrive, and an answer to them comes back. */
#include "cli/dial.h"
#include "cli/doctor_file.h"
#include "cli/doctor_net.h"
#include "core/dns_answer.h"
#include "core/report.h"
#include "daemon/clock.h"
#include "daemon/mail_server.h"
#include "daemon/role.h"
#include "drive/mx_hosts.h"
#include "report/dkim_record.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MAX 16384
#define TXT_MAX 4096
#define SMTP_MS 10000

struct look {
    struct ww_doctor *d;
    struct ww_outside net;
    struct ww_mail_server server;
    char server_fault[256]; /* why it is not known, or "" */
    bool has_key;
    struct ww_dkim_public key;
    const char *signer; /* the domain that signs */
    char record_name[2 * WW_DNAME_SIZE + 16];
    const char *domains[2]; /* that mail comes back to; the second may be NULL */
};

/* False: nothing is sent, and there is no more to look at. */
static bool tell_whether(struct ww_doctor *d)
{
    const struct ww_config *c = d->config;
    if (c->report_contact == NULL) {
        ww_doctor_tell(d, WW_CHECK_REPORTS, WW_FINDING_SKIP, NULL,
                       "report.contact is not set: results are counted and reports made, and none is sent");
        return false;
    }
    if (c->report_dry_run) {
        ww_doctor_tell(d, WW_CHECK_REPORTS, WW_FINDING_WARN, NULL,
                       "report.dry_run is on: reports are made and held, and none is sent");
        ww_doctor_advise(d, "When the trial is over, remove it from %s.", d->config_name);
        ww_doctor_command(d, "systemctl reload waxwingd");
    } else if (c->report_redirect != NULL) {
        ww_doctor_tell(d, WW_CHECK_REPORTS, WW_FINDING_WARN, NULL,
                       "report.redirect is set: %s gets all reports, and those who ask for them none",
                       c->report_redirect);
        ww_doctor_advise(d, "When the trial is over, remove it from %s.", d->config_name);
        ww_doctor_command(d, "systemctl reload waxwingd");
    } else {
        ww_doctor_tell(d, WW_CHECK_REPORTS, WW_FINDING_OK, NULL, "reports are sent, and %s answers for them",
                       c->report_contact);
    }
    return true;
}

static void tell_unreadable(struct ww_doctor *d, const char *path, const char *user)
{
    bool denied = errno == EACCES;
    bool other = geteuid() != 0;
    if (denied && other) {
        ww_doctor_tell(d, WW_CHECK_REPORTS_KEY, WW_FINDING_SKIP, NULL,
                       "%s is not for who runs this: what the role courier sees is not known", path);
        ww_doctor_command(d, "sudo waxwing doctor");
        return;
    }
    ww_doctor_tell(d, WW_CHECK_REPORTS_KEY, WW_FINDING_FAIL, NULL,
                   "user %s, who signs reports, cannot read %s: %s", user, path, strerror(errno));
    if (denied)
        ww_doctor_command(d, "chown %s %s && chmod 0400 %s && namei -l %s", user, path, path, path);
    else
        ww_doctor_command(d, "waxwing report dkim-key %s", path);
}

static void tell_key(struct look *l, const struct stat *st, struct ww_slice pem)
{
    struct ww_doctor *d = l->d;
    const char *path = d->config->report_dkim_key;
    char detail[256] = "memory is short";
    EVP_PKEY *key = ww_dkim_key_read(pem, detail, sizeof detail);
    l->has_key = key != NULL && ww_dkim_key_public(key, &l->key);
    EVP_PKEY_free(key);
    if (!l->has_key) {
        ww_doctor_tell(d, WW_CHECK_REPORTS_KEY, WW_FINDING_FAIL, NULL, "%s: %s", path, detail);
        ww_doctor_advise(d, "Name another file as report.dkim_key; this makes a key:");
        ww_doctor_command(d, "waxwing report dkim-key /etc/waxwing/dkim.pem");
    } else if ((st->st_mode & S_IROTH) != 0) {
        ww_doctor_tell(d, WW_CHECK_REPORTS_KEY, WW_FINDING_WARN, NULL,
                       "everybody on this machine can read the private key %s", path);
        ww_doctor_command(d, "chmod o= %s", path);
    } else {
        ww_doctor_tell(d, WW_CHECK_REPORTS_KEY, WW_FINDING_OK, NULL,
                       "reports are signed with %s, an %s key of %d bits, for %s", path,
                       l->key.kind == WW_DKIM_RSA ? "RSA" : "Ed25519", l->key.bits, l->signer);
    }
}

/* Reads it with the rights of the role that does, as long as there are rights. */
static void look_at_key(struct look *l)
{
    struct ww_doctor *d = l->d;
    const char *path = d->config->report_dkim_key;
    char user[WW_USER_SIZE];
    char pem[KEY_MAX];
    struct stat st;
    if (path == NULL) {
        ww_doctor_tell(d, WW_CHECK_REPORTS_KEY, WW_FINDING_SKIP, NULL,
                       "report.dkim_key is not set: %s has to sign, or reports are ignored",
                       d->config->report_smtp);
        return;
    }
    (void)ww_role_user(d->config, WW_ROLE_COURIER, user);
    int fd = ww_doctor_open_as(d->config, WW_ROLE_COURIER, path);
    ssize_t n = fd >= 0 && fstat(fd, &st) == 0 ? read(fd, pem, sizeof pem) : -1;
    if (n < 0)
        tell_unreadable(d, path, user);
    else
        tell_key(l, &st, ww_slice(pem, (size_t)n));
    OPENSSL_cleanse(pem, sizeof pem);
    if (fd >= 0)
        (void)close(fd);
}

/* A server that waits for what comes before its greeting would hang up on who talks first. */
static bool is_greeted(const struct ww_addr *addr, unsigned port, char *words, size_t size)
{
    char text[WW_ADDR_TEXT_SIZE], place[WW_ADDR_TEXT_SIZE + 24];
    struct ww_dial dial;
    int64_t deadline = ww_clock_ms() + SMTP_MS;
    ww_addr_format(addr, text);
    (void)snprintf(place, sizeof place, addr->length == 16 ? "inet:[%s]:%u" : "inet:%s:%u", text, port);
    if (!ww_dial_open(&dial, place, size, deadline)) {
        (void)snprintf(words, size, "%s", strerror(errno));
        return false;
    }
    struct pollfd fd = {.fd = dial.fd, .events = POLLIN};
    int64_t left = deadline - ww_clock_ms();
    ssize_t n =
        poll(&fd, 1, left > 0 ? (int)left : 0) > 0 ? recv(dial.fd, words, size - 1, MSG_DONTWAIT) : -1;
    bool good = n >= 3 && memcmp(words, "220", 3) == 0;
    if (n > 0) {
        words[n] = '\0';
        words[strcspn(words, "\r\n")] = '\0';
    } else {
        (void)snprintf(words, size, "%s", n == 0 ? "it hangs up" : "there is no greeting");
    }
    if (good)
        (void)send(dial.fd, "QUIT\r\n", 6, MSG_NOSIGNAL | MSG_DONTWAIT);
    ww_dial_close(&dial);
    return good;
}

static void tell_server(struct look *l)
{
    struct ww_doctor *d = l->d;
    const char *name = d->config->report_smtp;
    char words[256];
    (void)snprintf(words, sizeof words, "%s", l->server_fault);
    for (size_t i = 0; l->server_fault[0] == '\0' && i < l->server.count; i++)
        if (is_greeted(&l->server.addrs[i], l->server.place.port, words, sizeof words)) {
            ww_doctor_tell(d, WW_CHECK_REPORTS_SMTP, WW_FINDING_OK, name, "it takes mail: %s", words);
            return;
        }
    ww_doctor_tell(d, WW_CHECK_REPORTS_SMTP, WW_FINDING_FAIL, name, "no mail can be handed over: %s", words);
    ww_doctor_advise(d, "Does a mail server listen there? report.smtp in %s says where.", d->config_name);
    ww_doctor_command(d, "ss -ltn");
}

static void tell_mx(struct ww_doctor *d, const char *domain, const struct ww_mx_hosts *hosts)
{
    bool good = hosts->outcome == WW_MX_LISTED;
    if (hosts->outcome == WW_MX_FAILED) {
        ww_doctor_tell(d, WW_CHECK_REPORTS_MX, WW_FINDING_SKIP, domain,
                       "its MX records are not known: %s%s%s", ww_err_message(hosts->why),
                       hosts->detail[0] != '\0' ? ": " : "", hosts->detail);
        return;
    }
    if (good) {
        ww_doctor_tell(d, WW_CHECK_REPORTS_MX, WW_FINDING_OK, domain, "answers and bounces go to %s",
                       hosts->hosts[0].name);
        return;
    }
    ww_doctor_tell(d, WW_CHECK_REPORTS_MX, WW_FINDING_WARN, domain, "%s",
                   hosts->outcome == WW_MX_NULL        ? "it takes no mail: no answer and no bounce can come"
                   : hosts->outcome == WW_MX_NO_DOMAIN ? "there is no such domain: no answer and no bounce "
                                                         "can come, and its reports may be refused"
                                                       : "it has no MX record");
    ww_doctor_advise(d, "Set report.contact and report.mail_from to addresses that get mail.");
}

struct mx {
    struct look *look;
    const char *domain;
};

static void on_mx(void *ctx, const struct ww_mx_hosts *hosts)
{
    const struct mx *m = ctx;
    tell_mx(m->look->d, m->domain, hosts);
    ww_outside_end(&m->look->net);
}

static void look_at_mx(struct look *l, const char *domain)
{
    struct mx m = {.look = l, .domain = domain};
    enum ww_err err;
    ww_outside_begin(&l->net);
    if (ww_mx_lookup(l->net.with.dns, domain, on_mx, &m, &err) == NULL) {
        struct ww_mx_hosts none;
        ww_mx_hosts_fail(&none, err, NULL);
        on_mx(&m, &none);
    }
    ww_outside_run(&l->net);
}

static void tell_record(struct look *l, enum ww_dkim_fit fit)
{
    static const char *const words[] = {
        [WW_DKIM_FITS] = "the record is that of the key, and good for reports",
        [WW_DKIM_NO_REPORTS] = "the key is there, but s= does not name tlsrpt: reports may be ignored",
        [WW_DKIM_NO_SHA256] = "the key is there, but h= forbids sha256: no signature is good",
        [WW_DKIM_OTHER_KEY] = "the record is that of another key: no signature is good",
        [WW_DKIM_REVOKED] = "the record says that the key is revoked: no signature is good",
        [WW_DKIM_NO_RECORD] = "there is no record of a key: no signature is good, and reports are ignored",
    };
    struct ww_doctor *d = l->d;
    enum ww_finding finding = fit == WW_DKIM_FITS         ? WW_FINDING_OK
                              : fit == WW_DKIM_NO_REPORTS ? WW_FINDING_WARN
                                                          : WW_FINDING_FAIL;
    ww_doctor_tell(d, WW_CHECK_REPORTS_DKIM, finding, l->record_name, "%s", words[fit]);
    if (fit == WW_DKIM_FITS)
        return;
    ww_doctor_advise(d, "Publish what this prints:");
    ww_doctor_command(d, "waxwing report dkim-key --show --selector %s --domain %s %s",
                      d->config->report_dkim_selector, l->signer, d->config->report_dkim_key);
}

static void on_record(void *ctx, const struct ww_dns_reply *reply)
{
    struct look *l = ctx;
    struct ww_dns_answer answer;
    struct ww_dns_rr rr;
    enum ww_dkim_fit best = WW_DKIM_NO_RECORD;
    char text[TXT_MAX];
    enum ww_err err = reply->err;
    if (err == WW_OK)
        err = ww_dns_answer_open(&answer, reply->packet.p, reply->packet.n, l->record_name, WW_DNS_TYPE_TXT);
    while (err == WW_OK && ww_dns_answer_next(&answer, &rr)) {
        size_t n = 0;
        if (ww_dns_txt_join(rr.rdata, text, sizeof text, &n) != WW_OK)
            continue;
        enum ww_dkim_fit fit = ww_dkim_record_fit(ww_slice(text, n), &l->key);
        best = fit < best ? fit : best;
    }
    if (err == WW_OK)
        tell_record(l, best);
    else
        ww_doctor_tell(l->d, WW_CHECK_REPORTS_DKIM, WW_FINDING_SKIP, l->record_name,
                       "the record is not known: %s%s%s", ww_err_message(err),
                       reply->detail != NULL ? ": " : "", reply->detail != NULL ? reply->detail : "");
    ww_outside_end(&l->net);
}

static void look_at_record(struct look *l)
{
    const char *selector = l->d->config->report_dkim_selector;
    enum ww_err err;
    (void)snprintf(l->record_name, sizeof l->record_name, "%s._domainkey.%s", selector, l->signer);
    ww_outside_begin(&l->net);
    if (ww_dns_ask(l->net.with.dns, l->record_name, WW_DNS_TYPE_TXT, on_record, l, &err) == NULL) {
        const struct ww_dns_reply none = {.err = err};
        on_record(l, &none);
    }
    ww_outside_run(&l->net);
}

static void look_outside(struct look *l)
{
    const char *detail;
    if (!ww_doctor_net_open(&l->net, l->d->config, &detail)) {
        ww_doctor_tell(l->d, WW_CHECK_REPORTS_MX, WW_FINDING_FAIL, NULL, "DNS cannot be set up: %s", detail);
        ww_doctor_advise(l->d, "Look at the sections dns and fetch of %s.", l->d->config_name);
        return;
    }
    tell_server(l);
    if (l->has_key)
        look_at_record(l);
    for (size_t i = 0; i < 2 && l->domains[i] != NULL; i++)
        look_at_mx(l, l->domains[i]);
    ww_outside_close(&l->net);
}

void ww_doctor_reports(struct ww_doctor *d)
{
    const struct ww_config *c = d->config;
    if (!c->collect || !tell_whether(d))
        return;
    struct look *l = calloc(1, sizeof *l);
    if (l == NULL)
        return;
    l->d = d;
    l->domains[0] = ww_report_submitter(c->report_contact);
    if (c->report_mail_from != NULL && strcmp(ww_report_submitter(c->report_mail_from), l->domains[0]) != 0)
        l->domains[1] = ww_report_submitter(c->report_mail_from);
    l->signer = c->report_dkim_domain != NULL ? c->report_dkim_domain : l->domains[0];
    look_at_key(l);
    if (!ww_mail_server_open(&l->server, c, "report.smtp", c->report_smtp, l->server_fault,
                             sizeof l->server_fault) &&
        l->server_fault[0] == '\0')
        (void)snprintf(l->server_fault, sizeof l->server_fault, "it cannot be found");
    look_outside(l);
    ww_mail_server_close(&l->server);
    free(l);
}
