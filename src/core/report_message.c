#include "core/report_message.h"

#include "base/ascii.h"
#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>

#define DIGITS 16

static uint64_t hash(const char *recipient)
{
    static const struct ww_hash_key key = {{0, 0}};
    return ww_hash(&key, recipient, strlen(recipient));
}

void ww_report_message_id(const char *report_id, const char *recipient, const char *host,
                          char out[WW_REPORT_MESSAGE_SIZE])
{
    (void)snprintf(out, WW_REPORT_MESSAGE_SIZE, "<%.*s.%016" PRIx64 "@%s>", (int)strcspn(report_id, "@"),
                   report_id, hash(recipient), host);
}

/* Those of snprintf: lower case. */
static bool read_digits(const char *p, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < DIGITS; i++) {
        if (!ww_is_hex(p[i]) || p[i] != ww_lower(p[i]))
            return false;
        *out = *out << 4 | (uint64_t)(ww_is_digit(p[i]) ? p[i] - '0' : p[i] - 'a' + 10);
    }
    return true;
}

bool ww_report_message_parse(struct ww_slice text, struct ww_report_message *out)
{
    char id[WW_REPORT_ID_SIZE + 2];
    if (text.n > 2 && text.p[0] == '<' && text.p[text.n - 1] == '>')
        text = ww_slice(text.p + 1, text.n - 2);
    const char *at = text.n > 0 ? memchr(text.p, '@', text.n) : NULL;
    size_t n = at != NULL ? (size_t)(at - text.p) : 0;
    if (n < DIGITS + 2 || n - DIGITS - 1 >= sizeof out->left - 2 || text.p[n - DIGITS - 1] != '.' ||
        !read_digits(text.p + n - DIGITS, &out->recipient))
        return false;
    n -= DIGITS + 1;
    memcpy(out->left, text.p, n);
    out->left[n] = '\0';
    (void)snprintf(id, sizeof id, "%s@x", out->left);
    return strlen(out->left) == n && ww_report_id_check(id);
}

bool ww_report_message_is_to(const struct ww_report_message *message, const char *recipient)
{
    return message->recipient == hash(recipient);
}
