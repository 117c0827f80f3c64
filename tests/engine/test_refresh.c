/* Refreshing ahead of use: the rules, and a holder that sweeps for what is due as the front does. */
#include "engine/refresh.h"

#include "replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * (int64_t)HOUR)
#define WEEK (7 * DAY)
#define START (20000 * DAY)

/* A domain that is looked at every ten minutes, as by a sweep over a large cache. */
#define SWEEP (10 * MINUTE)

struct swept {
    struct replay r;
    struct ww_refresh_case c;
    unsigned alerts, recoveries;
    int64_t last_try;
    int64_t pause_min, pause_max; /* between tries */
};

static void hear(struct swept *s)
{
    enum ww_refresh_news news = ww_refresh_news(&s->r.life, s->r.now);
    s->alerts += news == WW_REFRESH_FAILS;
    s->recoveries += news == WW_REFRESH_RECOVERED;
    if (news != WW_REFRESH_NO_NEWS)
        ww_refresh_told(&s->r.life);
    assert_int_equal(ww_refresh_news(&s->r.life, s->r.now), WW_REFRESH_NO_NEWS);
}

static void begin(struct swept *s, const char *web)
{
    char answer[REPLAY_TEXT];
    memset(s, 0, sizeof *s);
    replay_begin(&s->r, START);
    s->r.rules.used_within = WEEK;
    s->r.dns = "id=1";
    s->r.web = web;
    s->c = (struct ww_refresh_case){.used = START, .started = START - DAY, .place = 30000};
    (void)replay_use(&s->r, answer);
    s->last_try = START;
    s->pause_min = INT64_MAX;
}

static void sweep(struct swept *s, int64_t seconds)
{
    for (int64_t end = s->r.now + seconds; s->r.now < end; s->r.now += SWEEP) {
        if (!ww_refresh_wants(&s->r.life, &s->c, s->r.now, &s->r.rules))
            continue;
        int64_t pause = s->r.now - s->last_try;
        s->pause_min = pause < s->pause_min ? pause : s->pause_min;
        s->pause_max = pause > s->pause_max ? pause : s->pause_max;
        s->last_try = s->r.now;
        replay_refresh(&s->r);
        hear(s);
    }
}

static const struct due_case {
    uint32_t max_age;
    uint16_t place;
    int64_t started; /* counted from the fetch, like what follows */
    int64_t now;
    int64_t due;
} due_cases[] = {
    {604800, 0, -1, 0, DAY},
    {604800, 32768, -1, 0, 22 * HOUR},
    {604800, 65535, -1, 0, 20 * HOUR + 1},
    {WW_POLICY_MAX_AGE_MAX, 0, -1, 0, DAY},
    {86400, 0, -1, 0, 12 * HOUR},
    {86400, 32768, -1, 0, 11 * HOUR},
    {3600, 0, -1, 0, 30 * MINUTE},
    {500, 0, -1, 0, 300},     /* not within five minutes */
    {299, 0, -1, 0, 299},     /* nor later than the end */
    {604800, 0, 10, 20, DAY}, /* a start before it was due changes nothing */
    /* Overdue at the start: somewhere in the day that follows, but with half of the life still left. */
    {604800, 0, 2 * DAY, 2 * DAY, 2 * DAY},
    {604800, 32768, 2 * DAY, 2 * DAY, 2 * DAY + 12 * HOUR},
    {604800, 32768, 6 * DAY, 6 * DAY, 6 * DAY + 6 * HOUR},
    /* A start that is still to come */
    {604800, 32768, 2 * DAY, 2 * DAY - 1, 22 * HOUR},
};

static void is_due_in_the_last_sixth_of_a_day(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(due_cases); i++) {
        const struct due_case *t = &due_cases[i];
        const struct ww_life_rules rules = {.recheck = 300, .fetch_retry = 300, .used_within = WEEK};
        const struct ww_life life = {
            .id = "1", .fetched = START, .checked = START, .expires = START + t->max_age};
        const struct ww_refresh_case c = {START + t->now, START + t->started, t->place};
        int64_t due = ww_refresh_due(&life, &c, START + t->now, &rules);
        if (due != START + t->due)
            fail_msg("case %zu: %lld", i, (long long)(due - START));
        if (t->started < 0) {
            struct ww_refresh_case used = c;
            used.used = due;
            assert_false(ww_refresh_wants(&life, &used, due - 1, &rules));
            assert_int_equal(ww_refresh_wants(&life, &used, due, &rules), due < life.expires);
        }
    }
}

