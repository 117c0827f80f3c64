#include "core/postfix_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define CIPHER ": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
#define FATE_END ", delay=0.2, delays=0/0.1/0.1/0, dsn=4.7.5, status="

static const char *const lines[] = {
    [WW_POSTFIX_NOTHING] = "nothing",
    [WW_POSTFIX_TLS_MADE] = "made",
    [WW_POSTFIX_TLS_REUSED] = "reused",
    [WW_POSTFIX_CERTIFICATE] = "certificate",
    [WW_POSTFIX_SHAKE_FAILED] = "handshake",
    [WW_POSTFIX_NO_POLICY] = "no policy",
    [WW_POSTFIX_NO_PATTERN] = "no pattern",
    [WW_POSTFIX_GOES_ON] = "goes on",
    [WW_POSTFIX_FATE] = "fate",
    [WW_POSTFIX_QUEUED] = "queued",
};

static const char *const reasons[] = {
    [WW_POSTFIX_WHY_OTHER] = "other",
    [WW_POSTFIX_WHY_NOT_VERIFIED] = "not verified",
    [WW_POSTFIX_WHY_NOT_OFFERED] = "not offered",
    [WW_POSTFIX_WHY_HANDSHAKE] = "handshake",
    [WW_POSTFIX_WHY_TLSA_LOOKUP] = "TLSA lookup",
    [WW_POSTFIX_WHY_TLSA_NONE] = "no TLSA",
    [WW_POSTFIX_WHY_TLSA_UNUSABLE] = "unusable TLSA",
    [WW_POSTFIX_WHY_SAID] = "said",
};

