#include "core/postfix_log.h"

#include "base/ascii.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Postfix's queue ids are of up to 15 octets by default, and longer on odd file systems. */
#define QUEUE_ID_MIN 5
#define QUEUE_ID_MAX 30

static bool skip(struct ww_slice *s, const char *words)
{
    if (!ww_slice_starts(*s, words))
        return false;
    size_t n = strlen(words);
    *s = ww_slice(s->p + n, s->n - n);
    return true;
}

/* What stands before the first of the words, which are skipped as well. */
static bool take_before(struct ww_slice *s, const char *words, struct ww_slice *out)
{
    size_t n = strlen(words);
    const char *at = s->n >= n ? memmem(s->p, s->n, words, n) : NULL;
    if (at == NULL)
        return false;
    size_t before = (size_t)(at - s->p);
    *out = ww_slice(s->p, before);
    *s = ww_slice(at + n, s->n - before - n);
    return true;
}

static bool skip_past(struct ww_slice *s, const char *words)
{
    struct ww_slice unused;
    return take_before(s, words, &unused);
}

/* "HOST[IP]:PORT", and what follows. */
static bool take_peer(struct ww_slice *s, struct ww_postfix_says *out)
{
    if (!take_before(s, "[", &out->host) || !take_before(s, "]:", &out->ip))
        return false;
    size_t n = 0;
    out->port = 0;
    for (; n < s->n && n < 5 && ww_is_digit(s->p[n]); n++)
        out->port = out->port * 10 + (uint32_t)(s->p[n] - '0');
    *s = ww_slice(s->p + n, s->n - n);
    return n > 0;
}

static bool take_peer_and_why(struct ww_slice s, struct ww_postfix_says *out)
{
    if (!take_peer(&s, out) || !skip(&s, ": "))
        return false;
    out->why = s;
    return true;
}

static enum ww_postfix_line read_tls_made(struct ww_slice s, struct ww_postfix_says *out)
{
    static const struct {
        const char *word;
        enum ww_tls_seen tls;
    } levels[] = {
        {"Anonymous ", WW_TLS_SEEN_UNTRUSTED},
        {"Untrusted ", WW_TLS_SEEN_UNTRUSTED},
        {"Trusted ", WW_TLS_SEEN_TRUSTED},
        {"Verified ", WW_TLS_SEEN_VERIFIED},
    };
    size_t i = 0;
    while (i < COUNT(levels) && !skip(&s, levels[i].word))
        i++;
    if (i == COUNT(levels) || !skip(&s, "TLS connection "))
        return WW_POSTFIX_NOTHING;
    out->tls = levels[i].tls;
    enum ww_postfix_line line = skip(&s, "established to ") ? WW_POSTFIX_TLS_MADE
                                : skip(&s, "reused to ")    ? WW_POSTFIX_TLS_REUSED
                                                            : WW_POSTFIX_NOTHING;
    return line != WW_POSTFIX_NOTHING && take_peer(&s, out) ? line : WW_POSTFIX_NOTHING;
}

static enum ww_postfix_line read_fault(struct ww_slice s, struct ww_postfix_says *out)
{
    static const char *const certificate[] = {
        "certificate verification failed for ",
        "server certificate verification failed for ",
        "CA certificate verification failed for ",
    };
    for (size_t i = 0; i < COUNT(certificate); i++) {
        if (!skip(&s, certificate[i]))
            continue;
        if (!take_peer_and_why(s, out))
            return WW_POSTFIX_NOTHING;
        /* "num=62:hostname mismatch" */
        if (skip(&out->why, "num="))
            (void)skip_past(&out->why, ":");
        return WW_POSTFIX_CERTIFICATE;
    }
    if (skip(&s, "SSL_connect error to "))
        return take_peer_and_why(s, out) ? WW_POSTFIX_SHAKE_FAILED : WW_POSTFIX_NOTHING;
    return WW_POSTFIX_NOTHING;
}

/* "host HOST[IP]" inside of words. */
static bool take_host(struct ww_slice *s, struct ww_postfix_says *out)
{
    return skip(s, "host ") && take_before(s, "[", &out->host) && take_before(s, "]", &out->ip);
}

