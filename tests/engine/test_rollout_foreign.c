/* Policies of somebody else: from before the domain was added, and in the place of ours. */
#include "rollout_given.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct given_row rows[] = {
    {"a draft with a policy of somebody else is one",
     {.foreign = 1,
      .goal = WW_GOAL_DRAFT,
      .served = {{"enforce", MONTH, "mx1 mx2", -9, 0}},
      .not_shown = true},
     .step = WW_ROLLOUT_IDLE,
     .state = WW_PUBLISHED_DRAFT,
     .waits = "nothing is published before waxwing publish start example.com"},
    {"ours begins with mode testing",
     {.foreign = 1,
      .goal = WW_GOAL_ENFORCE,
      .served = {{"enforce", MONTH, "mx1 mx2", -9, 0}},
      .not_shown = true},
     .step = WW_ROLLOUT_SERVE,
     .state = WW_PUBLISHED_DRAFT,
     "testing 86400 mx1 mx2"},
    {"and has to be seen, for which the name has to lead to it",
     {.foreign = 1,
      .goal = WW_GOAL_ENFORCE,
      .served = {{"enforce", MONTH, "mx1 mx2", -9, 0}, {"testing", 86400, "mx1 mx2", -1, 0}},
      .not_shown = true,
      .not_recorded = true},
     .step = WW_ROLLOUT_SHOWN,
     .state = WW_PUBLISHED_TESTING,
     .needs_operator = true,
     .waits =
         "the policy has to be seen from outside at https://mta-sts.example.com/.well-known/mta-sts.txt: "
         "what was seen there is a policy of somebody else; let this name lead to where ours is served"},
    {"elsewhere it has to be put there",
     {.foreign = 1,
      .goal = WW_GOAL_ENFORCE,
      .host = WW_HOSTED_ELSEWHERE,
      .served = {{"enforce", MONTH, "mx1 mx2", -9, 0}, {"testing", 86400, "mx1 mx2", -1, 0}},
      .not_shown = true,
      .not_recorded = true},
     .step = WW_ROLLOUT_SHOWN,
     .state = WW_PUBLISHED_TESTING,
     .needs_operator = true,
     .waits =
         "put the policy at https://mta-sts.example.com/.well-known/mta-sts.txt, in the place of the one "
         "there, which is none of ours"},
    {"a new host waits for those that hold the other, and for slow resolvers",
     {.foreign = 1,
      .goal = WW_GOAL_TESTING,
      .served = {{"enforce", MONTH, "mx1", -40, -10}, {"testing", 86400, "mx1 mx2", -12, 0}},
      .mx = {{"mx1", '+', 0}}},
     .step = WW_ROLLOUT_WAIT,
     .state = WW_PUBLISHED_CHANGING,
     .until = 21 * 24,
     .waits = "mx2.example.net may go into the MX records from 2026-12-22T00:00:00Z: until then senders may "
              "hold a policy without it"},
    {"then it may come",
     {.foreign = 1,
      .goal = WW_GOAL_TESTING,
      .served = {{"enforce", MONTH, "mx1", -40, -31}, {"testing", 86400, "mx1 mx2", -32, 0}},
      .mx = {{"mx1", '+', 0}}},
     .step = WW_ROLLOUT_IDLE,
     .state = WW_PUBLISHED_TESTING,
     .waits = "mx2.example.net may go into the MX records now"},
    {"a host that somebody else's refuses is there too early",
     {.foreign = 1,
      .goal = WW_GOAL_TESTING,
      .served = {{"enforce", MONTH, "mx1", -40, -10}, {"testing", 86400, "mx1 mx2", -12, 0}}},
     .step = WW_ROLLOUT_OPERATOR,
     .state = WW_PUBLISHED_CHANGING,
     .until = 21 * 24,
     .needs_operator = true},
    {"the first policy of ours is no change of one",
     {.foreign = 1,
      .goal = WW_GOAL_TESTING,
      .served = {{"testing", MONTH, "mx1", -40, -1}, {"testing", 86400, "mx1 mx2", -1, 0}},
      .not_recorded = true},
     .step = WW_ROLLOUT_RECORD,
     .state = WW_PUBLISHED_TESTING,
     .needs_operator = true},
    {"testing of somebody else is none of ours",
     {.foreign = 1,
      .goal = WW_GOAL_ENFORCE,
      .automatic = true,
      .evidence = WW_EVIDENCE_GOOD,
      .served = {{"testing", MONTH, "mx1 mx2", -40, -1}, {"testing", 86400, "mx1 mx2", -1, 0}}},
     .step = WW_ROLLOUT_WAIT,
     .state = WW_PUBLISHED_TESTING,
     .until = 13 * 24},

    /* In the place of ours. */
    {"nothing goes on while another is seen",
     {.foreign = 1,
      .goal = WW_GOAL_ENFORCE,
      .host = WW_HOSTED_ELSEWHERE,
      .served = {{"enforce", MONTH, "mx1 mx2", -1, 0}, {"testing", 86400, "mx1 mx2", -20, 0}}},
     .step = WW_ROLLOUT_SHOWN,
     .state = WW_PUBLISHED_TESTING,
     .needs_operator = true},
    {"max_age does not grow",
     {.foreign = 1,
      .goal = WW_GOAL_ENFORCE,
      .served = {{"testing", MONTH, "mx1 mx2", -1, 0}, {"enforce", WEEK, "mx1 mx2", -20, 0}}},
     .step = WW_ROLLOUT_SHOWN,
     .state = WW_PUBLISHED_ENFORCE,
     .needs_operator = true},
    {"a change is served nevertheless",
     {.foreign = 1,
      .goal = WW_GOAL_ENFORCE,
      .wanted = "mx1 mx2 mx3",
      .served = {{"enforce", MONTH, "mx1 mx2", -1, 0}, {"enforce", WEEK, "mx1 mx2", -2, 0}}},
     .step = WW_ROLLOUT_SERVE,
     .state = WW_PUBLISHED_CHANGING,
     "enforce 604800 mx1 mx2 mx3"},

    /* Out. */
    {"mode none lasts until the policy of somebody else is forgotten",
     {.foreign = 1,
      .goal = WW_GOAL_RETIRE,
      .served = {{"enforce", MONTH, "mx1", -40, -10},
                 {"testing", 86400, "mx1", -10, -5},
                 {"none", 86400, "mx1", -5, 0}}},
     .step = WW_ROLLOUT_WAIT,
     .state = WW_PUBLISHED_RETIRING,
     .until = 21 * 24,
     .waits = "mode none is served until the last sender has forgotten the policy before, at "
              "2026-12-22T00:00:00Z"},
    {"and no longer",
     {.foreign = 1,
      .goal = WW_GOAL_RETIRE,
      .served = {{"enforce", MONTH, "mx1", -40, -31},
                 {"testing", 86400, "mx1", -31, -5},
                 {"none", 86400, "mx1", -5, 0}}},
     .step = WW_ROLLOUT_UNRECORD,
     .state = WW_PUBLISHED_RETIRING,
     .needs_operator = true},
    {"one that is seen instead has to go",
     {.foreign = 1,
      .goal = WW_GOAL_RETIRE,
      .served = {{"enforce", MONTH, "mx1", -1, 0}, {"none", 86400, "mx1", -5, 0}}},
     .step = WW_ROLLOUT_SHOWN,
     .state = WW_PUBLISHED_RETIRING,
     .needs_operator = true},
    {"a record of somebody else stays when ours is gone",
     {.foreign = 1,
      .goal = WW_GOAL_RETIRE,
      .served = {{"enforce", MONTH, "mx1", -1, 0}, {"none", 86400, "mx1", -5, -3}},
      .recorded_id = "theirs"},
     .step = WW_ROLLOUT_IDLE,
     .state = WW_PUBLISHED_GONE,
     .waits = "nothing is published any more"},
};