/* As it is read: line, queue id, domain, host[ip]:port, level, reason, words; then what is true. */
static const struct {
    const char *message;
    const char *read;
} smtp_cases[] = {
    {"Verified TLS connection established to mx.example[192.0.2.1]:25" CIPHER,
     "made|||mx.example[192.0.2.1]:25|verified|other|"},
    {"Trusted TLS connection established to mx.example[2001:db8::1]:25" CIPHER,
     "made|||mx.example[2001:db8::1]:25|trusted|other|"},
    {"Untrusted TLS connection established to mx.example[192.0.2.1]:26" CIPHER,
     "made|||mx.example[192.0.2.1]:26|untrusted|other|"},
    {"Anonymous TLS connection established to mx.example[192.0.2.1]:25" CIPHER,
     "made|||mx.example[192.0.2.1]:25|untrusted|other|"},
    {"Trusted TLS connection reused to mx.example[192.0.2.1]:25" CIPHER,
     "reused|||mx.example[192.0.2.1]:25|trusted|other|"},
    {"Anonymous TLS connection established from mx.example[192.0.2.1]" CIPHER, "nothing"},
    {"Verified TLS connection established to mx.example", "nothing"},
    {"Verified TLS connection established to mx.example[192.0.2.1]:x", "nothing"},
    {"Better TLS connection established to mx.example[192.0.2.1]:25", "nothing"},

    {"server certificate verification failed for mx.example[192.0.2.1]:25: num=62:hostname mismatch",
     "certificate|||mx.example[192.0.2.1]:25||other|hostname mismatch"},
    {"certificate verification failed for mx.example[192.0.2.1]:25: untrusted issuer /CN=Nobody's CA",
     "certificate|||mx.example[192.0.2.1]:25||other|untrusted issuer /CN=Nobody's CA"},
    {"certificate verification failed for mx.example[192.0.2.1]:25", "nothing"},
    {"SSL_connect error to mx.example[192.0.2.1]:25: lost connection",
     "handshake|||mx.example[192.0.2.1]:25||other|lost connection"},

    {"warning: TLS policy lookup for example.com/mx.example: no TLSA records found",
     "no policy||example.com|mx.example[]:0||no TLSA|no TLSA records found"},
    {"warning: TLS policy lookup for example.com/mx.example: non DNSSEC destination",
     "no policy||example.com|mx.example[]:0||no TLSA|non DNSSEC destination"},
    {"warning: TLS policy lookup for example.com/mx.example: TLSA records unusable",
     "no policy||example.com|mx.example[]:0||unusable TLSA|TLSA records unusable"},
    {"warning: TLS policy lookup for example.com/mx.example: TLSA lookup error for mx.example:25",
     "no policy||example.com|mx.example[]:0||TLSA lookup|TLSA lookup error for mx.example:25"},
    {"warning: TLS policy lookup for example.com/mx.example: client TLS configuration problem",
     "no policy||example.com|mx.example[]:0||other|client TLS configuration problem"},
    {"warning: MX name 'mx.example' does not match STS MX pattern for 'example.com'",
     "no pattern||example.com|mx.example[]:0||other|"},
    {"warning: TLS library problem: error:0A00010B:SSL routines::wrong version number:x.c:350:", "nothing"},

    {"D34693FE: Server certificate not verified",
     "goes on|D34693FE||[]:0||not verified|Server certificate not verified"},
    {"D34693FE: Server certificate not trusted",
     "goes on|D34693FE||[]:0||not verified|Server certificate not trusted"},
    {"D34693FE: TLS is required, but was not offered by host mx.example[2001:db8::1]",
     "goes on|D34693FE||mx.example[2001:db8::1]:0||not offered|TLS is required, but was not offered by host "
     "mx.example[2001:db8::1]"},
    {"D34693FE: TLS is required, but host mx.example[192.0.2.1] refused to start TLS: 454 no",
     "goes on|D34693FE||mx.example[192.0.2.1]:0||not offered|TLS is required, but host mx.example[192.0.2.1] "
     "refused "
     "to start TLS: 454 no"},
    {"D34693FE: TLS is required, but our TLS engine is unavailable",
     "goes on|D34693FE||[]:0||other|TLS is required, but our TLS engine is unavailable"},
    {"D34693FE: Cannot start TLS: handshake failure",
     "goes on|D34693FE||[]:0||handshake|Cannot start TLS: handshake failure"},
    {"D34693FE: host mx.example[192.0.2.1] said: 450 no (in reply to RCPT TO command)",
     "goes on|D34693FE||mx.example[192.0.2.1]:0||said|host mx.example[192.0.2.1] said: 450 no (in reply to "
     "RCPT TO "
     "command)"},
    {"D34693FE: conversation with mx.example[192.0.2.1] timed out while receiving the initial server "
     "greeting",
     "goes on|D34693FE||[]:0||other|conversation with mx.example[192.0.2.1] timed out while receiving the "
     "initial "
     "server greeting"},
    /* A host's own words are no reason of Postfix's. */
    {"D34693FE: host mx.example[192.0.2.1] refused to talk to me: 554 mx.example[192.0.2.1] said: no",
     "goes on|D34693FE||mx.example[192.0.2.1]:0||other|host mx.example[192.0.2.1] refused to talk to me: 554 "
     "mx.example[192.0.2.1] said: no"},
    {"4hRXpC0pyqzMkqt: Server certificate not verified",
     "goes on|4hRXpC0pyqzMkqt||[]:0||not verified|Server certificate not verified"},
    {"connect to mx.example[192.0.2.1]:25: Connection refused", "nothing"},
    {"statistics: max connection rate 1", "nothing"},
    {"D346: Server certificate not verified", "nothing"},
    {"D34693FE:Server certificate not verified", "nothing"},

    {"D34693FE: to=<u@example.com>, relay=mx.example[192.0.2.1]:25, delay=2, delays=0/0/1/1, dsn=2.0.0, "
     "status=sent "
     "(250 2.0.0 Ok: queued as B2E9F45A)",
     "fate|D34693FE|example.com|mx.example[192.0.2.1]:25||other|250 2.0.0 Ok: queued as B2E9F45A|sent"},
    {"D34693FE: to=<u@example.com>, orig_to=<v@example.net>, relay=mx.example[192.0.2.1]:25, "
     "conn_use=2" FATE_END "sent (250 ok)",
     "fate|D34693FE|example.com|mx.example[192.0.2.1]:25||other|250 ok|sent|reused"},
    {"D34693FE: to=<u@example.com>, relay=mx.example[2001:db8::1]:25" FATE_END
     "deferred (Server certificate not verified)",
     "fate|D34693FE|example.com|mx.example[2001:db8::1]:25||not verified|Server certificate not verified"},
    {"D34693FE: to=<u@example.com>, relay=none" FATE_END "deferred (TLSA lookup error for mx.example:25)",
     "fate|D34693FE|example.com|[]:0||TLSA lookup|TLSA lookup error for mx.example:25"},
    {"D34693FE: to=<u@example.com>, relay=mx.example[192.0.2.1]:25" FATE_END
     "bounced (host mx.example[192.0.2.1] said: 550 no (in reply to RCPT TO command))",
     "fate|D34693FE|example.com|mx.example[192.0.2.1]:25||said|host mx.example[192.0.2.1] said: 550 no (in "
     "reply to "
     "RCPT TO command)"},
    {"D34693FE: to=<u@example.com>, relay=filter[/var/run/filter.sock]" FATE_END "sent (ok)",
     "fate|D34693FE|example.com|[]:0||other|ok|sent"},
    {"D34693FE: to=<u>, relay=none" FATE_END "deferred (no)", "fate|D34693FE||[]:0||other|no"},
    /* A local part can hold anything, in quotes. */
    {"D34693FE: to=<\"x>, relay=mx.evil[192.0.2.66]:25, status=sent (\\\"@a>, \"@example.com>, "
     "relay=mx.example[192.0.2.1]:25" FATE_END "sent (250 ok)",
     "fate|D34693FE|example.com|mx.example[192.0.2.1]:25||other|250 ok|sent"},
    {"D34693FE: to=<\"x@example.com>, relay=none" FATE_END "deferred (no)", "nothing"},
    {"D34693FE: to=<u@example.com>, relay=none, dsn=4.0.0", "nothing"},
    {"D34693FE: to=<u@example.com>", "nothing"},
    {"D34693FE: to=<u@example.com>, relay=none" FATE_END "deferred (", "nothing"},
    {"", "nothing"},
};

