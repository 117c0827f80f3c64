#include "core/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct ww_addr addr(const char *text)
{
    struct ww_addr a;
    if (ww_addr_parse(ww_slice_str(text), &a) != WW_OK)
        fail_msg("%s is an address", text);
    return a;
}

static void addresses_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        const char *written;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"::", "::"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_addr a = addr(cases[i].text);
        char out[WW_ADDR_TEXT_SIZE];
        ww_addr_format(&a, out);
        assert_string_equal(out, cases[i].written);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    static const struct ww_slice cases[] = {
        {"", 0},          {"1", 1},          {"1.2.3", 5},
        {"1.2.3.4.5", 9}, {"256.1.1.1", 9},  {"01.1.1.1", 8},
        {"1.2.3.4 ", 8},  {" 1.2.3.4", 8},   {"0x7f.0.0.1", 10},
        {"1.2.3.4\0", 8}, {"1.2.3.4\0x", 9}, {":::", 3},
        {"::1%lo", 6},    {"[::1]", 5},      {"1:2:3:4:5:6:7", 13},
        {"1::2::3", 7},   {"12345::", 7},    {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", 49},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_addr a;
        if (ww_addr_parse(cases[i], &a) != WW_E_ADDR)
            fail_msg("case %zu: %s", i, cases[i].p);
    }
}

static void prefixes_are_read(void **state)
{
    static const struct {
        const char *text;
        enum ww_err err;
        unsigned bits;
    } cases[] = {
        {"192.0.2.0/24", WW_OK, 24},
        {"192.0.2.1", WW_OK, 32},
        {"0.0.0.0/0", WW_OK, 0},
        {"::/0", WW_OK, 0},
        {"2001:db8::/32", WW_OK, 32},
        {"2001:db8::1", WW_OK, 128},
        {"10.128.0.0/9", WW_OK, 9},
        {"10.128.0.0/8", WW_E_PREFIX_BITS, 0},
        {"192.0.2.1/31", WW_E_PREFIX_BITS, 0},
        {"2001:db8::1/127", WW_E_PREFIX_BITS, 0},
        {"192.0.2.0/33", WW_E_PREFIX, 0},
        {"192.0.2.0/", WW_E_PREFIX, 0},
        {"192.0.2.0/024", WW_E_PREFIX, 0},
        {"192.0.2.0/-1", WW_E_PREFIX, 0},
        {"192.0.2.0/24 ", WW_E_PREFIX, 0},
        {"192.0.2.0/256", WW_E_PREFIX, 0},
        {"::/129", WW_E_PREFIX, 0},
        {"::/1000", WW_E_PREFIX, 0},
        {"/24", WW_E_PREFIX, 0},
        {"", WW_E_PREFIX, 0},
        {"mx/24", WW_E_PREFIX, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_prefix p;
        enum ww_err err = ww_prefix_parse(ww_slice_str(cases[i].text), &p);
        if (err != cases[i].err || (err == WW_OK && p.bits != cases[i].bits))
            fail_msg("%s: %s", cases[i].text, ww_err_id(err));
    }
}

static void prefixes_contain_addresses(void **state)
{
    static const struct {
        const char *prefix;
        const char *addr;
        bool contains;
    } cases[] = {
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"10.128.0.0/9", "10.255.0.1", true},
        {"10.128.0.0/9", "10.127.255.255", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "::1", true},
        {"::/0", "1.2.3.4", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.0", false},
        {"2001:db8::/33", "2001:db8::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_prefix p;
        struct ww_addr a = addr(cases[i].addr);
        assert_int_equal(ww_prefix_parse(ww_slice_str(cases[i].prefix), &p), WW_OK);
        if (ww_prefix_contains(&p, &a) != cases[i].contains)
            fail_msg("%s in %s", cases[i].addr, cases[i].prefix);
    }
}

static void special_addresses_are_known(void **state)
{
    static const struct {
        const char *addr;
        const char *special;
    } cases[] = {
        {"0.0.0.0", "this-network"},
        {"0.255.255.255", "this-network"},
        {"1.0.0.0", NULL},
        {"9.255.255.255", NULL},
        {"10.0.0.1", "private-use"},
        {"11.0.0.0", NULL},
        {"100.63.255.255", NULL},
        {"100.64.0.0", "shared-address-space"},
        {"100.127.255.255", "shared-address-space"},
        {"100.128.0.0", NULL},
        {"127.0.0.1", "loopback"},
        {"127.255.255.255", "loopback"},
        {"169.254.169.254", "link-local"},
        {"172.15.255.255", NULL},
        {"172.16.0.0", "private-use"},
        {"172.31.255.255", "private-use"},
        {"172.32.0.0", NULL},
        {"192.0.0.1", "protocol-assignments"},
        {"192.0.1.0", NULL},
        {"192.0.2.1", "documentation"},
        {"192.88.99.1", "6to4-relay"},
        {"192.168.1.1", "private-use"},
        {"198.17.255.255", NULL},
        {"198.18.0.1", "benchmarking"},
        {"198.19.255.255", "benchmarking"},
        {"198.20.0.0", NULL},
        {"198.51.100.1", "documentation"},
        {"203.0.113.1", "documentation"},
        {"223.255.255.255", NULL},
        {"224.0.0.1", "multicast"},
        {"239.255.255.255", "multicast"},
        {"240.0.0.1", "reserved"},
        {"255.255.255.254", "reserved"},
        {"255.255.255.255", "broadcast"},
        {"::", "unspecified"},
        {"::1", "loopback"},
        {"::2", "reserved"},
        {"::127.0.0.1", "reserved"},
        {"::ffff:127.0.0.1", "loopback"},
        {"::ffff:10.1.2.3", "private-use"},
        {"::ffff:1.1.1.1", NULL},
        {"::ffff:0:1.1.1.1", "reserved"},
        {"64:ff9b::7f00:1", "loopback"},
        {"64:ff9b::a9fe:a9fe", "link-local"},
        {"64:ff9b::101:101", NULL},
        {"64:ff9b:1::1", "local-translation"},
        {"64:ff9b:2::1", "reserved"},
        {"100::1", "discard-only"},
        {"2001::1", "teredo"},
        {"2001:1::1", "protocol-assignments"},
        {"2001:2::1", "benchmarking"},
        {"2001:2:1::1", "protocol-assignments"},
        {"2001:20::1", "protocol-assignments"},
        {"2001:1ff:ffff::1", "protocol-assignments"},
        {"2001:200::1", NULL},
        {"2001:db8::1", "documentation"},
        {"2001:db9::1", NULL},
        {"2002:7f00:1::1", "loopback"},
        {"2002:c0a8:101::1", "private-use"},
        {"2002:101:101::1", NULL},
        {"2606:4700::1", NULL},
        {"3fff::1", "documentation"},
        {"3fff:1000::1", NULL},
        {"4000::1", "reserved"},
        {"5f00::1", "segment-routing"},
        {"fbff::1", "reserved"},
        {"fc00::1", "unique-local"},
        {"fdff::1", "unique-local"},
        {"fe80::1", "link-local"},
        {"febf::1", "link-local"},
        {"fec0::1", "site-local"},
        {"ff02::1", "multicast"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_addr a = addr(cases[i].addr);
        const char *is = ww_addr_special(&a);
        const char *want = cases[i].special;
        if ((is == NULL) != (want == NULL) || (is != NULL && strcmp(is, want) != 0))
            fail_msg("%s: %s", cases[i].addr, is != NULL ? is : "global");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(prefixes_are_read),
        cmocka_unit_test(prefixes_contain_addresses),
        cmocka_unit_test(special_addresses_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
