#include "core/mx_hosts.h"

#include "base/buf.h"
#include "core/dns_answer.h"
#include "core/mx_match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static char packet[65535];

/* The beginning of an answer to (example.com, MX). */
static struct ww_buf begin(uint8_t rcode, uint16_t answers)
{
    struct ww_buf b = ww_buf(packet, sizeof packet);
    ww_buf_bytes(&b, "\x12\x34\x81", 3);
    ww_buf_u8(&b, (uint8_t)(0x80 | rcode));
    ww_buf_u16(&b, 1);
    ww_buf_u16(&b, answers);
    ww_buf_u32(&b, 0);
    ww_buf_bytes(&b, "\7example\3com\0\0\x0f\0\1", 17);
    return b;
}

static void put_mx(struct ww_buf *b, uint16_t preference, const char *wire, size_t n)
{
    ww_buf_bytes(b, "\xc0\x0c\0\x0f\0\1\0\0\0\x3c", 10);
    ww_buf_u16(b, (uint16_t)(2 + n));
    ww_buf_u16(b, preference);
    ww_buf_bytes(b, wire, n);
}

static struct ww_mx_hosts read_all(const struct ww_buf *b)
{
    struct ww_mx_hosts out;
    ww_mx_hosts_read(ww_slice(b->p, b->n), "example.com", &out);
    return out;
}

#define MX(wire) wire "\xc0\x0c", sizeof(wire) + 1

static void hosts_come_by_preference(void **state)
{
    (void)state;
    struct ww_buf b = begin(0, 4);
    put_mx(&b, 20, MX("\2mX"));
    put_mx(&b, 5, MX("\1a"));
    put_mx(&b, 20, MX("\1b"));
    put_mx(&b, 10, MX("\1c"));
    struct ww_mx_hosts out = read_all(&b);
    static const char *const names[] = {"a.example.com", "c.example.com", "mx.example.com", "b.example.com"};
    assert_int_equal(out.outcome, WW_MX_LISTED);
    assert_int_equal(out.count, 4);
    assert_int_equal(out.ttl, 0x3c);
    assert_int_equal(out.dnssec, WW_DNSSEC_UNKNOWN);
    assert_false(out.more);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(out.hosts[i].name, names[i]);
}

static void the_best_of_too_many_are_kept(void **state)
{
    (void)state;
    struct ww_buf b = begin(0, 100);
    for (unsigned i = 0; i < 100; i++) {
        char wire[6] = {3, 'h', (char)('0' + i / 10), (char)('0' + i % 10), (char)0xc0, 0x0c};
        put_mx(&b, (uint16_t)(i * 37 % 100), wire, sizeof wire);
    }
    struct ww_mx_hosts out = read_all(&b);
    assert_int_equal(out.count, WW_MX_HOSTS_MAX);
    assert_true(out.more);
    for (size_t i = 0; i < WW_MX_HOSTS_MAX; i++)
        assert_int_equal(out.hosts[i].preference, i);
}

static void without_records_the_domain_is_the_host(void **state)
{
    (void)state;
    struct ww_buf b = begin(WW_DNS_NOERROR, 0);
    struct ww_mx_hosts out = read_all(&b);
    assert_int_equal(out.outcome, WW_MX_IMPLICIT);
    assert_int_equal(out.count, 1);
    assert_string_equal(out.hosts[0].name, "example.com");
    b = begin(WW_DNS_NXDOMAIN, 0);
    out = read_all(&b);
    assert_int_equal(out.outcome, WW_MX_NO_DOMAIN);
    assert_int_equal(out.count, 0);
}

static void a_null_mx_takes_no_mail(void **state)
{
    (void)state;
    struct ww_buf b = begin(0, 1);
    put_mx(&b, 0, "", 1);
    struct ww_mx_hosts out = read_all(&b);
    assert_int_equal(out.outcome, WW_MX_NULL);
    assert_int_equal(out.count, 0);
    b = begin(0, 2);
    put_mx(&b, 0, "", 1);
    put_mx(&b, 10, MX("\1a"));
    out = read_all(&b);
    assert_int_equal(out.outcome, WW_MX_LISTED);
    assert_int_equal(out.count, 1);
}

static void failures_are_named(void **state)
{
    (void)state;
    struct ww_buf b = begin(2, 0);
    struct ww_mx_hosts out = read_all(&b);
    assert_int_equal(out.outcome, WW_MX_FAILED);
    assert_int_equal(out.why, WW_E_DNS_RCODE);
    b = begin(0, 1);
    put_mx(&b, 1, "\1a", 2); /* no end */
    out = read_all(&b);
    assert_int_equal(out.why, WW_E_DNS_MALFORMED);
    b = begin(0, 1);
    put_mx(&b, 1, "", 0);
    out = read_all(&b);
    assert_int_equal(out.why, WW_E_DNS_MALFORMED);
    b = begin(0, 1);
    put_mx(&b, 1, "\1a\0x", 4);
    out = read_all(&b);
    assert_int_equal(out.why, WW_E_DNS_MALFORMED);
    for (size_t n = 0; n < b.n; n++) {
        ww_mx_hosts_read(ww_slice(b.p, n), "example.com", &out);
        assert_int_equal(out.outcome, WW_MX_FAILED);
        assert_int_not_equal(out.why, WW_OK);
    }
    char longer[WW_MX_DETAIL_SIZE + 9];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ww_mx_hosts_fail(&out, WW_E_DNS_TIMEOUT, longer);
    assert_int_equal(strlen(out.detail), WW_MX_DETAIL_SIZE - 1);
}

/* What is no host name matches nothing, however it is shown. */
static void strange_names_match_nothing(void **state)
{
    (void)state;
    char wire[257];
    struct ww_buf w = ww_buf(wire, sizeof wire);
    for (int i = 0; i < 3; i++) {
        ww_buf_u8(&w, 63);
        for (int k = 0; k < 63; k++)
            ww_buf_char(&w, 'a');
    }
    ww_buf_u8(&w, 61);
    for (int k = 0; k < 61; k++)
        ww_buf_char(&w, k < 60 ? 'a' : '\1');
    ww_buf_u8(&w, 0);
    struct ww_buf b = begin(0, 2);
    put_mx(&b, 1, wire, w.n);
    put_mx(&b, 2, MX("\3a b"));
    struct ww_mx_hosts out = read_all(&b);
    assert_int_equal(out.count, 2);
    assert_int_equal(strlen(out.hosts[0].name), WW_DNAME_MAX);
    assert_string_equal(out.hosts[1].name, "a\\032b.example.com");
    for (size_t i = 0; i < 2; i++)
        assert_false(ww_mx_match(ww_slice_str("*.example.com"), ww_slice_str(out.hosts[i].name)));
    char canon[WW_DNAME_SIZE];
    assert_int_not_equal(ww_dname_canon(out.hosts[0].name, strlen(out.hosts[0].name), canon), WW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_come_by_preference),
        cmocka_unit_test(the_best_of_too_many_are_kept),
        cmocka_unit_test(without_records_the_domain_is_the_host),
        cmocka_unit_test(a_null_mx_takes_no_mail),
        cmocka_unit_test(failures_are_named),
        cmocka_unit_test(strange_names_match_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
