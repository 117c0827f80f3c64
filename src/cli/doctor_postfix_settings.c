#include "cli/doctor_postfix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What waxwingd's longest answer needs (socketmap.h). */
#define REPLY_SIZE 100000

static struct ww_slice get(const struct ww_doctor_postfix *p, const char *name)
{
    return ww_postfix_of_service(&p->conf, &p->smtp, name);
}

static bool is(struct ww_slice value, const char *word)
{
    return ww_slice_is(value, word);
}

static bool is_one_of(struct ww_slice value, const char *const *words)
{
    for (; *words != NULL; words++)
        if (ww_slice_is(value, *words))
            return true;
    return false;
}

static void tell_level(struct ww_doctor_postfix *p)
{
    static const char *const usual[] = {"may", "dane", NULL};
    static const char *const strict[] = {"encrypt", "dane-only", "fingerprint", "verify", "secure", NULL};
    struct ww_slice level = ww_postfix_level(&p->conf, &p->smtp);
    if (is_one_of(level, usual)) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_LEVEL, WW_FINDING_OK, NULL,
                       "smtp_tls_security_level is %.*s where no policy demands more", WW_SLICE_ARGS(level));
    } else if (is_one_of(level, strict)) {
        ww_doctor_tell(
            p->d, WW_CHECK_POSTFIX_LEVEL, WW_FINDING_WARN, NULL,
            "smtp_tls_security_level is %.*s: mail to all who cannot do that waits, and then bounces",
            WW_SLICE_ARGS(level));
        ww_doctor_advise(p->d, "If that is not meant:");
        ww_doctor_command(p->d, "postconf -e 'smtp_tls_security_level = may' && postfix reload");
    } else {
        ww_doctor_tell(
            p->d, WW_CHECK_POSTFIX_LEVEL, WW_FINDING_WARN, NULL,
            "smtp_tls_security_level is %.*s: where no policy demands TLS, mail goes out in the clear",
            WW_SLICE_ARGS(level));
        ww_doctor_command(p->d, "postconf -e 'smtp_tls_security_level = may' && postfix reload");
    }
}

/* The path as a C string; false when it is too long. */
static bool copy_path(struct ww_slice before, struct ww_slice path, char *out, size_t size)
{
    int n = snprintf(out, size, "%.*s%.*s", WW_SLICE_ARGS(before), WW_SLICE_ARGS(path));
    return n > 0 && (size_t)n < size;
}

/* smtp(8) reads a file before it enters its jail, but looks into a directory from within. */
static const char *judge_authorities(const struct ww_doctor_postfix *p)
{
    char path[4096];
    struct ww_slice file = get(p, "smtp_tls_CAfile");
    struct ww_slice folder = get(p, "smtp_tls_CApath");
    struct ww_slice none = ww_slice("", 0);
    struct ww_slice queue = ww_postfix_main(&p->conf, "queue_directory");
    if (file.n > 0)
        return copy_path(none, file, path, sizeof path) && access(path, R_OK) == 0
                   ? NULL
                   : "smtp_tls_CAfile names a file that cannot be read";
    if (is(get(p, "tls_append_default_CA"), "yes"))
        return NULL;
    if (folder.n == 0)
        return "neither smtp_tls_CAfile nor smtp_tls_CApath is set, so Postfix trusts nobody";
    bool there =
        copy_path(p->smtp.jailed ? queue : none, folder, path, sizeof path) && access(path, R_OK) == 0;
    return there ? NULL : "smtp_tls_CApath is no directory that smtp can look into, as it is chrooted";
}

static void tell_authorities(struct ww_doctor_postfix *p)
{
    const char *fault = judge_authorities(p);
    if (fault == NULL) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_AUTHORITIES, WW_FINDING_OK, NULL,
                       "Postfix knows trusted authorities");
        return;
    }
    ww_doctor_tell(p->d, WW_CHECK_POSTFIX_AUTHORITIES, WW_FINDING_FAIL, NULL,
                   "%s: mail to every domain that enforces its policy is held", fault);
    ww_doctor_command(p->d,
                      "postconf -e 'smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt' && postfix reload");
}

