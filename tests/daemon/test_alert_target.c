#include "daemon/alert_target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void reads_servers(void **state)
{
    static const struct {
        const char *text;
        const char *host; /* NULL: it is none */
        unsigned port;
    } cases[] = {
        {"localhost:25", "localhost", 25},
        {"mail.example.com:587", "mail.example.com", 587},
        {"192.0.2.1:25", "192.0.2.1", 25},
        {"[2001:db8::1]:25", "2001:db8::1", 25},
        {"localhost", NULL, 0},
        {":25", NULL, 0},
        {"localhost:", NULL, 0},
        {"localhost:0", NULL, 0},
        {"localhost:65536", NULL, 0},
        {"localhost:25x", NULL, 0},
        {"2001:db8::1:25", NULL, 0},
        {"[localhost]:25", NULL, 0},
        {"[]:25", NULL, 0},
        {"mail example:25", NULL, 0},
        {"", NULL, 0},
        {"smtp://localhost:25", NULL, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_alert_server s;
        bool good = ww_alert_server_parse(cases[i].text, &s);
        if (good != (cases[i].host != NULL))
            fail_msg("%s", cases[i].text);
        if (good) {
            assert_string_equal(s.host, cases[i].host);
            assert_int_equal(s.port, cases[i].port);
        }
    }
}

static void tells_mailboxes(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"it@example.com", true},
        {"root", true},
        {"first.last+tag@mail.example.com", true},
        {"", false},
        {"@example.com", false},
        {"it@", false},
        {"it@example..com", false},
        {".it@example.com", false},
        {"a..b@example.com", false},
        {"a b@example.com", false},
        {"a@b@example.com", false},
        {"it@example.com\r\nRCPT", false},
        {"\"it\"@example.com", false},
        {"<it@example.com>", false},
        {"it@[192.0.2.1]", false},
        {"it@example.com,x@example.com", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (ww_alert_mailbox_check(cases[i].text) != cases[i].good)
            fail_msg("%s", cases[i].text);
    }
}

static void reads_urls(void **state)
{
    static const struct {
        const char *text;
        const char *host; /* NULL: it is none */
        unsigned port;
        const char *path;
        bool plain;
    } cases[] = {
        {"https://example.com/hook", "example.com", 443, "/hook", false},
        {"https://example.com:8443/a/b?c=d&e", "example.com", 8443, "/a/b?c=d&e", false},
        {"https://example.com", "example.com", 443, "/", false},
        {"https://example.com:444", "example.com", 444, "/", false},
        {"http://localhost:9000/x", "localhost", 9000, "/x", true},
        {"http://127.0.0.1/x", "127.0.0.1", 80, "/x", true},
        {"http://[::1]:81/x", "[::1]", 81, "/x", true},
        {"http://example.com/x", NULL, 0, NULL, false},
        {"http://127.0.0.2/x", NULL, 0, NULL, false},
        {"http://localhost.example.com/x", NULL, 0, NULL, false},
        {"https://192.0.2.1/x", NULL, 0, NULL, false},
        {"https://[2001:db8::1]/x", NULL, 0, NULL, false},
        {"https://user@example.com/x", NULL, 0, NULL, false},
        {"https://user:pw@example.com/x", NULL, 0, NULL, false},
        {"https://example.com/x#y", NULL, 0, NULL, false},
        {"https://example.com?x", NULL, 0, NULL, false},
        {"https://example.com:0/x", NULL, 0, NULL, false},
        {"https://example.com:99999/x", NULL, 0, NULL, false},
        {"https:///x", NULL, 0, NULL, false},
        {"ftp://example.com/x", NULL, 0, NULL, false},
        {"file:///etc/passwd", NULL, 0, NULL, false},
        {"example.com/x", NULL, 0, NULL, false},
        {"", NULL, 0, NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_alert_url u;
        bool good = ww_alert_url_parse(cases[i].text, &u);
        if (good != (cases[i].host != NULL))
            fail_msg("%s", cases[i].text);
        if (!good)
            continue;
        assert_string_equal(u.host, cases[i].host);
        assert_int_equal(u.port, cases[i].port);
        assert_string_equal(u.path, cases[i].path);
        assert_int_equal(u.plain, cases[i].plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_servers),
        cmocka_unit_test(tells_mailboxes),
        cmocka_unit_test(reads_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
