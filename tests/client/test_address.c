#include "client/address.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/un.h>

#include <cmocka.h>

static const char *const wrong[] = {
    "",
    "unix:",
    "unix:relative",
    "unix:/"
    "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
    "1234567",
    "inet:",
    "inet:8461",
    "inet:127.0.0.1",
    "inet:127.0.0.1:",
    "inet:127.0.0.1:0",
    "inet:127.0.0.1:65536",
    "inet:127.0.0.1:4294967297",
    "inet:127.0.0.1:8461x",
    "inet:localhost:8461",
    "inet:::1:8461",
    "inet:[127.0.0.1]:8461",
    "tcp:127.0.0.1:8461",
};

static void what_is_no_address_is_refused_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ww_address a;
        const char *why = NULL;
        if (ww_address_parse(wrong[i], &a, &why) || why == NULL)
            fail_msg("%s", wrong[i]);
    }
}

static void addresses_are_those_of_the_system(void **state)
{
    (void)state;
    struct ww_address a;
    const char *why;
    assert_true(ww_address_parse("unix:/run/waxwing", &a, &why));
    assert_int_equal(a.address.ss_family, AF_UNIX);
    assert_int_equal(a.length, sizeof(struct sockaddr_un));
    assert_string_equal(((const struct sockaddr_un *)(const void *)&a.address)->sun_path, "/run/waxwing");
    assert_true(ww_address_parse("inet:127.0.0.1:8461", &a, &why));
    assert_int_equal(a.address.ss_family, AF_INET);
    assert_int_equal(ntohs(((const struct sockaddr_in *)(const void *)&a.address)->sin_port), 8461);
    assert_true(ww_address_parse("inet:[::1]:65535", &a, &why));
    assert_int_equal(a.address.ss_family, AF_INET6);
    assert_int_equal(a.length, sizeof(struct sockaddr_in6));
    assert_int_equal(ntohs(((const struct sockaddr_in6 *)(const void *)&a.address)->sin6_port), 65535);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_address_is_refused_with_a_reason),
        cmocka_unit_test(addresses_are_those_of_the_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
