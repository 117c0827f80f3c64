#include "core/dns_question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define X63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define X61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SLICE(literal)               \
    {                                \
        literal, sizeof(literal) - 1 \
    }

static void questions_are_written(void **state)
{
    static const char whole[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\1"
                                "\1a\7example\0"
                                "\0\x10\0\1"
                                "\0\0\x29\x04\xd0\0\0\x80\0\0\0";
    static const struct {
        const char *name;
        enum ww_err err;
    } cases[] = {
        {"a.example", WW_OK},
        {"a.example.", WW_OK},
        {".", WW_OK},
        {X63 "." X63 "." X63 "." X61, WW_OK},
        {X63 "." X63 "." X63 "." X61 "a", WW_E_DNS_NAME},
        {X63 "a.example", WW_E_DNS_NAME},
        {"a..example", WW_E_DNS_NAME},
        {".example", WW_E_DNS_NAME},
        {"a\\.b.example", WW_E_DNS_NAME},
    };
    char octets[WW_DNS_QUESTION_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_buf b = ww_buf(octets, sizeof octets);
        const struct ww_dns_question q = {.id = 0x1234,
                                          .name = cases[i].name,
                                          .type = WW_DNS_TYPE_TXT,
                                          .flags = WW_DNS_FLAG_RD,
                                          .edns = WW_DNS_FLAG_DO};
        assert_int_equal(ww_dns_question_write(&q, &b), cases[i].err);
        if (i < 2) {
            assert_int_equal(b.n, sizeof whole - 1);
            assert_memory_equal(octets, whole, b.n);
        }
    }
}

static void only_its_answer_is_taken(void **state)
{
#define REST           \
    "\0\1\0\0\0\0\0\0" \
    "\1a\7example\0"   \
    "\0\x10\0\1"
    static const struct {
        struct ww_slice packet;
        bool taken;
        enum ww_err err;
    } cases[] = {
        {SLICE("\x12\x34\x84\0" REST), true, WW_OK},
        {SLICE("\x12\x34\x84\5" REST), true, WW_OK}, /* REFUSED is an answer */
        {SLICE("\x12\x34\x86\0" REST), true, WW_E_DNS_CUT},
        {SLICE("\x12\x35\x84\0" REST), false, WW_OK},
        {SLICE("\x12\x34\x04\0" REST), false, WW_OK}, /* a question */
        {SLICE("\x12\x34\x84\0\0\1\0\0\0\0\0\0\1b\7example\0\0\x10\0\1"), false, WW_OK},
        {SLICE("\x12\x34\x84\0\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1"), false, WW_OK},
        {SLICE("\x12"), false, WW_OK},
        {SLICE(""), false, WW_OK},
    };
    const struct ww_dns_question q = {.id = 0x1234, .name = "a.example", .type = WW_DNS_TYPE_TXT};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_dns_answer answer;
        enum ww_err err = WW_OK;
        assert_int_equal(ww_dns_question_take(&q, cases[i].packet, &answer, &err), cases[i].taken);
        if (cases[i].taken)
            assert_int_equal(err, cases[i].err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_written),
        cmocka_unit_test(only_its_answer_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
