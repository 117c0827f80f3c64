/* Whether reports of others (RFC 8460) can be handed in, by each way that is configured. */
#include "cli/dial.h"
#include "cli/doctor.h"
#include "cli/doctor_file.h"
#include "daemon/clock.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define REPLY_MAX 8192
/* Octets of an answer that are shown. */
#define WORDS_MAX 100
/* A certificate that ends so soon should have been renewed: those of a few days are not for this. */
#define CERTIFICATE_DAYS 14

/* What is asked at a listener, and how the answer begins if it is from Waxwing. */
struct door {
    const char *setting;
    const char *request;
    const char *answer;
    const char *good;
};

static const struct door lmtp = {"intake.lmtp", "QUIT\r\n", "220 ", "mails with reports are taken by LMTP"};
static const struct door http = {"intake.http", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 ",
                                 "reports are taken by HTTP"};
static const struct door submit = {"intake.submit", "GET /v1/submit HTTP/1.0\r\n\r\n", "HTTP/1.1 405 ",
                                   "`waxwing report ingest` can hand reports in"};

static void tell_nobody(struct ww_doctor *d, const char *setting, const char *listener)
{
    bool denied = errno == EACCES && geteuid() != 0;
    ww_doctor_tell(d, WW_CHECK_INTAKE, denied ? WW_FINDING_SKIP : WW_FINDING_FAIL, listener,
                   "nobody is reached there (%s): %s", setting, strerror(errno));
    ww_doctor_command(d, denied ? "sudo waxwing doctor" : "waxwing status");
}

static void tell_door(struct ww_doctor *d, const struct door *door, const char *listener)
{
    struct ww_dial dial;
    struct ww_slice reply;
    int64_t deadline = ww_clock_ms() + PATIENCE_MS;
    if (!ww_dial_open(&dial, listener, REPLY_MAX, deadline)) {
        tell_nobody(d, door->setting, listener);
        return;
    }
    bool heard = ww_dial_ask(&dial, ww_slice_str(door->request), &reply, deadline);
    if (heard && ww_slice_starts(reply, door->answer)) {
        ww_doctor_tell(d, WW_CHECK_INTAKE, WW_FINDING_OK, listener, "%s", door->good);
    } else {
        ww_doctor_tell(d, WW_CHECK_INTAKE, WW_FINDING_FAIL, listener,
                       "it does not answer as %s should: \"%.*s\"", door->setting,
                       heard && reply.n < WORDS_MAX ? (int)reply.n : WORDS_MAX,
                       heard ? reply.p : strerror(errno));
        ww_doctor_advise(d, "Does something else listen there?");
        ww_doctor_command(d, "ss -lpn");
    }
    ww_dial_close(&dial);
}

static void tell_doors(struct ww_doctor *d, const struct door *door, char *const *listeners)
{
    for (size_t i = 0; listeners != NULL && listeners[i] != NULL; i++)
        tell_door(d, door, listeners[i]);
}

static void tell_unreadable(struct ww_doctor *d, const char *path)
{
    char user[WW_USER_SIZE];
    int fault = errno;
    bool denied = fault == EACCES;
    if (denied && geteuid() != 0) {
        ww_doctor_tell(d, WW_CHECK_INTAKE_CERTIFICATE, WW_FINDING_SKIP, NULL,
                       "%s is not for who runs this: what the role intake sees is not known", path);
        ww_doctor_command(d, "sudo waxwing doctor");
        return;
    }
    (void)ww_role_user(d->config, WW_ROLE_INTAKE, user);
    ww_doctor_tell(d, WW_CHECK_INTAKE_CERTIFICATE, WW_FINDING_FAIL, NULL, "user %s cannot read %s: %s", user,
                   path, strerror(fault));
    if (denied)
        ww_doctor_command(d, "chown %s %s && chmod 0400 %s && namei -l %s", user, path, path, path);
}