static const struct {
    int64_t used; /* counted from now */
    int64_t used_within;
    bool wants;
} uses[] = {
    {0, WEEK, true},        {-WEEK + 1, WEEK, true}, {-WEEK, WEEK, false},    {-90 * DAY, WEEK, false},
    {WEEK - 1, WEEK, true}, {WEEK, WEEK, false},     {90 * DAY, WEEK, false}, {0, 0, false},
};

static void leaves_alone_what_is_not_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(uses); i++) {
        const struct ww_life life = {.id = "1", .fetched = START, .checked = START, .expires = START + WEEK};
        const struct ww_life_rules rules = {.recheck = 300, .used_within = uses[i].used_within};
        const struct ww_refresh_case c = {.used = START + DAY + uses[i].used};
        if (ww_refresh_wants(&life, &c, START + DAY, &rules) != uses[i].wants)
            fail_msg("case %zu", i);
    }
}

static void comes_to_rest_a_week_after_the_last_use(void **state)
{
    (void)state;
    struct swept s;
    begin(&s, "enforce 1209600 mx.a");
    sweep(&s, 30 * DAY);
    assert_in_range(s.r.gets, 7, 9);
    assert_int_equal(s.r.records, s.r.gets);
    assert_in_range(s.pause_min, 20 * HOUR, DAY);
    assert_in_range(s.pause_max, 20 * HOUR, DAY);
    assert_int_equal(s.alerts, 0);
    assert_true(s.r.life.fetched < START + WEEK);
}

static void moves_the_expiry_of_what_is_used(void **state)
{
    (void)state;
    struct swept s;
    begin(&s, "enforce 86400 mx.a");
    for (int day = 0; day < 30; day++) {
        s.c.used = s.r.now;
        sweep(&s, DAY);
        assert_true(s.r.life.expires > s.r.now + 10 * HOUR);
    }
    assert_in_range(s.r.gets, 60, 73);
}

static const struct {
    const char *dns, *web;
    const char *policy;
    unsigned alerts;
} worlds[] = {
    {"id=1", "timeout", "enforce 1209600 mx.a", 1}, {"id=1", "404", "testing 1209600 mx.a", 1},
    {"id=1", "garbage", "enforce 1209600 mx.a", 1}, {"servfail", "404", "enforce 1209600 mx.a", 1},
    {"nxdomain", "404", "enforce 1209600 mx.a", 1}, {"broken", "404", "enforce 1209600 mx.a", 1},
    {"id=1", "timeout", "none 1209600 mx.a", 0},    {"nxdomain", "404", "none 1209600 mx.a", 0},
    {"id=2", "timeout", "enforce 1209600 mx.a", 1},
};

static void backs_off_and_says_so_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(worlds); i++) {
        char answer[REPLAY_TEXT];
        struct swept s;
        begin(&s, worlds[i].policy);
        s.r.dns = worlds[i].dns;
        s.r.web = worlds[i].web;
        sweep(&s, DAY);
        s.last_try = s.r.life.checked;
        s.pause_max = 0;
        unsigned records = s.r.records;
        sweep(&s, 5 * DAY);
        if (s.alerts != worlds[i].alerts || s.recoveries != 0)
            fail_msg("world %zu: %u alerts, %u recoveries", i, s.alerts, s.recoveries);
        assert_in_range(s.pause_max, 4 * HOUR, 4 * HOUR + SWEEP);
        assert_in_range(s.r.records - records, 28, 31);
        assert_int_equal(s.r.life.fetched, START);
        assert_true(ww_life_has_policy(&s.r.life, s.r.now));

        s.r.dns = "id=1";
        s.r.web = worlds[i].policy;
        sweep(&s, 5 * HOUR);
        assert_int_equal(s.recoveries, worlds[i].alerts);
        assert_int_equal(s.alerts, worlds[i].alerts);
        assert_true(s.r.life.fetched > START + 5 * DAY);
        (void)replay_use(&s.r, answer);
    }
}

