#include "core/socketmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    struct ww_slice payload;
    enum ww_err err;
    enum ww_socketmap_map map;
    struct ww_slice key;
} request_cases[] = {
    {S("QUERY example.com"), WW_OK, WW_MAP_QUERY, S("example.com")},
    {S("QUERYwithTLSRPT example.com"), WW_OK, WW_MAP_QUERY_WITH_TLSRPT, S("example.com")},
    {S("EXPLAIN example.com"), WW_OK, WW_MAP_EXPLAIN, S("example.com")},
    {S("DECISION example.com"), WW_OK, WW_MAP_DECISION, S("example.com")},
    {S("query example.com"), WW_OK, WW_MAP_UNKNOWN, S("example.com")},
    {S("QUERYwithtlsrpt example.com"), WW_OK, WW_MAP_UNKNOWN, S("example.com")},
    {S("QUERY\0 example.com"), WW_OK, WW_MAP_UNKNOWN, S("example.com")},
    {S("QUERY  a b"), WW_OK, WW_MAP_QUERY, S(" a b")},
    {S("QUERY "), WW_OK, WW_MAP_QUERY, S("")},
    {S("QUERY \0\xff"), WW_OK, WW_MAP_QUERY, S("\0\xff")},
    {S("QUERY"), WW_E_SOCKETMAP_REQUEST, WW_MAP_UNKNOWN, S("")},
    {S(" example.com"), WW_E_SOCKETMAP_REQUEST, WW_MAP_UNKNOWN, S("")},
    {S(" "), WW_E_SOCKETMAP_REQUEST, WW_MAP_UNKNOWN, S("")},
    {S(""), WW_E_SOCKETMAP_REQUEST, WW_MAP_UNKNOWN, S("")},
};

static void splits_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(request_cases); i++) {
        struct ww_socketmap_request request = {.map = WW_MAP_UNKNOWN, .key = S("")};
        enum ww_err e = ww_socketmap_parse(request_cases[i].payload, &request);
        if (e != request_cases[i].err || request.map != request_cases[i].map ||
            !ww_slice_eq(request.key, request_cases[i].key))
            fail_msg("case %zu \"%s\": %s", i, request_cases[i].payload.p, ww_err_id(e));
    }
}

static const struct {
    struct ww_slice key;
    const char *domain; /* NULL: no policy */
} key_cases[] = {
    {S("example.com"), "example.com"},
    {S("Example.COM"), "Example.COM"},
    {S("com"), "com"},
    {S("b\xc3\xbc"
       "cher.example"),
     "b\xc3\xbc"
     "cher.example"},
    {S("example.com."), "example.com"},
    {S("example.com:25"), "example.com"},
    {S("example.com:smtp"), "example.com"},
    {S("example.com.:25"), "example.com"},
    /* No name, but nothing that this can know. */
    {S("exa mple..com"), "exa mple..com"},

    {S(""), NULL},
    {S("."), NULL},
    {S(".example.com"), NULL},
    {S(".com"), NULL},
    {S("example.com.."), NULL},
    {S("example.com..:25"), NULL},
    {S("[mx.example.com]"), NULL},
    {S("[mx.example.com]:25"), NULL},
    {S("[mx.example.com"), NULL},
    {S("[192.0.2.1]"), NULL},
    {S("[IPv6:2001:db8::1]"), NULL},
    {S("192.0.2.1"), NULL},
    {S("192.0.2.1."), NULL},
    {S("192.0.2.1:25"), NULL},
    {S("2001:db8::1"), NULL},
    {S("2001:db8::25"), NULL},
    {S("::25"), NULL},
    {S(":25"), NULL},
    {S("example.com:"), NULL},
    {S("example.com:24"), NULL},
    {S("example.com:587"), NULL},
    {S("example.com:250"), NULL},
    {S("example.com:submission"), NULL},
    {S("example.com:25:25"), NULL},
    {S("example.com:25."), NULL},
    {S("example.com:2\0"), NULL},
};

static void knows_what_a_key_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(key_cases); i++) {
        struct ww_slice domain = {NULL, 0};
        enum ww_socketmap_key k = ww_socketmap_key(key_cases[i].key, &domain);
        bool good = key_cases[i].domain == NULL
                        ? k == WW_KEY_NO_POLICY
                        : k == WW_KEY_DOMAIN && ww_slice_is(domain, key_cases[i].domain);
        if (!good)
            fail_msg("case %zu \"%s\": %d \"%.*s\"", i, key_cases[i].key.p, k, (int)domain.n, domain.p);
    }
}

static void refuses_keys_longer_than_any_name(void **state)
{
    (void)state;
    static char key[4 * 253 + 2];
    struct ww_slice domain;
    memset(key, 'a', sizeof key);
    assert_int_equal(ww_socketmap_key(ww_slice(key, sizeof key - 1), &domain), WW_KEY_DOMAIN);
    assert_int_equal(ww_socketmap_key(ww_slice(key, sizeof key), &domain), WW_KEY_NO_POLICY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_requests),
        cmocka_unit_test(knows_what_a_key_names),
        cmocka_unit_test(refuses_keys_longer_than_any_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
