#include "replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define START (20000 * (int64_t)DAY)

/* Something that happens before a step's use of the domain. */
enum event {
    NOTHING,
    RESTART,
};

struct step {
    int64_t wait;    /* seconds since the step before; may go backwards */
    const char *dns; /* what changes in the world, or NULL */
    const char *web;
    const char *answer;
    const char *traffic; /* of this use: "" none, "R" record, "RG" record and GET; '!' when the answer waited
                            for it */
    enum event event;
};

#define STEPS_MAX 24

struct scenario {
    const char *what;
    struct step steps[STEPS_MAX]; /* ended by one without an answer */
};

static const struct scenario scenarios[] = {
    {"first use waits, then the cache answers",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {1, NULL, NULL, "secure mx.a", "", 0},
         {298, NULL, NULL, "secure mx.a", "", 0},
         {1, NULL, NULL, "secure mx.a", "R", 0},
         {1, NULL, NULL, "secure mx.a", "", 0},
     }},
    {"an attacker drops the record, for all of the policy's life",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {HOUR, "nxdomain", NULL, "secure mx.a", "R", 0},
         {1, NULL, NULL, "secure mx.a", "", 0},
         {299, NULL, NULL, "secure mx.a", "R", 0},
         {DAY, "nodata", NULL, "secure mx.a", "R", 0},
         {DAY, "servfail", NULL, "secure mx.a", "R", 0},
         {DAY, "timeout", NULL, "secure mx.a", "R", 0},
         {DAY, "broken", NULL, "secure mx.a", "R", 0},
         {DAY, "two", NULL, "secure mx.a", "R", 0},
         {DAY, "nxdomain", NULL, "secure mx.a", "R", 0},
         {DAY - HOUR - 301, NULL, NULL, "secure mx.a", "R", 0},
         {1, NULL, NULL, "none", "R!", 0},
     }},
    {"the policy host is hijacked, blocked, broken; the id is changed to force a fetch",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {HOUR, "id=2", "certificate", "secure mx.a", "RG", 0},
         {1, NULL, NULL, "secure mx.a", "", 0},
         {HOUR, "id=3", "301", "secure mx.a", "RG", 0},
         {HOUR, "id=4", "html", "secure mx.a", "RG", 0},
         {HOUR, "id=5", "garbage", "secure mx.a", "RG", 0},
         {HOUR, "id=6", "404", "secure mx.a", "RG", 0},
         {HOUR, "id=7", "timeout", "secure mx.a", "RG", 0},
         {HOUR, "id=8", "206", "secure mx.a", "RG", 0},
         {HOUR, "id=1", "enforce 604800 mx.evil", "secure mx.a", "R", 0},
     }},
    {"a changed id brings the new policy, to the second use after it is seen",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {300, "id=2", "enforce 604800 mx.b", "secure mx.a", "RG", 0},
         {1, NULL, NULL, "secure mx.b", "", 0},
     }},
    {"the host is down until the policy expires: then there is none, and mail flows",
     {
         {0, "id=1", "enforce 86400 mx.a", "secure mx.a", "RG!", 0},
         {12 * HOUR - 1, "id=1", "timeout", "secure mx.a", "R", 0},
         {1, NULL, NULL, "secure mx.a", "RG", 0},
         {12 * HOUR - 1, NULL, NULL, "secure mx.a", "RG", 0},
         {1, NULL, NULL, "none", "R!", 0}, /* the GET waits: it failed a second ago */
         {1, NULL, NULL, "none", "", 0},
         {297, NULL, NULL, "none", "", 0},
         {1, NULL, NULL, "none", "RG!", 0},
         {300, NULL, "enforce 86400 mx.a", "secure mx.a", "RG!", 0},
     }},
    {"not found at first, then there",
     {
         {0, "id=1", "404", "none", "RG!", 0},
         {1, NULL, "enforce 86400 mx.a", "none", "", 0},
         {298, NULL, NULL, "none", "", 0},
         {1, NULL, NULL, "secure mx.a", "RG!", 0},
     }},
    {"a failed fetch holds off its own id alone",
     {
         {0, "id=1", "garbage", "none", "RG!", 0},
         {1, "id=2", "enforce 86400 mx.a", "none", "", 0},
         {299, NULL, NULL, "secure mx.a", "RG!", 0},
     }},
    {"two servers of the zone disagree: the id alternates",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {300, "id=2", "enforce 604800 mx.b", "secure mx.a", "RG", 0},
         {300, "id=1", "enforce 604800 mx.a", "secure mx.b", "RG", 0},
         {300, "id=2", "timeout", "secure mx.a", "RG", 0},
         {299, NULL, NULL, "secure mx.a", "", 0},
         {1, "id=1", NULL, "secure mx.a", "R", 0},
         {300, "id=2", "enforce 604800 mx.b", "secure mx.a", "RG", 0},
         {1, NULL, NULL, "secure mx.b", "", 0},
     }},
    {"testing becomes enforce, then none, which is cached like the others",
     {
         {0, "id=1", "testing 604800 mx.a", "testing mx.a", "RG!", 0},
         {HOUR, "id=2", "enforce 604800 mx.a", "testing mx.a", "RG", 0},
         {1, NULL, NULL, "secure mx.a", "", 0},
         {HOUR, "id=3", "none 604800 mx.a", "secure mx.a", "RG", 0},
         {1, NULL, NULL, "none", "", 0},
         {HOUR, "nxdomain", NULL, "none", "R", 0},
         {HOUR, "id=3", "enforce 604800 mx.a", "none", "R", 0}, /* the id did not change */
     }},
    {"a refresh after a day starts the lifetime anew, whatever the id",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {DAY - 1, NULL, NULL, "secure mx.a", "R", 0},
         {1, NULL, "enforce 604800 mx.b", "secure mx.a", "RG", 0},
         {7 * DAY - 1, "nxdomain", NULL, "secure mx.b", "R", 0},
         {1, NULL, NULL, "none", "R!", 0},
     }},
    {"a failed refresh is tried again after five minutes",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {DAY, NULL, "timeout", "secure mx.a", "RG", 0},
         {299, NULL, NULL, "secure mx.a", "", 0},
         {1, NULL, NULL, "secure mx.a", "RG", 0},
     }},
    {"no record is remembered within bounds",
     {
         {0, "nxdomain", NULL, "none", "R!", 0},
         {599, "id=1", "enforce 604800 mx.a", "none", "", 0},
         {1, NULL, NULL, "secure mx.a", "RG!", 0},
     }},
    {"a broken record is looked at again",
     {
         {0, "two", NULL, "none", "R!", 0},
         {299, "id=1", "enforce 604800 mx.a", "none", "", 0},
         {1, NULL, NULL, "secure mx.a", "RG!", 0},
     }},
    {"a DNS failure with nothing cached is no policy, for a short while",
     {
         {0, "servfail", NULL, "none", "R!", 0},
         {29, "id=1", "enforce 604800 mx.a", "none", "", 0},
         {1, NULL, NULL, "secure mx.a", "RG!", 0},
     }},
    {"a restart keeps the policy and its times",
     {
         {0, "id=1", "enforce 86400 mx.a", "secure mx.a", "RG!", 0},
         {HOUR, "nxdomain", "404", "secure mx.a", "R", 0},
         {1, NULL, NULL, "secure mx.a", "", RESTART},
         {300, NULL, NULL, "secure mx.a", "R", RESTART},
         {23 * HOUR - 302, NULL, NULL, "secure mx.a", "R", RESTART},
         {1, NULL, NULL, "none", "R!", RESTART},
     }},
    {"a restart after the end knows nothing",
     {
         {0, "id=1", "enforce 86400 mx.a", "secure mx.a", "RG!", 0},
         {DAY, NULL, NULL, "secure mx.a", "RG!", RESTART},
     }},
    {"max_age 0: for the look-ups of this second alone, each later one fetches",
     {
         {0, "id=1", "enforce 0 mx.a", "secure mx.a", "RG!", 0},
         {0, NULL, NULL, "secure mx.a", "", 0},
         {1, NULL, NULL, "secure mx.a", "RG!", 0},
         {1, NULL, "404", "none", "RG!", 0},
         {1, NULL, NULL, "none", "", 0},
     }},
    {"a tiny max_age: refreshed at half of it",
     {
         {0, "id=1", "enforce 10 mx.a", "secure mx.a", "RG!", 0},
         {4, NULL, NULL, "secure mx.a", "", 0},
         {1, NULL, NULL, "secure mx.a", "RG", 0},
         {9, NULL, "404", "secure mx.a", "RG", 0},
         {1, NULL, NULL, "none", "R!", 0},
     }},
    {"the clock is set back by a week: the policy ends on its date",
     {
         {0, "id=1", "enforce 86400 mx.a", "secure mx.a", "RG!", 0},
         {-7 * DAY, "nxdomain", "404", "secure mx.a", "R", 0},
         {8 * DAY - 1, NULL, NULL, "secure mx.a", "R", 0},
         {1, NULL, NULL, "none", "R!", 0},
     }},
    {"a start with a clock that is a month behind, until it is set right",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {-30 * DAY, "servfail", NULL, "secure mx.a", "R", RESTART},
         {30 * DAY + 60, "nxdomain", NULL, "secure mx.a", "R", 0},
         {7 * DAY - 61, NULL, NULL, "secure mx.a", "R", 0},
         {1, NULL, NULL, "none", "R!", 0},
     }},
    {"a clock that was ahead at the fetch is put right by the next fetch",
     {
         {0, "id=1", "enforce 86400 mx.a", "secure mx.a", "RG!", 0},
         {-7 * DAY, NULL, NULL, "secure mx.a", "RG", 0},
         {DAY - 1, "nxdomain", "404", "secure mx.a", "R", 0},
         {1, NULL, NULL, "none", "R!", 0},
     }},
    {"the clock is set back behind a failure: that does not bind any more",
     {
         {0, "id=1", "404", "none", "RG!", 0},
         {-7 * DAY, NULL, "enforce 86400 mx.a", "secure mx.a", "RG!", 0},
     }},
    {"a start without a clock (1970) keeps the policy for when there is one",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {-START, NULL, "certificate", "secure mx.a", "RG", RESTART},
         {30, NULL, NULL, "secure mx.a", "", 0},
         {START, "nxdomain", NULL, "secure mx.a", "R", 0},
         {7 * DAY - 31, NULL, NULL, "secure mx.a", "R", 0},
         {1, NULL, NULL, "none", "R!", 0},
     }},
    {"a clock that runs ahead for a while loses nothing",
     {
         {0, "id=1", "enforce 604800 mx.a", "secure mx.a", "RG!", 0},
         {90 * DAY, "servfail", NULL, "none", "R!", 0},
         {-90 * DAY + 60, NULL, NULL, "secure mx.a", "R", 0},
     }},
};

