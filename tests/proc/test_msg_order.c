/* Orders to change something outside: which ones can be, whoever gives them, and how they travel. */
#include "proc/msg_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define POLICY "version: STSv1\r\nmode: testing\r\nmx: mx1.a.example\r\nmax_age: 86400\r\n"
#define LABEL "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."

enum { TREE = 1, GONE = 2, GOOD = 4, ACME = 8 };

static char space[WW_PUBLISHED_BODY_MAX + 4096];

static struct ww_buf fresh(void)
{
    return ww_buf(space, sizeof space);
}

/* Every beginning of it is refused, and so is what is longer. */
#define ASSERT_WHOLE(b, get, m)                                                     \
    do {                                                                            \
        assert_false((b).failed);                                                   \
        for (size_t n_ = 0; n_ < (b).n; n_++)                                       \
            assert_int_equal(get(ww_slice((b).p, n_), (m)), WW_E_MSG_MALFORMED);    \
        assert_int_equal(get(ww_slice((b).p, (b).n + 1), (m)), WW_E_MSG_MALFORMED); \
        assert_int_equal(get(ww_slice((b).p, (b).n), (m)), WW_OK);                  \
    } while (0)

static void which_orders_can_be(void **state)
{
    static char long_text[WW_PUBLISHED_BODY_MAX + 2], long_rua[WW_PUBLISHED_RUA_SIZE + 1];
    static const struct {
        enum ww_order what;
        const char *domain, *text;
        unsigned how;
    } cases[] = {
        {WW_ORDER_RECORD, "a.example", "20261130T000000Z", GOOD},
        {WW_ORDER_RECORD, "a.example", "1", GOOD},
        {WW_ORDER_TLSRPT, "a.example", "mailto:tls@a.example,https://r.example/x", GOOD},
        {WW_ORDER_NO_RECORD, "a.example", "", GOOD},
        {WW_ORDER_CERTIFICATE, "a.example", "", GOOD},
        {WW_ORDER_CERTIFICATE, "a.example", "", TREE | GOOD},
        {WW_ORDER_FILES, "a.example", "", GOOD},
        {WW_ORDER_FILES, "a.example", "", TREE | GOOD},
        {WW_ORDER_FILES, "a.example", "", TREE | GONE | GOOD},
        {WW_ORDER_FILES, "a.example", POLICY, TREE | GOOD},
        {WW_ORDER_FILES, "a.example", POLICY, TREE | ACME | GOOD},
        {WW_ORDER_FILES, "a.example", POLICY, GOOD},
        {WW_ORDER_FILES, "a.example", "", GONE | GOOD},
        /* Which domain. */
        {WW_ORDER_RECORD, "", "1", 0},
        {WW_ORDER_RECORD, "A.example", "1", 0},
        {WW_ORDER_RECORD, "a.example.", "1", 0},
        {WW_ORDER_RECORD, "*.example", "1", 0},
        {WW_ORDER_RECORD, "a..example", "1", 0},
        {WW_ORDER_RECORD, "a.example 300 IN TXT x", "1", 0},
        {WW_ORDER_RECORD, "a.example\n", "1", 0},
        {WW_ORDER_RECORD, "a.example;b", "1", 0},
        {WW_ORDER_RECORD, "a\\.example", "1", 0},
        {WW_ORDER_FILES, "../../../etc", "", 0},
        {WW_ORDER_FILES, "a/../b.example", POLICY, TREE},
        {WW_ORDER_CERTIFICATE, "-a.example", "", 0},
        {WW_ORDER_NO_RECORD, LABEL LABEL LABEL LABEL "example", "", 0},
        /* What it says: one id, and nothing behind it. */
        {WW_ORDER_RECORD, "a.example", "", 0},
        {WW_ORDER_RECORD, "a.example", "1; x=y", 0},
        {WW_ORDER_RECORD, "a.example", "1;", 0},
        {WW_ORDER_RECORD, "a.example", " 1", 0},
        {WW_ORDER_RECORD, "a.example", "1\"", 0},
        {WW_ORDER_RECORD, "a.example", "1\" \"2", 0},
        {WW_ORDER_RECORD, "a.example", "1\\", 0},
        {WW_ORDER_RECORD, "a.example", "1\nb.example. 300 IN A 192.0.2.1", 0},
        {WW_ORDER_RECORD, "a.example", "1\xc3\xa4", 0},
        {WW_ORDER_RECORD, "a.example", "123456789012345678901234567890123", 0},
        {WW_ORDER_TLSRPT, "a.example", "", 0},
        {WW_ORDER_TLSRPT, "a.example", "tls@a.example", 0},
        {WW_ORDER_TLSRPT, "a.example", "mailto:tls@a.example; x=y", 0},
        {WW_ORDER_TLSRPT, "a.example", "mailto:tls@a.example;", 0},
        {WW_ORDER_TLSRPT, "a.example", "mailto:\"tls\"@a.example", 0},
        {WW_ORDER_TLSRPT, "a.example", "mailto:tls@a.example\n", 0},
        {WW_ORDER_TLSRPT, "a.example", long_rua, 0},
        {WW_ORDER_NO_RECORD, "a.example", "1", 0},
        {WW_ORDER_CERTIFICATE, "a.example", "1", 0},
        {WW_ORDER_FILES, "a.example", "<html>", TREE},
        {WW_ORDER_FILES, "a.example", POLICY, ACME},
        {WW_ORDER_CERTIFICATE, "a.example", "", TREE | ACME},
        {WW_ORDER_FILES, "a.example", long_text, TREE},
        /* Where. */
        {WW_ORDER_FILES, "a.example", POLICY, TREE | GONE},
        {WW_ORDER_FILES, "a.example", POLICY, GONE},
        {WW_ORDER_CERTIFICATE, "a.example", "", TREE | GONE},
        {WW_ORDER_NO_RECORD, "a.example", "", GONE},
        {WW_ORDER_RECORD, "a.example", "1", TREE},
        {WW_ORDER_NONE, "a.example", "", 0},
        {WW_ORDER_COUNT, "a.example", "", 0},
    };
    (void)state;
    memset(long_rua, 'a', sizeof long_rua - 1);
    memcpy(long_rua, "mailto:a@", 9);
    memset(long_text, '\n', sizeof long_text - 1);
    memcpy(long_text, POLICY, sizeof POLICY - 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ww_msg_order in = {.number = 7, .what = cases[i].what, .tree = cases[i].how & TREE}, out;
        struct ww_buf b = fresh();
        in.gone = cases[i].how & GONE;
        in.acme = cases[i].how & ACME;
        const bool good = cases[i].how & GOOD;
        in.text = ww_slice_str(cases[i].text);
        (void)snprintf(in.domain, sizeof in.domain, "%s", cases[i].domain);
        if (ww_order_check(&in) != good)
            fail_msg("%d of \"%s\" with \"%.60s\"", cases[i].what, cases[i].domain, cases[i].text);
        ww_msg_put_order(&b, &in);
        if (!good) {
            assert_int_equal(ww_msg_get_order(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
            continue;
        }
        ASSERT_WHOLE(b, ww_msg_get_order, &out);
        assert_int_equal(out.number, 7);
        assert_int_equal(out.what, in.what);
        assert_string_equal(out.domain, in.domain);
        assert_int_equal(out.tree, in.tree);
        assert_int_equal(out.gone, in.gone);
        assert_int_equal(out.acme, in.acme);
        assert_true(ww_slice_eq(out.text, in.text));
    }
}

/* A NUL ends nothing: the text is what is written, or nothing is. */
static void a_text_is_whole(void **state)
{
    struct ww_msg_order m = {.what = WW_ORDER_RECORD, .domain = "a.example", .text = ww_slice("1\0002", 3)};
    (void)state;
    assert_false(ww_order_check(&m));
    m.what = WW_ORDER_TLSRPT;
    m.text = ww_slice("mailto:a@a.example\0x", 20);
    assert_false(ww_order_check(&m));
}

static void what_records_say(void **state)
{
    static const struct {
        enum ww_order what;
        const char *text, *label, *value;
    } cases[] = {
        {WW_ORDER_RECORD, "42", "_mta-sts", "v=STSv1; id=42;"},
        {WW_ORDER_NO_RECORD, "", "_mta-sts", ""},
        {WW_ORDER_TLSRPT, "mailto:a@b.example", "_smtp._tls", "v=TLSRPTv1; rua=mailto:a@b.example;"},
        {WW_ORDER_FILES, "", NULL, ""},
        {WW_ORDER_CERTIFICATE, "", NULL, ""},
    };
    char value[WW_PUBLISHED_RUA_SIZE + 32];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ww_msg_order m = {
            .what = cases[i].what, .domain = "a.example", .text = ww_slice_str(cases[i].text)};
        const char *label = ww_order_label(m.what);
        assert_true(ww_order_value(&m, value, sizeof value));
        assert_string_equal(value, cases[i].value);
        assert_int_equal(label == NULL, cases[i].label == NULL);
        if (label != NULL)
            assert_string_equal(label, cases[i].label);
    }
    const struct ww_msg_order m = {.what = WW_ORDER_RECORD, .text = ww_slice_str("4242")};
    assert_false(ww_order_value(&m, value, 12));
    assert_string_equal(value, "");
}

static void asks(void **state)
{
    struct ww_msg_order_ask in = {.number = UINT64_MAX, .version = 3, .what = WW_ORDER_TLSRPT}, out;
    struct ww_buf b = fresh();
    (void)state;
    (void)snprintf(in.domain, sizeof in.domain, "a.example");
    ww_msg_put_order_ask(&b, &in);
    ASSERT_WHOLE(b, ww_msg_get_order_ask, &out);
    assert_true(out.number == UINT64_MAX && out.version == 3 && out.what == WW_ORDER_TLSRPT);
    assert_string_equal(out.domain, "a.example");
    static const enum ww_order none[] = {WW_ORDER_NONE, WW_ORDER_COUNT};
    for (size_t i = 0; i < 2; i++) {
        in.what = none[i];
        b = fresh();
        ww_msg_put_order_ask(&b, &in);
        assert_int_equal(ww_msg_get_order_ask(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
    }
    in.what = WW_ORDER_RECORD;
    (void)snprintf(in.domain, sizeof in.domain, "a.example b");
    b = fresh();
    ww_msg_put_order_ask(&b, &in);
    assert_int_equal(ww_msg_get_order_ask(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
}

static void what_has_come_of_them(void **state)
{
    struct ww_msg_order_done in = {.number = 9, .good = true, .seen = true, .from = -1, .until = 12}, out;
    struct ww_buf b = fresh();
    (void)state;
    memset(in.detail, 'd', sizeof in.detail - 1);
    ww_msg_put_order_done(&b, &in);
    ASSERT_WHOLE(b, ww_msg_get_order_done, &out);
    assert_true(out.number == 9 && out.good && out.seen && out.from == -1 && out.until == 12);
    assert_string_equal(out.detail, in.detail);
    in.detail[3] = '\n'; /* what a server said is escaped before it gets here */
    b = fresh();
    ww_msg_put_order_done(&b, &in);
    assert_int_equal(ww_msg_get_order_done(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_orders_can_be),   cmocka_unit_test(a_text_is_whole),
        cmocka_unit_test(what_records_say),      cmocka_unit_test(asks),
        cmocka_unit_test(what_has_come_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
