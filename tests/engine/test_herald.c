#include "engine/herald.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COLLECT 30
#define ALL ((1u << WW_HERALD_CHANNELS) - 1)
#define DAY 86400

static struct ww_herald herald;
static int64_t now;
static unsigned gone;

static void on_gone(void *ctx, void *of)
{
    (void)ctx;
    (void)of;
    gone++;
}

static int set_up(void **state)
{
    (void)state;
    memset(&herald, 0, sizeof herald);
    herald.gone = on_gone;
    gone = 0;
    now = 1000000;
    ww_herald_configure(&herald, ALL, COLLECT);
    return 0;
}

static void take(uint64_t number, unsigned channels)
{
    assert_int_equal(ww_herald_take(&herald, number, now, channels, NULL, now), WW_HERALD_TAKEN);
}

/* Lets the time go on until the channel sends: how many seconds that took; -1 when it never will. */
static int64_t wait_for(enum ww_herald_channel channel)
{
    int64_t begun = now, when;
    while (!ww_herald_due(&herald, channel, now, &when)) {
        if (when == 0)
            return -1;
        assert_true(when > now);
        now = when;
    }
    return now - begun;
}

static void end(enum ww_herald_channel channel, bool delivered, enum ww_herald_end expected)
{
    assert_int_equal(ww_herald_ended(&herald, channel, delivered, now), expected);
    if (expected != WW_HERALD_LATER)
        ww_herald_forget(&herald, channel);
}

static void test_storm_is_one_message(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 500; i++) {
        take(i, WW_HERALD_BIT(WW_HERALD_MAIL));
        now += i % 25 == 0; /* within the time that is waited */
    }
    assert_int_equal(wait_for(WW_HERALD_MAIL), COLLECT - 20);
    assert_int_equal(herald.roads[WW_HERALD_MAIL].count, 500);
    end(WW_HERALD_MAIL, true, WW_HERALD_DELIVERED);
    assert_int_equal(gone, 500);
    assert_int_equal(wait_for(WW_HERALD_MAIL), -1);
}

static void test_message_has_an_end(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < WW_HERALD_ALERTS_MAX; i++)
        take(i, WW_HERALD_BIT(WW_HERALD_MAIL));
    assert_int_equal(ww_herald_take(&herald, 77777, now, ALL, NULL, now), WW_HERALD_FULL);
    assert_int_equal(wait_for(WW_HERALD_MAIL), COLLECT);
    assert_int_equal(herald.roads[WW_HERALD_MAIL].count, WW_HERALD_MESSAGE_MAX);
    end(WW_HERALD_MAIL, true, WW_HERALD_DELIVERED);
    assert_int_equal(herald.count, WW_HERALD_ALERTS_MAX - WW_HERALD_MESSAGE_MAX);
}

static void test_messages_in_haste_are_held_back(void **state)
{
    static const int64_t expected[] = {1, 1, 4, 20, 60, 60};
    (void)state;
    for (unsigned i = 0; i < sizeof expected / sizeof *expected; i++) {
        take(i, WW_HERALD_BIT(WW_HERALD_MAIL));
        assert_int_equal(wait_for(WW_HERALD_MAIL), expected[i] * COLLECT);
        end(WW_HERALD_MAIL, true, WW_HERALD_DELIVERED);
    }
    now += DAY;
    take(100, WW_HERALD_BIT(WW_HERALD_MAIL));
    assert_int_equal(wait_for(WW_HERALD_MAIL), COLLECT);
    assert_int_equal(herald.roads[WW_HERALD_MAIL].haste, 0);
}

static void test_back_off(void **state)
{
    static const int64_t pauses[] = {60, 300, 1800, 3600, 3600};
    (void)state;
    int64_t begun = now;
    take(1, WW_HERALD_BIT(WW_HERALD_WEBHOOK));
    assert_int_equal(wait_for(WW_HERALD_WEBHOOK), COLLECT);
    for (unsigned i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        end(WW_HERALD_WEBHOOK, false, WW_HERALD_LATER);
        take(10 + i, WW_HERALD_BIT(WW_HERALD_WEBHOOK)); /* which waits for the next message */
        assert_int_equal(wait_for(WW_HERALD_WEBHOOK), pauses[i]);
        assert_int_equal(herald.roads[WW_HERALD_WEBHOOK].count, 1);
    }
    while (now + 3600 < begun + WW_HERALD_KEEP) {
        end(WW_HERALD_WEBHOOK, false, WW_HERALD_LATER);
        assert_int_equal(wait_for(WW_HERALD_WEBHOOK), 3600);
    }
    end(WW_HERALD_WEBHOOK, false, WW_HERALD_LATER);
    assert_int_equal(wait_for(WW_HERALD_WEBHOOK), 3600);
    end(WW_HERALD_WEBHOOK, false, WW_HERALD_LOST);
    assert_int_equal(gone, 1);
    assert_int_equal(wait_for(WW_HERALD_WEBHOOK), 0); /* those that came meanwhile, in one */
    assert_int_equal(herald.roads[WW_HERALD_WEBHOOK].count, 5);
}

