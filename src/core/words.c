#include "core/words.h"

#include "base/ascii.h"

void ww_words_put(struct ww_buf *b, struct ww_slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c == ' ' || ww_is_vchar(text.p[i])) && c != '\\') {
            ww_buf_char(b, text.p[i]);
            continue;
        }
        char escape[] = {'\\', (char)('0' + c / 100), (char)('0' + c / 10 % 10), (char)('0' + c % 10)};
        ww_buf_bytes(b, escape, sizeof escape);
    }
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
