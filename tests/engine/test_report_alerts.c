/* What is told of a domain's reports, day by day. The reports of a day come in on the next one. */
#include "engine/report_alerts.h"

#include "core/sessions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define START 20000 /* a day */
#define DAYS_MAX 160

/* So many days, each like this; weekend: the last two of seven. */
struct span {
    int days;
    int64_t sessions, failure;
    int64_t weekend_sessions, weekend_failure;
    int64_t more; /* failures that each day has beyond those of the day before */
    int64_t enforced;
    int64_t unverified;
};

#define DAYS(count, all, ...)                             \
    {                                                     \
        .days = (count), .sessions = (all), ##__VA_ARGS__ \
    }

struct world {
    struct ww_report_day days[DAYS_MAX];
    int count;
    struct ww_report_told told[WW_REPORT_TOLD_MAX];
    size_t told_count;
    int today;
    char log[2048];
    struct ww_report_told last;
};

static void grow(struct world *w, const struct span *s)
{
    for (int i = 0; i < s->days; i++, w->count++) {
        bool weekend = w->count % 7 >= 5 && s->weekend_sessions > 0;
        struct ww_report_day *d = &w->days[w->count];
        assert_in_range(w->count, 0, DAYS_MAX - 1);
        d->failure = (weekend ? s->weekend_failure : s->failure) + i * s->more;
        d->success = (weekend ? s->weekend_sessions : s->sessions) - d->failure;
        d->enforced = s->enforced;
        d->unverified_failure = s->unverified;
    }
}

static void take(void *ctx, enum ww_alert_kind kind, const struct ww_report_told *t)
{
    struct world *w = ctx;
    size_t n = strlen(w->log);
    (void)snprintf(w->log + n, sizeof w->log - n, "%s%d %s %s", n > 0 ? ", " : "", w->today,
                   ww_alert_kind_name(kind), ww_report_alert_id(t->what) + strlen("report-"));
    w->last = *t;
}

static void worst(void *ctx, int64_t day, const char *result, struct ww_report_worst *out)
{
    (void)ctx;
    (void)day;
    *out = (struct ww_report_worst){.mx = "mx1.example.com", .sender = "big.example"};
    (void)snprintf(out->result, sizeof out->result, "%s", result != NULL ? result : "certificate-expired");
}

/* What lies between two runs is gone, as in the store. */
static void forget(struct world *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->told_count; i++)
        if (!w->told[i].gone)
            w->told[kept++] = w->told[i];
    w->told_count = kept;
}

static struct ww_report_past past_of(const struct world *w)
{
    struct ww_report_past past = {.today = START + w->today, .first_day = START, .worst = worst};
    for (int age = 1; age < WW_REPORT_PAST_DAYS && age <= w->today; age++)
        if (w->today - age < w->count)
            past.days[age] = w->days[w->today - age];
    return past;
}

static void run(struct world *w, const struct ww_report_past *past, enum ww_severity least)
{
    const struct ww_alert_rules rules = {.least = least};
    ww_report_alerts_run(w->told, &w->told_count, past, (START + w->today) * WW_DAY_SECONDS + 43200, &rules,
                         take, w);
    forget(w);
}

