#include "cli/resolv_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *list(const struct ww_resolv_conf *c)
{
    static char text[WW_NAMESERVERS_MAX * 64];
    text[0] = '\0';
    for (size_t i = 0; i < c->count; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? " " : "",
                       c->servers[i].text);
    return text;
}

static void reads_it_as_the_c_library(void **state)
{
    (void)state;
    static const struct {
        const char *text, *servers;
    } cases[] = {
        {"nameserver 192.0.2.1\n", "192.0.2.1"},
        {"nameserver 192.0.2.1", "192.0.2.1"},
        {"search example\nnameserver\t::1 \nnameserver 127.0.0.1 # here\noptions edns0\n", "::1 127.0.0.1"},
        {"nameserver 192.0.2.1\r\n", "192.0.2.1"},
        {"nameserver 1.0.0.1\nnameserver 1.0.0.2\nnameserver 1.0.0.3\nnameserver 1.0.0.4\n",
         "1.0.0.1 1.0.0.2 1.0.0.3"},
        /* Without any it asks this machine. */
        {"", "127.0.0.1"},
        {"search example\n", "127.0.0.1"},
        {"# nameserver 192.0.2.1\n", "127.0.0.1"},
        {" nameserver 192.0.2.1\n", "127.0.0.1"},
        {"nameserver192.0.2.1\nnameserver\nnameserver \n", "127.0.0.1"},
        {"nameservers 192.0.2.1\nnameserver resolver.example\nnameserver 192.0.2.1.9\n", "127.0.0.1"},
        {"nameserver 1111111111111111111111111111111111111111111111111111111111111111111\n", "127.0.0.1"},
    };
    struct ww_resolv_conf c;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ww_resolv_conf_read(cases[i].text, strlen(cases[i].text), &c);
        if (strcmp(list(&c), cases[i].servers) != 0)
            fail_msg("%s: %s", cases[i].text, list(&c));
    }
}

static void compares(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"nameserver ::1\n", "nameserver 0:0::1\nsearch example\n", true},
        {"", "nameserver 127.0.0.1\n", true},
        {"nameserver ::1\n", "nameserver 127.0.0.1\n", false},
        {"nameserver ::1\nnameserver ::2\n", "nameserver ::2\nnameserver ::1\n", false},
        {"nameserver ::1\nnameserver ::2\n", "nameserver ::1\n", false},
    };
    struct ww_resolv_conf a, b;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ww_resolv_conf_read(cases[i].a, strlen(cases[i].a), &a);
        ww_resolv_conf_read(cases[i].b, strlen(cases[i].b), &b);
        if (ww_resolv_conf_equal(&a, &b) != cases[i].equal)
            fail_msg("%s, %s", cases[i].a, cases[i].b);
    }
}

static void knows_this_machine(void **state)
{
    (void)state;
    static const char text[] = "nameserver 127.0.0.53\nnameserver 192.0.2.1\n";
    struct ww_resolv_conf c;
    ww_resolv_conf_read(text, sizeof text - 1, &c);
    assert_int_equal(c.count, 2);
    assert_true(ww_nameserver_is_local(&c.servers[0]));
    assert_false(ww_nameserver_is_local(&c.servers[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_it_as_the_c_library),
        cmocka_unit_test(compares),
        cmocka_unit_test(knows_this_machine),
    };
    return cmocka_run_group_tests_name("resolv_conf", tests, NULL, NULL);
}
