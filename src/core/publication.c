#include "core/publication.h"

#include "base/ascii.h"
#include "base/hash.h"
#include "base/time.h"
#include "core/sts_record.h"
#include "core/tlsrpt_record.h"

#include <inttypes.h>
#include <stdio.h>

#define STRING_MAX 255

static void put_line(struct ww_buf *b, const char *key, const char *value)
{
    ww_buf_str(b, key);
    ww_buf_str(b, ": ");
    ww_buf_str(b, value);
    ww_buf_str(b, "\r\n");
}

void ww_publication_put_policy(struct ww_buf *b, const struct ww_publication *p)
{
    put_line(b, "version", "STSv1");
    put_line(b, "mode", ww_policy_mode_name(p->mode));
    for (size_t i = 0; i < p->mx_count; i++)
        put_line(b, "mx", p->mx[i]);
    ww_buf_str(b, "max_age: ");
    ww_buf_decimal(b, p->max_age);
    ww_buf_str(b, "\r\n");
}

void ww_publication_put_record(struct ww_buf *b, const struct ww_publication *p)
{
    ww_buf_str(b, "v=STSv1; id=");
    ww_buf_str(b, p->id);
    ww_buf_char(b, ';');
}

void ww_publication_put_tlsrpt(struct ww_buf *b, const struct ww_publication *p)
{
    ww_buf_str(b, "v=TLSRPTv1; rua=");
    for (size_t i = 0; i < p->rua_count; i++) {
        ww_buf_str(b, i > 0 ? "," : "");
        ww_buf_str(b, p->rua[i]);
    }
    ww_buf_char(b, ';');
}

static void put_octet(struct ww_buf *b, char c)
{
    const uint8_t v = (uint8_t)c;
    if (ww_is_vchar(c) || c == ' ') {
        if (c == '"' || c == '\\')
            ww_buf_char(b, '\\');
        ww_buf_char(b, c);
        return;
    }
    ww_buf_char(b, '\\');
    for (unsigned place = 100; place > 0; place /= 10)
        ww_buf_char(b, (char)('0' + v / place % 10));
}

static void put_string(struct ww_buf *b, struct ww_slice text)
{
    ww_buf_char(b, '"');
    for (size_t i = 0; i < text.n; i++)
        put_octet(b, text.p[i]);
    ww_buf_char(b, '"');
}

void ww_publication_put_strings(struct ww_buf *b, struct ww_slice value)
{
    size_t at = 0;
    while (at < value.n || at == 0) {
        size_t n = value.n - at < STRING_MAX ? value.n - at : STRING_MAX;
        ww_buf_str(b, at > 0 ? " " : "");
        put_string(b, ww_slice(value.p + at, n));
        at += n > 0 ? n : 1;
    }
}

void ww_publication_put_txt(struct ww_buf *b, const char *label, const struct ww_publication *p,
                            struct ww_slice value)
{
    ww_buf_str(b, label);
    ww_buf_char(b, '.');
    ww_buf_str(b, p->domain);
    ww_buf_str(b, ". ");
    ww_buf_decimal(b, p->ttl);
    ww_buf_str(b, " IN TXT ");
    ww_publication_put_strings(b, value);
    ww_buf_char(b, '\n');
}

static enum ww_err check_policy(const struct ww_publication *p, char *room)
{
    struct ww_buf b = ww_buf(room, WW_PUBLICATION_TEXT_MAX);
    struct ww_policy policy;
    size_t offset;
    ww_publication_put_policy(&b, p);
    return b.failed ? WW_E_TOO_LONG : ww_policy_parse(b.p, b.n, &policy, &offset);
}

static enum ww_err check_record(const struct ww_publication *p, char *room)
{
    struct ww_buf b = ww_buf(room, WW_PUBLICATION_TEXT_MAX);
    struct ww_sts_record record;
    size_t offset;
    ww_publication_put_record(&b, p);
    return b.failed ? WW_E_TOO_LONG : ww_sts_record_parse(b.p, b.n, &record, &offset);
}

/* A comma or a semicolon in a URI would make it two, or end the field. */
static enum ww_err check_tlsrpt(const struct ww_publication *p, char *room)
{
    struct ww_buf b = ww_buf(room, WW_PUBLICATION_TEXT_MAX);
    struct ww_tlsrpt_record record;
    size_t offset;
    ww_publication_put_tlsrpt(&b, p);
    enum ww_err err = b.failed ? WW_E_TOO_LONG : ww_tlsrpt_record_parse(b.p, b.n, &record, &offset);
    return err == WW_OK && record.rua_count != p->rua_count ? WW_E_URI_CHARACTER : err;
}

enum ww_err ww_publication_check(const struct ww_publication *p, char *room)
{
    enum ww_err err = check_policy(p, room);
    if (err == WW_OK)
        err = check_record(p, room);
    return err == WW_OK && p->rua_count > 0 ? check_tlsrpt(p, room) : err;
}

#define TIME_DIGITS 14

static uint64_t digits_of(const char *id)
{
    uint64_t n = 0;
    for (size_t i = 0; i < TIME_DIGITS; i++) {
        if (!ww_is_digit(id[i]))
            return 0;
        n = n * 10 + (uint64_t)(id[i] - '0');
    }
    return n;
}

void ww_publication_make_id(int64_t now, struct ww_slice body, const char *before,
                            char out[WW_STS_ID_MAX + 1])
{
    /* Nobody has to be kept from making two bodies share it: they are one domain's own. */
    static const struct ww_hash_key key = {{0, 0}};
    char time[WW_TIME_SIZE], digits[TIME_DIGITS + 1];
    size_t n = 0;
    ww_time_format(now, time);
    for (const char *p = time; *p != '\0' && n < TIME_DIGITS; p++)
        if (ww_is_digit(*p))
            digits[n++] = *p;
    digits[n] = '\0';
    uint64_t number = digits_of(digits), last = before != NULL ? digits_of(before) : 0;
    if (number <= last)
        number = last + 1;
    (void)snprintf(out, WW_STS_ID_MAX + 1, "%014" PRIu64 "%08" PRIx32, number,
                   (uint32_t)ww_hash(&key, body.p, body.n));
}
