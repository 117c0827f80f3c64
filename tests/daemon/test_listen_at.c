#include "daemon/listen_at.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define TEN "1234567890"
/* 107 characters */
#define LONGEST "/" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "123456"

struct row {
    const char *text;
    const char *again; /* as it is written; NULL: it is refused, */
    const char *why;   /* and the reason has these words */
};

static const struct row rows[] = {
    {"inet:127.0.0.1:8461", "inet:127.0.0.1:8461", NULL},
    {"inet:0.0.0.0:1", "inet:0.0.0.0:1", NULL},
    {"inet:[::1]:65535", "inet:[::1]:65535", NULL},
    {"inet:[0:0:0:0:0:0:0:0]:25", "inet:[::]:25", NULL},
    {"inet:127.0.0.1:08461", "inet:127.0.0.1:8461", NULL},
    {"unix:/run/waxwing/socketmap", "unix:/run/waxwing/socketmap", NULL},
    {"unix:/a b", "unix:/a b", NULL},
    {"unix:" LONGEST, "unix:" LONGEST, NULL},
    {"unix:" LONGEST "7", NULL, "107 characters"},
    {"unix:", NULL, "must start with /"},
    {"unix:socketmap", NULL, "must start with /"},
    {"unix:@abstract", NULL, "must start with /"},
    {"", NULL, "must start with inet: or unix:"},
    {"127.0.0.1:8461", NULL, "must start with inet: or unix:"},
    {"INET:127.0.0.1:8461", NULL, "must start with inet: or unix:"},
    {"inet:", NULL, "an address is wanted"},
    {"inet:8461", NULL, "an address is wanted"},
    {"inet::8461", NULL, "an address is wanted"},
    {"inet:localhost:8461", NULL, "an address is wanted"},
    {"inet:::1:8461", NULL, "an address is wanted"},
    {"inet:[127.0.0.1]:8461", NULL, "an address is wanted"},
    {"inet:[::1]", NULL, "an address is wanted"},
    {"inet:[::1:25", NULL, "an address is wanted"},
    {"inet:127.0.0.1:", NULL, "a port"},
    {"inet:127.0.0.1:0", NULL, "a port"},
    {"inet:127.0.0.1:65536", NULL, "a port"},
    {"inet:127.0.0.1:25 ", NULL, "a port"},
    {"inet:127.0.0.1:-1", NULL, "a port"},
};

static void texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct ww_listen_at at;
        const char *why = NULL;
        char out[WW_LISTEN_AT_TEXT_SIZE];
        bool good = ww_listen_at_parse(row->text, &at, &why);
        if (good != (row->again != NULL))
            fail_msg("%s: %s", row->text, good ? "accepted" : why);
        if (!good) {
            if (strstr(why, row->why) == NULL)
                fail_msg("%s: %s", row->text, why);
            continue;
        }
        ww_listen_at_format(&at, out);
        assert_string_equal(out, row->again);
        assert_int_equal(ww_listen_at_path(&at) != NULL, strncmp(row->text, "unix:", 5) == 0);
    }
}

static const char *const distinct[] = {
    "inet:127.0.0.1:8461", "inet:127.0.0.1:8462",
    "inet:127.0.0.2:8461", "inet:[::1]:8461",
    "inet:[::]:8461",      "unix:/a",
    "unix:/a/b",           "unix:/b",
};

static void equal_to_itself_alone(void **state)
{
    (void)state;
    const size_t n = sizeof distinct / sizeof *distinct;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            struct ww_listen_at a, b;
            const char *why;
            assert_true(ww_listen_at_parse(distinct[i], &a, &why));
            assert_true(ww_listen_at_parse(distinct[j], &b, &why));
            assert_int_equal(ww_listen_at_equal(&a, &b), i == j);
        }
    }
}

/* What the kernel says of a socket has another length, and more in it, than what was parsed. */
static void equal_to_what_the_kernel_says(void **state)
{
    (void)state;
    struct ww_listen_at wanted, real = {.length = offsetof(struct sockaddr_un, sun_path) + 3};
    const char *why;
    const struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/ab"};
    memcpy(&real.address, &un, sizeof un);
    assert_true(ww_listen_at_parse("unix:/ab", &wanted, &why));
    assert_true(ww_listen_at_equal(&wanted, &real));

    const struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(25), .sin6_flowinfo = 7, .sin6_scope_id = 2};
    memcpy(&real.address, &in6, sizeof in6);
    real.length = sizeof in6;
    assert_true(ww_listen_at_parse("inet:[::]:25", &wanted, &why));
    assert_true(ww_listen_at_equal(&wanted, &real));
}

static void without_a_place(void **state)
{
    (void)state;
    char out[WW_LISTEN_AT_TEXT_SIZE] = "before";
    struct ww_listen_at nowhere = {.length = sizeof(sa_family_t)};
    nowhere.address.ss_family = AF_UNIX;
    ww_listen_at_format(&nowhere, out);
    assert_string_equal(out, "");
    assert_false(ww_listen_at_equal(&nowhere, &nowhere));
    nowhere.address.ss_family = AF_UNSPEC;
    assert_false(ww_listen_at_equal(&nowhere, &nowhere));
}

static void who_is_near(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool local;
    } cases[] = {
        {"inet:127.0.0.1:1", true},  {"inet:127.255.255.254:1", true}, {"inet:[::1]:1", true},
        {"unix:/a", true},           {"inet:0.0.0.0:1", false},        {"inet:[::]:1", false},
        {"inet:10.0.0.1:1", false},  {"inet:192.0.2.1:1", false},      {"inet:[fe80::1]:1", false},
        {"inet:[fd00::1]:1", false}, {"inet:128.0.0.1:1", false},      {"inet:[::2]:1", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_listen_at at;
        const char *why;
        assert_true(ww_listen_at_parse(cases[i].text, &at, &why));
        if (ww_listen_at_is_local(&at) != cases[i].local)
            fail_msg("%s", cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(who_is_near),
        cmocka_unit_test(equal_to_itself_alone),
        cmocka_unit_test(equal_to_what_the_kernel_says),
        cmocka_unit_test(without_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