static void tell_protocols(struct ww_doctor_postfix *p)
{
    struct ww_slice list = get(p, "smtp_tls_mandatory_protocols");
    unsigned allowed = ww_postfix_protocols(list);
    const char *fault = NULL;
    enum ww_finding finding = WW_FINDING_WARN;
    if ((allowed & (WW_PROTOCOL_TLSV1_2 | WW_PROTOCOL_TLSV1_3)) == 0) {
        fault = "lets in neither TLS 1.2 nor 1.3: mail to domains that enforce their policy is held";
        finding = WW_FINDING_FAIL;
    } else if ((allowed & WW_PROTOCOL_TLSV1_2) == 0) {
        fault = "lets in TLS 1.3 alone, which many hosts do not speak: mail to them is held";
    } else if ((allowed & WW_PROTOCOL_SSLV3) != 0) {
        fault = "lets in SSLv3, which protects nobody";
    }
    if (fault == NULL) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_PROTOCOLS, WW_FINDING_OK, NULL,
                       "smtp_tls_mandatory_protocols is %.*s", WW_SLICE_ARGS(list));
        return;
    }
    ww_doctor_tell(p->d, WW_CHECK_POSTFIX_PROTOCOLS, finding, NULL, "smtp_tls_mandatory_protocols = %.*s %s",
                   WW_SLICE_ARGS(list), fault);
    ww_doctor_command(p->d, "postconf -e 'smtp_tls_mandatory_protocols = >=TLSv1.2' && postfix reload");
}

static void tell_relayhost(struct ww_doctor_postfix *p)
{
    struct ww_slice relay = ww_postfix_main(&p->conf, "relayhost");
    if (relay.n == 0) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_RELAYHOST, WW_FINDING_OK, NULL,
                       "mail goes to its recipients' own hosts");
        return;
    }
    ww_doctor_tell(p->d, WW_CHECK_POSTFIX_RELAYHOST, WW_FINDING_WARN, NULL,
                   "all mail goes to %.*s, so that nobody asks for the policies of recipients here",
                   WW_SLICE_ARGS(relay));
    ww_doctor_advise(p->d, "Put Waxwing on the host that delivers to others, or deliver from here:");
    ww_doctor_command(p->d, "postconf -e 'relayhost =' && postfix reload");
}

static void tell_limits(struct ww_doctor_postfix *p)
{
    struct ww_slice size = ww_postfix_main(&p->conf, "socketmap_max_reply_size");
    char text[24];
    (void)snprintf(text, sizeof text, "%.*s", WW_SLICE_ARGS(size));
    if (size.n > 0 && strtoul(text, NULL, 10) < REPLY_SIZE) {
        ww_doctor_tell(
            p->d, WW_CHECK_POSTFIX_LIMITS, WW_FINDING_FAIL, NULL,
            "socketmap_max_reply_size is %s: longer answers hold the mail, and may spoil the next look-up",
            text);
        ww_doctor_command(p->d, "postconf -X socketmap_max_reply_size && postfix reload");
    } else if (p->version >= WW_POSTFIX_MX_PATTERNS && is(get(p, "smtp_tls_enforce_sts_mx_patterns"), "no")) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_LIMITS, WW_FINDING_WARN, NULL,
                       "smtp_tls_enforce_sts_mx_patterns is no: MX names are not held against the policy");
        ww_doctor_command(p->d, "postconf -X smtp_tls_enforce_sts_mx_patterns && postfix reload");
    } else {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_LIMITS, WW_FINDING_OK, NULL, "%s",
                       p->version >= WW_POSTFIX_MX_PATTERNS
                           ? "answers of any size are taken, and MX names are held against the policy"
                           : "answers of any size are taken; MX names are compared from Postfix 3.10.5 on");
    }
}

static void tell_log(struct ww_doctor_postfix *p)
{
    struct ww_slice level = get(p, "smtp_tls_loglevel");
    if (is(level, "1")) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_LOG, WW_FINDING_OK, NULL,
                       "the mail log says of each delivery whether its TLS was verified");
        return;
    }
    ww_doctor_tell(p->d, WW_CHECK_POSTFIX_LOG, WW_FINDING_WARN, NULL, "smtp_tls_loglevel is %.*s: %s",
                   WW_SLICE_ARGS(level),
                   is(level, "0") ? "the mail log does not say which deliveries were verified"
                                  : "it is meant for a search after a fault, and logs much");
    ww_doctor_command(p->d, "postconf -e 'smtp_tls_loglevel = 1' && postfix reload");
}

void ww_doctor_postfix_settings(struct ww_doctor_postfix *p)
{
    tell_level(p);
    tell_authorities(p);
    tell_protocols(p);
    tell_relayhost(p);
    tell_limits(p);
    tell_log(p);
}