/* Fills in the host, where the words name it. */
static enum ww_postfix_why why_of(struct ww_slice why, struct ww_postfix_says *out)
{
    static const struct {
        const char *begin;
        enum ww_postfix_why reason;
    } rows[] = {
        {"Server certificate not verified", WW_POSTFIX_WHY_NOT_VERIFIED},
        {"Server certificate not trusted", WW_POSTFIX_WHY_NOT_VERIFIED},
        {"Cannot start TLS: handshake failure", WW_POSTFIX_WHY_HANDSHAKE},
        {"TLSA lookup error for ", WW_POSTFIX_WHY_TLSA_LOOKUP},
        {"no TLSA records found", WW_POSTFIX_WHY_TLSA_NONE},
        {"non DNSSEC destination", WW_POSTFIX_WHY_TLSA_NONE},
        {"TLSA records unusable", WW_POSTFIX_WHY_TLSA_UNUSABLE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (ww_slice_starts(why, rows[i].begin))
            return rows[i].reason;
    }
    bool required = skip(&why, "TLS is required, but ");
    bool offered = !(required && skip(&why, "was not offered by "));
    if (!take_host(&why, out))
        return WW_POSTFIX_WHY_OTHER;
    if (!offered || (required && ww_slice_starts(why, " refused to start TLS")))
        return WW_POSTFIX_WHY_NOT_OFFERED;
    /* A host that refuses to talk has not come as far as to say whether it can do TLS. */
    return ww_slice_starts(why, " said: ") ? WW_POSTFIX_WHY_SAID : WW_POSTFIX_WHY_OTHER;
}

static enum ww_postfix_line read_warning(struct ww_slice s, struct ww_postfix_says *out)
{
    if (skip(&s, "TLS policy lookup for ")) {
        if (!take_before(&s, "/", &out->domain) || !take_before(&s, ": ", &out->host))
            return WW_POSTFIX_NOTHING;
        out->why = s;
        out->reason = why_of(s, out);
        return WW_POSTFIX_NO_POLICY;
    }
    if (!skip(&s, "MX name '") || !take_before(&s, "' does not match STS MX pattern for '", &out->host) ||
        !take_before(&s, "'", &out->domain))
        return WW_POSTFIX_NOTHING;
    return WW_POSTFIX_NO_PATTERN;
}

/* A word of digits and letters with a colon; words of English have no capitals inside, and no digits. */
static bool take_queue_id(struct ww_slice *s, struct ww_slice *id)
{
    size_t n = 0;
    bool strange = false;
    for (; n < s->n && ww_is_alnum(s->p[n]); n++)
        strange = strange || s->p[n] < 'a';
    if (n < QUEUE_ID_MIN || n > QUEUE_ID_MAX || !strange || s->n < n + 2 || s->p[n] != ':' ||
        s->p[n + 1] != ' ')
        return false;
    *id = ww_slice(s->p, n);
    *s = ww_slice(s->p + n + 2, s->n - n - 2);
    return true;
}

/* The domain of "LOCAL@DOMAIN>, ", whose local part may be in quotes and hold anything. */
static bool take_recipient(struct ww_slice *s, struct ww_slice *domain)
{
    struct ww_slice address;
    size_t i = 0;
    if (s->n > 0 && s->p[0] == '"') {
        for (i = 1; i < s->n && s->p[i] != '"'; i++)
            i += s->p[i] == '\\' ? 1 : 0;
        if (i >= s->n)
            return false;
        *s = ww_slice(s->p + i + 1, s->n - i - 1);
    }
    if (!take_before(s, ">, ", &address))
        return false;
    const char *at = address.n > 0 ? memrchr(address.p, '@', address.n) : NULL;
    *domain = ww_slice(NULL, 0);
    if (at != NULL)
        *domain = ww_slice(at + 1, address.n - (size_t)(at + 1 - address.p));
    return true;
}

static enum ww_postfix_line read_fate(struct ww_slice s, struct ww_postfix_says *out)
{
    struct ww_slice relay, use, status, other;
    if (!take_recipient(&s, &out->domain))
        return WW_POSTFIX_NOTHING;
    if (skip(&s, "orig_to=<") && !take_recipient(&s, &other))
        return WW_POSTFIX_NOTHING;
    if (!skip(&s, "relay=") || !take_before(&s, ", ", &relay))
        return WW_POSTFIX_NOTHING;
    out->reused = skip(&s, "conn_use=") && take_before(&s, ", ", &use);
    if (!skip_past(&s, "status=") || !take_before(&s, " (", &status) || s.n == 0)
        return WW_POSTFIX_NOTHING;
    out->sent = ww_slice_is(status, "sent");
    out->why = ww_slice(s.p, s.n - (s.p[s.n - 1] == ')' ? 1 : 0));
    out->reason = out->sent ? WW_POSTFIX_WHY_OTHER : why_of(out->why, out);
    if (!take_peer(&relay, out))
        out->host = out->ip = ww_slice(NULL, 0);
    return WW_POSTFIX_FATE;
}

static enum ww_postfix_line read_queue_line(enum ww_postfix_program program, struct ww_slice s,
                                            struct ww_postfix_says *out)
{
    if (program == WW_POSTFIX_QMGR)
        return skip(&s, "from=<") ? WW_POSTFIX_QUEUED : WW_POSTFIX_NOTHING;
    if (skip(&s, "to=<"))
        return read_fate(s, out);
    out->why = s;
    out->reason = why_of(s, out);
    return WW_POSTFIX_GOES_ON;
}

static enum ww_postfix_line read_line(enum ww_postfix_program program, struct ww_slice s,
                                      struct ww_postfix_says *out)
{
    if (program == WW_POSTFIX_OTHER_PROGRAM)
        return WW_POSTFIX_NOTHING;
    if (program == WW_POSTFIX_TLSPROXY)
        return read_fault(s, out);
    if (take_queue_id(&s, &out->queue_id))
        return read_queue_line(program, s, out);
    if (program == WW_POSTFIX_QMGR)
        return WW_POSTFIX_NOTHING;
    if (skip(&s, "warning: "))
        return read_warning(s, out);
    enum ww_postfix_line line = read_tls_made(s, out);
    return line != WW_POSTFIX_NOTHING ? line : read_fault(s, out);
}

void ww_postfix_log_parse(enum ww_postfix_program program, struct ww_slice message,
                          struct ww_postfix_says *out)
{
    *out = (struct ww_postfix_says){.line = WW_POSTFIX_NOTHING};
    out->line = read_line(program, message, out);
    if (out->line == WW_POSTFIX_NOTHING)
        *out = (struct ww_postfix_says){.line = WW_POSTFIX_NOTHING};
}

/* Whole parts of the tag alone: "waxwing-report/smtp", "postfix/waxwing-report/smtp". */
static bool is_of_reports(struct ww_slice tag)
{
    static const char service[] = "/" WW_POSTFIX_REPORT_SERVICE "/";
    return ww_slice_starts(tag, service + 1) || memmem(tag.p, tag.n, service, sizeof service - 1) != NULL;
}

enum ww_postfix_program ww_postfix_program(struct ww_slice tag)
{
    const char *slash = tag.n > 0 ? memrchr(tag.p, '/', tag.n) : NULL;
    if (slash == NULL || is_of_reports(tag))
        return WW_POSTFIX_OTHER_PROGRAM;
    struct ww_slice name = ww_slice(slash + 1, tag.n - (size_t)(slash + 1 - tag.p));
    return ww_slice_is(name, "smtp")       ? WW_POSTFIX_SMTP
           : ww_slice_is(name, "tlsproxy") ? WW_POSTFIX_TLSPROXY
           : ww_slice_is(name, "qmgr")     ? WW_POSTFIX_QMGR
                                           : WW_POSTFIX_OTHER_PROGRAM;
}

enum ww_result_type ww_postfix_certificate_fault(struct ww_slice why, bool *dane)
{
    static const struct {
        const char *words;
        enum ww_result_type type;
        bool dane;
    } rows[] = {
        {"no matching DANE TLSA records", WW_RESULT_CERTIFICATE_NOT_TRUSTED, true},
        {"hostname mismatch", WW_RESULT_CERTIFICATE_HOST_MISMATCH, false},
        {"Hostname mismatch", WW_RESULT_CERTIFICATE_HOST_MISMATCH, false},
        {"certificate has expired", WW_RESULT_CERTIFICATE_EXPIRED, false},
        {"certificate is not yet valid", WW_RESULT_CERTIFICATE_EXPIRED, false},
        {"untrusted issuer", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
        {"self-signed certificate", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
        {"self signed certificate", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
        {"unable to get", WW_RESULT_CERTIFICATE_NOT_TRUSTED, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (ww_slice_starts(why, rows[i].words)) {
            *dane = rows[i].dane;
            return rows[i].type;
        }
    }
    *dane = false;
    return WW_RESULT_VALIDATION_FAILURE;
}
