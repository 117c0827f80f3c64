#include "core/rua.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10
#define LABEL A60 "aaa"

static void mail_goes_to_one_mailbox(void **state)
{
    static const struct {
        const char *text, *mailbox, *name; /* NULL: it is none */
    } cases[] = {
        {"mailto:tls@example.com", "tls@example.com", "example.com"},
        {"MailTo:tls@Example.COM.", "tls@example.com", "example.com"},
        {"mailto:Tls.Reports+x=y@example.com", "Tls.Reports+x=y@example.com", "example.com"},
        {"mailto:a%2Bb%40example.com", "a+b@example.com", "example.com"},
        {"mailto:a%25b@example.com", "a%b@example.com", "example.com"},
        {"mailto:a@xn--bcher-kva.example", "a@xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"mailto:a@example.com?subject=x&cc=b@example.org", "a@example.com", "example.com"},
        {"mailto:a@example.com#x", "a@example.com", "example.com"},
        {"mailto:" A60 "aaaa@example.com", A60 "aaaa@example.com", "example.com"},
        {"mailto:" A60 "aaaaa@example.com", NULL, NULL},
        {"mailto:a@" LABEL "." LABEL "." LABEL ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "a@" LABEL "." LABEL "." LABEL ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         LABEL "." LABEL "." LABEL ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {"mailto:aaaaa@" LABEL "." LABEL "." LABEL
         ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         NULL, NULL},
        {"mailto:", NULL, NULL},
        {"mailto:a", NULL, NULL},
        {"mailto:@example.com", NULL, NULL},
        {"mailto:a@", NULL, NULL},
        {"mailto:?to=a@example.com", NULL, NULL},
        {"mailto:a@example.com,b@example.com", NULL, NULL},
        {"mailto:a@example.com%2Cb@example.com", NULL, NULL},
        {"mailto:a@example.com%0D%0ADATA", NULL, NULL},
        {"mailto:a%0D%0A@example.com", NULL, NULL},
        {"mailto:a%00@example.com", NULL, NULL},
        {"mailto:a%20b@example.com", NULL, NULL},
        {"mailto:%22a%20b%22@example.com", NULL, NULL},
        {"mailto:%3Ca@example.com%3E", NULL, NULL},
        {"mailto:a@[192.0.2.1]", NULL, NULL},
        {"mailto:a@b%C3%BCcher.example", NULL, NULL},
        {"mailto:a@exa_mple.com", NULL, NULL},
        {"mailto://a@example.com", NULL, NULL},
        {"mailto://x/a@example.com", NULL, NULL},
        {"mailto:a%2@example.com", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_rua rua;
        bool good = ww_rua_parse(ww_slice_str(cases[i].text), &rua);
        if (good != (cases[i].mailbox != NULL))
            fail_msg("%s", cases[i].text);
        if (!good)
            continue;
        assert_int_equal(rua.scheme, WW_RUA_MAILTO);
        assert_string_equal(rua.mailbox, cases[i].mailbox);
        assert_string_equal(rua.name, cases[i].name);
    }
}

static void posts_go_to_a_path_of_a_host(void **state)
{
    static const struct {
        const char *text, *name; /* NULL: it is none */
        unsigned port;
        const char *path;
    } cases[] = {
        {"https://r.example/v1/x", "r.example", 443, "/v1/x"},
        {"HTTPS://R.Example./v1/X?Y=z%20&a=/?", "r.example", 443, "/v1/X?Y=z%20&a=/?"},
        {"https://r.example", "r.example", 443, "/"},
        {"https://r.example?x", "r.example", 443, "/?x"},
        {"https://r.example?", "r.example", 443, "/?"},
        {"https://r.example:/", "r.example", 443, "/"},
        {"https://r.example:8443/", "r.example", 8443, "/"},
        {"https://r.example:65535/", "r.example", 65535, "/"},
        {"https://r.example:0000443/", "r.example", 443, "/"},
        {"https://r.example:65536/", NULL, 0, NULL},
        {"https://r.example:99999999999999999999/", NULL, 0, NULL},
        {"https://r.example:0/", NULL, 0, NULL},
        {"https://u@r.example/", NULL, 0, NULL},
        {"https://@r.example/", NULL, 0, NULL},
        {"https://u:p@r.example/", NULL, 0, NULL},
        {"https://r.example/#x", NULL, 0, NULL},
        {"https://r.example/#", NULL, 0, NULL},
        {"https://192.0.2.1/", NULL, 0, NULL},
        {"https://[2001:db8::1]/", NULL, 0, NULL},
        {"https://r%2Eexample/", NULL, 0, NULL},
        {"https:///x", NULL, 0, NULL},
        {"https:/x", NULL, 0, NULL},
        {"https:", NULL, 0, NULL},
        {"http://r.example/", NULL, 0, NULL},
        {"ftp://r.example/", NULL, 0, NULL},
        {"r.example/", NULL, 0, NULL},
        {"https://r.example/\r\nX: y", NULL, 0, NULL},
        {"", NULL, 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_rua rua;
        bool good = ww_rua_parse(ww_slice_str(cases[i].text), &rua);
        if (good != (cases[i].name != NULL))
            fail_msg("%s", cases[i].text);
        if (!good)
            continue;
        assert_int_equal(rua.scheme, WW_RUA_HTTPS);
        assert_string_equal(rua.name, cases[i].name);
        assert_int_equal(rua.port, cases[i].port);
        assert_string_equal(rua.path, cases[i].path);
    }
}

static void one_destination_has_many_spellings(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"mailto:x@y.example", "MAILTO:X@Y.Example", true},
        {"mailto:x@y.example", "mailto:%78@y.example?subject=z", true},
        {"mailto:x@y.example", "mailto:xx@y.example", false},
        {"mailto:xx@y.example", "mailto:x@y.example", false},
        {"mailto:x@y.example", "mailto:x@z.example", false},
        {"https://r.example", "HTTPS://R.example:0443/", true},
        {"https://r.example/", "https://r.example:444/", false},
        {"https://r.example/a", "https://r.example/A", false},
        {"https://r.example/", "mailto:x@r.example", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_rua a, b;
        assert_true(ww_rua_parse(ww_slice_str(cases[i].a), &a) && ww_rua_parse(ww_slice_str(cases[i].b), &b));
        if (ww_rua_same(&a, &b) != cases[i].same)
            fail_msg("%s %s", cases[i].a, cases[i].b);
    }
}

static void a_path_has_its_limit(void **state)
{
    char text[2 * WW_RUA_PATH_SIZE];
    struct ww_rua rua;
    (void)state;
    for (int more = 0; more < 2; more++) {
        int n = snprintf(text, sizeof text, "https://r.example/%0*d", WW_RUA_PATH_SIZE - 2 + more, 0);
        assert_int_equal(ww_rua_parse(ww_slice(text, (size_t)n), &rua), more == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_goes_to_one_mailbox),
        cmocka_unit_test(posts_go_to_a_path_of_a_host),
        cmocka_unit_test(one_destination_has_many_spellings),
        cmocka_unit_test(a_path_has_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
