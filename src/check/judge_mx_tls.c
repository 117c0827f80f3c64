#include "check/judge_mx.h"

#include "core/tls_hello.h"

#include <string.h>

static const char late[] = "an MX host did not answer in time";
static const char unwilling[] = "an MX host did not want to talk so often";
static const char no_answer[] = "an MX host did not answer the question";

/* Which check a trial makes, and of how many trials it is made. */
static const struct {
    enum ww_mx_trial_kind kind;
    enum ww_check check;
} made_by[] = {
    {WW_MX_TRIAL_NO_SNI, WW_CHECK_MX_SNI_DIFFERS}, {WW_MX_TRIAL_INJECT, WW_CHECK_MX_STARTTLS_INJECTION},
    {WW_MX_TRIAL_WEAK, WW_CHECK_MX_WEAK_CIPHER},   {WW_MX_TRIAL_SECRECY, WW_CHECK_MX_RSA_KEY_EXCHANGE},
    {WW_MX_TRIAL_TLS_1_1, WW_CHECK_MX_OLD_TLS},    {WW_MX_TRIAL_TLS_1_0, WW_CHECK_MX_OLD_TLS},
    {WW_MX_TRIAL_SSL_3, WW_CHECK_MX_SSL3},
};

static const char *version_name(uint16_t version)
{
    static const char *const names[] = {"SSL 3", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};
    return version >= WW_SSL_3 && version <= WW_SSL_3 + 4 ? names[version - WW_SSL_3] : "an unknown version";
}

/* OpenSSL's names: all but those of TLS 1.3 begin with how the key comes about. */
static bool has_forward_secrecy(const struct ww_mx_probe_result *first)
{
    return first->tls_version > WW_TLS_1_2 || strncmp(first->cipher, "ECDHE-", 6) == 0 ||
           strncmp(first->cipher, "DHE-", 4) == 0 || strncmp(first->cipher, "ADH-", 4) == 0 ||
           strncmp(first->cipher, "AECDH-", 6) == 0;
}

/* What the handshake of a sender has shown. */
static void judge_handshake(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    const struct ww_mx_probe_result *first = &a->first;
    ww_check_made(c->report, WW_CHECK_MX_TLS_VERSION);
    ww_check_made(c->report, WW_CHECK_MX_NO_FORWARD_SECRECY);
    if (first->tls_version < WW_TLS_1_2)
        ww_mx_gather(c->gather, WW_CHECK_MX_TLS_VERSION, &a->addr, "the best that it speaks is %s",
                     version_name(first->tls_version));
    if (!has_forward_secrecy(first))
        ww_mx_gather(c->gather, WW_CHECK_MX_NO_FORWARD_SECRECY, &a->addr, "it chooses %s with %s",
                     first->cipher, version_name(first->tls_version));
}

static bool differs(const struct ww_mx_probe_result *first, const struct ww_mx_trial_result *t)
{
    return first->has_certificate != t->has_certificate ||
           memcmp(first->fingerprint, t->fingerprint, sizeof t->fingerprint) != 0;
}

static void judge_no_sni(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    const struct ww_mx_trial_result *t = &a->trials[WW_MX_TRIAL_NO_SNI];
    if (t->verdict == WW_MX_NO)
        ww_mx_gather(c->gather, WW_CHECK_MX_SNI_DIFFERS, &a->addr, "without a name the handshake fails: %s",
                     t->detail[0] != '\0' ? t->detail : ww_err_message(t->err));
    else if (t->verdict == WW_MX_YES && differs(&a->first, t))
        ww_mx_gather(c->gather, WW_CHECK_MX_SNI_DIFFERS, &a->addr,
                     "with its name it shows a certificate for %s, without one %s%s",
                     a->first.name_count > 0 ? a->first.names[0] : "no name",
                     t->has_certificate ? "one for " : "none",
                     !t->has_certificate  ? ""
                     : t->name[0] != '\0' ? t->name
                                          : "no name");
}

static void judge_ciphers(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    const struct ww_mx_trial_result *weak = &a->trials[WW_MX_TRIAL_WEAK];
    const struct ww_mx_trial_result *lasting = &a->trials[WW_MX_TRIAL_SECRECY];
    const char *name = ww_tls_suite_name(weak->suite);
    if (weak->verdict == WW_MX_YES)
        ww_mx_gather(c->gather, WW_CHECK_MX_WEAK_CIPHER, &a->addr, "asked for weak ones alone, it takes %s",
                     name != NULL ? name : "one of them");
    name = ww_tls_suite_name(lasting->suite);
    if (lasting->verdict == WW_MX_YES && has_forward_secrecy(&a->first))
        ww_mx_gather(c->gather, WW_CHECK_MX_RSA_KEY_EXCHANGE, &a->addr,
                     "asked for such ones alone, it takes %s", name != NULL ? name : "one of them");
}