static void judges_each(void **state)
{
    (void)state;
    given_judge(rows, COUNT(rows));
}

/* It is nothing that Waxwing has to wait for. */
static void a_domain_can_be_forgotten(void **state)
{
    (void)state;
    static const int ends[] = {0, -1};
    for (size_t i = 0; i < COUNT(ends); i++) {
        static struct given_room room;
        char why[WW_PUBLISHED_WORDS_SIZE];
        const struct given given = {.foreign = 1, .served = {{"enforce", MONTH, "mx1", -9, ends[i]}}};
        given_read(&given, &room);
        assert_true(ww_rollout_allows(&room.in, WW_WISH_REMOVE, why));
    }
}

/* Ours counts until the next of ours is seen, whatever else is seen meanwhile. */
static void ours_counts_apart(void **state)
{
    (void)state;
    static struct given_room room;
    struct ww_served fact[WW_PUBLISHED_SERVED_MAX];
    const struct given given = {.foreign = 1,
                                .served = {{"enforce", WEEK, "mx1", -9, 0},
                                           {"enforce", WEEK, "mx1", -9, -6},
                                           {"enforce", WEEK, "mx1", -6, -2},
                                           {"enforce", WEEK, "mx1", -2, 0}},
                                .shown = "3"};
    static const int64_t until[] = {0, GIVEN_NOW - 6 * GIVEN_DAY, 0, 0};
    given_read(&given, &room);
    room.served[0].id[0] = '\0'; /* it is not known, and none is seen of ours: that is not the same */
    assert_int_equal(ww_rollout_in_fact(&room.domain, room.served, 4, fact), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(fact[i].until, until[i]);
    room.domain.shown_id[0] = '\0';
    assert_int_equal(ww_rollout_in_fact(&room.domain, room.served, 2, fact), 2);
    assert_int_equal(fact[1].until, until[1]);
    room.served[1].until = 0;
    assert_int_equal(ww_rollout_in_fact(&room.domain, room.served, 2, fact), 2);
    assert_int_equal(fact[0].until, 0);
    assert_int_equal(fact[1].until, 0);
    room.served[0].until = GIVEN_NOW;
    assert_int_equal(ww_rollout_in_fact(&room.domain, room.served, 2, fact), 2);
    assert_int_equal(fact[0].until, GIVEN_NOW);
}

/* ---- What a look has seen ---- */

static const char *const bodies[] = {
    "version: STSv1\nmode: enforce\nmx: a\nmax_age: 100\n",
    "version: STSv1\nmode: enforce\nmx: b\nmax_age: 200\n",
    "version: STSv1\nmode: enforce\nmx: c\nmax_age: 300\n",
};

/* "a 5-0", "(a) 5-9" for one of somebody else. */
static void put_list(const struct ww_served *list, size_t count, char out[4096])
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        n += (size_t)snprintf(out + n, 4096 - n, "%s%c%s %lld-%lld", i > 0 ? ", " : "", list[i].body.p[33],
                              list[i].foreign ? "*" : "", (long long)list[i].since, (long long)list[i].until);
}

