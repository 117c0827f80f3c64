/* The root's keys in raw answers: what is read, what is refused, and what a signature is over. */
#include "core/dnskey.h"

#include "root_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char packet[65535];
static char room[8][2048];

static void test_read(void **state)
{
    (void)state;
    static struct ww_dnskey_set set;
    struct ww_buf b = ww_buf(packet, sizeof packet);
    const struct root_keys_sig good = {WW_DNS_TYPE_DNSKEY, 13, 0, 172800, 2000, 1000, 4711};
    const struct root_keys_sig of_soa = {WW_DNS_TYPE_SOA, 13, 0, 172800, 2000, 1000, 4711};
    const struct root_keys_sig of_child = {WW_DNS_TYPE_DNSKEY, 13, 1, 172800, 2000, 1000, 4711};
    root_keys_begin(&b, 7);
    root_keys_record(&b, WW_DNS_TYPE_DNSKEY, 100,
                     root_keys_dnskey(room[0], sizeof room[0], 257, 3, 13, ww_slice("key", 3)));
    root_keys_record(&b, WW_DNS_TYPE_RRSIG, 100,
                     root_keys_rrsig(room[1], sizeof room[1], &of_soa, ww_slice("a", 1)));
    root_keys_record(&b, WW_DNS_TYPE_RRSIG, 100,
                     root_keys_rrsig(room[2], sizeof room[2], &good, ww_slice("sig", 3)));
    root_keys_record(&b, WW_DNS_TYPE_RRSIG, 100,
                     root_keys_rrsig(room[3], sizeof room[3], &of_child, ww_slice("b", 1)));
    /* no zone key, and one of another protocol: they were signed as well */
    root_keys_record(&b, WW_DNS_TYPE_DNSKEY, 90,
                     root_keys_dnskey(room[4], sizeof room[4], 1, 3, 13, ww_slice("x", 1)));
    root_keys_record(&b, WW_DNS_TYPE_DNSKEY, 100,
                     root_keys_dnskey(room[5], sizeof room[5], 256, 2, 13, ww_slice("y", 1)));
    root_keys_record(&b, WW_DNS_TYPE_DNSKEY, 100,
                     root_keys_dnskey(room[6], sizeof room[6], 256, 3, 8, ww_slice("z", 1)));
    assert_false(b.failed);
    assert_int_equal(ww_dnskey_read(&set, b.p, b.n), WW_OK);
    assert_int_equal(set.count, 4);
    assert_int_equal(set.ttl, 90);
    assert_int_equal(set.keys[0].algorithm, 13);
    assert_int_equal(set.keys[0].flags, 257);
    assert_true(ww_slice_is(set.keys[0].key, "key"));
    assert_int_equal(set.keys[1].algorithm, 0);
    assert_int_equal(set.keys[2].algorithm, 0);
    assert_int_equal(set.keys[3].algorithm, 8);
    assert_int_equal(set.sig_count, 1);
    assert_true(ww_slice_is(set.sigs[0].signature, "sig"));
    assert_int_equal(set.sigs[0].head.n, 19);
    assert_int_equal(set.sigs[0].tag, 4711);
    assert_int_equal(set.sigs[0].ttl, 172800);
    assert_int_equal(set.sigs[0].expiration, 2000);
    assert_int_equal(set.sigs[0].inception, 1000);
    for (size_t n = 0; n < b.n; n++)
        assert_int_not_equal(ww_dnskey_read(&set, b.p, n), WW_OK);
}

static enum ww_err read_many(uint16_t type, uint16_t count, size_t size)
{
    static struct ww_dnskey_set set;
    struct ww_buf b = ww_buf(packet, sizeof packet);
    root_keys_begin(&b, count);
    memset(room[0], 0, sizeof room[0]);
    for (uint16_t i = 0; i < count; i++) {
        room[0][1] = WW_DNS_TYPE_DNSKEY; /* covered, if it is an RRSIG */
        root_keys_record(&b, type, 100, ww_slice(room[0], size));
    }
    enum ww_err err = ww_dnskey_read(&set, b.p, b.n);
    assert_true(err == WW_OK || (set.count == 0 && set.sig_count == 0));
    return err;
}

