#include "core/words.h"

#include "base/ascii.h"

static void put_octet(struct ww_buf *b, char octet)
{
    unsigned char c = (unsigned char)octet;
    if ((c == ' ' || ww_is_vchar(octet)) && c != '\\') {
        ww_buf_char(b, octet);
        return;
    }
    char escape[] = {'\\', (char)('0' + c / 100), (char)('0' + c / 10 % 10), (char)('0' + c % 10)};
    ww_buf_bytes(b, escape, sizeof escape);
}

void ww_words_put(struct ww_buf *b, struct ww_slice text)
{
    for (size_t i = 0; i < text.n; i++)
        put_octet(b, text.p[i]);
}

void ww_words_put_cut(struct ww_buf *b, struct ww_slice text)
{
    size_t kept = b->n; /* so much leaves room for the dots */
    if (b->failed)
        return;
    for (size_t i = 0; i < text.n && !b->failed; i++) {
        put_octet(b, text.p[i]);
        if (!b->failed && b->n + 3 <= b->cap)
            kept = b->n;
    }
    if (!b->failed)
        return;
    b->n = kept;
    b->failed = b->cap - kept < 3;
    ww_buf_str(b, "...");
}

void ww_words_put_domain(struct ww_buf *b, struct ww_slice domain)
{
    if (domain.n > WW_WORDS_DOMAIN_MAX) {
        size_t kept = WW_WORDS_DOMAIN_MAX - 3;
        ww_buf_str(b, "...");
        domain = ww_slice(domain.p + domain.n - kept, kept);
    }
    ww_words_put(b, domain);
}
