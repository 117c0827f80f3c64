/* Whom a policy binds until when. */
#include "rollout_given.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Days from GIVEN_NOW; FOREVER while it is served. */
#define FOREVER 1000000

static int64_t at(int days)
{
    return days == FOREVER ? INT64_MAX : GIVEN_NOW + days * GIVEN_DAY;
}

static const struct {
    struct given_served served[3];
    int bound[3];    /* of each */
    int mx3_from;    /* 0: now */
    int all_until;   /* of enforce and testing; -FOREVER: none */
    size_t refusals; /* of mx1 and mx3 */
} histories[] = {
    {.all_until = -FOREVER},
    {{{"enforce", WEEK, "mx1", -9, 0}}, {FOREVER}, FOREVER, FOREVER, 1},
    {{{"enforce", WEEK, "mx1 mx3", -9, 0}}, {FOREVER}, 0, FOREVER, 0},
    {{{"enforce", WEEK, "*", -9, 0}}, {FOREVER}, 0, FOREVER, 0},
    {{{"testing", WEEK, "mx1", -9, 0}}, {FOREVER}, 0, FOREVER, 0},
    {{{"none", WEEK, "mx1", -9, 0}}, {FOREVER}, 0, -FOREVER, 0},
    {{{"enforce", WEEK, "mx1", -9, -2}}, {5}, 5, 5, 1},
    {{{"enforce", WEEK, "mx2", -9, -2}}, {5}, 5, 5, 2},
    /* The second at which it has ended is not one of it. */
    {{{"enforce", WEEK, "mx1", -9, -7}}, {0}, 0, 0, 0},
    {{{"enforce", WEEK, "mx1", -9, -8}}, {-1}, 0, -1, 0},
    /* What is published later does not make it shorter. */
    {{{"enforce", MONTH, "mx1", -9, -3},
      {"enforce", WEEK, "mx1", -3, -1},
      {"enforce", WEEK, "mx1 mx3", -1, 0}},
     {27, 6, FOREVER},
     27,
     FOREVER,
     2},
    {{{"enforce", MONTH, "mx1", -9, -3}, {"none", 86400, "mx1", -3, 0}}, {27, FOREVER}, 27, 27, 1},
};

static void a_policy_binds_for_its_max_age(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(histories); i++) {
        static struct given_room room;
        struct given given = {.goal = WW_GOAL_ENFORCE};
        struct ww_rollout_refusal refusals[6];
        const char *const hosts[] = {"mx1.example.net", "mx3.example.net"};
        memcpy(given.served, histories[i].served, sizeof histories[i].served);
        given_read(&given, &room);
        const struct ww_served *served = room.in.served;
        size_t count = room.in.served_count;
        for (size_t k = 0; k < count; k++)
            assert_int_equal(ww_rollout_bound_until(&served[k]), at(histories[i].bound[k]));
        assert_int_equal(ww_rollout_host_from(served, count, GIVEN_NOW, hosts[1]), at(histories[i].mx3_from));
        int64_t until = ww_rollout_binds_until(served, count);
        assert_int_equal(until, histories[i].all_until == -FOREVER ? 0 : at(histories[i].all_until));
        assert_int_equal(ww_rollout_refusals(served, count, GIVEN_NOW, hosts, 2, refusals, 6),
                         histories[i].refusals);
        for (size_t k = 0; k < histories[i].refusals; k++) {
            assert_true(refusals[k].until > GIVEN_NOW);
            assert_int_equal(refusals[k].until, ww_rollout_bound_until(&served[refusals[k].served]));
        }
    }
}

static void refusals_name_policy_and_host(void **state)
{
    (void)state;
    static struct given_room room;
    const struct given given = {
        .served = {{"enforce", WEEK, "mx2", -9, -3}, {"enforce", WEEK, "mx1", -3, 0}}};
    const char *const hosts[] = {"mx1.example.net", "mx2.example.net"};
    struct ww_rollout_refusal all[2], first[1];
    given_read(&given, &room);
    assert_int_equal(ww_rollout_refusals(room.in.served, 2, GIVEN_NOW, hosts, 2, all, 2), 2);
    assert_int_equal(all[0].served, 0);
    assert_string_equal(all[0].host, "mx1.example.net");
    assert_int_equal(all[0].until, at(4));
    assert_int_equal(all[1].served, 1);
    assert_string_equal(all[1].host, "mx2.example.net");
    assert_int_equal(all[1].until, INT64_MAX);
    assert_int_equal(ww_rollout_refusals(room.in.served, 2, GIVEN_NOW, hosts, 2, first, 1), 2);
}

