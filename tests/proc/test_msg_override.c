/* The messages about overrides and MX hosts. */
#include "proc/msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static char bytes[64 * 1024];

static struct ww_buf fresh(void)
{
    memset(bytes, 0xee, sizeof bytes);
    return ww_buf(bytes, sizeof bytes);
}

static const struct ww_override good = {.key = ".example.net",
                                        .level = WW_OVERRIDE_SECURE,
                                        .mx = "mx.example.net *.example.com",
                                        .until = INT64_MAX,
                                        .reason = "gr\xc3\xbc\xc3\x9f \"x\"",
                                        .who = "alice (uid 1000)",
                                        .set_at = 5};

static void overrides_arrive_as_they_were(void **state)
{
    (void)state;
    struct ww_msg_override out;
    struct ww_buf b = fresh();
    ww_msg_put_override(&b, &good);
    assert_false(b.failed);
    assert_int_equal(ww_msg_get_override(ww_slice(b.p, b.n), &out), WW_OK);
    assert_string_equal(out.override.key, good.key);
    assert_string_equal(out.override.mx, good.mx);
    assert_string_equal(out.override.reason, good.reason);
    assert_string_equal(out.override.who, good.who);
    assert_int_equal(out.override.level, good.level);
    assert_int_equal(out.override.until, good.until);
    assert_int_equal(out.override.set_at, good.set_at);
    assert_false(out.override.configured);
    for (size_t n = 0; n < b.n; n++)
        assert_int_equal(ww_msg_get_override(ww_slice(b.p, n), &out), WW_E_MSG_MALFORMED);
    assert_int_equal(ww_msg_get_override(ww_slice(b.p, b.n + 1), &out), WW_E_MSG_MALFORMED);
}

static void overrides_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct ww_override bad[6] = {good, good, good, good, good, good};
    bad[0].key = "Example.net";
    bad[1].key = "";
    bad[2].level = WW_OVERRIDE_LEVELS;
    bad[3].level = WW_OVERRIDE_MAY;
    bad[4].until = -1;
    bad[5].reason = "a\nb";
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ww_msg_override out;
        struct ww_buf b = fresh();
        ww_msg_put_override(&b, &bad[i]);
        if (ww_msg_get_override(ww_slice(b.p, b.n), &out) != WW_E_MSG_MALFORMED)
            fail_msg("case %zu", i);
    }
}