static FILE *open_pem(struct ww_doctor *d, const char *path)
{
    int fd = ww_doctor_open_as(d->config, WW_ROLE_INTAKE, path);
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (f == NULL)
        tell_unreadable(d, path);
    if (f == NULL && fd >= 0)
        (void)close(fd);
    return f;
}

static void tell_broken(struct ww_doctor *d, const char *path, const char *what)
{
    ww_doctor_tell(d, WW_CHECK_INTAKE_CERTIFICATE, WW_FINDING_FAIL, NULL, "%s: %s", path, what);
    ww_doctor_advise(d, "Senders cannot report by HTTPS: name another file in section intake of %s.",
                     d->config_name);
}

static void tell_time(struct ww_doctor *d, const X509 *certificate)
{
    const char *path = d->config->intake_certificate;
    int days = 0, seconds = 0;
    struct tm end;
    char text[32] = "";
    bool known = ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) == 1 &&
                 ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1;
    if (known)
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &end);
    if (!known || days < 0 || seconds < 0) {
        tell_broken(d, path, known ? "the certificate has expired" : "the certificate's end cannot be read");
        return;
    }
    bool soon = days < CERTIFICATE_DAYS;
    ww_doctor_tell(d, WW_CHECK_INTAKE_CERTIFICATE, soon ? WW_FINDING_WARN : WW_FINDING_OK, NULL,
                   "%s: the certificate is good until %s", path, text);
    if (soon)
        ww_doctor_advise(d, "It should have been renewed: has that failed, or is the new one elsewhere?");
}

/* HTTPS itself is not spoken: what a sender makes of the certificate, only one outside could say. */
static void look_at_certificate(struct ww_doctor *d)
{
    const struct ww_config *c = d->config;
    FILE *file = open_pem(d, c->intake_certificate);
    X509 *certificate = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    FILE *key_file = file != NULL ? open_pem(d, c->intake_key) : NULL;
    EVP_PKEY *key = key_file != NULL ? PEM_read_PrivateKey(key_file, NULL, NULL, NULL) : NULL;
    if (file != NULL && certificate == NULL)
        tell_broken(d, c->intake_certificate, "there is no certificate in it");
    else if (key_file != NULL && key == NULL)
        tell_broken(d, c->intake_key, "there is no private key in it, or one with a password");
    else if (key != NULL && X509_check_private_key(certificate, key) != 1)
        tell_broken(d, c->intake_certificate, "the certificate is not that of intake.key");
    else if (key != NULL)
        tell_time(d, certificate);
    ERR_clear_error();
    EVP_PKEY_free(key);
    X509_free(certificate);
    if (key_file != NULL)
        (void)fclose(key_file);
    if (file != NULL)
        (void)fclose(file);
}

static void tell_https(struct ww_doctor *d)
{
    char *const *listeners = d->config->intake_https;
    for (size_t i = 0; listeners != NULL && listeners[i] != NULL; i++) {
        struct ww_dial dial;
        if (!ww_dial_open(&dial, listeners[i], REPLY_MAX, ww_clock_ms() + PATIENCE_MS)) {
            tell_nobody(d, "intake.https", listeners[i]);
            continue;
        }
        ww_doctor_tell(d, WW_CHECK_INTAKE, WW_FINDING_OK, listeners[i],
                       "the port for reports by HTTPS is open");
        ww_dial_close(&dial);
    }
    if (listeners != NULL && listeners[0] != NULL)
        look_at_certificate(d);
}

void ww_doctor_intake(struct ww_doctor *d)
{
    const struct ww_config *c = d->config;
    if (!c->intake) {
        ww_doctor_tell(d, WW_CHECK_INTAKE, WW_FINDING_SKIP, NULL,
                       "intake.enabled is off: reports of others are not taken in");
        return;
    }
    tell_doors(d, &lmtp, c->intake_lmtp);
    tell_doors(d, &submit, c->intake_submit);
    tell_doors(d, &http, c->intake_http);
    tell_https(d);
}
