#include "core/tlsa.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char room[70000];

/* RDATA with n octets of data, all of them 'd'. */
static struct ww_slice digest(int usage, int selector, int matching, size_t n)
{
    struct ww_buf b = ww_buf(room, sizeof room);
    ww_buf_u8(&b, (uint8_t)usage);
    ww_buf_u8(&b, (uint8_t)selector);
    ww_buf_u8(&b, (uint8_t)matching);
    char *data = ww_buf_take(&b, n);
    assert_non_null(data);
    memset(data, 'd', n);
    return ww_slice(b.p, b.n);
}

static enum ww_err check(struct ww_slice rdata)
{
    struct ww_tlsa tlsa;
    enum ww_err err = ww_tlsa_parse(rdata.p, rdata.n, &tlsa);
    return err != WW_OK ? err : ww_tlsa_check(&tlsa);
}

static const struct {
    int usage, selector, matching;
    size_t n;
    enum ww_err err;
} cases[] = {
    {3, 1, 1, 32, WW_OK},
    {2, 0, 1, 32, WW_OK},
    {2, 1, 1, 32, WW_OK},
    {3, 0, 2, 64, WW_OK},
    {3, 1, 1, 31, WW_E_TLSA_DATA},
    {3, 1, 1, 33, WW_E_TLSA_DATA},
    {3, 1, 1, 64, WW_E_TLSA_DATA},
    {3, 1, 1, 0, WW_E_TLSA_DATA},
    {3, 1, 2, 63, WW_E_TLSA_DATA},
    {3, 1, 2, 65, WW_E_TLSA_DATA},
    {3, 1, 2, 32, WW_E_TLSA_DATA},
    {0, 0, 1, 32, WW_E_TLSA_PKIX},
    {1, 0, 1, 32, WW_E_TLSA_PKIX},
    {4, 0, 1, 32, WW_E_TLSA_USAGE},
    {255, 0, 1, 32, WW_E_TLSA_USAGE},
    {3, 2, 1, 32, WW_E_TLSA_SELECTOR},
    {3, 255, 1, 32, WW_E_TLSA_SELECTOR},
    {3, 1, 3, 32, WW_E_TLSA_MATCHING},
    {3, 1, 255, 32, WW_E_TLSA_MATCHING},
    {3, 1, 0, 32, WW_E_TLSA_DATA}, /* "d…" is no DER */
};

static void tells_usable_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum ww_err err = check(digest(cases[i].usage, cases[i].selector, cases[i].matching, cases[i].n));
        if (err != cases[i].err)
            fail_msg("case %zu: %s", i, ww_err_id(err));
    }
}

#define S(text)                  \
    {                            \
        (text), sizeof(text) - 1 \
    }

static const struct {
    struct ww_slice rdata;
    enum ww_err err;
} full[] = {
    {S("\3\0\0\x30\1x"), WW_OK},
    {S("\3\1\0\x30\2xy"), WW_OK},
    {S("\3\0\0\x30\x81\1x"), WW_OK}, /* not the shortest form: for OpenSSL to refuse */
    {S("\3\0\0\x30\x82\0\3xyz"), WW_OK},
    {S("\3\0\0\x30\0"), WW_E_TLSA_DATA},
    {S("\3\0\0\x31\1x"), WW_E_TLSA_DATA},
    {S("\3\0\0\x30\1"), WW_E_TLSA_DATA},
    {S("\3\0\0\x30\1xy"), WW_E_TLSA_DATA},
    {S("\3\0\0\x30"), WW_E_TLSA_DATA},
    {S("\3\0\0"), WW_E_TLSA_DATA},
    {S("\3\0\0\x30\x80xx"), WW_E_TLSA_DATA}, /* indefinite length */
    {S("\3\0\0\x30\x81"), WW_E_TLSA_DATA},
    {S("\3\0\0\x30\x82\0"), WW_E_TLSA_DATA},
    {S("\3\0\0\x30\x82\1\0x"), WW_E_TLSA_DATA},
    {S("\3\0\0\x30\x83\0\0\1x"), WW_E_TLSA_DATA},
    {S("\3\0"), WW_E_TLSA_SHORT},
    {S("\3"), WW_E_TLSA_SHORT},
    {S(""), WW_E_TLSA_SHORT},
};

static void tells_whole_certificates_and_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(full); i++) {
        enum ww_err err = check(full[i].rdata);
        if (err != full[i].err)
            fail_msg("case %zu: %s", i, ww_err_id(err));
    }
}

static void gives_the_fields(void **state)
{
    (void)state;
    struct ww_tlsa tlsa;
    assert_int_equal(ww_tlsa_parse("\2\1\0data", 7, &tlsa), WW_OK);
    assert_int_equal(tlsa.usage, WW_TLSA_DANE_TA);
    assert_int_equal(tlsa.selector, WW_TLSA_SELECTOR_SPKI);
    assert_int_equal(tlsa.matching, WW_TLSA_FULL);
    assert_true(ww_slice_is(tlsa.data, "data"));
}