static const struct rate_case {
    const char *name;
    struct span spans[6];
    const char *log;
} rate_cases[] = {
    {"nothing ever fails", {DAYS(60, 1000)}, ""},
    {"some fail, as always", {DAYS(60, 1000, .failure = 30)}, ""},
    {"a break: told, again each week, and cleared when two days have settled",
     {DAYS(40, 1000, .failure = 2), DAYS(17, 1000, .failure = 300), DAYS(10, 1000, .failure = 2)},
     "41 appeared failure-rate, 48 reminder failure-rate, 55 reminder failure-rate, 59 cleared failure-rate"},
    {"one day",
     {DAYS(40, 1000, .failure = 2), DAYS(1, 1000, .failure = 100), DAYS(20, 1000, .failure = 2)},
     "41 appeared failure-rate, 43 cleared failure-rate"},
    {"a spike that is in the usual is no shield for the next",
     {DAYS(30, 1000, .failure = 2), DAYS(1, 1000, .failure = 100), DAYS(20, 1000, .failure = 2),
      DAYS(1, 1000, .failure = 100), DAYS(9, 1000, .failure = 2)},
     "31 appeared failure-rate, 33 cleared failure-rate, 52 appeared failure-rate, 54 cleared failure-rate"},
    {"five times as much, but less than one in a hundred",
     {DAYS(40, 10000, .failure = 10), DAYS(5, 10000, .failure = 50)},
     ""},
    {"one in a hundred more, but not twice as much",
     {DAYS(40, 1000, .failure = 100), DAYS(5, 1000, .failure = 150)},
     ""},
    {"twice as much, and one in a hundred more",
     {DAYS(40, 1000, .failure = 10), DAYS(5, 1000, .failure = 20)},
     "41 appeared failure-rate"},
    {"low volume: nineteen sessions say nothing", {DAYS(40, 19), DAYS(10, 19, .failure = 19)}, ""},
    {"low volume: twenty do",
     {DAYS(40, 20), DAYS(1, 20, .failure = 5), DAYS(10, 20)},
     "41 appeared failure-rate, 43 cleared failure-rate"},
    {"low volume: four failures say nothing", {DAYS(40, 20), DAYS(10, 20, .failure = 4)}, ""},
    {"weekends with few sessions, of which many fail",
     {DAYS(70, 1000, .failure = 2, .weekend_sessions = 150, .weekend_failure = 30)},
     ""},
    {"weekends with a few failures more are usual",
     {DAYS(70, 1000, .failure = 2, .weekend_sessions = 500, .weekend_failure = 25)},
     ""},
    {"a break on a weekday, beside such weekends",
     {DAYS(49, 1000, .failure = 2, .weekend_sessions = 500, .weekend_failure = 25),
      DAYS(2, 1000, .failure = 200),
      DAYS(12, 1000, .failure = 2, .weekend_sessions = 500, .weekend_failure = 25)},
     "50 appeared failure-rate, 53 cleared failure-rate"},
    {"a day of which the first sender alone has reported",
     {DAYS(40, 1000, .failure = 2), DAYS(1, 100, .failure = 100), DAYS(1, 1000, .failure = 2)},
     ""},
    {"what grows slowly becomes usual", {DAYS(70, 1000, .failure = 2, .more = 1)}, ""},
    {"what grows fast does not",
     {DAYS(40, 1000, .failure = 2), DAYS(10, 1000, .failure = 2, .more = 10)},
     "42 appeared failure-rate, 49 reminder failure-rate"},
    {"nothing is usual in the first week", {DAYS(6, 1000, .failure = 2), DAYS(5, 1000, .failure = 300)}, ""},
    {"after a week something is",
     {DAYS(7, 1000, .failure = 2), DAYS(1, 1000, .failure = 300)},
     "8 appeared failure-rate"},
    {"reports that end: nobody knows",
     {DAYS(40, 1000, .failure = 2), DAYS(1, 1000, .failure = 300), DAYS(30, 0)},
     "41 appeared failure-rate"},
    {"what has lasted for three days in four weeks is usual for that time",
     {DAYS(30, 1000, .failure = 2), DAYS(3, 1000, .failure = 100), DAYS(18, 1000, .failure = 2),
      DAYS(1, 1000, .failure = 100)},
     "31 appeared failure-rate, 35 cleared failure-rate"},
    {"what is not verified raises nothing",
     {DAYS(40, 1000, .failure = 2), DAYS(9, 1000, .failure = 2, .unverified = 500)},
     ""},
    {"the first failure under enforce, and none for a week",
     {DAYS(20, 1000), DAYS(1, 1000, .failure = 1, .enforced = 1), DAYS(15, 1000),
      DAYS(1, 1000, .failure = 1, .enforced = 1)},
     "21 appeared first-failure, 28 cleared first-failure, 37 appeared first-failure"},
    {"the first of many",
     {DAYS(20, 1000), DAYS(30, 1000, .failure = 1, .enforced = 1)},
     "21 appeared first-failure"},
    {"failures under no such policy", {DAYS(20, 1000), DAYS(9, 1000, .failure = 1)}, ""},
};

static void rates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rate_cases / sizeof *rate_cases; i++) {
        static struct world w;
        memset(&w, 0, sizeof w);
        for (const struct span *s = rate_cases[i].spans; s->days > 0; s++)
            grow(&w, s);
        for (w.today = 0; w.today <= w.count; w.today++) {
            const struct ww_report_past past = past_of(&w);
            run(&w, &past, WW_SEVERITY_INFO);
            run(&w, &past, WW_SEVERITY_INFO); /* an hour later nothing is told twice */
        }
        if (strcmp(w.log, rate_cases[i].log) != 0)
            fail_msg("%s: %s", rate_cases[i].name, w.log);
    }
}

/* x: a day that the sender reports on, which comes on the next one. */
static const struct sender_case {
    const char *name;
    const char *days;
    const char *log;
} sender_cases[] = {
    {"each day, and then no more: told, again each week, for five weeks",
     "xxxxxxxxxxxxxxxxxxxx..............................................",
     "24 appeared silent, 31 reminder silent, 38 reminder silent, 45 reminder silent, 52 reminder silent"},
    {"and again", "xxxxxxxxxxxxxxxxxxxx......xx", "24 appeared silent, 27 cleared silent"},
    {"three days late", "xxxxxxxxxxxxxxxxxxxx...xxxxx", ""},
    {"not at weekends", "xxxxx..xxxxx..xxxxx..xxxxx..xxxxx", ""},
    {"not at weekends, and then no more", "xxxxx..xxxxx..xxxxx..............",
     "25 appeared silent, 32 reminder silent"},
    {"once a week", "x......x......x......x......x............................", ""},
    {"each third day", "x..x..x..x..x..x..x..x..x......................................", ""},
    {"each second day, and then no more", "x.x.x.x.x.x.x.x.x.x..........", "24 appeared silent"},
    {"a gap of before is no gap any more", "xxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..........",
     "49 appeared silent"},
    {"seven days", "xxxxxxx..........", "11 appeared silent"},
    {"six days", "xxxxxx..........", ""},
};

