#include "proc/slow_hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void note(struct ww_slow_hosts *s, const char *host, uint32_t ms, int64_t at)
{
    struct ww_slow_host h = {.ms = ms, .err = WW_E_HTTPS_TIMEOUT, .at = at};
    snprintf(h.host, sizeof h.host, "%s", host);
    ww_slow_hosts_note(s, &h);
}

static void the_slowest_stand_first(void **state)
{
    (void)state;
    struct ww_slow_hosts s = {.count = 0};
    for (unsigned i = 0; i < 30; i++) {
        char name[16];
        snprintf(name, sizeof name, "host%u", i * 7 % 30);
        note(&s, name, i * 7 % 30, 0);
    }
    assert_int_equal(s.count, WW_SLOW_HOSTS_MAX);
    for (unsigned i = 0; i < s.count; i++)
        assert_int_equal(s.hosts[i].ms, 29 - i);
    /* its last fetch counts, be it faster */
    note(&s, "host29", 1, 0);
    assert_int_equal(s.count, WW_SLOW_HOSTS_MAX);
    assert_string_equal(s.hosts[0].host, "host28");
    assert_string_equal(s.hosts[9].host, "host29");
    note(&s, "host29", 100, 0);
    assert_string_equal(s.hosts[0].host, "host29");
    assert_int_equal(s.count, WW_SLOW_HOSTS_MAX);
}

static void the_old_are_forgotten(void **state)
{
    (void)state;
    struct ww_slow_hosts s = {.count = 0};
    note(&s, "a", 3, 1000);
    note(&s, "b", 2, 2000);
    note(&s, "c", 1, 1000);
    ww_slow_hosts_forget(&s, 1000 + WW_SLOW_HOST_SECONDS);
    assert_int_equal(s.count, 3);
    ww_slow_hosts_forget(&s, 1001 + WW_SLOW_HOST_SECONDS);
    assert_int_equal(s.count, 1);
    assert_string_equal(s.hosts[0].host, "b");
}

static void messages_bring_all(void **state)
{
    (void)state;
    struct ww_slow_hosts s = {.count = 0}, out, sum = {.count = 0};
    char bytes[4096];
    for (unsigned i = 0; i < WW_SLOW_HOSTS_MAX; i++) {
        char name[WW_SLOW_HOST_SIZE];
        snprintf(name, sizeof name, "%0*u", (int)sizeof name - 1, i);
        note(&s, name, i, 12);
    }
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_slow_hosts_put(&b, &s);
    assert_false(b.failed);
    struct ww_cursor c = ww_cursor(b.p, b.n);
    assert_int_equal(ww_slow_hosts_get(&c, &out), WW_OK);
    ww_slow_hosts_merge(&sum, &out);
    assert_int_equal(sum.count, WW_SLOW_HOSTS_MAX);
    for (unsigned i = 0; i < s.count; i++) {
        assert_string_equal(sum.hosts[i].host, s.hosts[i].host);
        assert_int_equal(sum.hosts[i].ms, s.hosts[i].ms);
        assert_int_equal(sum.hosts[i].err, WW_E_HTTPS_TIMEOUT);
        assert_int_equal(sum.hosts[i].at, 12);
    }
    for (size_t n = 0; n < b.n; n++) {
        c = ww_cursor(b.p, n);
        assert_int_equal(ww_slow_hosts_get(&c, &out), WW_E_MSG_MALFORMED);
    }
    bytes[5] = '\n';
    c = ww_cursor(b.p, b.n);
    assert_int_equal(ww_slow_hosts_get(&c, &out), WW_E_MSG_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_slowest_stand_first),
        cmocka_unit_test(the_old_are_forgotten),
        cmocka_unit_test(messages_bring_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
