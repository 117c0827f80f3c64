#include "core/postfix.h"

#include "base/ascii.h"
#include "core/socketmap.h"
#include "core/words.h"

static void put_lower(struct ww_buf *b, struct ww_slice s)
{
    char *to = ww_buf_take(b, s.n);
    for (size_t i = 0; to != NULL && i < s.n; i++)
        to[i] = ww_lower(s.p[i]);
}

/* Postfix writes "*.example.net" as ".example.net" here. */
static void put_match(struct ww_buf *b, const struct ww_decision *d)
{
    struct ww_slice mx;
    const char *separator = " match=";
    for (size_t pos = 0; ww_decision_next_mx(d, &pos, &mx); separator = ":") {
        ww_buf_str(b, separator);
        if (mx.p[0] == '*')
            mx = ww_slice(mx.p + 1, mx.n - 1);
        put_lower(b, mx);
    }
}

/*
 * Braces have no escape in Postfix's syntax: a line that holds one could end its attribute and begin another.
 * Octets beyond US-ASCII are only of use in reports, and whether Postfix takes them depends on its SMTPUTF8
 * settings. Either way the line is worth less than the answer around it.
 */
bool ww_postfix_put_string(struct ww_buf *b, struct ww_slice line)
{
    if (line.n > 0 && ww_is_plain(line)) {
        ww_buf_slice(b, line);
        return true;
    }
    char *to = ww_buf_take(b, line.n);
    bool good = line.n > 0;
    for (size_t i = 0; to != NULL && good && i < line.n; i++) {
        char c = line.p[i];
        good = c != '{' && c != '}' && (ww_is_wsp(c) || ww_is_vchar(c));
        to[i] = c == '\t' ? ' ' : c;
    }
    return good;
}

static void put_policy_strings(struct ww_buf *b, const struct ww_policy *policy)
{
    struct ww_slice text;
    for (size_t pos = 0; ww_policy_next_text(policy, &pos, &text);) {
        struct ww_buf before = *b;
        ww_buf_str(b, " { policy_string = ");
        bool told = ww_postfix_put_string(b, text);
        ww_buf_str(b, " }");
        if (!told)
            *b = before;
    }
}

static void put_policy(struct ww_buf *b, const struct ww_decision *d)
{
    struct ww_slice mx;
    ww_buf_str(b, " policy_type=sts policy_domain=");
    ww_buf_str(b, d->domain);
    for (size_t pos = 0; ww_decision_next_mx(d, &pos, &mx);) {
        ww_buf_str(b, " mx_host_pattern=");
        ww_buf_slice(b, mx);
    }
}

/* Postfix cuts what it logs at 200 characters; the name, which is cut itself, and our reasons stay below
 * that. */
static void put_hold(struct ww_buf *b, const struct ww_decision *d, const char *reason)
{
    ww_buf_str(b, "TEMP ");
    ww_words_put_domain(b, ww_slice_str(d->domain));
    ww_buf_str(b, ": ");
    ww_buf_str(b, reason);
}

/* What is free in b, but never more than a reply may hold: what goes wrong in it leaves b as it was. */
static struct ww_buf trial(const struct ww_buf *b)
{
    size_t room = b->cap - b->n;
    struct ww_buf t = ww_buf(b->p + b->n, room < WW_SOCKETMAP_REPLY_MAX ? room : WW_SOCKETMAP_REPLY_MAX);
    t.failed = b->failed;
    return t;
}

static bool commit(struct ww_buf *b, const struct ww_buf *t)
{
    if (!t->failed)
        b->n += t->n;
    return !t->failed;
}

/*
 * The answer for a policy or for patterns; false when it does not fit. Where an override has its own
 * patterns, or there are none, no policy is applied, and a report must not name one.
 */
static bool put_answer(struct ww_buf *b, const struct ww_decision *d, const struct ww_postfix_style *style)
{
    struct ww_buf reply = trial(b);
    if (d->level == WW_LEVEL_SECURE) {
        ww_buf_str(&reply, "OK secure");
        put_match(&reply, d);
        ww_buf_str(&reply, " servername=hostname");
    } else {
        ww_buf_str(&reply, "OK may");
    }
    if (style->tlsrpt && d->policy != NULL) {
        put_policy(&reply, d);
        struct ww_buf strings = trial(&reply);
        put_policy_strings(&strings, d->policy);
        (void)commit(&reply, &strings);
    }
    return commit(b, &reply);
}

void ww_postfix_reply(struct ww_buf *b, const struct ww_decision *d, const struct ww_postfix_style *style)
{
    switch (style->dry_run ? WW_LEVEL_NONE : d->level) {
    case WW_LEVEL_SECURE:
        if (!put_answer(b, d, style))
            put_hold(b, d,
                     d->listed != NULL ? "the preload list has more MX hosts of it than Postfix can be told"
                                       : "its MTA-STS policy lists more MX hosts than Postfix can be told");
        return;
    case WW_LEVEL_HOLD:
        put_hold(b, d, d->reason);
        return;
    case WW_LEVEL_TESTING:
        if (style->tlsrpt && style->testing_may && put_answer(b, d, style))
            return;
        break;
    case WW_LEVEL_MAY:
        ww_buf_str(b, "OK may");
        return;
    case WW_LEVEL_ENCRYPT:
        ww_buf_str(b, "OK encrypt");
        return;
    case WW_LEVEL_DANE:
        ww_buf_str(b, "OK dane");
        return;
    case WW_LEVEL_DANE_ONLY:
        ww_buf_str(b, "OK dane-only");
        return;
    case WW_LEVEL_NONE:
        break;
    }
    ww_buf_str(b, "NOTFOUND ");
}
