#include "base/time.h"
#include "codec/preload_json_private.h"
#include "core/dname.h"
#include "core/words.h"

#include <stdlib.h>

/* Of Unix seconds: until the year 5138. */
#define SECONDS_DIGITS 11

const char *const ww_preload_members[] = {"version", "timestamp",      "expires",
                                          "author",  "policy-aliases", "policies"};

bool ww_preload_fail(struct ww_preload_reading *r, enum ww_err err, const char *place, size_t index,
                     const char *words)
{
    struct ww_buf b = ww_buf(r->why, WW_PRELOAD_WHY_SIZE - 1);
    if (r->err != WW_OK)
        return false;
    r->err = err;
    if (r->key.p != NULL) {
        char name[WW_WORDS_DOMAIN_MAX + 1];
        struct ww_buf cut = ww_buf(name, sizeof name);
        ww_words_put_cut(&cut, r->key);
        ww_buf_str(&b, r->kind);
        ww_buf_bytes(&b, name, cut.n);
        ww_buf_str(&b, ": ");
    }
    if (place != NULL) {
        ww_buf_str(&b, place);
        if (index != WW_PRELOAD_NOWHERE) {
            ww_buf_char(&b, '[');
            ww_buf_decimal(&b, index);
            ww_buf_char(&b, ']');
        }
        ww_buf_str(&b, ": ");
    }
    ww_words_put_cut(&b, ww_slice_str(words));
    r->why[b.n] = '\0';
    return false;
}

static bool fail_syntax(struct ww_preload_reading *r, const struct ww_json_scan *s)
{
    struct ww_buf b = ww_buf(r->why, WW_PRELOAD_WHY_SIZE - 1);
    size_t line, column;
    ww_json_scan_place(s, s->at, &line, &column);
    ww_buf_str(&b, "line ");
    ww_buf_decimal(&b, line);
    ww_buf_str(&b, ", column ");
    ww_buf_decimal(&b, column);
    ww_buf_str(&b, ": ");
    ww_buf_str(&b, s->wrong);
    r->why[b.n] = '\0';
    r->err = WW_E_PRELOAD_JSON;
    return false;
}

bool ww_preload_no_memory(struct ww_preload_reading *r)
{
    return ww_preload_fail(r, WW_E_NO_MEMORY, NULL, WW_PRELOAD_NOWHERE, ww_err_message(WW_E_NO_MEMORY));
}

bool ww_preload_too_large(struct ww_preload_reading *r)
{
    return ww_preload_fail(r, WW_E_PRELOAD_JSON, NULL, WW_PRELOAD_NOWHERE, "the list is too large");
}

bool ww_preload_note(struct ww_preload_reading *r, struct ww_json_scan *s, const char *const *known,
                     size_t count, size_t *at, enum ww_err twice)
{
    char room[24];
    struct ww_buf key = ww_buf(room, sizeof room);
    bool first = true;
    for (size_t i = 0; i < count; i++)
        at[i] = WW_PRELOAD_NOWHERE;
    (void)ww_json_scan_open(s, WW_JSON_OBJECT);
    while (ww_json_scan_member(s, &first, &key)) {
        size_t start = s->at;
        (void)ww_json_scan_skip(s);
        for (size_t i = 0; i < count; i++) {
            if (key.failed || !ww_slice_is(ww_slice(room, key.n), known[i]))
                continue;
            if (at[i] != WW_PRELOAD_NOWHERE)
                return ww_preload_fail(r, twice, known[i], WW_PRELOAD_NOWHERE, "is there twice");
            at[i] = start;
        }
        key = ww_buf(room, sizeof room);
    }
    return s->wrong == NULL || fail_syntax(r, s);
}

struct ww_json_scan ww_preload_value(const struct ww_preload_reading *r, size_t at)
{
    struct ww_json_scan s = r->text;
    s.at = at;
    return s;
}