static void parts_of_all_say_where_they_stand(void **state)
{
    (void)state;
    struct ww_msg_overrides out;
    const struct ww_msg_overrides in = {
        .number = 9, .first = true, .whole = true, .parts = ww_slice_str("abc")};
    struct ww_buf b = fresh();
    ww_msg_put_overrides(&b, &in);
    assert_int_equal(ww_msg_get_overrides(ww_slice(b.p, b.n), &out), WW_OK);
    assert_true(out.number == 9 && out.first && !out.last && out.whole && ww_slice_is(out.parts, "abc"));
    assert_int_equal(ww_msg_get_overrides(ww_slice(b.p, 9), &out), WW_E_MSG_MALFORMED);
    b.p[5] = 2;
    assert_int_equal(ww_msg_get_overrides(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
}

static void a_request_has_its_number(void **state)
{
    (void)state;
    const struct ww_msg_load_overrides in = {7};
    struct ww_msg_load_overrides out;
    struct ww_buf b = fresh();
    ww_msg_put_load_overrides(&b, &in);
    assert_int_equal(ww_msg_get_load_overrides(ww_slice(b.p, b.n), &out), WW_OK);
    assert_int_equal(out.number, 7);
    assert_int_equal(ww_msg_get_load_overrides(ww_slice(b.p, b.n + 1), &out), WW_E_MSG_MALFORMED);
}

static void removals_and_listings_arrive(void **state)
{
    (void)state;
    struct ww_msg_override_remove in = {.key = "a.example", .who = "alice"}, out;
    struct ww_msg_override_listed listed;
    struct ww_override configured = good;
    configured.configured = true;
    struct ww_buf b = fresh();
    ww_msg_put_override_remove(&b, &in);
    assert_int_equal(ww_msg_get_override_remove(ww_slice(b.p, b.n), &out), WW_OK);
    assert_string_equal(out.key, "a.example");
    assert_string_equal(out.who, "alice");
    assert_int_equal(ww_msg_get_override_remove(ww_slice(b.p, b.n - 1), &out), WW_E_MSG_MALFORMED);
    b = fresh();
    ww_msg_put_override_listed(&b, &configured, true, 7);
    assert_int_equal(ww_msg_get_override_listed(ww_slice(b.p, b.n), &listed), WW_OK);
    assert_true(listed.counts && listed.m.override.configured);
    assert_int_equal(listed.used, 7);
    assert_string_equal(listed.m.override.key, good.key);
    for (size_t n = 0; n < b.n; n++)
        assert_int_equal(ww_msg_get_override_listed(ww_slice(b.p, n), &listed), WW_E_MSG_MALFORMED);
}

static void keys_are_canonical(void **state)
{
    (void)state;
    char key[WW_OVERRIDE_KEY_SIZE];
    struct ww_buf b = fresh();
    ww_msg_put_key(&b, ".example.com");
    assert_int_equal(ww_msg_get_key(ww_slice(b.p, b.n), key), WW_OK);
    assert_string_equal(key, ".example.com");
    assert_int_equal(ww_msg_get_key(ww_slice(b.p, b.n - 1), key), WW_E_MSG_MALFORMED);
    b = fresh();
    ww_msg_put_key(&b, "Example.com");
    assert_int_equal(ww_msg_get_key(ww_slice(b.p, b.n), key), WW_E_MSG_MALFORMED);
}

static void mx_hosts_arrive_in_their_order(void **state)
{
    (void)state;
    static struct ww_msg_mx_hosts in, out;
    struct ww_msg_mx ask = {.number = 7, .domain = "example.net"}, asked;
    struct ww_buf b = fresh();
    ww_msg_put_mx(&b, &ask);
    assert_int_equal(ww_msg_get_mx(ww_slice(b.p, b.n), &asked), WW_OK);
    assert_int_equal(asked.number, 7);
    assert_string_equal(asked.domain, "example.net");
    assert_int_equal(ww_msg_get_mx(ww_slice(b.p, b.n - 1), &asked), WW_E_MSG_MALFORMED);

    in.number = 7;
    in.found.outcome = WW_MX_LISTED;
    in.found.dnssec = WW_DNSSEC_SECURE;
    in.found.ttl = UINT32_MAX;
    in.found.more = true;
    in.found.count = WW_MX_HOSTS_MAX;
    for (uint16_t i = 0; i < WW_MX_HOSTS_MAX; i++) {
        in.found.hosts[i].preference = i;
        memset(in.found.hosts[i].name, 'a' + i % 26, WW_DNAME_MAX);
    }
    b = fresh();
    ww_msg_put_mx_hosts(&b, &in);
    assert_false(b.failed);
    assert_int_equal(ww_msg_get_mx_hosts(ww_slice(b.p, b.n), &out), WW_OK);
    assert_int_equal(out.found.count, WW_MX_HOSTS_MAX);
    assert_int_equal(out.found.dnssec, WW_DNSSEC_SECURE);
    assert_int_equal(out.found.ttl, UINT32_MAX);
    assert_true(out.found.more);
    assert_memory_equal(out.found.hosts, in.found.hosts, sizeof in.found.hosts);
    for (size_t n = 0; n < b.n; n += 13)
        assert_int_equal(ww_msg_get_mx_hosts(ww_slice(b.p, n), &out), WW_E_MSG_MALFORMED);

    ww_mx_hosts_fail(&in.found, WW_E_DNS_SERVFAIL, "no server \x01");
    b = fresh();
    ww_msg_put_mx_hosts(&b, &in);
    assert_int_equal(ww_msg_get_mx_hosts(ww_slice(b.p, b.n), &out), WW_OK);
    assert_int_equal(out.found.outcome, WW_MX_FAILED);
    assert_int_equal(out.found.why, WW_E_DNS_SERVFAIL);
    assert_string_equal(out.found.detail, "no server \x01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overrides_arrive_as_they_were),
        cmocka_unit_test(overrides_that_make_no_sense_are_refused),
        cmocka_unit_test(parts_of_all_say_where_they_stand),
        cmocka_unit_test(a_request_has_its_number),
        cmocka_unit_test(removals_and_listings_arrive),
        cmocka_unit_test(keys_are_canonical),
        cmocka_unit_test(mx_hosts_arrive_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
