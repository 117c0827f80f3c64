#include "core/policy.h"
#include "core/sessions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct {
    const char *body;
    const char *strings;
    const char *mx_hosts;
} policies[] = {
    {"version: STSv1\r\nmode: testing\r\nmx: mail.example.com\r\nmx: *.Example.NET \r\nmax_age: 60\r\n",
     "version: STSv1\nmode: testing\nmx: mail.example.com\nmx: *.Example.NET\nmax_age: 60\n",
     "mail.example.com\n*.example.net\n"},
    /* As Postfix is told them: no braces, no octets beyond US-ASCII, no tabs. */
    {"version: STSv1\nx-note: {1}\nx-name: J\303\266rg\nmode:\tnone\nmax_age: 60",
     "version: STSv1\nmode: none\nmax_age: 60\n", ""},
};

static void a_policy_in_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(policies); i++) {
        char strings[512], mx_hosts[512];
        struct ww_policy policy;
        size_t offset;
        struct ww_buf s = ww_buf(strings, sizeof strings), m = ww_buf(mx_hosts, sizeof mx_hosts);
        assert_int_equal(ww_policy_parse(policies[i].body, strlen(policies[i].body), &policy, &offset),
                         WW_OK);
        ww_sessions_put_strings(&s, &policy);
        ww_sessions_put_mx_hosts(&m, &policy);
        ww_buf_char(&s, '\0');
        ww_buf_char(&m, '\0');
        assert_string_equal(strings, policies[i].strings);
        assert_string_equal(mx_hosts, policies[i].mx_hosts);
    }
}

static void what_is_too_long_is_cut_at_a_line(void **state)
{
    static const char head[] = "version: STSv1\nmode: enforce\nmax_age: 60\n";
    static char body[WW_POLICY_BODY_MAX], strings[WW_SESSIONS_STRINGS_MAX],
        mx_hosts[WW_SESSIONS_MX_HOSTS_MAX];
    struct ww_policy policy;
    size_t offset;
    struct ww_buf b = ww_buf(body, sizeof body);
    struct ww_buf s = ww_buf(strings, sizeof strings), m = ww_buf(mx_hosts, sizeof mx_hosts);
    (void)state;
    ww_buf_str(&b, head);
    while (b.cap - b.n > 40)
        ww_buf_str(&b, "mx: a-name-of-some-length.example.com\n");
    assert_int_equal(ww_policy_parse(body, b.n, &policy, &offset), WW_OK);
    ww_sessions_put_strings(&s, &policy);
    ww_sessions_put_mx_hosts(&m, &policy);
    assert_false(s.failed || m.failed);
    assert_in_range(s.n, sizeof strings - 40, sizeof strings);
    assert_in_range(m.n, sizeof mx_hosts - 40, sizeof mx_hosts);
    assert_memory_equal(strings + s.n - 5, ".com\n", 5);
    assert_memory_equal(mx_hosts + m.n - 5, ".com\n", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_in_lines),
        cmocka_unit_test(what_is_too_long_is_cut_at_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
