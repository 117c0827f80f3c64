#include "engine/courier_share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE 60000

static struct ww_courier_share share;

static int set_up(void **state)
{
    (void)state;
    memset(&share, 0, sizeof share);
    return 0;
}

static bool send(uint64_t key, unsigned per_minute, int64_t now)
{
    bool may = ww_courier_share_take(&share, key, per_minute, now);
    if (may)
        ww_courier_share_give_back(&share, key);
    return may;
}

static void two_at_a_time(void **state)
{
    (void)state;
    assert_true(ww_courier_share_take(&share, 7, 60, 0));
    assert_true(ww_courier_share_take(&share, 7, 60, 0));
    assert_false(ww_courier_share_take(&share, 7, 60, 0));
    assert_false(ww_courier_share_take(&share, 7, 60, 10 * MINUTE)); /* however long they take */
    assert_true(ww_courier_share_take(&share, 8, 60, 0));
    ww_courier_share_give_back(&share, 7);
    assert_true(ww_courier_share_take(&share, 7, 60, 0));
    assert_false(ww_courier_share_take(&share, 7, 60, 0));
}

static void so_many_a_minute(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(send(7, 3, i));
    assert_false(send(7, 3, 3));
    assert_true(send(8, 3, 3));
    assert_true(send(7, 4, 3)); /* the setting has changed */
    assert_false(send(7, 4, MINUTE - 1));
    for (int i = 0; i < 3; i++)
        assert_true(send(7, 3, MINUTE));
    assert_false(send(7, 3, MINUTE));
}

static void what_is_given_back_twice_is_no_room(void **state)
{
    (void)state;
    ww_courier_share_give_back(&share, 7);
    two_at_a_time(state);
    ww_courier_share_give_back(&share, 9);
    assert_false(ww_courier_share_take(&share, 7, 60, 0));
}

static void a_full_house_forgets_the_minutes_that_are_over(void **state)
{
    (void)state;
    assert_true(ww_courier_share_take(&share, 1, 1, 0)); /* and stays */
    for (uint64_t key = 2; key <= WW_COURIER_DESTINATIONS; key++)
        assert_true(send(key, 1, 0));
    assert_false(send(1000000, 1, MINUTE - 1));
    assert_false(send(2, 1, MINUTE - 1));
    assert_true(send(1000000, 1, MINUTE));
    assert_int_equal(share.count, 2);
    assert_true(ww_courier_share_take(&share, 1, 1, MINUTE));
    assert_false(ww_courier_share_take(&share, 1, 2, MINUTE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(two_at_a_time, set_up),
        cmocka_unit_test_setup(so_many_a_minute, set_up),
        cmocka_unit_test_setup(what_is_given_back_twice_is_no_room, set_up),
        cmocka_unit_test_setup(a_full_house_forgets_the_minutes_that_are_over, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