static const struct {
    struct ww_served before[3];
    size_t count;
    int seen; /* -1: ours */
    const char *after;
} looks[] = {
    {{{.id = ""}}, 0, -1, ""},
    {{{.id = ""}}, 0, 0, "a* 50-0"},
    {{{.since = 1, .until = 0}}, 1, 1, "b* 50-0, a 1-0"},
    {{{.since = 1, .foreign = true}}, 1, 0, "a* 1-0"},
    {{{.since = 1, .foreign = true}}, 1, 1, "a* 1-50, b* 50-0"},
    {{{.since = 1, .foreign = true}, {.since = 2}}, 2, -1, "a* 1-50, b 2-0"},
    {{{.since = 1, .foreign = true}, {.since = 2}}, 2, 2, "a* 1-50, c* 50-0, b 2-0"},
    /* What is seen again counts as if it had never gone; what has gone does not end later. */
    {{{.since = 1, .until = 9, .foreign = true}, {.since = 2}}, 2, 0, "a* 1-0, b 2-0"},
    {{{.since = 1, .until = 9, .foreign = true}, {.since = 2}}, 2, -1, "a* 1-9, b 2-0"},
    /* One of ours that was replaced is somebody else's when it is back. */
    {{{.since = 1, .until = 5}, {.since = 5}}, 2, 0, "a* 50-0, a 1-5, b 5-0"},
};

static void a_look_is_taken_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(looks); i++) {
        struct ww_served list[WW_PUBLISHED_SERVED_MAX], seen = {.id = "x"};
        char text[4096];
        for (size_t k = 0; k < looks[i].count; k++) {
            list[k] = looks[i].before[k];
            list[k].body = ww_slice_str(bodies[k]);
        }
        if (looks[i].seen >= 0)
            seen.body = ww_slice_str(bodies[looks[i].seen]);
        size_t count = ww_rollout_saw(list, looks[i].count, looks[i].seen >= 0 ? &seen : NULL, 50);
        put_list(list, count, text);
        if (strcmp(text, looks[i].after) != 0)
            fail_msg("look %zu: %s", i, text);
    }
}

/* Of too many the one goes that ends first; ours stay. */
static void there_is_room_for_some(void **state)
{
    (void)state;
    static struct ww_served list[WW_PUBLISHED_SERVED_MAX];
    static char texts[WW_PUBLISHED_FOREIGN_MAX][80];
    const struct ww_served seen = {.body = ww_slice_str(bodies[1])};
    for (size_t i = 0; i < WW_PUBLISHED_SERVED_MAX; i++) {
        bool foreign = i < WW_PUBLISHED_FOREIGN_MAX;
        list[i] = (struct ww_served){.since = 1, .until = 100 + (int64_t)(i * 7 % 16), .foreign = foreign};
        if (foreign)
            (void)snprintf(texts[i], sizeof texts[i],
                           "version: STSv1\nmode: enforce\nmx: h%zu\nmax_age: 100\n", i);
        list[i].body = ww_slice_str(foreign ? texts[i] : bodies[0]);
    }
    assert_int_equal(ww_rollout_saw(list, WW_PUBLISHED_SERVED_MAX, &seen, 200), WW_PUBLISHED_SERVED_MAX);
    assert_int_equal(ww_published_first_own(list, WW_PUBLISHED_SERVED_MAX), WW_PUBLISHED_FOREIGN_MAX);
    assert_true(ww_slice_eq(list[WW_PUBLISHED_FOREIGN_MAX - 1].body, seen.body));
    assert_int_equal(list[0].until, 107); /* the one of 100 has gone */
    assert_true(ww_slice_is(list[WW_PUBLISHED_FOREIGN_MAX].body, bodies[0]));
    assert_ptr_equal(ww_published_foreign(list, WW_PUBLISHED_SERVED_MAX),
                     &list[WW_PUBLISHED_FOREIGN_MAX - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_each),
        cmocka_unit_test(a_domain_can_be_forgotten),
        cmocka_unit_test(ours_counts_apart),
        cmocka_unit_test(a_look_is_taken_down),
        cmocka_unit_test(there_is_room_for_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