bool ww_preload_string(const struct ww_preload_reading *r, size_t at, char *room, size_t cap,
                       struct ww_slice *out)
{
    struct ww_json_scan s = ww_preload_value(r, at);
    struct ww_buf b = ww_buf(room, cap);
    *out = ww_slice(room, 0);
    if (ww_json_scan_kind(&s) != WW_JSON_STRING || !ww_json_scan_string(&s, &b) || b.failed)
        return false;
    out->n = b.n;
    return true;
}

struct ww_slice ww_preload_keep_text(struct ww_preload_reading *r, struct ww_slice text)
{
    size_t start = r->texts.n;
    ww_buf_slice(&r->texts, text);
    return r->texts.failed ? ww_slice(r->texts.p, 0) : ww_slice(r->texts.p + start, text.n);
}

static bool read_version(struct ww_preload_reading *r, size_t at)
{
    char room[16];
    struct ww_slice version;
    if (at == WW_PRELOAD_NOWHERE)
        return true;
    if (!ww_preload_string(r, at, room, sizeof room, &version) ||
        !(ww_slice_is(version, "0") || ww_slice_starts(version, "0.")))
        return ww_preload_fail(r, WW_E_PRELOAD_MEMBER, ww_preload_members[WW_PRELOAD_M_VERSION],
                               WW_PRELOAD_NOWHERE, "\"0.1\" is wanted");
    return true;
}

static bool read_seconds(struct ww_slice text, int64_t *seconds)
{
    *seconds = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (i == SECONDS_DIGITS || text.p[i] < '0' || text.p[i] > '9')
            return false;
        *seconds = *seconds * 10 + (text.p[i] - '0');
    }
    return true;
}

static bool read_time(struct ww_preload_reading *r, int member, size_t at, int64_t *seconds)
{
    char room[64];
    struct ww_slice text;
    if (at == WW_PRELOAD_NOWHERE)
        return ww_preload_fail(r, WW_E_PRELOAD_MEMBER, ww_preload_members[member], WW_PRELOAD_NOWHERE,
                               "is missing");
    struct ww_json_scan s = ww_preload_value(r, at);
    bool good;
    if (ww_json_scan_kind(&s) == WW_JSON_NUMBER)
        good = ww_json_scan_number(&s, &text) && read_seconds(text, seconds);
    else
        good = ww_preload_string(r, at, room, sizeof room, &text) && ww_preload_time(text, seconds);
    return good || ww_preload_fail(r, WW_E_PRELOAD_MEMBER, ww_preload_members[member], WW_PRELOAD_NOWHERE,
                                   "a time is wanted, such as \"2026-12-31T00:00:00Z\"");
}

static bool read_author(struct ww_preload_reading *r, size_t at)
{
    char room[WW_PRELOAD_TEXT_MAX];
    struct ww_slice author;
    if (at == WW_PRELOAD_NOWHERE)
        return true;
    if (!ww_preload_string(r, at, room, sizeof room, &author))
        return ww_preload_fail(r, WW_E_PRELOAD_MEMBER, ww_preload_members[WW_PRELOAD_M_AUTHOR],
                               WW_PRELOAD_NOWHERE, "a string of at most 200 octets is wanted");
    r->content.author = ww_preload_keep_text(r, author);
    return true;
}

static bool read_text(struct ww_preload_reading *r)
{
    struct ww_json_scan s = r->text;
    size_t at[WW_PRELOAD_MEMBERS];
    if (!ww_preload_note(r, &s, ww_preload_members, WW_PRELOAD_MEMBERS, at, WW_E_PRELOAD_MEMBER))
        return false;
    if (!ww_json_scan_end(&s))
        return fail_syntax(r, &s);
    return read_version(r, at[WW_PRELOAD_M_VERSION]) &&
           read_time(r, WW_PRELOAD_M_TIMESTAMP, at[WW_PRELOAD_M_TIMESTAMP], &r->content.timestamp) &&
           read_time(r, WW_PRELOAD_M_EXPIRES, at[WW_PRELOAD_M_EXPIRES], &r->content.expires) &&
           read_author(r, at[WW_PRELOAD_M_AUTHOR]) && ww_preload_read_policies(r, at);
}

