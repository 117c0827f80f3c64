#include "core/mailbox.h"

#include "base/ascii.h"

#define LOCAL_PART_MAX 64

bool ww_mailbox_is_local_part(struct ww_slice text)
{
    const char *p = text.p;
    size_t n = text.n;
    bool good = n > 0 && n <= LOCAL_PART_MAX && p[0] != '.' && p[n - 1] != '.';
    for (size_t i = 0; good && i < n; i++) {
        bool dot = p[i] == '.' && p[i - 1] != '.';
        good = dot || ww_is_alnum(p[i]) || (p[i] != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", p[i]) != NULL);
    }
    return good;
}

bool ww_mailbox_parse(struct ww_slice text, char domain[WW_DNAME_SIZE])
{
    char canonical[WW_DNAME_SIZE];
    size_t at = text.n;
    while (at > 0 && text.p[at - 1] != '@')
        at--;
    return at > 0 && text.n <= WW_MAILBOX_MAX && ww_mailbox_is_local_part(ww_slice(text.p, at - 1)) &&
           ww_dname_canon(text.p + at, text.n - at, domain != NULL ? domain : canonical) == WW_OK;
}
