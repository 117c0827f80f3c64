#include "core/sendmail.h"

#include "base/ascii.h"
#include "core/dname.h"
#include "core/mx_match.h"
#include "core/words.h"

#define ASK "-ask-"
#define NOTFOUND "NOTFOUND "

static void put_lower(struct ww_buf *b, struct ww_slice s)
{
    char *to = ww_buf_take(b, s.n);
    for (size_t i = 0; to != NULL && i < s.n; i++)
        to[i] = ww_lower(s.p[i]);
}

static void put_pattern(struct ww_buf *b, struct ww_slice mx)
{
    if (b->n > 0)
        ww_buf_char(b, ':');
    put_lower(b, mx.p[0] == '*' ? ww_slice(mx.p + 1, mx.n - 1) : mx);
}

/* "*." before the domain, for who has no patterns. */
static struct ww_slice below(const char *domain, char room[WW_DNAME_SIZE + 2])
{
    struct ww_buf b = ww_buf(room, WW_DNAME_SIZE + 2);
    ww_buf_str(&b, "*.");
    ww_buf_str(&b, domain);
    return ww_slice(b.p, b.n);
}

static void put_secure(struct ww_buf *b, const struct ww_decision *d)
{
    char text[WW_SENDMAIL_MATCH_MAX], room[WW_DNAME_SIZE + 2];
    struct ww_buf list = ww_buf(text, sizeof text);
    struct ww_slice mx;
    for (size_t pos = 0; !list.failed && ww_decision_next_mx(d, &pos, &mx);)
        put_pattern(&list, mx);
    if (list.n == 0 && !list.failed) {
        put_pattern(&list, ww_slice_str(d->domain));
        put_pattern(&list, below(d->domain, room));
    }
    ww_buf_str(b, "OK secure match=");
    ww_buf_slice(b, list.failed ? ww_slice_str(ASK) : ww_slice(list.p, list.n));
    ww_buf_str(b, " servername=hostname");
}

static void put_hold(struct ww_buf *b, const struct ww_decision *d)
{
    ww_buf_str(b, "TEMP ");
    ww_words_put_domain(b, ww_slice_str(d->domain));
    ww_buf_str(b, ": ");
    ww_buf_str(b, d->level == WW_LEVEL_HOLD ? d->reason : "Sendmail cannot do DANE");
}

bool ww_sendmail_key(struct ww_slice key, struct ww_slice *host, struct ww_slice *domain)
{
    size_t at = key.n;
    while (at > 0 && key.p[at - 1] != '@')
        at--;
    if (at == 0)
        return false;
    *host = ww_slice(key.p, at - 1);
    *domain = ww_slice(key.p + at, key.n - at);
    return true;
}

void ww_sendmail_reply(struct ww_buf *b, const struct ww_decision *d, bool dry_run)
{
    switch (dry_run ? WW_LEVEL_NONE : d->level) {
    case WW_LEVEL_SECURE:
        put_secure(b, d);
        return;
    case WW_LEVEL_ENCRYPT:
        ww_buf_str(b, "OK encrypt secure servername=hostname");
        return;
    case WW_LEVEL_HOLD:
    case WW_LEVEL_DANE:
    case WW_LEVEL_DANE_ONLY:
        put_hold(b, d);
        return;
    case WW_LEVEL_NONE:
    case WW_LEVEL_TESTING:
    case WW_LEVEL_MAY:
        break;
    }
    ww_buf_str(b, NOTFOUND);
}

static bool names(const struct ww_decision *d, struct ww_slice host)
{
    char room[WW_DNAME_SIZE + 2];
    struct ww_slice mx;
    size_t pos = 0;
    while (ww_decision_next_mx(d, &pos, &mx))
        if (ww_mx_match(mx, host))
            return true;
    return pos == 0 &&
           (ww_mx_match(ww_slice_str(d->domain), host) || ww_mx_match(below(d->domain, room), host));
}

void ww_sendmail_mx_reply(struct ww_buf *b, const struct ww_decision *d, struct ww_slice host, bool dry_run)
{
    switch (dry_run ? WW_LEVEL_NONE : d->level) {
    case WW_LEVEL_SECURE:
        ww_buf_str(b, names(d, host) ? "OK secure" : NOTFOUND);
        return;
    case WW_LEVEL_ENCRYPT:
        ww_buf_str(b, "OK encrypt");
        return;
    case WW_LEVEL_HOLD:
    case WW_LEVEL_DANE:
    case WW_LEVEL_DANE_ONLY:
        put_hold(b, d);
        return;
    case WW_LEVEL_NONE:
    case WW_LEVEL_TESTING:
    case WW_LEVEL_MAY:
        break;
    }
    ww_buf_str(b, WW_SENDMAIL_MX_NONE);
}
