#include "core/exim_result.h"

#include "base/ascii.h"
#include "core/result_line.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

_Static_assert(offsetof(struct ww_exim_facts, told) == 0, "what puts into a result takes facts as well");

static enum ww_err put_event(void *to, struct ww_slice value)
{
    static const struct {
        const char *name;
        enum ww_exim_event event;
    } events[] = {
        {"tcp:close", WW_EXIM_TCP_CLOSE},
        {"msg:host:defer", WW_EXIM_HOST_DEFER},
        {"dane:fail", WW_EXIM_DANE_FAIL},
        {"mx-mismatch", WW_EXIM_MX_MISMATCH},
    };
    struct ww_exim_facts *f = to;
    f->event = WW_EXIM_OTHER;
    for (size_t i = 0; i < COUNT(events); i++) {
        if (ww_slice_is(value, events[i].name))
            f->event = events[i].event;
    }
    return WW_OK;
}

/* The word of the answer that Exim went by (exim.h), of which two are modes of a policy. */
static enum ww_err put_mode(void *to, struct ww_slice value)
{
    struct ww_exim_facts *f = to;
    f->verifies = ww_slice_is(value, "dane") || ww_slice_is(value, "secure");
    bool policy = ww_slice_is(value, "enforce") || ww_slice_is(value, "testing");
    if (policy)
        return ww_result_put_mode(to, value);
    bool other = f->verifies || ww_slice_is(value, "none") || ww_slice_is(value, "encrypt") ||
                 ww_slice_is(value, "may");
    return other ? WW_OK : WW_E_RESULT_VALUE;
}

static enum ww_err put_qid(void *to, struct ww_slice value)
{
    struct ww_exim_facts *f = to;
    if (value.n > 64)
        return WW_E_TOO_LONG;
    return ww_tls_result_word_put(f->told.session, sizeof f->told.session, value);
}

static enum ww_err put_errno(void *to, struct ww_slice value)
{
    struct ww_exim_facts *f = to;
    bool negative = value.p[0] == '-';
    size_t i = negative ? 1 : 0;
    int32_t number = 0;
    if (value.n == i || value.n > i + 6)
        return WW_E_RESULT_VALUE;
    for (; i < value.n; i++) {
        if (!ww_is_digit(value.p[i]))
            return WW_E_RESULT_VALUE;
        number = number * 10 + (value.p[i] - '0');
    }
    f->error = negative ? -number : number;
    return WW_OK;
}

static enum ww_err put_tls(void *to, struct ww_slice value)
{
    struct ww_exim_facts *f = to;
    f->tls = value.n > 0;
    return WW_OK;
}

static enum ww_err put_verified(void *to, struct ww_slice value)
{
    struct ww_exim_facts *f = to;
    f->verified = ww_slice_is(value, "1");
    return f->verified || ww_slice_is(value, "0") ? WW_OK : WW_E_RESULT_VALUE;
}

static enum ww_err put_dane(void *to, struct ww_slice value)
{
    struct ww_exim_facts *f = to;
    f->dane = ww_slice_is(value, "yes");
    return f->dane || ww_slice_is(value, "no") ? WW_OK : WW_E_RESULT_VALUE;
}

/* One message talks to a host once in an attempt; the address tells hosts apart that have several. */
static void name_session(struct ww_tls_result *r)
{
    size_t n = strlen(r->session);
    if (n == 0)
        return;
    struct ww_buf b = ww_buf(r->session + n, sizeof r->session - n - 1);
    const char *parts[] = {"/", r->mx, "/", r->ip};
    for (size_t i = 0; i < COUNT(parts); i++)
        ww_buf_str(&b, parts[i]);
    r->session[n + b.n] = '\0';
}

enum ww_err ww_exim_facts_parse(const char *p, size_t n, struct ww_exim_facts *out, size_t *offset)
{
    static const struct ww_result_key keys[] = {
        {"event", put_event},
        {"time", ww_result_put_time},
        {"qid", put_qid},
        {"domain", ww_result_put_domain},
        {"mx", ww_result_put_mx},
        {"ip", ww_result_put_ip},
        {"from", ww_result_put_from},
        {"mode", put_mode},
        {"id", ww_result_put_policy_id},
        {"errno", put_errno},
        {"tls", put_tls},
        {"verified", put_verified},
        {"dane", put_dane},
        {"text", ww_result_put_text},
    };
    *out = (struct ww_exim_facts){.told = {.mta = "exim"}};
    enum ww_err err = ww_result_pairs_read(p, n, WW_EXIM_LINE_KIND, keys, COUNT(keys), out, offset);
    if (err == WW_OK && (out->event == WW_EXIM_NO_EVENT || out->told.domain[0] == '\0'))
        err = WW_E_RESULT_MISSING;
    name_session(&out->told);
    return err;
}