static void play(const struct scenario *s)
{
    struct replay r;
    replay_begin(&r, START);
    for (size_t i = 0; i < STEPS_MAX && s->steps[i].answer != NULL; i++) {
        const struct step *step = &s->steps[i];
        char answer[REPLAY_TEXT];
        r.now += step->wait;
        if (step->dns != NULL)
            r.dns = step->dns;
        if (step->web != NULL)
            r.web = step->web;
        if (step->event == RESTART)
            replay_restart(&r);
        unsigned records = r.records;
        unsigned gets = r.gets;
        bool at_once = replay_use(&r, answer);
        char traffic[4] = "";
        if (r.records > records)
            strcat(traffic, "R");
        if (r.gets > gets)
            strcat(traffic, "G");
        if (!at_once)
            strcat(traffic, "!");
        if (strcmp(answer, step->answer) != 0 || strcmp(traffic, step->traffic) != 0)
            fail_msg("%s: step %zu: \"%s\" with \"%s\"", s->what, i + 1, answer, traffic);
    }
}

static void plays_every_scenario(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        play(&scenarios[i]);
}

static void lives_through_a_year_of_daily_use(void **state)
{
    (void)state;
    struct replay r;
    replay_begin(&r, START);
    r.dns = "id=1";
    r.web = "enforce 604800 mx.a";
    for (int64_t t = 0; t < 365 * (int64_t)DAY; t += 2 * HOUR + 7) {
        char answer[REPLAY_TEXT];
        r.now = START + t;
        bool at_once = replay_use(&r, answer);
        assert_string_equal(answer, "secure mx.a");
        assert_int_equal(at_once, t > 0);
    }
    /* About one fetch a day, and one look at the record for each use. */
    assert_in_range(r.gets, 300, 366);
    assert_in_range(r.records, 4300, 4400);
}

