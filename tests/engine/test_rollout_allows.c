/* Which wishes of an operator are granted, and what the others hear. */
#include "rollout_given.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define HERE(mode, max_age, since)         \
    {                                      \
        mode, max_age, "mx1 mx2", since, 0 \
    }

static const struct {
    struct given given;
    enum ww_rollout_wish wish;
    const char *why; /* "": it is granted */
} rows[] = {
    {{.goal = WW_GOAL_DRAFT}, WW_WISH_START, ""},
    {{.goal = WW_GOAL_DRAFT, .wanted = ""},
     WW_WISH_START,
     "no MX hosts are wanted: name them with waxwing publish mx"},
    /* A policy that is fetched is not known to whoever is asked. */
    {{.goal = WW_GOAL_DRAFT, .host = WW_HOSTED_MIRROR, .wanted = ""}, WW_WISH_START, ""},
    {{.goal = WW_GOAL_TESTING,
      .host = WW_HOSTED_MIRROR,
      .wanted = "",
      .served = {HERE("testing", 86400, -1)}},
     WW_WISH_PROMOTE,
     ""},
    {{.goal = WW_GOAL_TESTING}, WW_WISH_START, "it is started already"},
    {{.goal = WW_GOAL_ENFORCE}, WW_WISH_START, "it is started already"},
    {{.goal = WW_GOAL_RETIRE, .served = {HERE("none", 86400, -1)}}, WW_WISH_START, ""},

    {{.goal = WW_GOAL_TESTING, .served = {HERE("testing", 86400, -1)}}, WW_WISH_PROMOTE, ""},
    {{.goal = WW_GOAL_DRAFT}, WW_WISH_PROMOTE, "testing comes first: waxwing publish start example.com"},
    {{.goal = WW_GOAL_TESTING},
     WW_WISH_PROMOTE,
     "the policy of mode testing is not published yet: waxwing publish status example.com says what it waits "
     "for"},
    {{.goal = WW_GOAL_TESTING, .served = {HERE("testing", 86400, -1)}, .not_recorded = true},
     WW_WISH_PROMOTE,
     "the policy of mode testing is not published yet: waxwing publish status example.com says what it waits "
     "for"},
    {{.goal = WW_GOAL_TESTING, .served = {HERE("testing", 86400, -1)}, .no_facts = true},
     WW_WISH_PROMOTE,
     "its MX hosts were not looked at lately: waxwing publish look example.com, then try again"},
    {{.goal = WW_GOAL_TESTING,
      .served = {HERE("testing", 86400, -1)},
      .mx = {{"mx1", '-', 0}, {"mx2", '+', 0}}},
     WW_WISH_PROMOTE,
     "mx1.example.net could not take mail under mode enforce: its certificate has expired"},
    {{.goal = WW_GOAL_TESTING, .served = {HERE("testing", 86400, -1)}, .mx = {{"mx5", '+', 0}}},
     WW_WISH_PROMOTE,
     "mx5.example.net is in the MX records, and no pattern of the policy covers it: take it out of them, or "
     "say waxwing publish mx --add mx5.example.net example.com"},
    {{.goal = WW_GOAL_TESTING, .served = {HERE("testing", 86400, -1)}, .evidence = WW_EVIDENCE_BAD},
     WW_WISH_PROMOTE,
     "mail would be refused under mode enforce; see waxwing advise example.com"},
    {{.goal = WW_GOAL_TESTING, .served = {HERE("testing", 86400, -1)}, .evidence = WW_EVIDENCE_MEND},
     WW_WISH_PROMOTE,
     "something has to be mended before mode enforce; see waxwing advise example.com"},
    {{.goal = WW_GOAL_ENFORCE, .served = {HERE("enforce", WEEK, -1)}},
     WW_WISH_PROMOTE,
     "it enforces already"},
    {{.goal = WW_GOAL_TESTING, .served = {HERE("enforce", WEEK, -1)}}, WW_WISH_PROMOTE, ""},
    {{.goal = WW_GOAL_ENFORCE, .automatic = true, .served = {HERE("testing", 86400, -1)}},
     WW_WISH_PROMOTE,
     "it goes to enforce by itself, on evidence; to do it now, say waxwing publish set "
     "--no-automatic example.com first"},
    {{.goal = WW_GOAL_RETIRE, .served = {HERE("none", 86400, -1)}},
     WW_WISH_PROMOTE,
     "testing comes first: waxwing publish start example.com"},
    {{.goal = WW_GOAL_TESTING,
      .served = {HERE("testing", 86400, -1)},
      .host = WW_HOSTED_MIRROR,
      .mirrored = "version: STSv1\nmode: testing\nmx: mx1.example.net\nmax_age: 86400\n"},
     WW_WISH_PROMOTE,
     "the policy that it follows does not enforce"},

    {{.goal = WW_GOAL_ENFORCE, .served = {HERE("enforce", WEEK, -1)}}, WW_WISH_DEMOTE, ""},
    {{.goal = WW_GOAL_ENFORCE, .served = {HERE("testing", 86400, -1)}}, WW_WISH_DEMOTE, ""},
    {{.goal = WW_GOAL_TESTING, .served = {HERE("testing", 86400, -1)}},
     WW_WISH_DEMOTE,
     "it does not enforce"},
    {{.goal = WW_GOAL_RETIRE, .served = {HERE("none", 86400, -1)}},
     WW_WISH_DEMOTE,
     "it retires; waxwing publish start example.com begins anew, with testing"},

    {{.goal = WW_GOAL_ENFORCE, .served = {HERE("enforce", WEEK, -1)}}, WW_WISH_RETIRE, ""},
    {{.goal = WW_GOAL_RETIRE, .served = {HERE("none", WEEK, -1)}}, WW_WISH_RETIRE, "it retires already"},
    {{.goal = WW_GOAL_DRAFT},
     WW_WISH_RETIRE,
     "nothing is published: waxwing publish remove example.com forgets it"},

    {{.goal = WW_GOAL_DRAFT}, WW_WISH_REMOVE, ""},
    {{.goal = WW_GOAL_RETIRE, .served = {{"none", 86400, "mx1", -9, -1}}, .not_recorded = true},
     WW_WISH_REMOVE,
     ""},
    {{.goal = WW_GOAL_ENFORCE, .served = {HERE("enforce", WEEK, -1)}},
     WW_WISH_REMOVE,
     "senders hold its policy: waxwing publish retire example.com first"},
    {{.goal = WW_GOAL_RETIRE, .served = {{"enforce", WEEK, "mx1", -9, -1}, HERE("none", 86400, -1)}},
     WW_WISH_REMOVE,
     "senders may hold its policy until 2026-12-07T00:00:00Z"},
    {{.goal = WW_GOAL_RETIRE, .served = {HERE("none", 86400, -1)}},
     WW_WISH_REMOVE,
     "it is not gone yet: waxwing publish status example.com says what it waits for"},
    {{.goal = WW_GOAL_RETIRE, .served = {{"enforce", WEEK, "mx1", -9, -1}}, .not_recorded = true},
     WW_WISH_REMOVE,
     "senders may hold its policy until 2026-12-07T00:00:00Z"},
};

static void judges_wishes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct given_room room;
        char why[WW_PUBLISHED_WORDS_SIZE];
        given_read(&rows[i].given, &room);
        bool granted = ww_rollout_allows(&room.in, rows[i].wish, why);
        if (strcmp(why, rows[i].why) != 0)
            fail_msg("row %zu: %s", i, why);
        assert_int_equal(granted, rows[i].why[0] == '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(judges_wishes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
