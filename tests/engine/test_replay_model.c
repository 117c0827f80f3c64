/*
 * Random histories of a domain against a model that knows only what must stay true: an unexpired policy
 * outlives every failure, only a valid policy replaces it, none outlives its max_age, and nobody is asked too
 * often.
 */
#include "replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HISTORIES 4000
#define USES 120
#define START INT64_C(1700000000)

/* xorshift64: the same histories on every machine. */
static uint64_t random_state;

static uint64_t rnd(uint64_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % below;
}

static const char *const dns_worlds[] = {"id=1",   "id=1",     "id=2",    "id=3",   "nxdomain",
                                         "nodata", "servfail", "timeout", "broken", "two"};
static const char *const bad_webs[] = {"404", "301", "html", "garbage", "timeout", "certificate"};
static const unsigned max_ages[] = {0, 1, 10, 300, 3600, 86400, 604800, 31557600};
static const char *const modes[] = {"enforce", "enforce", "testing", "none"};
static const int64_t waits[] = {0, 1, 7, 60, 300, 1800, 7200, 86400, 1000000};

/* What the model remembers of the last policy that was fetched, and of the last GET that failed. */
struct model {
    char answer[REPLAY_TEXT];
    int64_t fetched, max_age;
    char failed_dns[8];
    int64_t failed_at;
};

static void change_world(struct replay *r, char web[64])
{
    if (rnd(3) == 0)
        r->dns = dns_worlds[rnd(sizeof dns_worlds / sizeof dns_worlds[0])];
    if (rnd(3) != 0)
        return;
    if (rnd(2) == 0) {
        (void)snprintf(web, 64, "%s", bad_webs[rnd(sizeof bad_webs / sizeof bad_webs[0])]);
    } else {
        (void)snprintf(web, 64, "%s %u mx%llu.a", modes[rnd(4)],
                       max_ages[rnd(sizeof max_ages / sizeof max_ages[0])], (unsigned long long)rnd(9));
    }
}

static void model_answer(const struct model *m, int64_t now, char out[REPLAY_TEXT])
{
    bool lives = now < m->fetched + m->max_age || now == m->fetched;
    (void)snprintf(out, REPLAY_TEXT, "%s", m->answer[0] != '\0' && lives ? m->answer : "none");
}

static void learn(struct model *m, const struct replay *r)
{
    struct replay_policy policy;
    if (!replay_policy_read(r->web, &policy)) {
        (void)snprintf(m->failed_dns, sizeof m->failed_dns, "%s", r->dns);
        m->failed_at = r->now;
        return;
    }
    bool enforce = strcmp(policy.mode, "enforce") == 0;
    m->fetched = r->now;
    m->max_age = (int64_t)policy.max_age;
    m->failed_dns[0] = '\0';
    if (strcmp(policy.mode, "none") == 0)
        (void)snprintf(m->answer, sizeof m->answer, "none");
    else
        (void)snprintf(m->answer, sizeof m->answer, "%s %s", enforce ? "secure" : policy.mode, policy.mx);
}

static void check_traffic(const struct model *m, const struct replay *r, const struct replay *before,
                          uint64_t seed)
{
    unsigned records = r->records - before->records;
    unsigned gets = r->gets - before->gets;
    if (records > 1 || gets > records)
        fail_msg("seed %llu: %u records, %u GETs by one use", (unsigned long long)seed, records, gets);
    if (records > 0 && before->life.checked == before->now)
        fail_msg("seed %llu: two flights in one second", (unsigned long long)seed);
    if (gets > 0 && strcmp(m->failed_dns, r->dns) == 0 && before->now < m->failed_at + 300)
        fail_msg("seed %llu: a GET %lld s after a failed one", (unsigned long long)seed,
                 (long long)(before->now - m->failed_at));
}

static void live(uint64_t seed)
{
    char web[64] = "404";
    struct replay r;
    struct model m = {.answer = ""};
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    replay_begin(&r, START);
    r.web = web;
    for (int i = 0; i < USES; i++) {
        char answer[REPLAY_TEXT];
        change_world(&r, web);
        r.now += waits[rnd(sizeof waits / sizeof waits[0])];
        r.latency = rnd(4) == 0 ? (int64_t)rnd(60) : 0;
        if (rnd(10) == 0)
            replay_restart(&r), m.failed_dns[0] = '\0';
        struct replay before = r;
        char expected[REPLAY_TEXT];
        model_answer(&m, r.now, expected);
        bool at_once = replay_use(&r, answer);
        check_traffic(&m, &r, &before, seed);
        if (r.gets > before.gets)
            learn(&m, &r);
        if (!at_once)
            model_answer(&m, r.now, expected);
        if (strcmp(answer, expected) != 0)
            fail_msg("seed %llu, use %d: \"%s\" instead of \"%s\"", (unsigned long long)seed, i, answer,
                     expected);
    }
}

static void keeps_what_must_stay_true(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < HISTORIES; seed++)
        live(seed);
}

/* With a clock that is set back again and again, and no fetch: by that clock, the policy ends on its date,
 * neither earlier nor later. */
static void live_with_a_bad_clock(uint64_t seed)
{
    char answer[REPLAY_TEXT];
    struct replay r;
    const int64_t max_age = 604800;
    int64_t passed = 0; /* since the fetch */
    int64_t shift = 0;  /* of the clock against that */
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    replay_begin(&r, START);
    r.dns = "id=1";
    r.web = "enforce 604800 mx.a";
    (void)replay_use(&r, answer);
    r.dns = "nxdomain";
    for (int i = 0; i < USES; i++) {
        passed += waits[rnd(8)];
        if (rnd(8) == 0)
            shift -= (int64_t)rnd(86400 * 3);
        r.now = START + passed + shift;
        (void)replay_use(&r, answer);
        bool has = strcmp(answer, "secure mx.a") == 0;
        if (has != (passed + shift < max_age))
            fail_msg("seed %llu, use %d: %s after %lld s", (unsigned long long)seed, i,
                     has ? "there" : "gone", (long long)(passed + shift));
    }
}

static void bears_a_clock_that_is_set_back(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < HISTORIES; seed++)
        live_with_a_bad_clock(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_must_stay_true),
        cmocka_unit_test(bears_a_clock_that_is_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