static void what_is_no_policy_binds_nobody(void **state)
{
    (void)state;
    struct ww_served served = {.body = ww_slice_str("mode: enforce\nmax_age: 604800\n")};
    assert_int_equal(ww_rollout_bound_until(&served), INT64_MAX);
    assert_int_equal(ww_rollout_host_from(&served, 1, GIVEN_NOW, "mx1.example.net"), GIVEN_NOW);
    served.until = GIVEN_NOW - 5;
    assert_int_equal(ww_rollout_bound_until(&served), GIVEN_NOW - 5);
    assert_int_equal(ww_rollout_binds_until(&served, 1), 0);
}

static const struct {
    const char *shown;
    bool ended; /* the third */
    int until[3];
} sights[] = {
    {"3", false, {-6, -2, FOREVER}},           {"2", false, {-6, FOREVER, FOREVER}},
    {"1", false, {FOREVER, FOREVER, FOREVER}}, {"", false, {-6, FOREVER, FOREVER}},
    {"9", false, {-6, FOREVER, FOREVER}},      {"1", true, {-6, -2, -1}},
};

static void a_policy_counts_until_the_next_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sights); i++) {
        static struct given_room room;
        struct ww_served in_fact[WW_PUBLISHED_SERVED_MAX];
        const struct given given = {.served = {{"enforce", WEEK, "mx1", -9, -6},
                                               {"enforce", WEEK, "mx1", -6, -2},
                                               {"enforce", WEEK, "mx1", -2, sights[i].ended ? -1 : 0}},
                                    .shown = sights[i].shown};
        given_read(&given, &room);
        assert_int_equal(ww_rollout_in_fact(&room.domain, room.in.served, 3, in_fact), 3);
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(in_fact[k].until, sights[i].until[k] == FOREVER ? 0 : at(sights[i].until[k]));
    }
    struct ww_served none[WW_PUBLISHED_SERVED_MAX];
    struct ww_published domain = {.domain = "example.com"};
    assert_int_equal(ww_rollout_in_fact(&domain, NULL, 0, none), 0);
}

static void a_host_leaves_when_resolvers_have_forgotten_it(void **state)
{
    (void)state;
    struct ww_published domain = {.mx_ttl = 3600};
    struct ww_published_mx mx = {.gone_at = 0};
    assert_int_equal(ww_rollout_leaves_at(&domain, &mx), INT64_MAX);
    mx.gone_at = GIVEN_NOW;
    assert_int_equal(ww_rollout_leaves_at(&domain, &mx), GIVEN_NOW + 3600 + WW_ROLLOUT_SLOW);
    domain.mx_ttl = UINT32_MAX;
    assert_int_equal(ww_rollout_leaves_at(&domain, &mx), GIVEN_NOW + WW_ROLLOUT_TTL_MAX + WW_ROLLOUT_SLOW);
}