static void test_old_alert_is_tried_twice(void **state)
{
    (void)state;
    assert_int_equal(ww_herald_take(&herald, 1, now - 10 * DAY, ALL, NULL, now), WW_HERALD_TAKEN);
    assert_int_equal(wait_for(WW_HERALD_COMMAND), COLLECT);
    end(WW_HERALD_COMMAND, false, WW_HERALD_LATER);
    assert_int_equal(wait_for(WW_HERALD_COMMAND), 60);
    now += WW_HERALD_KEEP_LEAST;
    end(WW_HERALD_COMMAND, false, WW_HERALD_LOST);
}

static void test_channels_are_apart(void **state)
{
    (void)state;
    take(1, ALL);
    take(2, WW_HERALD_BIT(WW_HERALD_COMMAND));
    assert_int_equal(wait_for(WW_HERALD_MAIL), COLLECT);
    assert_int_equal(wait_for(WW_HERALD_WEBHOOK), 0);
    assert_int_equal(wait_for(WW_HERALD_COMMAND), 0);
    end(WW_HERALD_WEBHOOK, false, WW_HERALD_LATER);
    end(WW_HERALD_MAIL, true, WW_HERALD_DELIVERED);
    assert_int_equal(gone, 0);
    end(WW_HERALD_COMMAND, true, WW_HERALD_DELIVERED);
    assert_int_equal(gone, 1);
    assert_int_equal(ww_herald_waiting(&herald, WW_HERALD_MAIL), 0);
    assert_int_equal(ww_herald_waiting(&herald, WW_HERALD_WEBHOOK), 1);
    assert_int_equal(wait_for(WW_HERALD_MAIL), -1); /* it is not sent twice */
    assert_int_equal(wait_for(WW_HERALD_WEBHOOK), 60);
    end(WW_HERALD_WEBHOOK, true, WW_HERALD_DELIVERED);
    assert_int_equal(gone, 2);
}

static void test_taking(void **state)
{
    (void)state;
    take(1, ALL);
    assert_int_equal(ww_herald_take(&herald, 1, now, ALL, NULL, now), WW_HERALD_KNOWN);
    assert_int_equal(ww_herald_take(&herald, 2, now, 0, NULL, now), WW_HERALD_NOBODY);
    ww_herald_configure(&herald, WW_HERALD_BIT(WW_HERALD_MAIL), COLLECT);
    assert_int_equal(ww_herald_take(&herald, 3, now, WW_HERALD_BIT(WW_HERALD_WEBHOOK), NULL, now),
                     WW_HERALD_NOBODY);
    assert_int_equal(herald.count, 1);
}

static void test_closed_channel(void **state)
{
    (void)state;
    take(1, WW_HERALD_BIT(WW_HERALD_WEBHOOK));
    take(2, ALL);
    assert_int_equal(wait_for(WW_HERALD_WEBHOOK), COLLECT);
    end(WW_HERALD_WEBHOOK, false, WW_HERALD_LATER);
    ww_herald_configure(&herald, WW_HERALD_BIT(WW_HERALD_MAIL), COLLECT);
    assert_int_equal(gone, 1);
    assert_int_equal(herald.count, 1);
    assert_int_equal(wait_for(WW_HERALD_WEBHOOK), -1);
    assert_int_equal(wait_for(WW_HERALD_MAIL), 0);
}

static void test_hurry(void **state)
{
    (void)state;
    take(1, WW_HERALD_BIT(WW_HERALD_MAIL));
    assert_int_equal(wait_for(WW_HERALD_MAIL), COLLECT);
    end(WW_HERALD_MAIL, false, WW_HERALD_LATER);
    ww_herald_hurry(&herald);
    assert_int_equal(wait_for(WW_HERALD_MAIL), 0);
    int64_t when;
    ww_herald_hurry(&herald); /* what is being sent is not sent a second time */
    assert_false(ww_herald_due(&herald, WW_HERALD_MAIL, now, &when));
    assert_int_equal(when, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_storm_is_one_message, set_up),
        cmocka_unit_test_setup(test_message_has_an_end, set_up),
        cmocka_unit_test_setup(test_messages_in_haste_are_held_back, set_up),
        cmocka_unit_test_setup(test_back_off, set_up),
        cmocka_unit_test_setup(test_old_alert_is_tried_twice, set_up),
        cmocka_unit_test_setup(test_channels_are_apart, set_up),
        cmocka_unit_test_setup(test_taking, set_up),
        cmocka_unit_test_setup(test_closed_channel, set_up),
        cmocka_unit_test_setup(test_hurry, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
