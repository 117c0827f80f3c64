#include "daemon/intake_rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define START INT64_C(1000000)

static struct ww_addr addr(const char *text)
{
    struct ww_addr a;
    assert_int_equal(ww_addr_parse(ww_slice_str(text), &a), WW_OK);
    return a;
}

static const struct {
    int64_t at;
    const char *who;
    unsigned per_minute;
    bool taken;
    unsigned wait;
} steps[] = {
    {0, "192.0.2.1", 3, true, 0},
    {0, "192.0.2.1", 3, true, 0},
    {0, "192.0.2.1", 3, true, 0},
    {0, "192.0.2.1", 3, false, 20},
    {0, "192.0.2.2", 3, true, 0},
    {0, "2001:db8::1", 3, true, 0},
    {0, "2001:db8::2", 3, true, 0},
    {0, "2001:db8:0:0:ffff::", 3, true, 0},
    {0, "2001:db8::1", 3, false, 20},
    {0, "2001:db8:0:1::1", 3, true, 0},
    {19999, "192.0.2.1", 3, false, 1},
    {20000, "192.0.2.1", 3, true, 0},
    {20000, "192.0.2.1", 3, false, 20},
    /* after a long time it has a minute's, and no more */
    {9000000, "192.0.2.1", 3, true, 0},
    {9000000, "192.0.2.1", 3, true, 0},
    {9000000, "192.0.2.1", 3, true, 0},
    {9000000, "192.0.2.1", 3, false, 20},
    /* another limit counts at once */
    {9000000, "192.0.2.1", 100, false, 1},
    {9000600, "192.0.2.1", 100, true, 0},
    {9000600, "192.0.2.1", 100, false, 1},
    {9000000, "192.0.2.3", 1, true, 0},
    {9059999, "192.0.2.3", 1, false, 1},
    {9060000, "192.0.2.3", 1, true, 0},
    {9060000, "192.0.2.4", 100000, true, 0},
};

static void gives_so_many_a_minute(void **state)
{
    static const struct ww_hash_key key = {{1, 2}};
    (void)state;
    struct ww_intake_rate *rate = ww_intake_rate_new(&key);
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct ww_addr who = addr(steps[i].who);
        unsigned wait = 99;
        bool taken = ww_intake_rate_take(rate, &who, steps[i].per_minute, START + steps[i].at, &wait);
        if (taken != steps[i].taken || wait != steps[i].wait)
            fail_msg("step %zu: %d, wait %u", i, taken, wait);
    }
    ww_intake_rate_free(rate);
}

/* However many come, who comes too often is not forgotten for those that came once. */
static void keeps_who_comes_often(void **state)
{
    static const struct ww_hash_key key = {{1, 2}};
    (void)state;
    struct ww_intake_rate *rate = ww_intake_rate_new(&key);
    struct ww_addr often = addr("192.0.2.1"), other = addr("10.0.0.0");
    unsigned wait;
    while (ww_intake_rate_take(rate, &often, 60, START, &wait))
        continue;
    for (uint32_t i = 0; i < 20 * WW_INTAKE_RATE_ENTRIES; i++) {
        memcpy(other.octets + 1, &i, 3);
        assert_true(ww_intake_rate_take(rate, &other, 60, START, &wait));
    }
    assert_false(ww_intake_rate_take(rate, &often, 60, START, &wait));
    ww_intake_rate_free(rate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_so_many_a_minute),
        cmocka_unit_test(keeps_who_comes_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