/* A response to the question for TLSA at mx.example, with the given RDATA. */
static struct ww_dns_answer answer(unsigned rcode, const struct ww_slice *rdata, size_t count)
{
    static char packet[4096];
    struct ww_buf b = ww_buf(packet, sizeof packet);
    struct ww_dns_answer a;
    ww_buf_u16(&b, 0x1234);
    ww_buf_u16(&b, (uint16_t)(0x8180u | rcode));
    ww_buf_u16(&b, 1);
    ww_buf_u16(&b, (uint16_t)count);
    ww_buf_u32(&b, 0);
    ww_buf_bytes(&b, "\2mx\7example\0\0\x34\0\1", 16);
    for (size_t i = 0; i < count; i++) {
        ww_buf_bytes(&b, "\xc0\x0c\0\x34\0\1\0\0\0\x3c", 10);
        ww_buf_u16(&b, (uint16_t)rdata[i].n);
        ww_buf_slice(&b, rdata[i]);
    }
    assert_false(b.failed);
    assert_int_equal(ww_dns_answer_open(&a, b.p, b.n, "mx.example", WW_DNS_TYPE_TLSA), WW_OK);
    return a;
}

#define D32 "0123456789abcdef0123456789abcdef"

static const struct ww_slice ee = S("\3\1\1" D32), ta = S("\2\0\1" D32), pkix = S("\1\0\1" D32),
                             future = S("\3\1\4" D32), cut = S("\3\1");

static void classifies_rrsets(void **state)
{
    (void)state;
    const struct {
        struct ww_slice rdata[3];
        size_t count;
        unsigned rcode;
        bool secure;
        enum ww_dane_state state;
    } sets[] = {
        {{{NULL, 0}}, 0, WW_DNS_NOERROR, true, WW_DANE_NONE},
        {{{NULL, 0}}, 0, WW_DNS_NXDOMAIN, true, WW_DANE_NONE},
        {{{NULL, 0}}, 0, WW_DNS_NXDOMAIN, false, WW_DANE_INSECURE},
        {{{NULL, 0}}, 0, 2, true, WW_DANE_LOOKUP_FAILED},
        {{{NULL, 0}}, 0, 2, false, WW_DANE_LOOKUP_FAILED},
        {{{NULL, 0}}, 0, 5, false, WW_DANE_LOOKUP_FAILED},
        {{ee}, 1, 0, true, WW_DANE_SECURE_USABLE},
        {{ee}, 1, 0, false, WW_DANE_INSECURE},
        {{ta}, 1, 0, true, WW_DANE_SECURE_USABLE},
        {{pkix, future, ta}, 3, 0, true, WW_DANE_SECURE_USABLE},
        {{ee, pkix, cut}, 3, 0, true, WW_DANE_SECURE_USABLE},
        {{pkix}, 1, 0, true, WW_DANE_SECURE_UNUSABLE},
        {{future}, 1, 0, true, WW_DANE_SECURE_UNUSABLE},
        {{cut}, 1, 0, true, WW_DANE_SECURE_UNUSABLE},
        {{pkix, future, cut}, 3, 0, true, WW_DANE_SECURE_UNUSABLE},
        {{pkix, future, cut}, 3, 0, false, WW_DANE_INSECURE},
    };
    for (size_t i = 0; i < COUNT(sets); i++) {
        struct ww_dns_answer a = answer(sets[i].rcode, sets[i].rdata, sets[i].count);
        enum ww_dane_state got = ww_dane_classify(&a, sets[i].secure);
        if (got != sets[i].state || ww_dane_classify(&a, sets[i].secure) != got)
            fail_msg("set %zu: %s", i, ww_dane_state_name(got));
    }
}

static void has_names(void **state)
{
    (void)state;
    assert_string_equal(ww_dane_state_name(WW_DANE_NONE), "none");
    assert_string_equal(ww_dane_state_name(WW_DANE_INSECURE), "insecure");
    assert_string_equal(ww_dane_state_name(WW_DANE_SECURE_USABLE), "secure-usable");
    assert_string_equal(ww_dane_state_name(WW_DANE_SECURE_UNUSABLE), "secure-unusable");
    assert_string_equal(ww_dane_state_name(WW_DANE_BOGUS), "bogus");
    assert_string_equal(ww_dane_state_name(WW_DANE_LOOKUP_FAILED), "lookup-failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_usable_records),
        cmocka_unit_test(tells_whole_certificates_and_keys),
        cmocka_unit_test(gives_the_fields),
        cmocka_unit_test(classifies_rrsets),
        cmocka_unit_test(has_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