/* As many changes within a month as fit into the history: the next one has to wait for room in it. */
static void a_history_without_room_holds_a_change(void **state)
{
    (void)state;
    static struct given_room room;
    static struct ww_served served[WW_PUBLISHED_OWN_MAX];
    static char ids[WW_PUBLISHED_OWN_MAX][4];
    const struct given given = {
        .goal = WW_GOAL_ENFORCE, .wanted = "mx1 mx2 mx3", .served = {{"enforce", MONTH, "mx1 mx2", -9, 0}}};
    given_read(&given, &room);
    for (size_t i = 0; i < WW_PUBLISHED_OWN_MAX; i++) {
        served[i] = room.served[0];
        (void)snprintf(served[i].id, sizeof ids[i], "%zu", i + 1);
        served[i].since = GIVEN_NOW - 9 * GIVEN_DAY + (int64_t)i * GIVEN_HOUR;
        served[i].until = i + 1 < WW_PUBLISHED_OWN_MAX ? served[i].since + GIVEN_HOUR : 0;
    }
    struct ww_rollout_plan plan;
    (void)snprintf(room.domain.shown_id, sizeof room.domain.shown_id, "%d", WW_PUBLISHED_OWN_MAX);
    room.in.served = served;
    room.in.served_count = WW_PUBLISHED_OWN_MAX;
    ww_rollout_plan(&room.in, &plan);
    assert_int_equal(plan.step, WW_ROLLOUT_WAIT);
    assert_int_equal(plan.until, served[0].until + MONTH);
    assert_string_equal(plan.waits, "the policy has changed too often: the next change has to wait until "
                                    "2026-12-22T01:00:00Z");
    room.in.now = plan.until;
    ww_rollout_plan(&room.in, &plan);
    assert_int_equal(plan.step, WW_ROLLOUT_SERVE);
    /* Not even seen. */
    room.in.now = GIVEN_NOW;
    (void)snprintf(room.domain.shown_id, sizeof room.domain.shown_id, "1");
    ww_rollout_plan(&room.in, &plan);
    assert_int_equal(plan.step, WW_ROLLOUT_WAIT);
    assert_int_equal(plan.until, 0);
}

/* With 32 patterns that are wanted there is no room for a host that leaves: nothing is served without it. */
static void no_host_is_dropped_for_want_of_room(void **state)
{
    (void)state;
    static struct given_room room;
    const struct given given = {.goal = WW_GOAL_ENFORCE, .served = {{"enforce", MONTH, "mx1 mx2", -9, 0}}};
    struct ww_rollout_plan plan;
    given_read(&given, &room);
    room.domain.mx_count = WW_PUBLISHED_MX_MAX;
    for (size_t i = 0; i < WW_PUBLISHED_MX_MAX; i++)
        (void)snprintf(room.domain.mx[i], sizeof room.domain.mx[i], "mx%zu.example.net", i + 2);
    ww_rollout_plan(&room.in, &plan);
    assert_int_equal(plan.step, WW_ROLLOUT_OPERATOR);
    assert_string_equal(plan.waits,
                        "the policy would need more than 32 patterns: want one with a wildcard instead");
    (void)snprintf(room.domain.mx[0], sizeof room.domain.mx[0], "*.example.net");
    ww_rollout_plan(&room.in, &plan);
    assert_int_equal(plan.step, WW_ROLLOUT_SERVE);
    assert_int_equal(plan.mx_count, WW_PUBLISHED_MX_MAX);
}

/* Of names as long as they may be the right end is said, and the sentence has its end. */
static void a_sentence_has_room_for_long_names(void **state)
{
    (void)state;
    static struct given_room room;
    const struct given given = {
        .goal = WW_GOAL_ENFORCE, .served = {{"enforce", MONTH, "mx1 mx2", -9, 0}}, .mx = {{"mx9", '+', 0}}};
    struct ww_rollout_plan plan;
    given_read(&given, &room);
    for (size_t i = 0; i < 60; i++) {
        memcpy(room.domain.domain + 4 * i, "abc.", 4);
        memcpy(room.mx[0].name + 4 * i, "xyz.", 4);
    }
    memcpy(room.domain.domain + 240, "example.com", 12);
    memcpy(room.mx[0].name + 240, "example.net", 12);
    ww_rollout_plan(&room.in, &plan);
    assert_int_equal(plan.step, WW_ROLLOUT_OPERATOR);
    const char *end = strstr(plan.waits, "publish mx --add ...");
    assert_non_null(end);
    assert_non_null(strstr(end, "xyz.example.net ..."));
    assert_string_equal(end + strlen(end) - 15, "abc.example.com");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_binds_for_its_max_age),
        cmocka_unit_test(refusals_name_policy_and_host),
        cmocka_unit_test(what_is_no_policy_binds_nobody),
        cmocka_unit_test(a_policy_counts_until_the_next_is_seen),
        cmocka_unit_test(a_host_leaves_when_resolvers_have_forgotten_it),
        cmocka_unit_test(a_history_without_room_holds_a_change),
        cmocka_unit_test(no_host_is_dropped_for_want_of_room),
        cmocka_unit_test(a_sentence_has_room_for_long_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