static void senders(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sender_cases / sizeof *sender_cases; i++) {
        static struct world w;
        const struct sender_case *c = &sender_cases[i];
        memset(&w, 0, sizeof w);
        w.count = (int)strlen(c->days);
        for (w.today = 0; w.today <= w.count; w.today++) {
            struct ww_report_sender sender = {.name = "big.example"};
            struct ww_report_past past = past_of(&w);
            for (int age = 1; age < WW_REPORT_PAST_DAYS && age <= w.today; age++)
                sender.days |= (uint64_t)(c->days[w.today - age] == 'x') << age;
            past.senders = &sender;
            past.sender_count = sender.days != 0;
            run(&w, &past, WW_SEVERITY_INFO);
            run(&w, &past, WW_SEVERITY_INFO);
        }
        if (strcmp(w.log, c->log) != 0)
            fail_msg("%s: %s", c->name, w.log);
    }
}

static const struct result_case {
    const char *name;
    int first_day; /* of the domain's reports: so many days ago; -1: there are none */
    struct ww_report_result results[3];
    const char *log;
} result_cases[] = {
    {"one that was there before", 60, {{"certificate-expired", true, START + 97, 5, 0}}, ""},
    {"a new one", 60, {{"certificate-expired", false, START + 97, 5, 0}}, "100 appeared new-result"},
    {"in the first two weeks all are new", 13, {{"certificate-expired", false, START + 97, 5, 0}}, ""},
    {"after them", 14, {{"certificate-expired", false, START + 97, 5, 0}}, "100 appeared new-result"},
    {"of reports that are not verified", 60, {{"certificate-expired", false, START + 97, 0, 5}}, ""},
    {"two",
     60,
     {{"certificate-expired", false, START + 97, 5, 0}, {"validation-failure", false, START + 97, 5, 0}},
     "100 appeared new-result, 100 appeared new-result"},
    {"what somebody made up counts as one",
     60,
     {{"teapot", false, START + 97, 5, 0},
      {"made-up", false, START + 97, 5, 0},
      {"", false, START + 97, 5, 0}},
     "100 appeared new-result"},
};

static void results(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof result_cases / sizeof *result_cases; i++) {
        static struct world w;
        const struct result_case *c = &result_cases[i];
        memset(&w, 0, sizeof w);
        w.today = 100;
        struct ww_report_past past = past_of(&w);
        past.first_day = START + w.today - c->first_day;
        past.results = c->results;
        while (past.result_count < 3 && c->results[past.result_count].day != 0)
            past.result_count++;
        run(&w, &past, WW_SEVERITY_INFO);
        run(&w, &past, WW_SEVERITY_INFO);
        if (strcmp(w.log, c->log) != 0)
            fail_msg("%s: %s", c->name, w.log);
        w.log[0] = '\0';
        run(&w, &past, WW_SEVERITY_ERROR);
        assert_string_equal(w.log, "");
        w.told_count = 0; /* nobody wants to hear of warnings */
        run(&w, &past, WW_SEVERITY_ERROR);
        assert_string_equal(w.log, "");
    }
}