/*
 * The policies in the order in which the names use them, and none that is not used: what a list says has one
 * image then, however its text is laid out.
 */
static struct ww_preload_policy *number_policies(struct ww_preload_reading *r)
{
    struct ww_preload_content *c = &r->content;
    struct ww_preload_policy *used = calloc(c->policy_count + 1, sizeof *used);
    uint32_t *number = calloc(c->policy_count + 1, sizeof *number); /* 0: not used yet */
    uint32_t count = 0;
    if (used == NULL || number == NULL) {
        (void)ww_preload_no_memory(r);
        free(used);
        used = NULL;
    }
    for (size_t i = 0; used != NULL && i < c->count; i++) {
        uint32_t *mine = &number[r->names[i].policy];
        if (*mine == 0) {
            used[count] = r->policies[r->names[i].policy];
            *mine = ++count;
        }
        r->names[i].policy = *mine - 1;
    }
    c->policy_count = count;
    free(number);
    return used;
}

static uint8_t *write_image(struct ww_preload_reading *r, size_t *n)
{
    struct ww_preload_policy *used = number_policies(r);
    uint8_t *image = NULL;
    if (used == NULL)
        return NULL;
    r->content.names = r->names;
    r->content.policies = used;
    *n = ww_preload_size(&r->content);
    if (*n > WW_PRELOAD_IMAGE_MAX)
        (void)ww_preload_too_large(r);
    else if ((image = malloc(*n)) == NULL)
        (void)ww_preload_no_memory(r);
    if (image != NULL) {
        struct ww_buf b = ww_buf((char *)image, *n);
        ww_preload_write(&r->content, &b);
    }
    free(used);
    return image;
}

enum ww_err ww_preload_json_read(const char *p, size_t n, uint8_t **image, size_t *image_n,
                                 char why[WW_PRELOAD_WHY_SIZE])
{
    struct ww_preload_reading r = {.text = ww_json_scan(p, n), .kind = "", .why = why};
    char *room = NULL;
    why[0] = '\0';
    *image = NULL;
    *image_n = 0;
    if (n > WW_PRELOAD_JSON_MAX) {
        (void)ww_preload_fail(&r, WW_E_PRELOAD_JSON, NULL, WW_PRELOAD_NOWHERE,
                              "the text is longer than 32 MiB");
        goto out;
    }
    /* A-labels can be longer than what they stand for, though not by so much. */
    size_t cap = n * 8 + WW_DNAME_SIZE < WW_PRELOAD_IMAGE_MAX ? n * 8 + WW_DNAME_SIZE : WW_PRELOAD_IMAGE_MAX;
    room = malloc(cap);
    r.texts = ww_buf(room, cap);
    if (room == NULL)
        (void)ww_preload_no_memory(&r);
    else if (read_text(&r))
        *image = write_image(&r, image_n);
out:
    free(r.names);
    free(r.policies);
    free(room);
    return r.err;
}

bool ww_preload_time(struct ww_slice text, int64_t *seconds)
{
    char room[64];
    struct ww_buf b = ww_buf(room, sizeof room);
    size_t behind = text.n;
    if (ww_time_parse(text, seconds))
        return true;
    while (behind > 0 && text.n - behind < 4 && text.p[behind - 1] >= '0' && text.p[behind - 1] <= '9')
        behind--;
    bool zone =
        behind > 0 && text.n - behind == 4 && (text.p[behind - 1] == '+' || text.p[behind - 1] == '-');
    ww_buf_bytes(&b, text.p, zone ? text.n - 2 : text.n);
    ww_buf_str(&b, zone ? ":" : "Z");
    if (zone)
        ww_buf_bytes(&b, text.p + text.n - 2, 2);
    return !b.failed && ww_time_parse(ww_slice(room, b.n), seconds);
}