static void pauses_grow_from_five_minutes(void **state)
{
    (void)state;
    static const int64_t pauses[] = {5, 10, 20, 40, 80, 160, 240, 240};
    struct swept s;
    begin(&s, "enforce 604800 mx.a");
    s.r.web = "404";
    s.r.now = START + DAY;
    replay_refresh(&s.r);
    for (size_t i = 0; i < COUNT(pauses); i++) {
        assert_false(ww_refresh_wants(&s.r.life, &s.c, s.r.now + pauses[i] * MINUTE - 1, &s.r.rules));
        s.r.now += pauses[i] * MINUTE;
        assert_true(ww_refresh_wants(&s.r.life, &s.c, s.r.now, &s.r.rules));
        unsigned gets = s.r.gets;
        replay_refresh(&s.r);
        assert_int_equal(s.r.gets, gets + 1);
    }
}

/* A day without DNS, then a new id whose policy comes a little late: that is not held off for hours. */
static void another_fault_starts_anew(void **state)
{
    (void)state;
    struct swept s;
    begin(&s, "enforce 604800 mx.a");
    s.r.dns = "servfail";
    sweep(&s, 2 * DAY);
    assert_true(s.r.life.failures > 5);
    s.r.dns = "id=2";
    s.r.web = "404";
    replay_refresh(&s.r);
    assert_int_equal(s.r.life.failures, 1);
    assert_int_equal(s.r.life.retry_at, s.r.now + 300);
    assert_int_equal(s.alerts, 1);
}

static void holds_off_no_longer_than_the_policy_lives(void **state)
{
    (void)state;
    char answer[REPLAY_TEXT];
    struct swept s;
    begin(&s, "enforce 86400 mx.a");
    s.r.web = "404";
    sweep(&s, DAY - HOUR);
    assert_true(s.r.life.failures > 5);
    s.r.now = START + DAY;
    s.r.web = "enforce 86400 mx.b";
    assert_false(replay_use(&s.r, answer));
    assert_string_equal(answer, "secure mx.b");
    assert_int_equal(s.r.life.failures, 0);
    assert_int_equal(ww_refresh_news(&s.r.life, s.r.now), WW_REFRESH_RECOVERED);
}

/* Two servers of the zone disagree, and what one of them announces cannot be fetched. */
static void an_alternating_id_is_no_recovery(void **state)
{
    (void)state;
    char answer[REPLAY_TEXT];
    struct swept s;
    begin(&s, "enforce 604800 mx.a");
    s.r.web = "404";
    for (int i = 0; i < 100; i++) {
        s.r.now += 301;
        s.r.dns = i % 2 == 0 ? "id=2" : "id=1";
        (void)replay_use(&s.r, answer);
        assert_string_equal(answer, "secure mx.a");
        hear(&s);
    }
    assert_int_equal(s.alerts, 1);
    assert_int_equal(s.recoveries, 0);
    /* 8 hours: after 5, 10, 20, … minutes, not at each of the 50 chances. */
    assert_in_range(s.r.gets, 6, 9);
    s.r.dns = "id=1";
    s.r.web = "enforce 604800 mx.a";
    s.c.used = s.r.now;
    sweep(&s, DAY);
    assert_int_equal(s.recoveries, 1);
}

/* A full cache that comes back from the store, all of it overdue: by the hour, about the same number is due.
 */
static void a_restart_makes_no_storm(void **state)
{
    (void)state;
    enum { DOMAINS = 24000, SLOTS = 24 };
    unsigned slots[SLOTS] = {0};
    const struct ww_life_rules rules = {.recheck = 300, .fetch_retry = 300, .used_within = WEEK};
    for (uint32_t i = 0; i < DOMAINS; i++) {
        struct ww_life life = {.id = "1", .fetched = START, .checked = START, .expires = START + 14 * DAY};
        const struct ww_refresh_case c = {
            .used = START, .started = START + 3 * DAY, .place = (uint16_t)(i * UINT32_C(2654435761) >> 16)};
        assert_true(ww_life_restore(&life, c.started, &rules));
        int64_t due = ww_refresh_due(&life, &c, c.started, &rules) - c.started;
        assert_in_range(due, 0, DAY - 1);
        slots[due / HOUR]++;
    }
    for (int i = 0; i < SLOTS; i++)
        assert_in_range(slots[i], 800, 1200);
}

