#include "core/server_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }
#define LABEL63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

struct name_case {
    struct ww_slice in;
    const char *name; /* NULL: none */
};

static const struct name_case hosts[] = {
    {S("mta-sts.a.example"), "mta-sts.a.example"},
    {S("MTA-STS.A.Example"), "mta-sts.a.example"},
    {S("mta-sts.a.example."), "mta-sts.a.example"},
    {S("mta-sts.a.example:443"), "mta-sts.a.example"},
    {S("mta-sts.a.example.:65535"), "mta-sts.a.example"},
    {S("mta-sts.a.example:"), "mta-sts.a.example"},
    {S("a1"), "a1"},

    {S(""), NULL},
    {S(":"), NULL},
    {S(":443"), NULL},
    {S("."), NULL},
    {S("a..example"), NULL},
    {S("192.0.2.1"), NULL},
    {S("a.example:123456"), NULL},
    {S("a.example:4a3"), NULL},
    {S("a.example:443:443"), NULL},
    {S("a.example:-1"), NULL},
    {S("a.example 443"), NULL},
    {S("a.example,b.example"), NULL},
    {S("user@a.example"), NULL},
    {S("a.example/x"), NULL},
    {S("../a"), NULL},
    {S("a/../b"), NULL},
    {S("a\0.example"), NULL},
    {S("[2001:db8::1]"), NULL},
    {S("[2001:db8::1]:443"), NULL},
    {S(LABEL63 "l.example"), NULL},
    {S(LABEL63 "." LABEL63 "." LABEL63 "." LABEL63), NULL},
};

static const struct name_case hellos[] = {
    {S("\x00\x0c\x00\x00\x09"
       "a.example"),
     "a.example"},
    {S("\x00\x0c\x00\x00\x09"
       "A.EXAMPLE"),
     "a.example"},
    {S("\x00\x0d\x00\x00\x0a"
       "a.example."),
     "a.example"},

    {S(""), NULL},
    {S("\x00"), NULL},
    {S("\x00\x00"), NULL},
    {S("\x00\x03\x00\x00\x00"), NULL},
    /* another kind, two names, what is too short or too long */
    {S("\x00\x0c\x01\x00\x09"
       "a.example"),
     NULL},
    {S("\x00\x08\x00\x00\x01"
       "a\x00\x00\x01"
       "b"),
     NULL},
    {S("\x00\x0c\x00\x00\x09"
       "a.exampl"),
     NULL},
    {S("\x00\x0c\x00\x00\x0a"
       "a.example"),
     NULL},
    {S("\x00\x0c\x00\x00\x08"
       "a.example"),
     NULL},
    {S("\x00\x0c\x00\x00\x09"
       "a.examplex"),
     NULL},
    {S("\x00\x0c\x00\x00\x09"
       "a/example"),
     NULL},
    {S("\x00\x0c\x00\x00\x09"
       "a.\0xample"),
     NULL},
};

static const struct {
    struct ww_slice in;
    bool alone;
} offers[] = {
    {S("\x00\x0b\x0a"
       "acme-tls/1"),
     true},

    {S(""), false},
    {S("\x00\x00"), false},
    {S("\x00\x01\x00"), false},
    {S("\x00\x0b\x0a"
       "acme-tls/2"),
     false},
    {S("\x00\x0a\x09"
       "acme-tls/"),
     false},
    {S("\x00\x0b\x0a"
       "acme-tls/1x"),
     false},
    {S("\x00\x0a\x0a"
       "acme-tls/1"),
     false},
    {S("\x00\x0b\x0b"
       "acme-tls/1"),
     false},
    {S("\x00\x14\x0a"
       "acme-tls/1\x08http/1.1"),
     false},
};

static void check_names(const struct name_case *cases, size_t count,
                        bool (*read)(struct ww_slice, char[WW_DNAME_SIZE]))
{
    for (size_t i = 0; i < count; i++) {
        char name[WW_DNAME_SIZE] = "";
        bool good = read(cases[i].in, name);
        if (good != (cases[i].name != NULL) || (good && strcmp(name, cases[i].name) != 0))
            fail_msg("case %zu: %s", i, name);
    }
}

static void reads_host_headers(void **state)
{
    (void)state;
    check_names(hosts, COUNT(hosts), ww_server_name_of_host);
}

static void reads_server_names(void **state)
{
    (void)state;
    check_names(hellos, COUNT(hellos), ww_server_name_of_hello);
}

static void knows_a_lone_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(offers); i++)
        if (ww_server_name_offers_alone(offers[i].in, "acme-tls/1") != offers[i].alone)
            fail_msg("case %zu", i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_host_headers),
        cmocka_unit_test(reads_server_names),
        cmocka_unit_test(knows_a_lone_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