/* A broken month of which nobody wants to hear but of errors. */
static void errors_alone(void **state)
{
    static const struct {
        int64_t enforced;
        const char *log;
    } cases[] = {{0, ""}, {1, "41 appeared failure-rate, 41 appeared first-failure"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct world w;
        const struct span good = DAYS(40, 1000),
                          bad = DAYS(1, 1000, .failure = 500, .enforced = cases[i].enforced);
        memset(&w, 0, sizeof w);
        grow(&w, &good);
        grow(&w, &bad);
        w.today = w.count;
        const struct ww_report_sender sender = {.name = "big.example", .days = UINT64_C(0x3fff) << 10};
        struct ww_report_past past = past_of(&w);
        past.senders = &sender;
        past.sender_count = 1;
        run(&w, &past, WW_SEVERITY_ERROR);
        assert_string_equal(w.log, cases[i].log);
    }
}

/* Of the bad day itself more comes in, and it was not that bad. */
static void late_reports_clear(void **state)
{
    static struct world w;
    const struct span good = DAYS(40, 1000, .failure = 2), bad = DAYS(1, 1000, .failure = 500);
    (void)state;
    memset(&w, 0, sizeof w);
    grow(&w, &good);
    grow(&w, &bad);
    for (w.today = 41; w.today <= 45; w.today++) {
        w.days[40].success += w.today == 43 ? 400000 : 0;
        const struct ww_report_past past = past_of(&w);
        run(&w, &past, WW_SEVERITY_INFO);
    }
    assert_string_equal(w.log, "41 appeared failure-rate, 43 cleared failure-rate");
}

static void acknowledged(void **state)
{
    static struct world w;
    const struct span good = DAYS(40, 1000, .failure = 2), bad = DAYS(20, 1000, .failure = 500);
    (void)state;
    memset(&w, 0, sizeof w);
    grow(&w, &good);
    grow(&w, &bad);
    grow(&w, &good);
    for (w.today = 0; w.today <= w.count; w.today++) {
        const struct ww_report_past past = past_of(&w);
        run(&w, &past, WW_SEVERITY_INFO);
        for (size_t i = 0; w.today == 45 && i < w.told_count; i++)
            w.told[i].acked_until = INT64_MAX;
    }
    assert_string_equal(w.log, "41 appeared failure-rate, 62 cleared failure-rate");
    assert_int_equal(w.last.acked_until, 0);
}

static void one_domain_is_bounded(void **state)
{
    static struct world w;
    static struct ww_report_sender all[WW_REPORT_TOLD_MAX + 20];
    (void)state;
    memset(&w, 0, sizeof w);
    w.today = 100;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        (void)snprintf(all[i].name, sizeof all[i].name, "s%zu.example", i);
        all[i].days = UINT64_C(0x3fff) << 10;
    }
    struct ww_report_past past = past_of(&w);
    past.senders = all;
    past.sender_count = sizeof all / sizeof *all;
    run(&w, &past, WW_SEVERITY_INFO);
    assert_int_equal(w.told_count, WW_REPORT_TOLD_MAX);
}

static void said(const struct world *w, const char *where, const char *seen)
{
    assert_string_equal(w->last.where, where);
    assert_string_equal(w->last.seen, seen);
    assert_int_equal(w->last.since, w->last.day * WW_DAY_SECONDS);
}

static void in_words(void **state)
{
    static struct world w;
    const struct span good = DAYS(40, 1000, .failure = 2),
                      bad = DAYS(1, 1000, .failure = 124, .enforced = 3, .unverified = 7);
    struct ww_report_sender sender = {.name = "big.example", .days = UINT64_C(0x1fff) << 10};
    struct ww_report_result result = {"tea\xc3\xa9", false, START + 39, 1, 0};
    (void)state;
    memset(&w, 0, sizeof w);
    grow(&w, &good);
    grow(&w, &bad);
    w.today = w.count;
    struct ww_report_past past = past_of(&w);
    run(&w, &past, WW_SEVERITY_INFO);
    said(&w, "mx1.example.com",
         "3 sessions failed on 2024-11-13 under mode enforce; most: certificate-expired, at mx1.example.com, "
         "reported by big.example; reports that are not verified, and not counted, say the same of 7 more");
    w.told_count--;
    past.days[1].enforced = 0;
    w.told[0].gone = true;
    forget(&w);
    run(&w, &past, WW_SEVERITY_INFO);
    said(&w, "mx1.example.com",
         "124 of 1000 sessions failed on 2024-11-13: 12.4%, usually at most 0.2%; most: certificate-expired, "
         "at "
         "mx1.example.com, reported by big.example; reports that are not verified, and not counted, say the "
         "same of 7 more");
    past.senders = &sender;
    past.sender_count = 1;
    run(&w, &past, WW_SEVERITY_INFO);
    said(&w, "big.example", "its last report is of 2024-11-04; up to then it reported on 13 of 14 days");
    past.results = &result;
    past.result_count = 1;
    run(&w, &past, WW_SEVERITY_INFO);
    said(&w, "tea\\195\\169",
         "1 session since 2024-11-12, none before; most: at mx1.example.com, reported by big.example");
}

static void ids(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WW_REPORT_ALERTS; i++)
        assert_int_equal(ww_report_alert_find(ww_report_alert_id((enum ww_report_alert)i)), i);
    assert_int_equal(ww_report_alert_find("mx-expired"), WW_REPORT_ALERTS);
    assert_int_equal(ww_report_alert_find(""), WW_REPORT_ALERTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates),
        cmocka_unit_test(senders),
        cmocka_unit_test(results),
        cmocka_unit_test(errors_alone),
        cmocka_unit_test(late_reports_clear),
        cmocka_unit_test(acknowledged),
        cmocka_unit_test(one_domain_is_bounded),
        cmocka_unit_test(in_words),
        cmocka_unit_test(ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
