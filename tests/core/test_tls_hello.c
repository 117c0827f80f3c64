#include "core/tls_hello.h"

#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define TEN "\1\2\3\4\5\6\7\10\11\12"
#define RANDOM TEN TEN TEN "\1\2"

/* A ServerHello of TLS 1.0 with RSA_WITH_RC4_128_SHA, 38 octets; with a session id of two, 40. */
#define HELLO "\x02\0\0\x26\x03\x01" RANDOM "\0\0\x05\0"
#define HELLO_SESSION "\x02\0\0\x28\x03\x01" RANDOM "\2SS\0\x05\0"
#define DONE "\x0e\0\0\0"
#define RECORD(type, length) type "\x03\x01\0" length

#define CASE(text, ...)                  \
    {                                    \
        ww_slice_init(text), __VA_ARGS__ \
    }
#define ww_slice_init(text) text, sizeof text - 1

static const struct {
    const char *says;
    size_t n;
    enum ww_tls_heard heard;
    bool chosen;
    uint8_t alert;
} answers[] = {
    CASE(RECORD("\x16", "\x2e") HELLO DONE, WW_TLS_HEARD_ACCEPTED, true, 0),
    CASE(RECORD("\x16", "\x30") HELLO_SESSION DONE, WW_TLS_HEARD_ACCEPTED, true, 0),
    /* one message a record; a message in two records; with a certificate between */
    CASE(RECORD("\x16", "\x2a") HELLO RECORD("\x16", "\x04") DONE, WW_TLS_HEARD_ACCEPTED, true, 0),
    CASE(RECORD("\x16", "\x2a") HELLO RECORD("\x16", "\x01") "\x0e" RECORD("\x16", "\x03") "\0\0\0",
         WW_TLS_HEARD_ACCEPTED, true, 0),
    CASE(RECORD("\x16", "\x2a") HELLO RECORD("\x16", "\x0b") "\x0b\0\0\3abc" DONE, WW_TLS_HEARD_ACCEPTED,
         true, 0),
    /* it says more than is of interest */
    CASE(RECORD("\x16", "\x2e") HELLO DONE "GET / HTTP/1.0", WW_TLS_HEARD_ACCEPTED, true, 0),
    CASE(RECORD("\x16", "\x2a") HELLO, WW_TLS_HEARD_MORE, true, 0),
    CASE("", WW_TLS_HEARD_MORE, false, 0),
    /* it chooses, and then finds that it cannot */
    CASE(RECORD("\x16", "\x2a") HELLO RECORD("\x15", "\x02") "\x02\x28", WW_TLS_HEARD_ALERT, true, 40),
    CASE(RECORD("\x15", "\x02") "\x02\x46", WW_TLS_HEARD_ALERT, false, 70),
    /* a warning, and a goodbye which is one in form alone */
    CASE(RECORD("\x15", "\x02") "\x01\x70" RECORD("\x16", "\x2e") HELLO DONE, WW_TLS_HEARD_ACCEPTED, true,
         112),
    CASE(RECORD("\x15", "\x02") "\x01\0", WW_TLS_HEARD_ALERT, false, 0),
    CASE(RECORD("\x15", "\x01") "\x02" RECORD("\x15", "\x01") "\x28", WW_TLS_HEARD_ALERT, false, 40),
    /* out of turn; too short; twice */
    CASE(RECORD("\x16", "\x04") DONE, WW_TLS_HEARD_MALFORMED, false, 0),
    CASE(RECORD("\x16", "\x08") "\x02\0\0\x02\3\1" DONE, WW_TLS_HEARD_MALFORMED, false, 0),
    CASE(RECORD("\x16", "\x04") "\x02\0\0\0", WW_TLS_HEARD_MALFORMED, false, 0),
    CASE(RECORD("\x16", "\x2a") HELLO RECORD("\x16", "\x2a") HELLO, WW_TLS_HEARD_MALFORMED, true, 0),
    /* no TLS, an empty record, one that is too long, one of data */
    CASE("250 what do you want\r\n", WW_TLS_HEARD_MALFORMED, false, 0),
    CASE("\x16\x02", WW_TLS_HEARD_MALFORMED, false, 0),
    CASE(RECORD("\x16", "\0"), WW_TLS_HEARD_MALFORMED, false, 0),
    CASE("\x16\x03\x01\x48\x01", WW_TLS_HEARD_MALFORMED, false, 0),
    CASE(RECORD("\x16", "\x2a") HELLO RECORD("\x17", "\x04") DONE, WW_TLS_HEARD_MALFORMED, true, 0),
};

static void reads_what_a_server_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        for (size_t step = 1; step <= 64; step *= 8) {
            struct ww_tls_answer a = {.version = 0};
            for (size_t at = 0; at < answers[i].n; at += step)
                (void)ww_tls_answer_take(&a, answers[i].says + at,
                                         step < answers[i].n - at ? step : answers[i].n - at);
            if (a.state != answers[i].heard || a.chosen != answers[i].chosen || a.alert != answers[i].alert)
                fail_msg("case %zu by %zu: %d, chosen %d, alert %u", i, step, (int)a.state, a.chosen,
                         a.alert);
            if (a.chosen && (a.version != WW_TLS_1_0 || a.suite != 5))
                fail_msg("case %zu: version %04x, suite %04x", i, a.version, a.suite);
        }
    }
}

