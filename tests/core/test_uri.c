#include "core/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define NO NULL

/* NULL: there is no such part, which is not the same as an empty one. */
static const struct part_case {
    const char *text, *scheme, *user, *host, *port, *path, *query, *fragment;
} part_cases[] = {
    {"mailto:a@b.example", "mailto", NO, NO, NO, "a@b.example", NO, NO},
    {"mailto:a@b.example?subject=x", "mailto", NO, NO, NO, "a@b.example", "subject=x", NO},
    {"https://a.example", "https", NO, "a.example", NO, "", NO, NO},
    {"https://a.example:443/b/c?d#e", "https", NO, "a.example", "443", "/b/c", "d", "e"},
    {"HTTPS://u:p@[2001:db8::1]:/", "HTTPS", "u:p", "[2001:db8::1]", "", "/", NO, NO},
    {"https://@a", "https", "", "a", NO, "", NO, NO},
    {"https://a%2Fb", "https", NO, "a%2Fb", NO, "", NO, NO},
    {"https:///b", "https", NO, "", NO, "/b", NO, NO},
    {"https://?q", "https", NO, "", NO, "", "q", NO},
    {"https://a?#", "https", NO, "a", NO, "", "", ""},
    {"x+1-.:", "x+1-.", NO, NO, NO, "", NO, NO},
    {"x:/a//b", "x", NO, NO, NO, "/a//b", NO, NO},
    {"x:?a/?:@", "x", NO, NO, NO, "", "a/?:@", NO},
    {"x:#a?b", "x", NO, NO, NO, "", NO, "a?b"},
};

static bool is_part(struct ww_slice part, const char *wanted)
{
    return wanted == NULL ? part.p == NULL : part.p != NULL && ww_slice_is(part, wanted);
}

static void takes_uris_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(part_cases); i++) {
        const struct part_case *c = &part_cases[i];
        struct ww_uri uri;
        size_t offset;
        enum ww_err err = ww_uri_parse(c->text, strlen(c->text), &uri, &offset);
        if (err != WW_OK)
            fail_msg("%s: %s at %zu", c->text, ww_err_id(err), offset);
        if (!is_part(uri.scheme, c->scheme) || !is_part(uri.user, c->user) || !is_part(uri.host, c->host) ||
            !is_part(uri.port, c->port) || !is_part(uri.path, c->path) || !is_part(uri.query, c->query) ||
            !is_part(uri.fragment, c->fragment))
            fail_msg("%s: a part is another one", c->text);
    }
}

/* Each beginning of a URI whose end would make another one: what stands behind the end is never looked at. */
static void stops_at_its_end(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        enum ww_err err;
        size_t offset;
    } cases[] = {
        {"a:%41", 4, WW_E_URI_PERCENT, 2},   {"a:%41", 3, WW_E_URI_PERCENT, 2},
        {"a://%41", 6, WW_E_URI_PERCENT, 4}, {"a:b", 1, WW_E_URI_SCHEME, 1},
        {"a://[::1]", 8, WW_E_URI_HOST, 4},  {"a://[v1.x]", 8, WW_E_URI_HOST, 4},
        {"a:?%41", 5, WW_E_URI_PERCENT, 3},  {"a:#%41", 5, WW_E_URI_PERCENT, 3},
        {"", 0, WW_E_URI_SCHEME, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_uri uri;
        size_t offset = SIZE_MAX;
        enum ww_err err = ww_uri_parse(cases[i].text, cases[i].n, &uri, &offset);
        if (err != cases[i].err || offset != cases[i].offset)
            fail_msg("%.*s: %s at %zu", (int)cases[i].n, cases[i].text, ww_err_id(err), offset);
    }
}

static const struct {
    const char *text;
    const char *meant; /* NULL: it is refused */
    size_t n;          /* of what it means */
    size_t offset;     /* where it is refused */
} decode_cases[] = {
    {"", "", 0, 0},
    {"a.example", "a.example", 9, 0},
    {"%61.%45xample", "a.Example", 9, 0},
    {"b%c3%BC", "b\xc3\xbc", 3, 0},
    {"%00%fF", "\0\xff", 2, 0},
    {"%2525", "%25", 3, 0},
    {"a+b", "a+b", 3, 0},
    {"%", NULL, 0, 0},
    {"a%4", NULL, 0, 1},
    {"a%4g", NULL, 0, 1},
    {"%61%g1", NULL, 0, 3},
};

static void decodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(decode_cases); i++) {
        char out[16];
        struct ww_buf b = ww_buf(out, sizeof out);
        size_t offset;
        enum ww_err err = ww_uri_decode(ww_slice_str(decode_cases[i].text), &b, &offset);
        bool good = decode_cases[i].meant != NULL;
        assert_int_equal(err, good ? WW_OK : WW_E_URI_PERCENT);
        assert_int_equal(offset, good ? strlen(decode_cases[i].text) : decode_cases[i].offset);
        if (good)
            assert_true(ww_slice_eq(ww_slice(b.p, b.n), ww_slice(decode_cases[i].meant, decode_cases[i].n)));
    }
}

static void says_when_there_is_no_room(void **state)
{
    (void)state;
    char out[2];
    size_t offset;
    struct ww_buf fits = ww_buf(out, sizeof out), small = ww_buf(out, 1);
    assert_int_equal(ww_uri_decode(ww_slice_str("%41%42"), &fits, &offset), WW_OK);
    assert_int_equal(ww_uri_decode(ww_slice_str("%41%42"), &small, &offset), WW_E_TOO_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_uris_apart),
        cmocka_unit_test(stops_at_its_end),
        cmocka_unit_test(decodes),
        cmocka_unit_test(says_when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