static bool holds(const char *text, const char *lower)
{
    struct ww_slice s = ww_slice_str(text);
    for (; s.n > 0; s = ww_slice(s.p + 1, s.n - 1)) {
        if (ww_starts_nocase(s, lower))
            return true;
    }
    return false;
}

/* The words are those of Exim with GnuTLS (Debian's) and with OpenSSL. */
static enum ww_result_type tls_failure(const char *text)
{
    static const struct {
        const char *words;
        enum ww_result_type type;
    } rows[] = {
        {"expired", WW_RESULT_CERTIFICATE_EXPIRED},
        {"certificate invalid", WW_RESULT_CERTIFICATE_NOT_TRUSTED},
        {"self-signed", WW_RESULT_CERTIFICATE_NOT_TRUSTED},
        {"self signed", WW_RESULT_CERTIFICATE_NOT_TRUSTED},
        {"local issuer", WW_RESULT_CERTIFICATE_NOT_TRUSTED},
        {"not trusted", WW_RESULT_CERTIFICATE_NOT_TRUSTED},
        {"gnutls_handshake", WW_RESULT_VALIDATION_FAILURE},
        {"ssl_connect", WW_RESULT_VALIDATION_FAILURE},
        {"handshake", WW_RESULT_VALIDATION_FAILURE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (holds(text, rows[i].words))
            return rows[i].type;
    }
    return WW_RESULT_CERTIFICATE_HOST_MISMATCH;
}

/* GnuTLS's words for a certificate that no TLSA record matches. */
static bool is_dane_failure(const struct ww_exim_facts *facts)
{
    return facts->event == WW_EXIM_DANE_FAIL ||
           (facts->event == WW_EXIM_HOST_DEFER && holds(facts->told.text, "the certificate differs"));
}

static const char *type_name(int i)
{
    return ww_result_type_name((enum ww_result_type)i);
}

static bool host_deferred(const struct ww_exim_facts *facts, struct ww_tls_result *out)
{
    if (facts->error == WW_EXIM_TLS_REQUIRED) {
        out->type = WW_RESULT_STARTTLS_NOT_SUPPORTED;
        out->tls = WW_TLS_SEEN_NONE;
        return true;
    }
    out->type = is_dane_failure(facts) ? WW_RESULT_VALIDATION_FAILURE : tls_failure(out->text);
    return facts->error == WW_EXIM_TLS_FAILURE;
}

static bool closed(const struct ww_exim_facts *facts, struct ww_tls_result *out)
{
    bool verified = facts->tls && facts->verified;
    out->tls = verified ? WW_TLS_SEEN_VERIFIED : facts->tls ? WW_TLS_SEEN_UNTRUSTED : WW_TLS_SEEN_NONE;
    if (verified)
        return true;
    if (facts->told.mode == WW_RESULT_MODE_ENFORCE || facts->dane || facts->verifies)
        return false;
    if (!facts->tls)
        out->type = WW_RESULT_STARTTLS_NOT_SUPPORTED;
    else if (out->mode == WW_RESULT_MODE_TESTING)
        out->type = WW_RESULT_VALIDATION_FAILURE;
    return true;
}

bool ww_exim_result(const struct ww_exim_facts *facts, struct ww_tls_result *out)
{
    int i;
    bool demands = facts->told.mode == WW_RESULT_MODE_ENFORCE || facts->told.mode == WW_RESULT_MODE_TESTING;
    /* Every MTA-STS policy has an id: what is enforced without one is a preload list's. */
    bool sts = demands && facts->told.policy_id[0] != '\0';
    *out = facts->told;
    if (demands && !sts)
        out->mode = WW_RESULT_MODE_UNKNOWN;
    out->policy_known = true;
    out->policy = facts->dane || is_dane_failure(facts) ? WW_POLICY_TYPE_TLSA
                  : sts                                 ? WW_POLICY_TYPE_STS
                                                        : WW_POLICY_TYPE_NONE;
    switch (facts->event) {
    case WW_EXIM_TCP_CLOSE:
        return closed(facts, out);
    case WW_EXIM_HOST_DEFER:
        return host_deferred(facts, out);
    case WW_EXIM_DANE_FAIL:
        out->type = ww_result_word_index(ww_slice_str(out->text), type_name, WW_RESULT_TYPES, &i)
                        ? (enum ww_result_type)i
                        : WW_RESULT_VALIDATION_FAILURE;
        return true;
    case WW_EXIM_MX_MISMATCH:
        out->type = WW_RESULT_VALIDATION_FAILURE;
        return true;
    case WW_EXIM_NO_EVENT:
    case WW_EXIM_OTHER:
    default:
        return false;
    }
}