static void reads_no_endless_flight(void **state)
{
    (void)state;
    struct ww_tls_answer a = {.version = 0};
    static const char hello[] = RECORD("\x16", "\x2a") HELLO "\x16\x03\x01\x40\0\x0b\xff\xff\xff";
    static const char rest[] = "\x16\x03\x01\x40\0";
    static char filling[1 << 14];
    (void)ww_tls_answer_take(&a, hello, sizeof hello - 1);
    (void)ww_tls_answer_take(&a, filling, sizeof filling - 4);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(ww_tls_answer_take(&a, rest, sizeof rest - 1), WW_TLS_HEARD_MORE);
        (void)ww_tls_answer_take(&a, filling, sizeof filling);
    }
    assert_int_equal(a.state, WW_TLS_HEARD_MORE);
    for (int i = 0; i < 4; i++) {
        (void)ww_tls_answer_take(&a, rest, sizeof rest - 1);
        (void)ww_tls_answer_take(&a, filling, sizeof filling);
    }
    assert_int_equal(a.state, WW_TLS_HEARD_MALFORMED);
}

struct offered {
    size_t suites;
    bool rc4, aes, sni, signatures;
};

static struct offered read_hello(const char *p, size_t n, uint16_t version)
{
    struct offered o = {.suites = 0};
    struct ww_cursor c = ww_cursor(p, n);
    assert_int_equal(ww_cursor_u8(&c), 22);
    assert_int_equal(ww_cursor_u16(&c), version == WW_SSL_3 ? WW_SSL_3 : WW_TLS_1_0);
    assert_int_equal(ww_cursor_u16(&c), n - 5);
    assert_int_equal(ww_cursor_u32(&c), 1U << 24 | (uint32_t)(n - 9));
    assert_int_equal(ww_cursor_u16(&c), version);
    assert_memory_equal(ww_cursor_take(&c, 32).p, RANDOM, 32);
    assert_int_equal(ww_cursor_u8(&c), 0);
    for (size_t left = ww_cursor_u16(&c); left > 0; left -= 2, o.suites++) {
        uint16_t suite = ww_cursor_u16(&c);
        o.rc4 = o.rc4 || suite == 0x0005;
        o.aes = o.aes || suite == 0x009c;
    }
    assert_int_equal(ww_cursor_u16(&c), 0x0100);
    if (version == WW_SSL_3) {
        assert_int_equal(ww_cursor_left(&c), 0);
        return o;
    }
    size_t length = ww_cursor_u16(&c);
    assert_int_equal(length, ww_cursor_left(&c));
    while (ww_cursor_left(&c) > 0) {
        uint16_t type = ww_cursor_u16(&c);
        struct ww_slice body = ww_cursor_take(&c, ww_cursor_u16(&c));
        o.signatures = o.signatures || type == 13;
        if (type == 0) {
            assert_int_equal(body.n, 15);
            assert_memory_equal(body.p, "\0\x0d\0\0\x0amx.example", 15);
            o.sni = true;
        }
    }
    assert_false(c.failed);
    return o;
}

static void offers_what_is_asked_about(void **state)
{
    (void)state;
    static const struct {
        uint16_t version;
        enum ww_tls_offer offer;
        const char *name;
        bool rc4, aes, sni, signatures;
    } cases[] = {
        {WW_SSL_3, WW_TLS_OFFER_COMMON, "mx.example", true, false, false, false},
        {WW_TLS_1_0, WW_TLS_OFFER_COMMON, "mx.example", true, false, true, false},
        {WW_TLS_1_1, WW_TLS_OFFER_COMMON, "", true, false, false, false},
        {0x0303, WW_TLS_OFFER_WEAK, "mx.example", true, false, true, true},
        {0x0303, WW_TLS_OFFER_SECRECY, "mx.example", false, true, true, true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[WW_TLS_HELLO_MAX];
        struct ww_buf b = ww_buf(out, sizeof out);
        ww_tls_hello_put(&b, cases[i].version, cases[i].offer, ww_slice_str(cases[i].name),
                         (const uint8_t *)RANDOM);
        assert_false(b.failed);
        struct offered o = read_hello(out, b.n, cases[i].version);
        if (o.suites < 10 || o.rc4 != cases[i].rc4 || o.aes != cases[i].aes || o.sni != cases[i].sni ||
            o.signatures != cases[i].signatures)
            fail_msg("case %zu: %zu suites, %d %d %d %d", i, o.suites, o.rc4, o.aes, o.sni, o.signatures);
    }
}

/* The longest name there can be. */
static void the_longest_name_fits(void **state)
{
    (void)state;
    char name[253], out[WW_TLS_HELLO_MAX];
    memset(name, 'a', sizeof name);
    struct ww_buf b = ww_buf(out, sizeof out);
    ww_tls_hello_put(&b, 0x0303, WW_TLS_OFFER_WEAK, ww_slice(name, sizeof name), (const uint8_t *)RANDOM);
    assert_false(b.failed);
}

static void has_names(void **state)
{
    (void)state;
    assert_string_equal(ww_tls_suite_name(0x0005), "RSA_WITH_RC4_128_SHA");
    assert_string_equal(ww_tls_suite_name(0x009c), "RSA_WITH_AES_128_GCM_SHA256");
    assert_null(ww_tls_suite_name(0xc02f));
    assert_string_equal(ww_tls_alert_name(40), "handshake_failure");
    assert_string_equal(ww_tls_alert_name(255), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_a_server_says),
        cmocka_unit_test(reads_no_endless_flight),
        cmocka_unit_test(offers_what_is_asked_about),
        cmocka_unit_test(the_longest_name_fits),
        cmocka_unit_test(has_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