/* What was fetched in the same minute is spread over four hours the next day, and further each day. */
static void what_came_together_drifts_apart(void **state)
{
    (void)state;
    static const struct ww_life_rules rules = {.recheck = 300, .used_within = WEEK};
    int64_t first = INT64_MAX, last = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        struct ww_life life = {.id = "1"};
        int64_t now = START;
        for (int day = 0; day < 3; day++) {
            const struct ww_refresh_case c = {now, START, (uint16_t)(i * 65)};
            life.fetched = now;
            life.expires = now + WEEK;
            now = ww_refresh_due(&life, &c, now, &rules);
        }
        first = now < first ? now : first;
        last = now > last ? now : last;
    }
    assert_in_range(last - first, 11 * HOUR, 12 * HOUR);
}

static const int64_t jumps[] = {-START, -90 * DAY, -3 * DAY, -HOUR, HOUR, 3 * DAY};

/* The clock jumps for an hour, with the host down all that time, and then is right again. */
static void bears_a_clock_that_jumps(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(jumps); i++) {
        struct swept s;
        begin(&s, "enforce 604800 mx.a");
        sweep(&s, HOUR);
        unsigned records = s.r.records;
        s.r.web = "certificate";
        s.r.now += jumps[i];
        sweep(&s, HOUR);
        assert_true(s.r.records - records <= 4);
        s.r.now -= jumps[i];
        s.r.web = "enforce 604800 mx.a";
        sweep(&s, 2 * DAY);
        assert_int_equal(s.alerts, s.recoveries);
        assert_true(ww_life_has_policy(&s.r.life, s.r.now));
        assert_true(s.r.life.fetched > START + 20 * HOUR && s.r.life.fetched <= s.r.now);
        assert_in_range(s.r.records - records, 2, 8);
    }
}

static void fetches_anew_what_was_fetched_in_the_future(void **state)
{
    (void)state;
    struct swept s;
    begin(&s, "enforce 604800 mx.a");
    s.r.now = s.c.used = START - HOUR;
    assert_true(ww_refresh_wants(&s.r.life, &s.c, s.r.now, &s.r.rules));
    replay_refresh(&s.r);
    assert_int_equal(s.r.life.fetched, START - HOUR);
    assert_false(ww_refresh_wants(&s.r.life, &s.c, s.r.now, &s.r.rules));
}

/* A tiny max_age must not make the host's day: no more than one fetch in five minutes. */
static void a_tiny_max_age_makes_no_storm(void **state)
{
    (void)state;
    static const char *const webs[] = {"enforce 0 mx.a", "enforce 1 mx.a", "enforce 299 mx.a"};
    for (size_t i = 0; i < COUNT(webs); i++) {
        struct swept s;
        begin(&s, webs[i]);
        for (; s.r.now < START + 400; s.r.now++)
            assert_false(ww_refresh_wants(&s.r.life, &s.c, s.r.now, &s.r.rules));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_due_in_the_last_sixth_of_a_day),
        cmocka_unit_test(leaves_alone_what_is_not_used),
        cmocka_unit_test(comes_to_rest_a_week_after_the_last_use),
        cmocka_unit_test(moves_the_expiry_of_what_is_used),
        cmocka_unit_test(backs_off_and_says_so_once),
        cmocka_unit_test(pauses_grow_from_five_minutes),
        cmocka_unit_test(another_fault_starts_anew),
        cmocka_unit_test(holds_off_no_longer_than_the_policy_lives),
        cmocka_unit_test(an_alternating_id_is_no_recovery),
        cmocka_unit_test(a_restart_makes_no_storm),
        cmocka_unit_test(what_came_together_drifts_apart),
        cmocka_unit_test(bears_a_clock_that_jumps),
        cmocka_unit_test(fetches_anew_what_was_fetched_in_the_future),
        cmocka_unit_test(a_tiny_max_age_makes_no_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