/* Of a host whose best version is an old one that is found already. */
static void judge_versions(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    bool tls_1_1 = a->trials[WW_MX_TRIAL_TLS_1_1].verdict == WW_MX_YES;
    bool tls_1_0 = a->trials[WW_MX_TRIAL_TLS_1_0].verdict == WW_MX_YES;
    if (a->trials[WW_MX_TRIAL_SSL_3].verdict == WW_MX_YES)
        ww_mx_gather(c->gather, WW_CHECK_MX_SSL3, &a->addr, "asked for SSL 3 alone, it takes it");
    if (a->first.tls_version >= WW_TLS_1_2 && (tls_1_1 || tls_1_0))
        ww_mx_gather(c->gather, WW_CHECK_MX_OLD_TLS, &a->addr, "asked for nothing better, it takes %s%s%s",
                     tls_1_0 ? "TLS 1.0" : "", tls_1_0 && tls_1_1 ? " and " : "", tls_1_1 ? "TLS 1.1" : "");
}

static bool is_answered(const struct ww_mx_trial_result *t)
{
    return t->verdict == WW_MX_YES || t->verdict == WW_MX_NO;
}

static const char *why_not(const struct ww_mx_address_sight *a, const struct ww_mx_trial_result *t)
{
    if (t->err == WW_E_SMTP_TIMEOUT)
        return late;
    return a->stopped || t->err != WW_OK ? unwilling : no_answer;
}

/* First those that were answered: of what is made of several trials, one that was not leaves it open. */
static void judge_trials(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    for (size_t i = 0; i < sizeof made_by / sizeof *made_by; i++) {
        const struct ww_mx_trial_result *t = &a->trials[made_by[i].kind];
        if (is_answered(t))
            ww_check_made(c->report, made_by[i].check);
        else if (t->verdict == WW_MX_UNCLEAR || a->stopped)
            ww_check_not_tested(c->report, made_by[i].check, why_not(a, t));
    }
    judge_no_sni(c, a);
    judge_ciphers(c, a);
    judge_versions(c, a);
    if (a->trials[WW_MX_TRIAL_INJECT].verdict == WW_MX_YES)
        ww_mx_gather(c->gather, WW_CHECK_MX_STARTTLS_INJECTION, &a->addr,
                     "a NOOP that was sent in plain text along with STARTTLS is answered inside TLS");
}

static void judge_no_handshake(const struct ww_mx_case *c, const struct ww_mx_address_sight *a)
{
    const struct ww_mx_probe_result *first = &a->first;
    switch ((int)first->tls_err) {
    case WW_E_SMTP_STARTTLS:
        ww_mx_gather(c->gather, WW_CHECK_MX_STARTTLS_REFUSED, &a->addr, "STARTTLS is answered: %u %s",
                     first->smtp_code, first->said);
        break;
    case WW_E_SMTP_PLAIN:
        ww_mx_gather(c->gather, WW_CHECK_MX_PLAIN_TEXT, &a->addr, "it says: %.*s",
                     (int)strcspn(first->said, "\\"), first->said);
        break;
    case WW_E_SMTP_TLS:
        ww_mx_gather(c->gather, WW_CHECK_MX_HANDSHAKE_FAILS, &a->addr, "OpenSSL says: %s", first->said);
        break;
    default:
        ww_mx_gather(c->gather, WW_CHECK_MX_HANDSHAKE_FAILS, &a->addr, "%s after STARTTLS",
                     ww_err_message(first->tls_err));
        break;
    }
}

void ww_judge_mx_tls(const struct ww_mx_case *c, const struct ww_mx_address_sight *address)
{
    static const enum ww_check checks[] = {WW_CHECK_MX_STARTTLS_REFUSED, WW_CHECK_MX_PLAIN_TEXT,
                                           WW_CHECK_MX_HANDSHAKE_FAILS};
    const struct ww_mx_probe_result *first = &address->first;
    bool is_late = first->starttls && first->tls_err == WW_E_SMTP_TIMEOUT;
    ww_check_made(c->report, WW_CHECK_MX_NO_STARTTLS);
    for (size_t i = 0; i < sizeof checks / sizeof *checks && first->starttls; i++) {
        if (is_late)
            ww_check_not_tested(c->report, checks[i], late);
        else
            ww_check_made(c->report, checks[i]);
    }
    if (!first->starttls) {
        ww_mx_gather(c->gather, WW_CHECK_MX_NO_STARTTLS, &address->addr,
                     "the answer to EHLO does not offer it");
    } else if (first->handshake) {
        judge_handshake(c, address);
        judge_trials(c, address);
        ww_judge_mx_certificate(c, address);
    } else if (!is_late) {
        judge_no_handshake(c, address);
    }
}