static void test_bounds(void **state)
{
    (void)state;
    assert_int_equal(read_many(WW_DNS_TYPE_DNSKEY, 0, 0), WW_OK);
    assert_int_equal(read_many(WW_DNS_TYPE_DNSKEY, WW_DNSKEYS_MAX, 20), WW_OK);
    assert_int_equal(read_many(WW_DNS_TYPE_DNSKEY, WW_DNSKEYS_MAX + 1, 20), WW_E_DNSKEY_TOO_MANY);
    assert_int_equal(read_many(WW_DNS_TYPE_DNSKEY, 1, WW_DNSKEY_RDATA_MAX), WW_OK);
    assert_int_equal(read_many(WW_DNS_TYPE_DNSKEY, 1, WW_DNSKEY_RDATA_MAX + 1), WW_E_DNSKEY_MALFORMED);
    assert_int_equal(read_many(WW_DNS_TYPE_DNSKEY, 1, 4), WW_OK);
    assert_int_equal(read_many(WW_DNS_TYPE_DNSKEY, 1, 3), WW_E_DNSKEY_MALFORMED);
    assert_int_equal(read_many(WW_DNS_TYPE_RRSIG, WW_RRSIGS_MAX, 20), WW_OK);
    assert_int_equal(read_many(WW_DNS_TYPE_RRSIG, WW_RRSIGS_MAX + 1, 20), WW_E_DNSKEY_TOO_MANY);
    assert_int_equal(read_many(WW_DNS_TYPE_RRSIG, 1, 19), WW_OK);
    assert_int_equal(read_many(WW_DNS_TYPE_RRSIG, 1, 18), WW_E_DNSKEY_MALFORMED);
}

/* Keys at the end of an alias are not the root's. */
static void test_alias(void **state)
{
    (void)state;
    static struct ww_dnskey_set set;
    struct ww_buf b = ww_buf(packet, sizeof packet);
    struct ww_slice key = root_keys_dnskey(room[0], sizeof room[0], 257, 3, 13, ww_slice("key", 3));
    root_keys_begin(&b, 2);
    root_keys_record(&b, WW_DNS_TYPE_CNAME, 100, ww_slice("\1a\0", 3));
    ww_buf_bytes(&b, "\1a", 2);
    root_keys_record(&b, WW_DNS_TYPE_DNSKEY, 100, key);
    assert_int_equal(ww_dnskey_read(&set, b.p, b.n), WW_E_DNS_MISMATCH);
    assert_int_equal(set.count, 0);
}

static void test_time(void **state)
{
    (void)state;
    static const struct {
        uint32_t inception, expiration;
        int64_t now;
        bool good;
    } cases[] = {
        {1000, 2000, 1000, true},
        {1000, 2000, 2000, true},
        {1000, 2000, 999, false},
        {1000, 2000, 2001, false},
        /* over the end of the numbers, in 2106 */
        {UINT32_MAX - 10, 10, (int64_t)UINT32_MAX + 5, true},
        {UINT32_MAX - 10, 10, (int64_t)UINT32_MAX + 12, false},
        {2000, 1000, 1500, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ww_rrsig sig = {.inception = cases[i].inception, .expiration = cases[i].expiration};
        assert_int_equal(ww_rrsig_in_time(&sig, cases[i].now), cases[i].good);
    }
}

/* RFC 4034 section 6: in the order of the RDATA, each once, with the original TTL. */
static void test_signed(void **state)
{
    (void)state;
    static const char *const rdata[] = {"\1\1\3\15bb", "\1\1\3\15a", "\1\1\3\15b", "\1\1\3\15a",
                                        "\1\0\3\15z"};
    static const size_t order[] = {4, 1, 2, 0};
    static char got[WW_DNSKEY_SIGNED_MAX], wanted[256];
    static struct ww_dnskey_set set;
    struct ww_buf b = ww_buf(packet, sizeof packet);
    const struct root_keys_sig s = {WW_DNS_TYPE_DNSKEY, 13, 0, 172800, 2000, 1000, 4711};
    struct ww_slice sig = root_keys_rrsig(room[0], sizeof room[0], &s, ww_slice("sig", 3));
    root_keys_begin(&b, 6);
    for (size_t i = 0; i < 5; i++) /* "\1\0…" holds a NUL */
        root_keys_record(&b, WW_DNS_TYPE_DNSKEY, 5, ww_slice(rdata[i], i == 0 ? 6 : 5));
    root_keys_record(&b, WW_DNS_TYPE_RRSIG, 5, sig);
    assert_int_equal(ww_dnskey_read(&set, b.p, b.n), WW_OK);
    struct ww_buf out = ww_buf(got, sizeof got);
    ww_dnskey_put_signed(&out, &set, &set.sigs[0]);
    struct ww_buf w = ww_buf(wanted, sizeof wanted);
    ww_buf_bytes(&w, sig.p, sig.n - 3);
    for (size_t i = 0; i < 4; i++)
        root_keys_record(&w, WW_DNS_TYPE_DNSKEY, 172800, ww_slice(rdata[order[i]], order[i] == 0 ? 6 : 5));
    assert_int_equal(out.n, w.n);
    assert_memory_equal(out.p, w.p, w.n);
}

static void test_digested(void **state)
{
    (void)state;
    char out[16];
    struct ww_buf b = ww_buf(out, sizeof out);
    ww_dnskey_put_digested(&b, ww_slice("\1\x81\3\15k", 5));
    assert_int_equal(b.n, 6);
    assert_memory_equal(out, "\0\1\1\3\15k", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read), cmocka_unit_test(test_bounds), cmocka_unit_test(test_alias),
        cmocka_unit_test(test_time), cmocka_unit_test(test_signed), cmocka_unit_test(test_digested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