static void is_not_worn_down_by_a_busy_hour(void **state)
{
    (void)state;
    struct replay r;
    replay_begin(&r, START);
    static const struct {
        const char *dns, *web;
        unsigned records, gets; /* at most, in an hour of one use a second */
    } worlds[] = {
        {"id=1", "enforce 604800 mx.a", 12, 1},
        {"id=1", "404", 12, 12},
        {"servfail", "404", 120, 0},
        {"nxdomain", "404", 6, 0},
        {"broken", "404", 12, 0},
        {"id=1", "enforce 0 mx.a", 3600, 3600},
        {"id=1", "enforce 60 mx.a", 120, 120},
        {"id=1", "html", 12, 12},
        {"id=1", "garbage", 12, 12},
    };
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++) {
        replay_begin(&r, START);
        r.dns = worlds[i].dns;
        r.web = worlds[i].web;
        for (int second = 0; second < HOUR; second++, r.now++) {
            /* Several uses in the same second do not add any. */
            char answer[REPLAY_TEXT];
            (void)replay_use(&r, answer);
            (void)replay_use(&r, answer);
        }
        if (r.records > worlds[i].records || r.gets > worlds[i].gets)
            fail_msg("%s, %s: %u records, %u GETs", worlds[i].dns, worlds[i].web, r.records, r.gets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_every_scenario),
        cmocka_unit_test(lives_through_a_year_of_daily_use),
        cmocka_unit_test(is_not_worn_down_by_a_busy_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