static void describe(const struct ww_postfix_says *s, char *out, size_t size)
{
    if (s->line == WW_POSTFIX_NOTHING) {
        (void)snprintf(out, size, "nothing");
        return;
    }
    (void)snprintf(out, size, "%s|%.*s|%.*s|%.*s[%.*s]:%u|%s|%s|%.*s%s%s", lines[s->line], (int)s->queue_id.n,
                   s->queue_id.p, (int)s->domain.n, s->domain.p, (int)s->host.n, s->host.p, (int)s->ip.n,
                   s->ip.p, s->port, ww_tls_seen_name(s->tls), reasons[s->reason], (int)s->why.n, s->why.p,
                   s->sent ? "|sent" : "", s->reused ? "|reused" : "");
}

static void reads_what_smtp_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(smtp_cases); i++) {
        struct ww_postfix_says says;
        char read[1024];
        ww_postfix_log_parse(WW_POSTFIX_SMTP, ww_slice_str(smtp_cases[i].message), &says);
        describe(&says, read, sizeof read);
        if (strcmp(read, smtp_cases[i].read) != 0)
            fail_msg("%s:\n%s", smtp_cases[i].message, read);
    }
}

static void programs_are_told_apart(void **state)
{
    static const struct {
        const char *tag;
        const char *message;
        enum ww_postfix_line line;
    } cases[] = {
        {"postfix/qmgr", "D34693FE: from=<a@example.net>, size=312, nrcpt=1 (queue active)",
         WW_POSTFIX_QUEUED},
        {"postfix/qmgr", "D34693FE: removed", WW_POSTFIX_NOTHING},
        {"postfix/qmgr", "Verified TLS connection established to mx.example[192.0.2.1]:25: x",
         WW_POSTFIX_NOTHING},
        {"postfix/tlsproxy",
         "certificate verification failed for mx.example[192.0.2.1]:25: self-signed certificate",
         WW_POSTFIX_CERTIFICATE},
        /* smtp says it too. */
        {"postfix/tlsproxy", "Verified TLS connection established to mx.example[192.0.2.1]:25: x",
         WW_POSTFIX_NOTHING},
        {"out/relay/smtp", "Verified TLS connection established to mx.example[192.0.2.1]:25: x",
         WW_POSTFIX_TLS_MADE},
        {"postfix/smtpd", "Verified TLS connection established to mx.example[192.0.2.1]:25: x",
         WW_POSTFIX_NOTHING},
        {"postfix/lmtp", "Verified TLS connection established to mx.example[192.0.2.1]:25: x",
         WW_POSTFIX_NOTHING},
        {"postfix/waxwing-report/smtp", "Verified TLS connection established to mx.example[192.0.2.1]:25: x",
         WW_POSTFIX_NOTHING},
        {"waxwing-report/smtp", "Verified TLS connection established to mx.example[192.0.2.1]:25: x",
         WW_POSTFIX_NOTHING},
        {"postfix/my-waxwing-reports/smtp",
         "Verified TLS connection established to mx.example[192.0.2.1]:25: x", WW_POSTFIX_TLS_MADE},
        {"smtp", "Verified TLS connection established to mx.example[192.0.2.1]:25: x", WW_POSTFIX_NOTHING},
        {"", "Verified TLS connection established to mx.example[192.0.2.1]:25: x", WW_POSTFIX_NOTHING},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_postfix_says says;
        ww_postfix_log_parse(ww_postfix_program(ww_slice_str(cases[i].tag)), ww_slice_str(cases[i].message),
                             &says);
        if (says.line != cases[i].line)
            fail_msg("%s: %s: %s", cases[i].tag, cases[i].message, lines[says.line]);
    }
}

static void certificates_fail_for_reasons(void **state)
{
    static const struct {
        const char *why;
        enum ww_result_type type;
        bool dane;
    } cases[] = {
        {"hostname mismatch", WW_RESULT_CERTIFICATE_HOST_MISMATCH, false},
        {"no matching DANE TLSA records", WW_RESULT_CERTIFICATE_NOT_TRUSTED, true},
        {"certificate has expired", WW_RESULT_CERTIFICATE_EXPIRED, false},
        {"certificate is not yet valid", WW_RESULT_CERTIFICATE_EXPIRED, false},
        {"self-signed certificate", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
        {"self signed certificate", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
        {"untrusted issuer /CN=Nobody's CA", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
        {"unable to get local issuer certificate", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
        {"unsuitable certificate purpose", WW_RESULT_VALIDATION_FAILURE, false},
        /* Whose certificate it is chooses the name. */
        {"untrusted issuer /CN=certificate has expired", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
        {"untrusted issuer /CN=no matching DANE TLSA records", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
        {"", WW_RESULT_VALIDATION_FAILURE, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool dane;
        enum ww_result_type type = ww_postfix_certificate_fault(ww_slice_str(cases[i].why), &dane);
        if (type != cases[i].type || dane != cases[i].dane)
            fail_msg("%s: %s %d", cases[i].why, ww_tls_result_name(type), dane);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_smtp_says),
        cmocka_unit_test(programs_are_told_apart),
        cmocka_unit_test(certificates_fail_for_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
